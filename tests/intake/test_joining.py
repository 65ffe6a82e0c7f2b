"""One matter, one case: what proves that a message belongs to a case, and what only pretends to."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from intake import schema
from intake.verbs import Accept, Answer, Ask, Close
from tests.support.worked import CLERK, County, handler

STRANGER = {"contacts": [["email", "mallory@elsewhere.example", True]], "sender_name": "外人"}


def cases(county: County) -> int:
    return int(county.rows("SELECT count(*) FROM complaint")[0][0])


def secrets(county: County) -> tuple[str, str]:
    """The token of the first case's reply address, and the key of our message to its complainant."""
    [(token,)] = county.ask(select(schema.participation.c.token))
    [(key,)] = county.rows("SELECT id FROM outbox WHERE template = 'acknowledgement'")
    return str(token), str(key)


def why(county: County, reference: str) -> str:
    """What the history says joined the second submission to the case."""
    dossier = county.archive.dossier(CLERK, reference)
    assert dossier is not None
    [added] = [event.data["because"] for event in dossier.events if event.kind == "added"]
    return str(added)


def test_what_proves_that_a_message_belongs_to_a_case(county: County) -> None:
    for number, because in enumerate(
        (
            "reply address",
            "answers our message",
            "follows own message",
            "reference and sender",
            "another copy",
        )
    ):
        sender: dict[str, Any] = {"contacts": [["email", f"p{number}@citizen.example", True]]}
        reference = county.case(external_id=f"first{number}@citizen.example", **sender)
        p, o = schema.participation.c, schema.outbox.c
        told = select(p.token, o.id).join_from(schema.outbox, schema.participation)
        told = told.where(o.template == "acknowledgement").order_by(o.id.desc()).limit(1)
        [(token, key)] = county.ask(told)
        proof: dict[str, Any] = {
            "reply address": {"token": token, **STRANGER},
            "answers our message": {"thread": [f"{key}@gaoyao.example"], **STRANGER},
            "follows own message": {"thread": [f"first{number}@citizen.example"], **sender},
            "reference and sender": {"subject": f"Re: {reference}", **sender},
            "another copy": {"external_id": f"first{number}@citizen.example", **sender},
        }[because]
        county.send(**proof)
        county.register()
        assert why(county, reference) == because
        assert cases(county) == number + 1


def test_what_proves_nothing_opens_a_case_of_its_own(county: County) -> None:
    reference = county.case(external_id="first@citizen.example")
    pretences: list[dict[str, Any]] = [
        {"subject": f"Re: {reference}", **STRANGER},  # a reference anybody may have heard
        {"thread": ["first@citizen.example"], **STRANGER},  # a Message-ID that stood in a forwarded mail
        {"external_id": "first@citizen.example", **STRANGER},  # the same id, another sender
        {"external_id": "first@citizen.example", "body": "医院"},  # the same id, another text
        {"token": "a" * 24, **STRANGER},
        {"thread": ["0" * 32 + "@gaoyao.example"], **STRANGER},
        {"contacts": [["email", "li@citizen.example", True]]},  # the same person, a new matter
        {"subject": "Re: 26-000001-0"},  # a wrong check digit
    ]
    for number, pretence in enumerate(pretences, 2):
        county.send(**pretence)
        county.register()
        assert cases(county) == number, pretence
    assert county.events(reference) == ["received", "routed", "assigned"]


def test_an_answer_that_overtook_its_question_waits_for_it(county: County) -> None:
    first = county.send(external_id="first@citizen.example")
    second = county.send(external_id="second@citizen.example", thread=["first@citizen.example"])
    county.register()
    assert county.reference_of(first) == county.reference_of(second)


@pytest.mark.parametrize("kind", ["reply", "bulk", "bounce"])
def test_what_a_machine_wrote_reopens_and_resumes_nothing(county: County, kind: str) -> None:
    reference = county.case()
    county.say(reference, handler("traffic"), Ask("哪一路？"))
    token, _ = secrets(county)
    county.send(token=token, automatic=kind, body="我在休假")
    county.register()
    assert county.row(reference).state == "awaiting_complainant"
    templates = [t for (t,) in county.rows("SELECT template FROM outbox WHERE role = 'complainant'")]
    assert "added" not in templates


def test_the_complainants_answer_ends_the_pause_and_only_the_pause_moves_the_date(county: County) -> None:
    reference = county.case()
    before = county.row(reference)
    county.say(reference, handler("traffic"), Ask("哪一路？"))
    county.clock.advance(days=2)
    token, _ = secrets(county)
    county.send(token=token, body="203路")
    county.register()
    after = county.row(reference)
    assert (after.state, after.received_at) == ("in_progress", before.received_at)
    assert (after.answer_due_at - before.answer_due_at).days == 2


def bounce(county: County, key: str, status: str = "5.1.1", permanent: bool = True) -> None:
    county.send(
        automatic="bounce",
        contacts=[],
        sender_name="",
        bounces=[[f"{key}@gaoyao.example", "li@citizen.example", status, permanent, "no such user"]],
    )
    county.register()


def test_a_bounced_answer_keeps_the_case_open(county: County) -> None:
    reference = county.case()
    county.say(reference, handler("traffic"), Accept())
    county.say(reference, handler("traffic"), Answer("已整改"))
    county.deliver()
    [(key,)] = county.rows("SELECT id FROM outbox WHERE template = 'answer'")
    bounce(county, key, "4.2.2", False)  # only late: no reason for anything yet
    assert county.row(reference).attention is None
    bounce(county, key)
    assert county.row(reference).attention == "undelivered"
    with pytest.raises(Exception, match="has not reached the complainant"):
        county.say(reference, CLERK, Close("resolved"))
    assert county.row(reference).state == "answered"


def test_thanks_for_additions_run_dry(county: County) -> None:
    county.case()
    token, _ = secrets(county)
    for n in range(6):
        county.send(token=token, body=f"补充{n}")
        county.register()
    states = [s for (s,) in county.rows("SELECT state FROM outbox WHERE template = 'added' ORDER BY id")]
    assert len(states) == 6
    assert states[-3:] == ["suppressed"] * 3
