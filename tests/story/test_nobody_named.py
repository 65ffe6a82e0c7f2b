"""A county in full use: who complained stands nowhere in plain, and when it is old, nowhere at all."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from channels import visit
from channels.letter.reading import LetterForm
from channels.letter.reading import submission as letter_submission
from channels.visit import VisitForm, Visitor
from channels.webform import ComplaintForm
from channels.webform import submission as web_submission
from config.letters import forget_taken
from intake import schema
from intake.lifecycle import Role
from intake.people import SYSTEM, Actor
from intake.print_lists import PrintLists
from intake.retention import files as letting_go
from intake.retention.keeper import Keeper
from intake.verbs import Accept, Answer, Assign, CloseUnanswered, Merge, Readdress, Withhold
from tests.story.test_telegram import write
from tests.story.test_telephone import complained
from tests.support import mails
from tests.support.rehearsal import CLERK, LEADER, handler_of
from tests.support.town import ANN, BOB, Town
from web.api.presenting import Presenter
from web.staff.case_view import view_of

DESK = Actor(Role.DESK, "desk-1", "Front desk")
HASH = "a1b2c3" * 10 + "0000"
"""Of an identity document: a keyed hash is all that is kept of its number."""
NAMES = ("样本甲", "样本乙", "样本丙", "样本丁", "Zebulon", "Quagga")
ADDRESSES = ("mailperson", "webperson", "visitperson", "示例街道", "示例新街")
NUMBERS = ("2025550123", "2025550145", "2025550166", "2025550177", "2025550188")
OF_THE_POST = ("XA123456789CN", "邻居说搬走了")
"""What the desk typed of a letter: it stands in the history as typed, until that is erased."""
LAMPS = "西江路的路灯坏了两个星期，晚上一片漆黑，请派人来修。"
WEB = "西江路公交站牌歪了，行人都要绕着走，请派人来看看。"


def used(town: Town) -> str:
    """Everybody writes, each by another door, and is answered; the reference of the confidential letter."""
    inbox, now = town.system.inbox, town.clock
    town.receive(
        mails.letter(
            "The lamps in Xijiang Road are broken.", sender="mailperson@citizen.example", name="Zebulon"
        )
    )
    [mailed] = town.references()
    form = ComplaintForm(text=WEB, name="样本甲", phone="+12025550166", email="webperson@citizen.example")
    inbox.accept(web_submission(form, "form-1", now()))
    town.text("西江路的路灯坏了两个星期，没人来修")
    complained(town, BOB)
    write(town, "西江路的井盖坏了好几个，很危险", sender={"id": 700, "is_bot": False, "first_name": "Quagga"})
    visitors = (
        Visitor(name="样本乙", phone="+12025550177", document="resident_id", number_hash=HASH, last4="7890"),
        Visitor(name="样本丙", email="visitperson@citizen.example", answer_by="email"),
        Visitor(name="样本丁"),
    )
    inbox.accept(visit.submission(VisitForm(LAMPS, visitors, present=9, interpreter="手语"), "v1", now()))
    town.settle()
    before = set(town.references())
    letter = LetterForm(
        text=LAMPS,
        name="样本甲",
        address="示例街道18号2栋301室, 526100",
        phone="+12025550188",
        confidential=True,
    )
    inbox.accept(letter_submission(letter, "0" * 32, now(), (), {}))
    town.settle()
    [written] = set(town.references()) - before
    town.say(written, CLERK, Assign("urban_management"))
    town.say(written, handler_of("urban_management"), Accept())
    town.say(written, handler_of("urban_management"), Answer("已经修好。"))
    queue = town.system.print_queue
    ids = [row.outbox_id for row in PrintLists(town.system.store).waiting(DESK)]
    batch = queue.gather(DESK, ids, "gb")
    assert batch is not None
    assert queue.fetch(batch, DESK, 0) is not None
    queue.printed(batch, DESK)
    today = queue.today().isoformat()
    queue.posted(ids, DESK, today, {ids[0]: "XA123456789CN"})
    queue.came_back(ids[-1], DESK, today, "moved", "邻居说搬走了")
    [part] = town.dossier(written).participations
    town.say(written, DESK, Readdress(part.id, "postal", "示例新街5号, 526101"))
    town.say(mailed, CLERK, Merge(written, "同一件事"))
    while town.system.match_worker().work():
        pass
    town.settle()
    return written


def rows(town: Town, *, opened: bool) -> str:
    """All tables as one text: as they stand in the database, or with what is sealed opened."""
    found = []
    with town.system.store.read() as connection:
        for table in schema.metadata.sorted_tables:
            query = table.select() if opened else text(f'SELECT * FROM "{table.name}"')
            found += [
                f"{table.name}: "
                + repr(
                    tuple(
                        bytes(v).decode("utf-8", "replace") if isinstance(v, bytes | memoryview) else v
                        for v in row
                    )
                )
                for row in connection.execute(query)
            ]
    return "\n".join(found)


def found(wanted: Sequence[str], where: str) -> list[str]:
    """Which of ``wanted`` stand where, each with its line."""
    return [f"{one}: {line[:200]}" for line in where.splitlines() for one in wanted if one in line]


PEOPLE = (*NAMES, *ADDRESSES, *NUMBERS)


def test_who_complained_stands_in_plain_nowhere(
    town: Town, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    used(town)
    opened = rows(town, opened=True)
    assert [one for one in (*PEOPLE, *OF_THE_POST) if one not in opened] == [], "all of it came in"
    assert found(PEOPLE, rows(town, opened=False)) == []
    assert found(PEOPLE, caplog.text) == []
    files = [file for file in tmp_path.iterdir() if file.is_file() and file.name.startswith("huiyin.sqlite3")]
    for file in files:  # what was written over as well
        assert [one for one in PEOPLE if one.encode() in file.read_bytes()] == [], file.name


def test_old_cases_leave_nobody_behind(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letting_go, "YOUNG", timedelta())
    used(town)
    for reference in town.references():
        if town.case(reference).state != "closed":
            if town.case(reference).bureau is None:
                town.say(reference, CLERK, Assign("urban_management"))
            town.say(reference, LEADER, CloseUnanswered("explained", "所有人都已当面答复"))
    with town.system.store.write() as connection:  # the office looked at all that called for it
        connection.execute(update(schema.complaint).values(attention=None, attention_since=None))
    scans = Path(town.system.settings.data_dir) / "letters" / "taken"
    for day in ("2026-03-02", "2026-05-02", "notes"):
        (scans / day).mkdir(parents=True)
        (scans / day / "scan.png").write_bytes(b"scan")
    town.clock.advance(timedelta(days=40))
    before, count = town.clock() - timedelta(days=30), len(town.references())
    beside: list[datetime] = []
    policies = town.system.county.policies
    keeper = Keeper(
        town.system.store, town.system.blobs, policies, town.clock, timedelta(days=30), beside.append
    )
    assert keeper.run() == count
    assert beside == [before]
    assert found((*PEOPLE, *OF_THE_POST, HASH), rows(town, opened=True)) == []
    assert list(town.system.blobs.names()) == []
    forget_taken(town.system, before)
    assert sorted(day.name for day in scans.iterdir()) == ["2026-05-02", "notes"]


def test_who_said_stop_is_still_heard(town: Town) -> None:
    town.text("STOP", ANN)
    town.text("HELP", BOB)
    assert town.count(schema.conversation) == 2
    town.clock.advance(timedelta(days=40))
    policies = town.system.county.policies
    Keeper(town.system.store, town.system.blobs, policies, town.clock, timedelta(days=30)).run()
    assert town.conversation(ANN).stopped_at is not None
    assert town.count(schema.conversation) == 1


def test_a_bureau_reads_of_a_confidential_letter_neither_its_way_nor_its_files_names(town: Town) -> None:
    """A registered number, what the desk noted when it came back, a file named after somebody."""
    written, handler = used(town), handler_of("urban_management")
    town.say(written, SYSTEM, Withhold("0" * 32, "样本甲的照片.jpg", "Eicar"))
    directory = town.system.county.policies.directory
    dossier = town.dossier(written, handler)
    with town.system.web().test_request_context():
        shown = repr(view_of(dossier, handler, directory).lines)
        office = repr(view_of(town.dossier(written), CLERK, directory).lines)
    told = repr(Presenter(handler, "zh", directory).complaint(dossier)["events"])
    for text_ in (shown, told):
        assert "照片.jpg" in text_
        assert found((*PEOPLE, *OF_THE_POST), text_) == []
    assert [one for one in (*OF_THE_POST, "样本甲") if one not in office] == []
