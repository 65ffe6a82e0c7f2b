"""People who talk in turns: order, own cases, what waits, what is said, and what a flood may cost."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from intake import schema
from intake.backup import backup
from intake.contracts import Delivery
from intake.conversations import CASES_PER_DAY, FILES_PER_HOUR, MESSAGES_PER_HOUR, SAID_PER_DAY, SAME_AGAIN
from intake.files.folder import FolderStorage
from intake.outbox import taken
from intake.references import reference_of
from intake.restore import restore
from intake.store import Store
from intake.vault.keyring import put
from intake.verbs import Accept, Answer, Ask, Close
from intake.verify import verify
from tests.support.talking import OTHER, PHONE, TalkingCounty
from tests.support.worked import ADMIN, CLERK, handler


def cases(county: TalkingCounty) -> int:
    return int(county.rows("SELECT count(*) FROM complaint")[0][0])


def newest(county: TalkingCounty) -> str:
    """The reference of the case that was opened last."""
    return reference_of(county.rows("SELECT max(number) FROM complaint")[0][0])


def sound(county: TalkingCounty) -> None:
    """Every promise that can be checked holds."""
    county.settle()
    report = verify(county.store, county.blobs, county.policies.directory, county.clock())
    assert not report.findings


def close(county: TalkingCounty, reference: str) -> None:
    county.say(reference, handler("traffic"), Accept())
    county.say(reference, handler("traffic"), Answer("已整改"))
    county.deliver()
    county.say(reference, CLERK, Close("resolved"))


def test_the_first_sentence_is_a_complaint_and_gets_its_reference(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站")
    assert talking.became() == [("done", "matter")]
    assert talking.said() == [("acknowledgement", "pending")]
    o = schema.outbox.c
    [(channel, address, params)] = talking.ask(
        select(o.channel, o.address, o.params).where(o.template == "acknowledgement")
    )
    assert (channel, address, params) == ("sms", PHONE, {"ask": "where"})
    [(confidential,)] = talking.rows("SELECT confidential FROM participation")
    assert confidential
    sound(talking)


def test_what_is_added_rated_withdrawn_and_only_talk(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站", "补：203路", "帮助", "撤回")
    reference = newest(talking)
    assert talking.became() == [
        ("done", "matter"),
        ("done", "addition"),
        ("done", "talk"),
        ("done", "withdrawal"),
    ]
    assert talking.events(reference) == ["received", "routed", "assigned", "added", "withdrawn"]
    assert [t for t, _ in talking.said()] == ["acknowledgement", "added", "help"]
    close(talking, reference)
    talking.hear("满意")
    assert talking.row(reference).feedback == "satisfied"
    assert talking.became()[-1] == ("done", "rating")
    sound(talking)


def test_what_the_case_refuses_joins_it_and_the_sender_hears_why(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站", "满意")
    assert talking.became()[-1] == ("done", "addition")
    assert [t for t, _ in talking.said()] == ["acknowledgement", "refused"]
    sound(talking)


def test_messages_are_filed_in_order_also_by_two_workers(talking: TalkingCounty) -> None:
    keys = [talking.text("公交车不停站"), talking.text("补：一"), talking.text("补：二")]
    talking.sql("UPDATE submission SET lease_until = :soon, owner = 'another' WHERE id = :id",
                soon="2026-03-02 01:01:00", id=keys[0])  # fmt: skip
    talking.work()
    assert [state for state, _ in talking.became()] == ["pending"] * 3
    talking.sql("UPDATE submission SET lease_until = NULL, owner = NULL WHERE id = :id", id=keys[0])
    talking.clock.advance(seconds=2)
    talking.work()
    assert [meaning for _, meaning in talking.became()] == ["matter", "addition", "addition"]
    assert cases(talking) == 1


def test_two_workers_at_once_keep_the_order_of_every_conversation(talking: TalkingCounty) -> None:
    phones = [f"+1202555{n:04d}" for n in range(100, 108)]
    for body in ("公交车不停站", "补：一", "补：二", "补：三"):
        for phone in phones:
            talking.text(body, phone)
    workers = [talking.registrar_named(f"w{n}") for n in range(2)]
    failures: list[BaseException] = []

    def drain(worker: Any) -> None:
        try:
            for _ in range(400):
                if not worker.work(5) and not talking._put_off():
                    return
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=drain, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failures
    assert cases(talking) == len(phones)
    added = talking.rows("SELECT complaint_id, body FROM submission WHERE became = 'addition' ORDER BY id")
    per_case: dict[str, list[str]] = {}
    for key, body in added:
        per_case.setdefault(key, []).append(body)
    assert list(per_case.values()) == [["补：一", "补：二", "补：三"]] * len(phones)
    told = talking.rows("SELECT complaint_id, seq, data FROM event WHERE kind = 'added' ORDER BY seq")
    order = {key: [json.loads(d)["submission"] for k, _, d in told if k == key] for key in per_case}
    assert all(keys == sorted(keys) for keys in order.values())
    sound(talking)


def test_what_waits_is_filed_when_it_is_known_what_it_is(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站", "也许是另一件")
    assert talking.became()[-1] == ("pending", "held")
    talking.hear("帮助")  # what waits holds nobody up
    assert talking.became()[-1] == ("done", "talk")
    sound(talking)
    talking.hear("2")
    talking.work()
    assert [m for _, m in talking.became()] == ["matter", "addition", "talk", "talk"]
    talking.hear("也许还有一件", "1")
    talking.work()
    assert [m for _, m in talking.became()][-2:] == ["matter", "talk"]
    assert cases(talking) == 2
    sound(talking)


def test_a_worker_that_died_in_the_middle_files_nothing_twice(
    talking: TalkingCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    talking.hear("公交车不停站")
    for body in ("补：一", "也许二", "医院排队", "帮助"):
        talking.text(body)

    class Died(BaseException):
        """As if the process were gone."""

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr("intake.filing.remember", die)
        with pytest.raises(Died):
            talking.registrar.work()
    assert [state for state, _ in talking.became()] == ["done", *["pending"] * 4]
    talking.clock.advance(minutes=3)  # its lease ends
    talking.work()
    assert [m for _, m in talking.became()] == ["matter", "addition", "held", "matter", "talk"]
    assert [t for t, _ in talking.said()][1:] == ["added", "new_or_more", "acknowledgement", "help"]
    talking.deliver()
    sound(talking)


def test_a_backup_brings_conversations_back(talking: TalkingCounty, tmp_path: Path) -> None:
    talking.hear("公交车不停站", "也许二", "帮助", remote=[["a", "a.jpg", "image/jpeg"]])
    talking.deliver()
    out = tmp_path / "huiyin.tar.gz"
    backup(talking.store, talking.blobs, out, now=talking.clock())
    url = f"sqlite:///{tmp_path}/restored.sqlite3"
    assert talking.store.vault is not None
    put(tmp_path / "keys.json", talking.store.vault.keyring.keys().text())
    restore(Store(url), FolderStorage(tmp_path / "restored"), out, keep_secret=lambda key: None)
    again = TalkingCounty(url, tmp_path / "restored", talking.clock)
    for table in ("conversation", "submission", "remote_file", "outbox"):
        query = f"SELECT * FROM {table} ORDER BY id"
        assert len(again.rows(query)) == len(talking.rows(query)) > 0
    again.hear("2", key="after")
    again.work()
    assert [m for _, m in again.became()] == ["matter", "addition", "talk", "talk"]
    again.close()


def test_what_nobody_explained_in_time_is_a_complaint(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站", "也许是另一件")
    talking.clock.advance(minutes=9)
    talking.work()
    assert cases(talking) == 1
    talking.clock.advance(minutes=2)
    talking.work()
    assert cases(talking) == 2
    assert [held for (held,) in talking.rows("SELECT held_id FROM conversation")] == [None]
    sound(talking)


def test_a_second_message_that_waits_sends_the_first_on_its_way(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站", "也许甲", "也许乙")
    talking.work()
    assert [m for _, m in talking.became()] == ["matter", "matter", "held"]
    talking.hear("2")
    talking.work()
    assert [m for _, m in talking.became()][2] == "addition"
    sound(talking)


def test_a_case_that_is_somebody_elses_is_never_reached(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站")
    [(theirs,)] = talking.rows("SELECT id FROM complaint")
    reference = newest(talking)
    talking.hear(f"偷看{theirs}", phone=OTHER)
    assert talking.events(reference) == ["received", "routed", "assigned"]
    talking.hear(f"查询 {reference}", phone=OTHER)
    assert talking.said()[-1] == ("not_yours", "pending")
    for (params,) in talking.rows("SELECT params FROM outbox WHERE template = 'talk'"):
        assert reference not in params
    sound(talking)


def test_a_status_line_carries_the_values_of_its_case(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站", "查询")
    [(params, key)] = talking.rows("SELECT params, complaint_id FROM outbox WHERE template = 'talk'")
    [line] = json.loads(params)["lines"]
    values = line["params"]
    assert values["reference"] == newest(talking)
    assert (values["state"], values["bureau_zh"]) == ("assigned", "交通运输局")
    assert key is not None


def test_more_words_route_a_case_that_nobody_had_routed(talking: TalkingCounty) -> None:
    talking.hear("今天等了很久")
    reference = newest(talking)
    assert talking.row(reference).state == "triage"
    talking.hear("改：是公交")
    row = talking.row(reference)
    assert (row.state, row.bureau, row.routed_rule) == ("assigned", "traffic", "word-公交")
    sound(talking)


@pytest.mark.parametrize("together", [True, False])
def test_the_bureau_complained_about_loses_the_case_at_once(talking: TalkingCounty, together: bool) -> None:
    if together:
        talking.text("公交车不停站")
        talking.hear("改：投诉交通局")
    else:
        talking.hear("公交车不停站", "改：投诉交通局")
    row = talking.row(newest(talking))
    assert (row.state, row.bureau) == ("triage", None)
    waiting = talking.rows("SELECT state FROM outbox WHERE role = 'handler'")
    assert [state for (state,) in waiting] == ["suppressed"]
    sound(talking)


def test_the_name_is_hidden_and_shown_as_the_complainant_says(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站", "可以公开", sender_name="李一")
    assert [bool(c) for (c,) in talking.rows("SELECT confidential FROM participation")] == [False]
    talking.hear("不便公开")
    assert [bool(c) for (c,) in talking.rows("SELECT confidential FROM participation")] == [True]
    told = talking.rows("SELECT data FROM event WHERE kind = 'identity'")
    assert len(told) == 2
    assert all("李一" not in data for (data,) in told)
    sound(talking)


def test_a_case_beyond_the_latest_ten_can_still_be_talked_about(talking: TalkingCounty) -> None:
    talking.hear(*[f"公交车不停站，第{n}次" for n in range(12)])
    first, last = (
        talking.rows("SELECT id, number FROM complaint ORDER BY number")[0],
        talking.rows("SELECT id FROM conversation")[0],
    )
    talking.sql("UPDATE conversation SET complaint_id = :case WHERE id = :id", case=first[0], id=last[0])
    talking.hear("补：203路")
    assert talking.events(reference_of(first[1]))[-1] == "added"


def test_who_stopped_hears_nothing_and_an_answer_becomes_work(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站", "停", "帮助")
    reference = newest(talking)
    assert [t for t, _ in talking.said()] == ["acknowledgement", "stopped"]
    assert {row.template for row in talking.deliver()} == {"assignment", "talk"}
    talking.say(reference, handler("traffic"), Accept())
    talking.say(reference, handler("traffic"), Ask("哪一路？"))
    talking.deliver()
    states = dict(talking.said())
    assert states == {
        "acknowledgement": "suppressed",
        "stopped": "delivered",
        "accepted": "suppressed",
        "question": "failed",
    }
    assert talking.row(reference).attention == "undelivered"
    talking.hear("开始")
    assert talking.said()[-1] == ("started", "pending")
    sound(talking)


def test_an_album_is_one_submission(talking: TalkingCounty) -> None:
    photo = [["a.jpg", "image/jpeg", "first"]]
    first = talking.hear("公交车不停站", album="g1", attachments=photo)
    talking.hear("", album="g1", attachments=[["b.jpg", "image/jpeg", "second"]])
    talking.text("", album="g1", attachments=[["c.jpg", "image/jpeg", "third"]])
    talking.hear("", album="g1", remote=[["d", "d.jpg", "image/jpeg"]])
    assert [m for _, m in talking.became()] == ["matter", "album", "album", "album"]
    homes = {home for (home,) in talking.rows("SELECT submission_id FROM attachment")}
    homes |= {home for (home,) in talking.rows("SELECT submission_id FROM remote_file")}
    assert homes == {first}
    dossier = talking.archive.dossier(ADMIN, newest(talking))
    assert dossier is not None
    assert [row.id for row in dossier.submissions] == [first]
    assert len(dossier.attachments[first]) == 3
    assert [row.id for row in talking.archive.submissions(ADMIN).rows] == [first]
    assert len(talking.said()) == 1
    talking.clock.advance(minutes=11)
    talking.hear("公交又来晚了", album="g1")
    assert cases(talking) == 2


def test_a_button_points_to_the_message_it_stood_under(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站")
    reference = newest(talking)
    close(talking, reference)
    talking.hear("公交车又不停站")
    [(key,)] = talking.rows("SELECT id FROM outbox WHERE template = 'feedback'")
    talking.hear("", choice="dissatisfied", thread=[key])
    assert talking.row(reference).feedback == "dissatisfied"
    talking.hear("", choice="satisfied", thread=[key], phone=OTHER)
    assert talking.row(reference).feedback == "dissatisfied"


def test_a_message_is_found_by_its_chat_and_the_chat_stands_nowhere_in_clear(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站")
    reference = newest(talking)
    close(talking, reference)
    for letter in talking.outbox.claim(talking.clock(), 10):
        if letter.row.template == "feedback":
            handed = taken(letter.row, Delivery(f"{PHONE}/77", final=True), "subject", "text")
            talking.outbox.record([handed], talking.clock())
    talking.hear("公交车又不停站")
    stored = [key for (key,) in talking.rows("SELECT provider_id FROM outbox") if key and key.endswith("/77")]
    assert stored == [f"{talking.hashed(PHONE)}/77"]
    talking.hear("", choice="dissatisfied", thread=[f"{PHONE}/77"])
    assert talking.row(reference).feedback == "dissatisfied"


def test_a_script_that_stumbles_loses_nothing(talking: TalkingCounty) -> None:
    talking.hear("坏", "坏坏")
    assert [m for _, m in talking.became()] == ["matter", "addition"]


def test_what_cannot_be_read_joins_the_case_that_is_talked_about(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站")
    submission = talking.submission(channel="sms", unreadable="no text")
    talking.inbox.accept(replace(submission, conversation=f"sms:{PHONE}"))
    talking.work()
    assert talking.became()[-1][0] == "parked"
    sound(talking)


def test_whoever_must_be_called_back_is_on_the_list(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站", attention="call_back")
    assert talking.row(newest(talking)).attention == "call_back"


def test_numbers_that_no_case_needed_are_not_skipped(talking: TalkingCounty) -> None:
    for body in ("帮助", "公交一", "帮助", "公交二"):
        talking.text(body)
    talking.work()
    numbers = [n for (n,) in talking.rows("SELECT number FROM complaint ORDER BY number")]
    talking.hear("公交三")
    assert talking.rows("SELECT max(number) FROM complaint")[0][0] == numbers[0] + 2 == numbers[1] + 1


def test_a_flood_from_one_number_costs_the_same_for_each_and_loses_nothing(talking: TalkingCounty) -> None:
    counted = 0

    def count(*_: Any) -> None:
        nonlocal counted
        counted += 1

    flood = [talking.text_of(f"公交车不停站，第{n}次") for n in range(2000)]
    talking.inbox.accept_together(flood, lambda connection: None)
    event.listen(talking.store.engine, "before_cursor_execute", count)
    costs = []
    while talking.registrar.work():
        costs.append(counted)
        counted = 0
    assert max(costs[3:]) <= min(costs[2:-1]) + 4
    assert max(costs) < 60  # statements for sixty-four messages
    assert 1 <= cases(talking) <= min(CASES_PER_DAY, MESSAGES_PER_HOUR)
    assert talking.rows("SELECT count(*) FROM submission WHERE complaint_id IS NULL") == [(0,)]
    [(replies,)] = talking.rows(
        "SELECT count(*) FROM outbox WHERE state = 'pending' AND role = 'complainant'"
    )
    assert 1 <= replies <= talking.policies.replies_per_hour
    talking.hear("公交车不停站", phone=OTHER)
    assert talking.said()[-1] == ("acknowledgement", "pending")
    sound(talking)


def test_whose_turn_it_is_is_looked_up_in_an_index(talking: TalkingCounty) -> None:
    """However many wait: neither the queue nor the archive is walked for it."""
    if not talking.store.is_sqlite:
        pytest.skip("PostgreSQL chooses by what is in the table; SQLite tells its plan beforehand")
    plans: list[str] = []

    def explain(_: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        if "AS earlier" in statement:
            asked = cursor.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.extend(row[3] for row in asked.fetchall())

    event.listen(talking.store.engine, "before_cursor_execute", explain)
    talking.hear("公交车不停站")
    used = [plan for plan in plans if "submission" in plan]
    assert used
    assert all("ix_submission_conversation (conversation_hash=? AND state=?)" in plan for plan in used)


# ------------------------------------------------------------ machines that write to us


def replies(county: TalkingCounty, phone: str = PHONE) -> int:
    query = (
        "SELECT count(*) FROM outbox WHERE role = 'complainant' AND address_hash = :a "
        "AND state <> 'suppressed'"
    )
    return int(county.rows(query, a=county.hashed(phone))[0][0])


def test_what_a_machine_wrote_is_kept_and_never_answered(talking: TalkingCounty) -> None:
    """Our own number, a blocked bot: a reply would come round, or reach nobody."""
    talking.hear("公交车不停站", "帮助", "停", automatic="bulk")
    assert cases(talking) == 1
    assert replies(talking) == 0
    sound(talking)


def test_two_services_that_text_each_other_come_to_an_end(talking: TalkingCounty) -> None:
    """However slowly: an autoresponder that answers after three minutes stays under every hourly limit."""
    for _ in range(40):
        before = replies(talking)
        talking.hear("帮助")
        if replies(talking) == before:
            break
        talking.clock.advance(minutes=3)
    assert replies(talking) == SAME_AGAIN
    talking.clock.advance(minutes=3)
    talking.hear("查询")  # a person, after all
    assert replies(talking) == SAME_AGAIN + 1


def test_so_do_two_that_never_say_the_same_twice(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站")
    for n in range(SAID_PER_DAY + 5):
        talking.hear(f"查询 {n}")
        talking.clock.advance(minutes=3)
    assert replies(talking) == 1 + SAID_PER_DAY


def test_stop_and_start_without_end_is_not_answered_without_end(talking: TalkingCounty) -> None:
    for _ in range(SAID_PER_DAY):
        talking.hear("停", "开始")
    assert replies(talking) <= SAID_PER_DAY


def test_replies_are_counted_also_where_the_number_is_written_another_way(talking: TalkingCounty) -> None:
    """ "+44 07911…": the conversation is what the provider wrote, the contact what it means."""
    limit = talking.policies.replies_per_hour
    for n in range(limit + 5):
        talking.hear(f"查询 {n}", phone="+4407911123456", contacts=[["phone", "+447911123456", True]])
    assert replies(talking, "+4407911123456") == limit


def test_who_changes_their_mind_a_thousand_times_calls_the_office_a_few(talking: TalkingCounty) -> None:
    talking.hear("公交车不停站")
    close(talking, newest(talking))
    for n in range(MESSAGES_PER_HOUR + 20):
        talking.hear(f"满意 {n}")
    rated = talking.rows("SELECT count(*) FROM event WHERE kind = 'rated'")[0][0]
    assert rated <= MESSAGES_PER_HOUR
    sound(talking)


@pytest.mark.parametrize("album", ["", "one"])
def test_pictures_without_end_do_not_fill_the_disk(talking: TalkingCounty, album: str) -> None:
    """They cost a sender nothing; what is not fetched is on the record, and on somebody's list."""
    ten = [[f"https://provider.example/{n}", "photo.jpg", "image/jpeg"] for n in range(10)]
    talking.hear("公交车不停站")
    for n in range(FILES_PER_HOUR // 10 + 5):
        talking.hear("" if album else f"又一张 {n}", remote=ten, album=album)
    counted = dict(talking.rows("SELECT state, count(*) FROM remote_file GROUP BY state"))
    assert counted == {"pending": FILES_PER_HOUR, "parked": 50}
    if not album:
        assert talking.row(newest(talking)).attention == "unfetched"
    sound(talking)
    talking.clock.advance(hours=1)
    talking.hear("再来一张", remote=ten)
    counted = dict(talking.rows("SELECT state, count(*) FROM remote_file GROUP BY state"))
    assert counted == {"pending": FILES_PER_HOUR + 10, "parked": 50}
