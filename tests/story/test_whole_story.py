"""One complaint from its mail to its closing: what happens, to whom word goes, and on which day."""

from __future__ import annotations

import re

import pytest

from intake.archive import CaseFilter
from intake.refusals import Refused
from intake.verbs import Accept, Answer, Ask, Attend, Close, RefuseReturn, Reopen, Return
from tests.support import mails
from tests.support.rehearsal import CLERK, GAOYAO, Rehearsal, handler_of

LAMPS = "All street lamps in Sample Road have been broken for two weeks."
BUREAU = "urban_management"
HANDLER, CHIEF = "urban-management@gaoyao.example", "urban-management-leader@gaoyao.example"
DUTY, OFFICE_LEADER = "duty@office.gaoyao.example", "leader@office.gaoyao.example"


def test_from_a_mail_to_a_closed_case(county: Rehearsal) -> None:
    reference = it_arrives_and_is_routed(county)
    nobody_accepts_and_the_ladder_goes_on(county, reference)
    the_bureau_accepts_and_asks(county, reference)
    the_citizen_adds_and_the_clock_goes_on(county, reference)
    the_bureau_wants_to_return_it_and_may_not(county, reference)
    it_is_answered_and_closed(county, reference)
    the_citizen_is_dissatisfied(county, reference)
    it_is_answered_again_and_silence_is_silence(county, reference)
    assert county.references() == [reference], "one matter, one case"
    county.assert_sound()


def it_arrives_and_is_routed(county: Rehearsal) -> str:
    complaint = mails.letter(LAMPS, subject="Broken street lamps")
    county.receive(complaint)
    (reference,) = county.references()
    case = county.case(reference)
    assert (case.state, case.bureau, case.routed_by, case.routed_rule) == (
        "assigned",
        BUREAU,
        "rule",
        "street-lamp",
    )
    sent = county.new_mail()
    (acknowledgement,) = mails.to(sent, mails.ANN)
    assert acknowledgement["In-Reply-To"] == complaint["Message-ID"]
    assert acknowledgement["Subject"] == f"Re: Broken street lamps [{reference}]"
    assert reference in mails.text_of(acknowledgement)
    assert "You will hear from us by 23 March 2026, 17:30." in mails.text_of(acknowledgement)
    (assignment,) = mails.to(sent, HANDLER)
    assert "答复期限：2026年3月23日17:30" in mails.text_of(assignment)
    assert len(sent) == 2
    return reference


def nobody_accepts_and_the_ladder_goes_on(county: Rehearsal, reference: str) -> None:
    assert county.go_to("2026-03-11 10:00") == [
        ("2026-03-03 09:00", "accept", "remind", "handler"),  # Tuesday, the day before
        ("2026-03-04 17:30", "accept", "urge", "handler leader"),  # Wednesday, two working days are over
        ("2026-03-05 09:00", "accept", "escalate", "leader office"),
        ("2026-03-09 09:00", "accept", "supervise", "leader office_leader"),  # Monday, over a weekend
        ("2026-03-11 09:00", "accept", "supervise", "leader office_leader"),  # and on, every other day
    ]
    sent = county.new_mail()
    assert {to: len(mails.to(sent, to)) for to in (HANDLER, CHIEF, DUTY, OFFICE_LEADER, mails.ANN)} == {
        HANDLER: 2,
        CHIEF: 4,
        DUTY: 1,
        OFFICE_LEADER: 2,
        mails.ANN: 0,
    }
    assert county.case(reference).answer_due_at.astimezone(GAOYAO).isoformat() == "2026-03-23T17:30:00+08:00"


def the_bureau_accepts_and_asks(county: Rehearsal, reference: str) -> None:
    assert county.say(reference, handler_of(BUREAU), Accept()) == "in_progress"
    assert county.go_to("2026-03-16 10:00") == [("2026-03-16 09:00", "answer", "remind", "handler")]
    assert county.say(reference, handler_of(BUREAU), Ask("Which lamps?")) == "awaiting_complainant"
    assert county.case(reference).responsible == "complainant"
    # Everybody waits for Ann now: nobody else is chased.
    assert county.go_to("2026-03-18 11:00") == []


def the_citizen_adds_and_the_clock_goes_on(county: Rehearsal, reference: str) -> None:
    question = mails.to(county.new_mail(), mails.ANN)[-1]
    assert "Which lamps?" in mails.text_of(question)
    assert re.fullmatch(r"complaints\+[a-z0-9]+@gaoyao\.example", mails.address_of(question, "Reply-To"))
    answer = mails.letter(
        "Numbers 5 to 9.", subject="(no subject)", to=mails.address_of(question, "Reply-To")
    )
    county.receive(answer)  # only the token says where it belongs
    case = county.case(reference)
    assert (case.state, case.paused_from) == ("in_progress", None)
    # Paused were 5 office hours on Monday, 6 on Tuesday, 2 on Wednesday: 13 from 23 March 17:30 on.
    assert case.answer_due_at.astimezone(GAOYAO).isoformat() == "2026-03-26T10:00:00+08:00"
    assert [row.body.strip() for row in county.dossier(reference).submissions] == [LAMPS, "Numbers 5 to 9."]
    assert len(mails.to(county.new_mail(), mails.ANN)) == 1, "thanked once"


def the_bureau_wants_to_return_it_and_may_not(county: Rehearsal, reference: str) -> None:
    due = county.case(reference).answer_due_at
    county.say(reference, handler_of(BUREAU), Return("The lamps belong to the village."))
    assert reference in county.references(CLERK, CaseFilter(attention=True))
    assert county.case(reference).bureau == BUREAU, "until the office rules, it stays theirs"
    county.say(reference, CLERK, RefuseReturn("Sample Road is a public road."))
    case = county.case(reference)
    assert (case.state, case.attention, case.answer_due_at) == ("in_progress", None, due)
    sent = county.new_mail()
    assert len(mails.to(sent, DUTY)) == 1
    assert "Sample Road is a public road." in mails.text_of(mails.to(sent, HANDLER)[0])


def it_is_answered_and_closed(county: Rehearsal, reference: str) -> None:
    county.system.office.perform(reference, handler_of(BUREAU), Answer("All lamps were mended."))
    with pytest.raises(Refused) as refusal:
        county.system.office.perform(reference, CLERK, Close("resolved"))
    assert refusal.value.code == "sending"
    county.settle()
    (answer,) = mails.to(county.new_mail(), mails.ANN)
    assert "All lamps were mended." in mails.text_of(answer)
    assert "Auto-Submitted" not in answer, "a person wrote it"
    assert county.say(reference, CLERK, Close("resolved")) == "closed"
    (feedback,) = mails.to(county.new_mail(), mails.ANN)
    assert "/rate/" in mails.text_of(feedback)


def the_citizen_is_dissatisfied(county: Rehearsal, reference: str) -> None:
    part = county.dossier(reference).participations[0]
    rate(county, part.token, "dissatisfied", "Number 7 is still dark.")
    county.settle()
    case = county.case(reference)
    assert (case.feedback, case.feedback_text, case.attention) == (
        "dissatisfied",
        "Number 7 is still dark.",
        "dissatisfied",
    )
    assert county.references(CLERK, CaseFilter(attention=True)) == [reference]
    assert len(mails.to(county.new_mail(), DUTY)) == 1
    assert county.go_to("2026-03-20 10:00") == [
        ("2026-03-19 17:30", "look", "urge", "office"),
        ("2026-03-20 09:00", "look", "escalate", "office office_leader"),
    ]
    county.new_mail()


def it_is_answered_again_and_silence_is_silence(county: Rehearsal, reference: str) -> None:
    due = county.case(reference).answer_due_at
    assert county.say(reference, CLERK, Reopen("Number 7 is still dark.")) == "assigned"
    case = county.case(reference)
    assert (case.attention, case.feedback, case.answer_due_at) == (None, None, due)
    county.say(reference, handler_of(BUREAU), Accept())
    county.say(reference, handler_of(BUREAU), Answer("Number 7 shines again."))
    county.say(reference, CLERK, Close("resolved"))
    county.new_mail()
    assert county.go_to("2026-04-30 18:00") == [
        ("2026-03-27 09:00", "feedback", "remind", "complainant"),
        ("2026-04-03 17:30", "feedback", "lapse", ""),
    ]
    assert len(mails.to(county.new_mail(), mails.ANN)) == 1, "one reminder, and no more"
    case = county.case(reference)
    assert (case.state, case.feedback, case.next_at, case.due_at) == ("closed", "silent", None, None)


def rate(county: Rehearsal, token: str, value: str, text: str) -> None:
    """Follow the link in the mail, press the button; opening the page alone rates nothing."""
    browser = county.system.web().test_client()
    page = browser.get(f"/rate/{token}").get_data(as_text=True)
    forgery = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert forgery is not None, page
    said = {"csrf_token": forgery[1], "value": value, "text": text}
    assert browser.post(f"/rate/{token}", data=said).status_code == 303


def test_a_look_that_was_attended_to_is_over(county: Rehearsal) -> None:
    """A message after the answer calls the office once; having looked ends it."""
    county.receive(mails.letter(LAMPS, subject="Broken street lamps"))
    (reference,) = county.references()
    county.say(reference, handler_of(BUREAU), Answer("Mended."))
    county.receive(mails.reply(mails.to(county.new_mail(), mails.ANN)[-1], "Thank you!"))
    assert county.case(reference).attention == "message"
    county.say(reference, CLERK, Attend("Just thanks."))
    assert county.case(reference).attention is None
    county.assert_sound()
