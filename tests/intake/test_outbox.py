"""The way out: tried again for a day, then somebody's work; never sent twice by two hands."""

from __future__ import annotations

from typing import Any

from intake.contracts import Delivery
from intake.outbox import LEASE, MAX_ATTEMPTS, Outbox, refused, taken
from intake.verbs import Accept, Answer
from tests.support.worked import County, handler


def answered(county: County) -> str:
    reference = county.case()
    county.deliver()
    county.say(reference, handler("traffic"), Answer("已整改"))
    return reference


def letter(county: County) -> Any:
    [found] = county.outbox.claim(county.clock(), 10)
    return found


def state(county: County) -> tuple[str, str | None]:
    [row] = county.rows("SELECT state, error FROM outbox WHERE template = 'answer'")
    return row[0], row[1]


def test_a_delivered_answer_is_on_the_record(county: County) -> None:
    reference = answered(county)
    found = letter(county)
    assert (found.row.template, found.participation.address) == ("answer", "li@citizen.example")
    assert found.thread[0] == "m1@citizen.example"
    county.outbox.record([taken(found.row, Delivery("p1", final=True), "答复", "正文")], county.clock())
    assert state(county) == ("delivered", None)
    assert county.events(reference)[-1] == "delivered"
    assert county.outbox.claim(county.clock(), 10) == []


def test_a_passing_failure_is_tried_again_later_and_later(county: County) -> None:
    reference, waits = answered(county), []
    for attempt in range(1, MAX_ATTEMPTS):
        found = letter(county)
        assert found.row.attempts == attempt
        county.outbox.record([refused(found.row, "451 later", permanent=False)], county.clock())
        assert county.outbox.claim(county.clock(), 10) == []
        due = county.archive.dossier(handler("traffic"), reference)
        assert due is not None
        [row] = [r for r in due.outbox if r.template == "answer"]
        waits.append((row.due_at - county.clock()).total_seconds())
        county.clock.set(row.due_at)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (30, 4 * 3600)
    assert county.row(reference).attention is None
    county.outbox.record([refused(letter(county).row, "451 later", permanent=False)], county.clock())
    assert state(county) == ("dead", "451 later")
    assert county.row(reference).attention == "undelivered"
    assert county.row(reference).responsible == "office"


def test_a_lasting_failure_is_somebodys_work_at_once(county: County) -> None:
    reference = answered(county)
    county.outbox.record([refused(letter(county).row, "550 no such user", permanent=True)], county.clock())
    assert state(county) == ("failed", "550 no such user")
    assert county.row(reference).attention == "undelivered"
    assert county.events(reference)[-1] == "failed"


def test_a_postman_who_was_too_slow_changes_nothing(county: County) -> None:
    answered(county)
    slow = letter(county)
    county.clock.advance(LEASE * 2)
    other = Outbox(county.store, county.policies, "worker-2")
    [again] = other.claim(county.clock(), 10)
    county.outbox.record([taken(slow.row, Delivery("late"), "s", "t")], county.clock())
    assert state(county)[0] == "pending"
    other.record([taken(again.row, Delivery("p2", final=True), "s", "t")], county.clock())
    assert state(county)[0] == "delivered"


def test_the_ticker_acts_once_for_what_is_due(county: County) -> None:
    reference = county.case()
    assert county.office.tick() == 0
    county.clock.advance(days=2)
    assert county.office.tick() == 1
    assert county.office.tick() == 0
    county.clock.advance(days=1)
    assert county.office.tick() == 1
    kinds = county.rows("SELECT role FROM outbox WHERE template = 'chase' ORDER BY id")
    assert [role for (role,) in kinds] == ["handler", "leader"]
    county.say(reference, handler("traffic"), Accept())
    assert county.row(reference).step == 0


def test_a_late_ticker_does_not_make_up_for_lost_time_with_a_flood(county: County) -> None:
    for n in range(3):
        county.case(contacts=[["email", f"p{n}@citizen.example", True]])
    county.clock.advance(days=2)
    assert county.office.tick(limit=2) == 2
    assert county.office.tick(limit=2) == 1
    assert county.office.tick(limit=2) == 0
