"""Old cases lose their people and their words, and nothing else: figures, history and other cases stay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from intake import schema
from intake.letters.arriving import LetterIntake, Scan
from intake.letters.desk import LetterDesk, LetterRefused
from intake.matching.worker import MatchWorker
from intake.people import COMPLAINANT
from intake.references import reference_of
from intake.retention import files as letting_go
from intake.retention.keeper import Keeper
from intake.retention.texts import ERASED, without_words
from intake.vault import sealed
from intake.verbs import Accept, Answer, Close, CloseUnanswered, Merge, Note, Rate
from intake.verify import verify
from tests.support.talking import PHONE, TalkingCounty
from tests.support.worked import CLERK, LEADER, County, handler

LONG = timedelta(days=5 * 365)
TRAFFIC = handler("traffic")
ZONE = ZoneInfo("Asia/Shanghai")
SECRETS = ("陈某", "chen@citizen.example", "202-555-0117", "公交车绕行", "已加开", "备注里的话", "谢谢你们")


def keeper(county: County, after: timedelta | None = LONG) -> Keeper:
    return Keeper(county.store, county.blobs, county.policies, county.clock, after)


def closed(county: County, **said: Any) -> str:
    told: dict[str, Any] = {
        "sender_name": "陈某",
        "contacts": [["email", "chen@citizen.example", True], ["phone", "+1 202-555-0117", False]],
        "body": "公交车绕行，陈某 202-555-0117",
        "attachments": [["a.txt", "text/plain", "photo of a bus"]],
    }
    reference = county.case(**told | said)
    county.say(reference, TRAFFIC, Accept())
    county.say(reference, CLERK, Note("备注里的话"))
    county.say(reference, TRAFFIC, Answer("已加开"))
    county.deliver()
    county.say(reference, CLERK, Close("resolved"))
    county.deliver()
    county.say(reference, COMPLAINANT, Rate("satisfied", "谢谢你们"))
    return reference


def everything(county: County) -> str:
    """All rows of all tables as one text, but for the sessions of staff."""
    found = []
    with county.store.read() as connection:
        for table in schema.metadata.sorted_tables:
            rows = connection.execute(table.select()).all()  # sealed values are opened
            found += [
                repr(tuple(v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in row))
                for row in rows
            ]
    return "\n".join(found)


def check(county: County) -> list[str]:
    county.settle()
    report = verify(county.store, county.blobs, county.policies.directory, county.clock(), deep=True)
    return [finding.what.en for finding in report.findings]


def old(county: County) -> None:
    county.clock.advance(LONG + timedelta(days=1))


def test_nothing_that_tells_who_or_what_is_left(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letting_go, "YOUNG", timedelta())
    reference = closed(county)
    assert list(county.blobs.names())
    old(county)
    assert keeper(county).run() == 1
    left = everything(county)
    assert [secret for secret in SECRETS if secret in left] == []
    assert list(county.blobs.names()) == []
    row = county.row(reference)
    assert (row.outcome, row.feedback, row.bureau, row.channel) == (
        "resolved",
        "satisfied",
        "traffic",
        "email",
    )
    assert row.anonymised_at == county.clock()
    assert check(county) == []


def test_search_finds_it_no_more(county: County) -> None:
    from intake.search import SearchIndex

    closed(county)
    index = SearchIndex(county.store)
    with county.store.read() as connection:
        assert len(index.find(connection, "绕行", None, 5)) == 1
    old(county)
    keeper(county).run()
    with county.store.read() as connection:
        assert index.find(connection, "绕行", None, 5) == []


def test_a_preview_changes_nothing_and_says_what_a_run_would_do(county: County) -> None:
    first = closed(county)
    county.clock.advance(days=10)
    closed(county)
    before = everything(county)
    ahead = keeper(county).preview(LONG - timedelta(days=5))
    assert (ahead.cases, [one.reference for one in ahead.oldest]) == (1, [first])
    assert keeper(county).preview().cases == 0
    assert keeper(county).preview(LONG + timedelta(hours=1), limit=1).cases == 2
    assert len(keeper(county).preview(LONG + timedelta(hours=1), limit=1).oldest) == 1
    assert everything(county) == before


def test_what_is_open_called_for_or_young_stays(county: County) -> None:
    county.case(body="公交车不停")
    attended = closed(county, body="公交车又不停")
    old(county)
    young = closed(county, body="公交车还是不停")
    with county.store.write() as connection:
        asked = text("UPDATE complaint SET attention = 'message' WHERE number = :n")
        connection.execute(asked, {"n": county.row(attended).number})
    assert keeper(county).run() == 0
    assert keeper(county, None).run() == 0
    assert keeper(county, None).preview().before is None
    assert county.row(young).anonymised_at is None


def test_a_person_with_another_case_is_not_forgotten_in_it(county: County) -> None:
    closed(county)
    old(county)
    later = county.case(
        sender_name="陈某", contacts=[["email", "chen@citizen.example", True]], body="公交车不停"
    )
    assert keeper(county).run() == 1
    with county.store.read() as connection:
        p = schema.participation
        parts = connection.execute(p.select().order_by(p.c.id)).all()
        contacts = connection.execute(schema.contact.select()).all()
    assert [(part.name, part.address) for part in parts] == [("", ""), ("陈某", "chen@citizen.example")]
    assert {c.value for c in contacts} >= {"chen@citizen.example"}
    assert parts[0].complainant_id != parts[1].complainant_id
    assert county.row(later).anonymised_at is None
    assert check(county) == []


def test_a_file_that_another_case_shows_stays(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letting_go, "YOUNG", timedelta())
    closed(county)
    old(county)
    county.case(body="公交车不停", attachments=[["b.txt", "text/plain", "photo of a bus"]])
    assert keeper(county).run() == 1
    assert len(list(county.blobs.names())) == 1
    assert check(county) == []


def test_a_reason_for_no_answer_loses_its_words_and_stays_a_reason(county: County) -> None:
    reference = county.case(contacts=[], sender_name="", body="公交车不停")
    county.say(reference, LEADER, CloseUnanswered("explained", "无法联系陈某"))
    old(county)
    assert keeper(county).run() == 1
    assert county.row(reference).no_answer_reason == ERASED
    assert check(county) == []


def test_history_changed_beyond_what_was_erased_is_still_found(county: County) -> None:
    reference = closed(county)
    old(county)
    keeper(county).run()
    with county.store.write() as connection:
        connection.execute(text("UPDATE event SET data = '{\"bureau\":\"health\"}' WHERE kind = 'accepted'"))
    assert any("changed or cut" in found for found in check(county))
    assert county.row(reference).anonymised_at is not None


def test_blank_words_alone_do_not_pass_for_anonymised(county: County) -> None:
    closed(county)
    with county.store.write() as connection:
        connection.execute(text("UPDATE event SET data = '{\"text\":\"〔…〕\"}' WHERE kind = 'noted'"))
    assert any("changed or cut" in found for found in check(county))


def test_what_is_erased_of_an_event() -> None:
    said = {"bureau": "health", "reason": "陈某说的", "supporting": ["traffic"]}
    assert without_words("assigned", said) == {**said, "reason": ERASED}
    assert without_words("resumed", {"reason": "lapsed"}) == {"reason": "lapsed"}
    assert without_words("barred", {"bureau": "x", "reason": {"zh": "甲", "en": "a"}})["reason"] == {
        "zh": ERASED,
        "en": ERASED,
    }
    assert without_words("noted", {"text": ""}) == {"text": ""}


def test_a_second_run_finds_nothing(county: County) -> None:
    closed(county)
    old(county)
    assert keeper(county).run() == 1
    left = everything(county)
    assert keeper(county).run() == 0
    assert everything(county) == left


def test_what_matching_and_printing_added_goes_too(county: County) -> None:
    reference = closed(
        county, place="新港路三号院门口", body="新港路的公交车两个星期都不停站，请派人查一查，谢谢。"
    )
    MatchWorker(county.store, county.clock, "matcher").work()
    with county.store.read() as connection:
        case = connection.execute(select(schema.complaint)).one()
        sent = connection.execute(select(schema.outbox.c.id).where(schema.outbox.c.template == "answer"))
        key = sent.scalar_one()
        assert connection.execute(select(schema.likeness)).first() is not None
    with county.store.write() as connection:
        row = {"outbox_id": key, "complaint_id": case.id, "state": "posted", "queued_at": county.clock()}
        row |= {"pages": sealed(key, {"text": "陈某"}), "copies": 1, "registered": "RR123456785XX"}
        connection.execute(schema.printout.insert(), row)
        connection.execute(update(schema.outbox).where(schema.outbox.c.id == key).values(channel="letter"))
        offered = {"state": "offered", "reasons": [{"zh": "新港路"}], "likeness": 90}
        offered |= {"found_at": county.clock(), "complaint_id": case.id, "other_id": case.id}
        connection.execute(schema.companion.insert(), offered)
    old(county)
    assert keeper(county).run() == 1
    for table in ("matching", "likeness", "sketch", "companion", "printout"):
        assert county.rows(f"SELECT * FROM {table}") == [], table
    left = everything(county)
    assert [secret for secret in ("新港路", "RR123456785XX", "陈某") if secret in left] == []
    assert [row.feedback for row in county.rows("SELECT feedback FROM participation")] == ["satisfied"]
    assert county.row(reference).feedback == "satisfied"
    assert check(county) == []


def test_what_was_merged_goes_with_its_lead_and_not_before(county: County) -> None:
    county.case(contacts=[["email", "zhao@citizen.example", True]], sender_name="赵某", body="公交车甩客")
    merged = reference_of(county.rows("SELECT number FROM complaint")[0].number)
    lead = county.case(
        sender_name="陈某", contacts=[["email", "chen@citizen.example", True]], body="公交车不停"
    )
    county.say(merged, CLERK, Merge(lead, "同一件事，赵某也说了"))
    county.clock.advance(days=30)
    county.say(lead, TRAFFIC, Accept())
    county.say(lead, TRAFFIC, Answer("已加开"))
    county.deliver()
    county.say(lead, CLERK, Close("resolved"))
    county.deliver()
    county.clock.advance(LONG - timedelta(days=20))
    assert keeper(county).preview().cases == 0, "the lead is not old enough"
    county.clock.advance(days=30)
    numbers = {"n": county.row(lead).number}
    county.sql("UPDATE complaint SET attention = 'message' WHERE number = :n", **numbers)
    assert keeper(county).preview().cases == 0, "somebody is called to the lead, and those are its people"
    county.sql("UPDATE complaint SET attention = NULL WHERE number = :n", **numbers)
    assert keeper(county).run() == 2
    left = everything(county)
    assert [
        secret for secret in ("赵某", "陈某", "zhao@", "chen@", "甩客", "同一件事") if secret in left
    ] == []
    assert check(county) == []


def test_further_pictures_of_an_album_go_with_the_first(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站", album="g1")
    talking.hear("", album="g1")
    assert [became for _, became in talking.became()] == ["matter", "album"]
    reference = reference_of(talking.rows("SELECT number FROM complaint")[0].number)
    talking.say(reference, TRAFFIC, Accept())
    talking.say(reference, TRAFFIC, Answer("已加开"))
    talking.deliver()
    talking.say(reference, CLERK, Close("resolved"))
    talking.deliver()
    old(talking)
    assert keeper(talking).run() == 1
    assert talking.rows("SELECT * FROM raw_message") == []
    assert PHONE not in everything(talking)
    assert check(talking) == []


# ---------------------------------------------------------------- letters that never became a case


def discarded(county: County, name: str = "陈某的信.png") -> str:
    """A letter that was read, typed at, and set aside."""
    letters = LetterIntake(county.store, county.blobs, ZONE)
    content = b"\x89PNG\r\n\x1a\n" + name.encode()
    key = letters.take_in([Scan(name, "image/png", content)], "upload", county.clock()).letter_id
    county.sql("UPDATE letter SET state = 'waiting', pages = 1, pages_read = 1")
    page = {"letter_id": key, "number": 1, "sha256": county.blobs.put(b"upright " + content)}
    page |= {
        "width": 10,
        "height": 10,
        "turn": 0,
        "skew": 0,
        "lines": sealed((key, 1), [{"text": "陈某写的"}]),
    }
    with county.store.write() as connection:
        connection.execute(schema.letter_page.insert(), page)
        found = sealed(key, {"sender": {"value": "陈某"}})
        connection.execute(update(schema.letter).where(schema.letter.c.id == key).values(fields=found))
    desk = LetterDesk(county.store, county.inbox, county.clock)
    taking = desk.take(key, CLERK)
    desk.save(taking, {"text": "陈某说的话"})
    desk.discard(taking, CLERK, "陈某寄来的广告")
    return key


def test_a_letter_set_aside_loses_its_scan_and_what_was_read(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letting_go, "YOUNG", timedelta())
    key = discarded(county)
    county.clock.advance(LONG - timedelta(days=1))
    assert keeper(county).preview().letters == 0
    keeper(county).run()
    assert len(list(county.blobs.names())) == 2
    county.clock.advance(days=2)
    assert (keeper(county).preview().letters, keeper(county, None).preview().letters) == (1, 0)
    assert keeper(county).run() == 0, "it is no case"
    assert keeper(county).preview().letters == 0
    assert "陈某" not in everything(county)
    assert list(county.blobs.names()) == []
    [row] = county.ask(select(schema.letter))
    assert (row.id, row.state, row.fields, row.draft, row.reason) == (key, "discarded", {}, {}, ERASED)
    assert check(county) == []
    with pytest.raises(LetterRefused):
        LetterDesk(county.store, county.inbox, county.clock).bring_back(key)


def test_the_same_scan_after_that_is_a_letter_again(county: County) -> None:
    first = discarded(county)
    old(county)
    keeper(county).run()
    assert discarded(county) != first


def test_a_letter_that_waits_stays_however_old(county: County) -> None:
    key = discarded(county)
    LetterDesk(county.store, county.inbox, county.clock).bring_back(key)
    old(county)
    assert keeper(county).preview().letters == 0
    keeper(county).run()
    assert "陈某说的话" in everything(county)


def test_what_was_erased_is_not_left_in_free_places_of_the_file(county: County) -> None:
    """SQLite strikes out; a copy of the file would tell."""
    if not county.store.is_sqlite:
        pytest.skip("vacuum is PostgreSQL's own")
    for serial in range(12):
        closed(county, body=f"Plainmarker{serial} 公交车绕行 " + "zhouplain word " * 900, key=f"m{serial}")
    kept = county.case(body="Keptmarker stays", key="kept")
    old(county)
    assert keeper(county).run() == 12
    database = Path(str(county.store.url.database))
    left = b"".join(file.read_bytes() for file in database.parent.glob(f"{database.name}*") if file.is_file())
    assert b"Keptmarker" in left
    assert [word for word in (b"Plainmarker", b"zhouplain", "公交车绕行".encode()) if word in left] == []
    with county.store.write() as connection:
        vocabulary = "CREATE VIRTUAL TABLE temp.told USING fts5vocab(main, complaint_search, instance)"
        connection.exec_driver_sql(vocabulary)
        terms = set(connection.exec_driver_sql("SELECT term FROM temp.told").scalars())
        connection.exec_driver_sql("DROP TABLE temp.told")
    assert "keptmarker" in terms
    assert not terms & {"zhouplain", "plainmarker3", "绕行"}
    assert county.row(kept).anonymised_at is None


def talked(talking: TalkingCounty) -> None:
    """One says hello, one complains and asks how it stands; each is answered."""
    talking.hear("帮助", phone="+12025550171", attachments=[["a.txt", "text/plain", "a picture of a bus"]])
    talking.hear("公交车不停站，没有人管")
    talking.hear("查询")
    talking.deliver()


def test_talk_that_became_no_case_goes_at_its_own_age(
    talking: TalkingCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letting_go, "YOUNG", timedelta())
    talked(talking)
    rules = talking.store, talking.blobs, talking.policies, talking.clock, LONG
    keep = Keeper(*rules, talk_after=timedelta(days=365))
    talking.clock.advance(days=364)
    assert (keep.preview().talks, keep.preview(timedelta(days=2)).talks) == (0, 2)
    assert keep.run() == 0
    assert "帮助" in everything(talking)
    talking.clock.advance(days=2)
    assert (keep.preview().talks, keep.preview().cases) == (2, 0)
    assert keep.run() == 0
    left = everything(talking)
    assert [word for word in ("帮助", "+12025550171", "a picture of a bus") if word in left] == []
    assert "公交车不停站，没有人管" in left, "what is a case stays as long as cases do"
    assert PHONE in left
    assert list(talking.blobs.names()) == []
    assert keep.preview().talks == 0
    assert check(talking) == []


def test_talk_without_an_age_of_its_own_is_kept_as_long_as_cases(talking: TalkingCounty) -> None:
    talked(talking)
    talking.clock.advance(days=400)
    assert keeper(talking).preview().talks == 0
    assert keeper(talking, None).preview().talks_before is None
    keeper(talking, None).run()
    assert "帮助" in everything(talking)


def test_a_message_of_which_the_original_is_missing_is_still_found(talking: TalkingCounty) -> None:
    talked(talking)
    with talking.store.write() as connection:
        connection.execute(text("DELETE FROM raw_message"))
    assert len([line for line in check(talking) if line == "its raw message is gone"]) == 3
