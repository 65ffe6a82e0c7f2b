"""Somebody answers "Were you satisfied?" by mail, as people do: in the first line."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from intake.verbs import Accept, Answer, Close
from tests.support import mails
from tests.support.rehearsal import CLERK, Rehearsal, handler_of

BUREAU = "urban_management"
LAMPS = "All street lamps in Sample Road have been broken for two weeks."


def closed(county: Rehearsal) -> tuple[str, list[EmailMessage]]:
    """A closed case; its reference, and all that Ann got, oldest first; the last asks for her verdict."""
    county.receive(mails.letter(LAMPS, subject="Broken street lamps"))
    (reference,) = county.references()
    county.say(reference, handler_of(BUREAU), Accept())
    county.say(reference, handler_of(BUREAU), Answer("All lamps were mended."))
    county.say(reference, CLERK, Close("resolved"))
    return reference, mails.to(county.new_mail(), mails.ANN)


@pytest.mark.parametrize(
    ("body", "value", "remark", "attention"),
    [
        ("Satisfied, thank you.", "satisfied", "thank you.", None),
        ("满意", "satisfied", None, None),
        ("基本滿意", "basically_satisfied", None, None),
        ("3\nNumber 7 is still dark.", "dissatisfied", "Number 7 is still dark.", "dissatisfied"),
        ("满意，但是7号灯又坏了", "satisfied", "但是7号灯又坏了", "message"),
    ],
)
def test_a_verdict_in_the_first_line_counts(
    county: Rehearsal, body: str, value: str, remark: str | None, attention: str | None
) -> None:
    reference, sent = closed(county)
    quoted = "".join(f"> {line}\n" for line in mails.text_of(sent[-1]).splitlines())
    county.receive(mails.reply(sent[-1], f"{body}\n\nOn Monday the office wrote:\n{quoted}"))
    case = county.case(reference)
    assert (case.feedback, case.feedback_text, case.attention) == (value, remark, attention)
    assert county.references() == [reference]
    assert mails.to(county.new_mail(), mails.ANN) == [] or attention == "message"
    county.assert_sound()


def test_what_is_no_verdict_is_read_by_a_person(county: Rehearsal) -> None:
    reference, sent = closed(county)
    county.receive(mails.reply(sent[-1], "Thank you, but is anybody going to look at number 7?"))
    assert (county.case(reference).feedback, county.case(reference).attention) == (None, "message")


def test_a_verdict_in_answer_to_an_earlier_mail_is_read_by_a_person(county: Rehearsal) -> None:
    """It may speak of the promise in it, not of how the case ended."""
    reference, sent = closed(county)
    county.receive(mails.reply(sent[0], "Satisfied."))
    assert (county.case(reference).feedback, county.case(reference).attention) == (None, "message")


def test_a_machine_rates_nothing(county: Rehearsal) -> None:
    reference, sent = closed(county)
    automatic = mails.reply(sent[-1], "3")
    automatic["Auto-Submitted"] = "auto-replied"
    county.receive(automatic)
    assert (county.case(reference).feedback, county.case(reference).attention) == (None, None)


def test_every_mail_of_a_case_hangs_together_in_the_citizens_program(county: Rehearsal) -> None:
    """References name all that came before, In-Reply-To the last, and the subject stays (RFC 5322 3.6.4)."""
    complaint = mails.letter(LAMPS, subject="Broken street lamps")
    county.receive(complaint)
    (reference,) = county.references()
    county.say(reference, handler_of(BUREAU), Accept())
    county.say(reference, handler_of(BUREAU), Answer("All lamps were mended."))
    county.say(reference, CLERK, Close("resolved"))
    sent = mails.to(county.new_mail(), mails.ANN)
    assert len(sent) == 4
    chain = [str(complaint["Message-ID"])]
    for mail in sent:
        assert str(mail["References"]).split() == chain
        assert mail["In-Reply-To"] == chain[-1]
        assert mail["Subject"] == f"Re: Broken street lamps [{reference}]"
        chain.append(str(mail["Message-ID"]))
    assert len(set(chain)) == 5
