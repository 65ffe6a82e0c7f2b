"""What comes back by itself: an answer that did not arrive, and machines that answer machines."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from intake.archive import CaseFilter
from intake.refusals import Refused
from intake.verbs import Accept, Answer, Close, CloseUnanswered
from tests.support import mails
from tests.support.rehearsal import CLERK, LEADER, Rehearsal, handler_of

BUREAU = "urban_management"
LAMPS = "All street lamps in Sample Road have been broken for two weeks."


def answered(county: Rehearsal) -> tuple[str, EmailMessage]:
    """A case whose answer was handed to the mail system; its reference, and that mail."""
    county.receive(mails.letter(LAMPS, subject="Broken street lamps"))
    (reference,) = county.references()
    county.say(reference, handler_of(BUREAU), Accept())
    county.new_mail()
    county.say(reference, handler_of(BUREAU), Answer("All lamps were mended."))
    (answer,) = mails.to(county.new_mail(), mails.ANN)
    return reference, answer


def test_an_answer_that_comes_back_is_somebodys_work_again(county: Rehearsal) -> None:
    reference, answer = answered(county)
    county.receive(mails.failure_report(answer), sender="", to=mails.address_of(answer, "Reply-To"))
    assert county.references() == [reference], "a report of failure is no complaint"
    case = county.case(reference)
    assert (case.state, case.attention, case.action) == ("answered", "undelivered", "look")
    assert county.references(CLERK, CaseFilter(attention=True)) == [reference]
    assert county.new_mail() == [], "nobody answers a machine"
    with pytest.raises(Refused) as refusal:
        county.say(reference, CLERK, Close("resolved"))
    assert refusal.value.code == "undelivered"
    assert county.go_to("2026-03-04 10:00") == [
        ("2026-03-03 17:30", "look", "urge", "office"),  # Tuesday: a working day to look at it is over
        ("2026-03-04 09:00", "check", "remind", "office"),
        ("2026-03-04 09:00", "look", "escalate", "office office_leader"),
    ]
    assert county.say(reference, LEADER, CloseUnanswered("resolved", "Her mailbox is gone.")) == "closed"
    county.assert_sound()


def test_an_answer_that_comes_back_after_closing_is_somebodys_work_too(county: Rehearsal) -> None:
    reference, answer = answered(county)
    assert county.say(reference, CLERK, Close("resolved")) == "closed"
    county.receive(mails.failure_report(answer), sender="", to=mails.address_of(answer, "Reply-To"))
    assert (county.case(reference).attention, county.case(reference).responsible) == ("undelivered", "office")
    assert county.references(CLERK, CaseFilter(attention=True)) == [reference]
    county.assert_sound()


def test_a_report_without_our_message_changes_nothing(county: Rehearsal) -> None:
    reference, answer = answered(county)
    forged = mails.read(answer.as_bytes())
    forged.replace_header("Message-ID", "<" + "0" * 32 + "@gaoyao.example>")
    county.receive(mails.failure_report(forged), sender="", to=mails.address_of(answer, "Reply-To"))
    assert county.say(reference, CLERK, Close("resolved")) == "closed"


@pytest.mark.parametrize(
    ("subject", "to", "quotes"),
    [
        ("Re: {}", "Reply-To", False),
        ("Re: {}", "From", True),
        ("I am on holiday", "Reply-To", False),
        ("I am on holiday", "From", True),
    ],
)
def test_a_bad_autoresponder_is_soon_met_with_silence(
    county: Rehearsal, subject: str, to: str, quotes: bool
) -> None:
    """It answers every mail of ours, whoever it was for, without any header that would betray it."""
    county.receive(mails.letter(LAMPS, subject="Broken street lamps"))
    ours = 0
    while fresh := county.new_mail():
        ours += len(fresh)
        assert ours < 100, "this goes on for ever"
        for mail in fresh:
            county.receive(
                mails.letter(
                    f"I am away. {mails.text_of(mail) if quotes else ''}",
                    subject=subject.format(mail["Subject"]),
                    sender=mails.address_of(mail, "To"),
                    to=mails.address_of(mail, to) or mails.COUNTY,
                )
            )
    county.assert_sound()


def test_a_bureau_that_answers_by_mail_is_heard(county: Rehearsal) -> None:
    """Its clerk's program forgot the thread, but kept the subject: it belongs to the case all the same."""
    county.receive(mails.letter(LAMPS, subject="Broken street lamps"))
    (reference,) = county.references()
    (assignment,) = mails.to(county.new_mail(), "urban-management@gaoyao.example")
    subject = f"答复：{assignment['Subject']}"
    county.receive(mails.letter("We are on it.", subject=subject, sender=mails.address_of(assignment, "To")))
    assert county.references() == [reference]
    assert county.case(reference).attention == "message"
    assert [row.author for row in county.dossier(reference).submissions] == ["complainant", "bureau"]
    assert county.new_mail() == []


def test_a_bureau_that_was_not_told_cannot_join_a_case_by_its_number(county: Rehearsal) -> None:
    county.receive(mails.letter(LAMPS, subject="Broken street lamps"))
    (reference,) = county.references()
    county.receive(mails.letter("Close it.", subject=f"Re: [{reference}]", sender="transport@gaoyao.example"))
    assert len(county.references()) == 2
    assert len(county.dossier(reference).submissions) == 1
