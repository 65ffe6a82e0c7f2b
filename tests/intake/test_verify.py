"""Every promise that can be checked is broken here by plain SQL, behind intake's back; verify must see it."""

from __future__ import annotations

import os
from typing import Any
from zoneinfo import ZoneInfo

from intake.columns import canonical_json
from intake.contracts import Text
from intake.findings import MAX_KEPT, Finding, Report, describe
from intake.letters.arriving import LetterIntake, Scan
from intake.verbs import (
    Accept,
    Answer,
    Ask,
    Attend,
    Bar,
    Close,
    CloseUnanswered,
    GrantReturn,
    Reopen,
    Resume,
    Return,
)
from intake.verify import verify
from tests.support.worked import CLERK, LEADER, County, handler

TRAFFIC = handler("traffic")


def check(county: County, *, deep: bool = False) -> Report:
    return verify(county.store, county.blobs, county.policies.directory, county.clock(), deep=deep)


def found(county: County, *, deep: bool = False) -> set[tuple[int, str]]:
    return {(finding.promise, finding.what.en) for finding in check(county, deep=deep).findings}


def closed(county: County, **said: Any) -> str:
    reference = county.case(**said)
    county.say(reference, TRAFFIC, Accept())
    county.clock.advance(minutes=10)
    county.say(reference, TRAFFIC, Answer("已增加停靠站"))
    county.deliver()
    county.say(reference, CLERK, Close("resolved"))
    county.deliver()
    return reference


def full_life(county: County) -> None:
    """Cases that went every way there is."""
    closed(county, attachments=[["a.txt", "text/plain", "abc"]])
    asked = county.case(body="公交车太挤")
    county.say(asked, TRAFFIC, Ask("哪一路？"))
    county.clock.advance(days=1)
    county.say(asked, CLERK, Resume())
    county.say(asked, TRAFFIC, Return("不归我们管"))
    county.say(asked, CLERK, GrantReturn())
    paused = county.case(body="公交车太吵")
    county.say(paused, TRAFFIC, Ask("何时？"))
    county.say(paused, CLERK, Bar("traffic", "当事人"))
    county.case(body="投诉交通局的公交调度员")
    again = closed(county, body="公交车太慢")
    county.say(again, CLERK, Reopen("又慢了"))
    unanswered = county.case(contacts=[], sender_name="")
    county.say(unanswered, LEADER, CloseUnanswered("explained", "无法联系"))
    county.case(unreadable="nothing")
    county.case(body="医院", wants=True, channel="web", contacts=[["email", "w@citizen.example", True]])
    county.days(12)
    county.deliver()


def test_a_sound_database_is_found_sound(county: County) -> None:
    full_life(county)
    county.settle()
    seen: list[tuple[int, int]] = []
    report = verify(
        county.store,
        county.blobs,
        county.policies.directory,
        county.clock(),
        lambda done, of: seen.append((done, of)),
        deep=True,
    )
    assert report.findings == []
    assert report.ok
    assert seen == [(8, 8)]
    assert (report.counts["cases"], report.counts["submissions"], report.counts["attachments"]) == (8, 8, 1)
    assert "Every promise that can be checked holds." in describe(report, "en")
    assert "可以核查的承诺全部成立" in describe(report, "zh")


def test_an_empty_database_is_sound(county: County) -> None:
    assert check(county).ok


TAMPERING: list[tuple[str, int, str]] = [
    # what is done behind the verbs' back, the promise, what verify says
    ("UPDATE complaint SET state = 'triage'", 9, "the state is triage; its history says closed"),
    ("UPDATE complaint SET bureau = 'health'", 9, "the bureau is health; its history says traffic"),
    ("UPDATE complaint SET outcome = 'unfounded'", 9, "the outcome is unfounded; its history says resolved"),
    (
        "UPDATE event SET data = '{\"bureau\":\"health\"}' WHERE kind = 'accepted'",
        9,
        "changed or cut at event 4",
    ),
    ('UPDATE event SET actor = \'{"kind":"admin"}\' WHERE seq = 1', 9, "changed or cut at event 1"),
    ("UPDATE event SET hash = 'x' WHERE seq = 2", 9, "changed or cut at event 2"),
    ("UPDATE event SET kind = 'noted' WHERE seq = 4", 9, "changed or cut at event 4"),
    ("UPDATE event SET data = '[' WHERE seq = 1", 9, "an event cannot be read"),
    ("DELETE FROM event WHERE seq = 4", 9, "changed or cut at event 4"),
    ("DELETE FROM event WHERE seq = 7", 9, "changed or cut at event 7"),
    (
        "UPDATE complaint SET supporting = '[\"health\"]'",
        9,
        "supporting bureaus are not those of its history",
    ),
    ("UPDATE complaint SET received_at = closed_at", 6, "time of receipt is not the one"),
    (
        "UPDATE outbox SET state = 'pending', due_at = closing WHERE template = 'answer'",
        5,
        "but the answer is pending",
    ),
    ("UPDATE outbox SET state = 'bounced' WHERE template = 'answer'", 5, "but the answer is bounced"),
    ("DELETE FROM outbox WHERE template = 'answer'", 5, "never sent the answer"),
    ("DELETE FROM outbox", 5, "never sent the answer"),
    ("UPDATE submission SET complaint_id = NULL", 4, "belongs to no case"),
    ("UPDATE counter SET value = 0", 2, "ahead of the year's counter"),
    ("DELETE FROM counter", 2, "ahead of the year's counter"),
    ("UPDATE submission SET reserved_number = 2600000999", 2, "its complainant was given another one"),
    ("DELETE FROM raw_message", 1, "its raw message is gone"),
    ("UPDATE attachment SET sha256 = 'ffff'", 1, "the attachment's file ffff is gone"),
    ("UPDATE attachment SET size = 4", 1, "is damaged"),
]


def test_tampering_with_a_closed_case_is_seen(county: County) -> None:
    closed(county, attachments=[["a.txt", "text/plain", "abc"]])
    county.settle()
    county.clock.advance(days=1)
    assert check(county).ok
    with county.store.read() as connection:
        backup = {name: list(connection.exec_driver_sql(f"SELECT * FROM {name}")) for name in TABLES}
    for statement, promise, words in TAMPERING:
        statement = statement.replace("closing", "created_at")
        assert county.sql(statement) >= 1, statement
        seen = {(p, w) for p, w in found(county) if p == promise and words in w}
        assert seen, (statement, found(county))
        restore(county, backup)
    assert check(county).ok


TABLES = (
    *("counter", "complaint", "submission", "raw_message", "attachment", "event", "block", "support"),
    *("complainant", "participation", "contact", "outbox", "matching"),
)


def restore(county: County, backup: dict[str, list[Any]]) -> None:
    """Put every row back as it was."""
    mark = "?" if county.store.is_sqlite else "%s"
    with county.store.write() as connection:
        for name in reversed(TABLES):
            connection.exec_driver_sql(f"DELETE FROM {name}")
        for name in TABLES:
            for row in backup[name]:
                marks = ", ".join([mark] * len(row))
                connection.exec_driver_sql(f"INSERT INTO {name} VALUES ({marks})", tuple(row))


def test_an_orphan_is_seen(county: County) -> None:
    county.case()
    for column, words in (
        ("responsible = 'nobody'", "nobody is responsible"),
        ("action = 'none'", "nobody is responsible"),
        ("due_at = NULL", "without a date"),
        ("next_at = NULL", "without a date"),
    ):
        name = column.split()[0]
        [(before,)] = county.rows(f"SELECT {name} FROM complaint")
        county.sql(f"UPDATE complaint SET {column}")
        assert any(p == 4 and words in w for p, w in found(county)), column
        county.sql(f"UPDATE complaint SET {name} = :before", before=before)
    assert check(county).ok


def test_forgotten_work_is_seen(county: County) -> None:
    county.send()
    county.clock.advance(minutes=14)
    assert check(county).ok
    county.clock.advance(minutes=2)
    assert found(county) == {(4, "the submission waits and nobody works on it")}
    county.register()
    assert check(county).ok
    county.clock.advance(minutes=16)
    nobody_matches = (4, "the submission waits and nobody looks for its companions")
    assert found(county) == {(4, "the outgoing message waits and nobody sends it"), nobody_matches}
    county.settle()
    assert found(county) == {(4, "the outgoing message waits and nobody sends it")}


def test_files_and_letters_that_nobody_looks_at_are_seen(county: County) -> None:
    county.case(attachments=[["a.txt", "text/plain", "abc"]])
    county.deliver()
    LetterIntake(county.store, county.blobs, ZoneInfo("Asia/Shanghai")).take_in(
        [Scan("a.png", "image/png", b"\x89PNG\r\n\x1a\n scan")], "upload", county.clock()
    )
    county.clock.advance(minutes=16)
    seen = {words for _, words in found(county)}
    assert {"the file waits and nobody inspects it", "the letter waits and nobody reads it"} <= seen


def test_a_message_kept_twice_is_seen(county: County) -> None:
    same: dict[str, Any] = {"subject": "x", "body": "y", "external_id": "same@citizen.example"}
    county.inbox.accept(county.submission(key="a", **same))
    assert check(county).ok
    county.inbox.accept(county.submission(key="b", **same))
    assert {w.split(" as ")[0] for _, w in found(county)} == {"is the same message"}


def test_the_accused_handling_it_is_seen(county: County) -> None:
    county.case()
    county.sql(
        "INSERT INTO block (complaint_id, bureau, reason, at) "
        "SELECT id, 'traffic', '{}', received_at FROM complaint"
    )
    assert (7, "the barred bureau traffic handles it") in found(county)
    assert (9, "the blocks are not those of its history") in found(county)


def test_a_subordinate_of_the_accused_is_seen(county: County) -> None:
    county.case(body="投诉交通局的公交调度员")
    county.sql("DELETE FROM block WHERE bureau = 'traffic-west'")
    county.sql("UPDATE complaint SET bureau = 'traffic-west'")
    assert (7, "the barred bureau traffic-west handles it") in found(county)


def test_closing_without_a_leader_is_seen(county: County) -> None:
    reference = county.case()
    county.say(reference, LEADER, CloseUnanswered("explained", "无法联系"))
    county.deliver()
    assert check(county).ok
    county.sql(
        "UPDATE event SET actor = :clerk WHERE kind = 'closed'", clerk=canonical_json(CLERK.signature())
    )
    assert (5, "closed without an answer and without a leader's reason") in found(county)


def test_a_bounced_answer_that_nobody_looks_after_is_seen(county: County) -> None:
    reference = closed(county)
    [(key,)] = county.rows("SELECT id FROM outbox WHERE template = 'answer'")
    county.send(
        automatic="bounce",
        contacts=[],
        sender_name="",
        bounces=[[f"{key}@x", "li@citizen.example", "5.1.1", True, ""]],
    )
    county.register()
    assert county.row(reference).attention == "undelivered"
    assert check(county).ok
    county.sql("UPDATE complaint SET attention = NULL")
    assert found(county) == {(5, "the answer did not arrive, and nobody looks after it")}
    county.sql("UPDATE complaint SET attention = 'undelivered'")
    county.say(reference, CLERK, Attend("已电话答复"))
    assert check(county).ok


def test_damage_inside_a_file_is_seen_by_a_deep_look(county: County) -> None:
    county.case(attachments=[["a.txt", "text/plain", "abc"]])
    [name] = county.blobs.names()
    county.blobs.path(name).write_bytes(b"abd")
    assert check(county).ok
    assert {w for _, w in found(county, deep=True)} == {f"the attachment's file {name} is damaged"}


def test_files_that_nothing_refers_to_are_listed_and_do_no_harm(county: County) -> None:
    name = county.blobs.put(b"left behind")
    assert check(county).orphans == []  # it may belong to a message that is being stored
    os.utime(county.blobs.path(name), (0, 0))
    report = check(county)
    assert (report.orphans, report.ok) == ([name], True)


def test_findings_read_well_in_both_languages(county: County) -> None:
    reference = county.case()
    county.sql("UPDATE complaint SET due_at = NULL")
    report = check(county)
    assert f"{reference}  未办结，却没有期限" in describe(report, "zh")
    assert "承诺 4（件件有着落）有 1 处不成立" in describe(report, "zh")
    assert f"{reference}  open, but without a date" in describe(report, "en")


def test_a_flood_of_findings_is_counted_and_cut() -> None:
    report = Report()
    report.add(Finding(4, str(n), Text("零", "zero")) for n in range(MAX_KEPT + 7))
    assert (len(report.findings), report.broken[4], report.ok) == (MAX_KEPT, MAX_KEPT + 7, False)
    assert "… 7 more" in describe(report, "en")


def test_checking_changes_nothing(county: County) -> None:
    reference = county.case()
    before = county.row(reference)
    check(county)
    assert county.row(reference) == before
