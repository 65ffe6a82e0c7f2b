"""What carriers report: late, twice, out of order, before we wrote down what we did ourselves."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from intake import schema
from intake.contracts import Delivery
from intake.outbox import Letter, refused, taken
from intake.verbs import Accept, Answer
from tests.intake.test_conversations import newest, sound
from tests.support.talking import PHONE, TalkingCounty
from tests.support.worked import handler


@pytest.fixture
def answered(talking: TalkingCounty) -> str:
    """A case whose answer waits in the outbox; returns its reference."""
    talking.hear("公交车不停站")
    reference = newest(talking)
    talking.say(reference, handler("traffic"), Accept())
    talking.deliver()
    talking.say(reference, handler("traffic"), Answer("已整改"))
    return reference


def answer(county: TalkingCounty) -> Any:
    [row] = county.ask(select(schema.outbox).where(schema.outbox.c.template == "answer"))
    return row


def claimed(county: TalkingCounty) -> Letter:
    [letter] = county.outbox.claim(county.clock(), 10)
    return letter


def arrive(county: TalkingCounty, letter: Letter, provider_id: str = "SM1") -> None:
    result = taken(letter.row, Delivery(provider_id), "", "已整改")
    county.outbox.record([result], county.clock())


@pytest.mark.parametrize(
    ("reports", "ends"),
    [
        (["sent", "delivered"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["sent", "sent", "delivered", "delivered"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["failed"], "bounced"),
        (["failed", "delivered"], "bounced"),
        (["sent", "failed", "failed"], "bounced"),
    ],
)
def test_a_message_only_moves_forwards(
    talking: TalkingCounty, answered: str, reports: list[str], ends: str
) -> None:
    arrive(talking, claimed(talking))
    for status in reports:
        assert talking.deliveries.report(None, "SM1", status, "30003")
    assert answer(talking).state == ends
    assert (talking.row(answered).attention == "undelivered") == (ends == "bounced")
    kinds = talking.events(answered)
    assert kinds.count("delivered") == (ends == "delivered")
    assert kinds.count("bounced") == (ends == "bounced")
    sound(talking)


@pytest.mark.parametrize("status", ["sent", "delivered", "failed"])
def test_a_report_that_was_quicker_than_we_keeps_what_was_said(
    talking: TalkingCounty, answered: str, status: str
) -> None:
    letter = claimed(talking)
    assert talking.deliveries.report(letter.row.id, "SM1", status)
    talking.clock.advance(seconds=1)
    arrive(talking, letter)
    row = answer(talking)
    assert (row.state, row.provider_id, row.text) == (status, "SM1", "已整改")
    assert row.sent_at is not None
    sound(talking)


def test_reports_that_were_quicker_than_a_whole_batch(talking: TalkingCounty, answered: str) -> None:
    talking.hear("公交车又不停站", "+12025550145")
    talking.register()
    letters = talking.outbox.claim(talking.clock(), 10)
    assert len(letters) > 1
    for n, letter in enumerate(letters):
        assert talking.deliveries.report(letter.row.id, f"SM{n}", "delivered")
    results = [taken(letter.row, Delivery(f"SM{n}"), "", f"text {n}") for n, letter in enumerate(letters)]
    talking.outbox.record(results, talking.clock())
    ids = [letter.row.id for letter in letters]
    rows = talking.ask(select(schema.outbox).where(schema.outbox.c.id.in_(ids)))
    assert {row.state for row in rows} == {"delivered"}
    assert {row.text for row in rows} == {f"text {n}" for n in range(len(letters))}


def test_a_report_about_nothing_of_ours(talking: TalkingCounty) -> None:
    assert not talking.deliveries.report("0" * 32, "SM9", "delivered")
    assert not talking.deliveries.report(None, "", "sent")
    with pytest.raises(ValueError, match="no status"):
        talking.deliveries.report(None, "SM9", "queued")


def test_reports_at_once_are_one_event(talking: TalkingCounty, answered: str) -> None:
    arrive(talking, claimed(talking))
    threads = [
        threading.Thread(target=talking.deliveries.report, args=(None, "SM1", "delivered")) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert talking.events(answered).count("delivered") == 1
    sound(talking)


def test_a_failure_that_passes_is_tried_again(talking: TalkingCounty, answered: str) -> None:
    arrive(talking, claimed(talking))
    talking.deliveries.report(None, "SM1", "failed", "30001", permanent=False)
    assert answer(talking).state == "pending"
    assert talking.outbox.claim(talking.clock(), 10) == []
    talking.clock.advance(minutes=1)
    assert claimed(talking).row.attempts == 2


@pytest.mark.parametrize("by_report", [True, False])
def test_waiting_for_a_decent_hour_is_no_attempt(
    talking: TalkingCounty, answered: str, by_report: bool
) -> None:
    at = talking.clock() + timedelta(hours=3)
    letter = claimed(talking)
    if by_report:
        talking.deliveries.report(letter.row.id, "", "failed", "too early", again_at=at)
    else:
        result = refused(letter.row, "too early", permanent=False, again_at=at)
        talking.outbox.record([result], talking.clock())
    talking.clock.advance(hours=2)
    assert talking.outbox.claim(talking.clock(), 10) == []
    talking.clock.advance(hours=1)
    assert claimed(talking).row.attempts == 1
    assert talking.row(answered).attention is None


@pytest.mark.parametrize("by_report", [True, False])
def test_a_landline_is_called_from_now_on(talking: TalkingCounty, answered: str, by_report: bool) -> None:
    letter = claimed(talking)
    if by_report:
        arrive(talking, letter)
        talking.deliveries.report(None, "SM1", "failed", "30006", other_way="phone")
    else:
        result = refused(letter.row, "30006", permanent=True, other_way="phone")
        talking.outbox.record([result], talking.clock())
    again = claimed(talking)
    assert (again.row.channel, again.row.address) == ("phone", PHONE)
    assert [c for (c,) in talking.rows("SELECT channel FROM participation")] == ["phone"]
    assert "redirected" in talking.events(answered)
    result = refused(again.row, "no answer", permanent=True, other_way="phone")  # there and back: an end
    talking.outbox.record([result], talking.clock())
    assert answer(talking).state == "failed"
    assert talking.row(answered).attention == "undelivered"
    sound(talking)


def test_what_a_channel_does_not_say_stays_on_the_record(talking: TalkingCounty) -> None:
    talking.policies.silent["sms"] = frozenset({"acknowledgement"})  # type: ignore[index]
    talking.hear("公交车不停站")
    assert talking.said() == [("acknowledgement", "suppressed")]


def test_word_about_the_service_itself_has_no_case(talking: TalkingCounty) -> None:
    talking.hear("帮助")
    letter = claimed(talking)
    assert (letter.case, letter.participation, letter.thread) == (None, None, ())
    result = refused(letter.row, "30003", permanent=True)
    talking.outbox.record([result], talking.clock())
    assert talking.said() == [("help", "failed")]
    assert talking.deliveries.report(letter.row.id, "SM1", "delivered")
    sound(talking)


@pytest.mark.parametrize("late", ["sent", "failed"])
def test_old_news_of_a_try_that_failed_does_not_stop_the_next_one(
    talking: TalkingCounty, answered: str, late: str
) -> None:
    """Twilio's reports are out of order: "undelivered" first, "sent" of the same message after it."""
    letter = claimed(talking)
    arrive(talking, letter, "SM1")
    assert talking.deliveries.report(letter.row.id, "SM1", "failed", "30003", permanent=False)
    due = answer(talking).due_at
    assert talking.deliveries.report(letter.row.id, "SM1", late, "30003", permanent=False)
    assert (answer(talking).state, answer(talking).due_at) == ("pending", due)
    talking.clock.advance(minutes=5)
    again = claimed(talking)
    assert talking.deliveries.report(letter.row.id, "SM1", late, "30003", permanent=False)
    arrive(talking, again, "SM2")
    assert (answer(talking).state, answer(talking).provider_id) == ("sent", "SM2")
    assert talking.deliveries.report(letter.row.id, "SM1", "failed", "30003", permanent=False)
    assert answer(talking).state == "sent"
    assert talking.deliveries.report(letter.row.id, "SM2", "delivered")
    assert answer(talking).state == "delivered"
    sound(talking)


def test_a_text_that_goes_on_as_a_call_is_not_taken_for_sent(talking: TalkingCounty, answered: str) -> None:
    letter = claimed(talking)
    assert talking.deliveries.report(letter.row.id, "SM1", "failed", "30006", other_way="phone")
    assert talking.deliveries.report(letter.row.id, "SM1", "sent")
    assert (answer(talking).state, answer(talking).channel) == ("pending", "phone")


def test_any_part_of_a_long_answer_may_fail_it(talking: TalkingCounty, answered: str) -> None:
    letter = claimed(talking)
    whole = taken(letter.row, Delivery("SM3", note="3 messages: SM1, SM2, SM3"), "", "已整改")
    talking.outbox.record([whole], talking.clock())
    assert talking.deliveries.report(letter.row.id, "SM2", "failed", "30005")
    assert answer(talking).state == "bounced"


def test_no_landline_rings_for_a_reference(talking: TalkingCounty) -> None:
    """The acknowledgement of a text that could not arrive: it was said on the page or the line already."""
    talking.policies.silent["phone"] = frozenset({"acknowledgement"})  # type: ignore[index]
    talking.hear("公交车不停站")
    letters = talking.outbox.claim(talking.clock(), 10)
    [letter] = [each for each in letters if each.row.template == "acknowledgement"]
    refusal = refused(letter.row, "30006", permanent=True, other_way="phone")
    talking.outbox.record([refusal], talking.clock())
    assert talking.outbox.claim(talking.clock(), 10) == []
    assert talking.said() == [("acknowledgement", "suppressed")]
