"""Mail that must not be answered, counted twice, or made to wait: our own, a machine's, a copy, a flood."""

from __future__ import annotations

from datetime import timedelta

import pytest

from intake.contracts import Submission
from intake.verbs import Accept, Answer
from tests.support import mails
from tests.support.rehearsal import Rehearsal, handler_of

BUREAU = "urban_management"
LAMPS = "All street lamps in Sample Road have been broken for two weeks."


@pytest.mark.parametrize(
    "sender",
    [
        mails.COUNTY,  # nothing was ever sent to these: they are known by what they are
        "complaints+abcdef12@gaoyao.example",
        "Postmaster@Gaoyao.example",
        "duty@office.gaoyao.example",
        "leader@office.gaoyao.example",
        "urban-management@gaoyao.example",
        "urban-management-leader@gaoyao.example",
    ],
)
def test_our_own_addresses_are_no_citizens(county: Rehearsal, sender: str) -> None:
    county.receive(mails.letter(LAMPS, sender=sender))
    (reference,) = county.references()
    assert county.case(reference).state == "triage", "a person judges it"
    assert county.new_mail() == []
    county.assert_sound()


@pytest.mark.parametrize(
    "sender", ["noreply@shop.example", "no-reply+7@shop.example", "do_not_reply@shop.example"]
)
def test_who_takes_no_replies_gets_none(county: Rehearsal, sender: str) -> None:
    county.receive(mails.letter(LAMPS, sender=sender))
    (reference,) = county.references()
    assert county.case(reference).bureau == BUREAU, "what it says counts all the same"
    assert mails.to(county.new_mail(), sender) == []


def test_a_form_that_sends_for_somebody_is_answered_there(county: Rehearsal) -> None:
    form = mails.letter(LAMPS, sender="noreply@form.example")
    form["Reply-To"] = "bob@citizen.example"
    county.receive(form)
    assert len(mails.to(county.new_mail(), "bob@citizen.example")) == 1


def test_all_our_mail_sent_back_to_us_stays_with_its_case(county: Rehearsal) -> None:
    county.receive(mails.letter(LAMPS))
    (reference,) = county.references()
    county.say(reference, handler_of(BUREAU), Accept())
    county.say(reference, handler_of(BUREAU), Answer("All lamps were mended."))  # no machine wrote this one
    back = county.new_mail()
    assert len(back) >= 3
    for mail in back:
        county.receive(mail.as_bytes(), sender="forwarder@citizen.example", to=mails.COUNTY)
    assert county.references() == [reference]
    assert county.case(reference).attention is None
    assert county.new_mail() == []


def test_copies_that_wait_together_are_one_case(county: Rehearsal) -> None:
    letter = mails.letter(LAMPS)
    for address in (mails.COUNTY, "COMPLAINTS+x@gaoyao.example", "postmaster@gaoyao.example"):
        mails.hand_in(county.listener.port, letter, to=address)
    county.settle()
    (reference,) = county.references()
    assert len(county.dossier(reference).submissions) == 3
    assert len(mails.to(county.new_mail(), mails.ANN)) == 1
    county.assert_sound()


def test_other_words_under_the_same_id_are_another_case(county: Rehearsal) -> None:
    for body in (LAMPS, LAMPS.replace("two weeks", "ten weeks")):
        mails.hand_in(county.listener.port, mails.letter(body, message_id="<same@citizen.example>"))
    county.settle()
    assert len(county.references()) == 2


def report_without_id(recipient: str, to: str) -> bytes:
    """How QQ Mail says that a mailbox is not there: in prose, and without our Message-ID."""
    head = f"From: Postmaster@mail.example\r\nTo: {to}\r\nSubject: =?utf-8?b?57O757uf6YCA5L+h?=\r\n"
    body = f"您发送的邮件被退回。收件人 {recipient} 不存在：550 Mailbox not found"
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()


def test_a_report_that_names_no_message_still_calls_somebody(county: Rehearsal) -> None:
    county.receive(mails.letter(LAMPS))
    (reference,) = county.references()
    acknowledgement = mails.to(county.new_mail(), mails.ANN)[0]
    address = mails.address_of(acknowledgement, "Reply-To")
    county.receive(report_without_id(mails.ANN, address), sender="", to=address)
    assert county.references() == [reference]
    assert county.case(reference).attention == "undelivered"


def test_the_same_failure_is_noted_once(county: Rehearsal) -> None:
    county.receive(mails.letter(LAMPS))
    (reference,) = county.references()
    acknowledgement = mails.to(county.new_mail(), mails.ANN)[0]
    for _ in range(3):  # each report has another id of its own
        county.receive(
            mails.failure_report(acknowledgement),
            sender="",
            to=mails.address_of(acknowledgement, "Reply-To"),
        )
    assert county.kinds(reference).count("bounced") == 1


def test_a_flood_of_answers_to_each_other_holds_nobody_up(county: Rehearsal) -> None:
    """Each waits for the next one, which waits too: put off, they must not be tried one by one."""
    for n in range(300):
        ids = {"message_id": f"<f{n}@x.example>", "answers": f"<f{(n + 1) % 300}@x.example>"}
        raw = mails.letter(f"flood {n}", sender="f@x.example", **ids).as_bytes()
        county.system.inbox.accept(
            Submission("email", f"f{n}@x.example", f"flood-{n}", county.clock(), raw, {})
        )
    for _ in range(4):
        county.settle()
        county.clock.set(county.clock() + timedelta(seconds=1))
    mails.hand_in(county.listener.port, mails.letter(LAMPS))
    for _ in range(8):
        county.registrar.work()
    assert any(row.address == mails.ANN for row in county.outbox())
