"""A complaint about a bureau: the bureau never has it, never hears of it, and never finds it (promise 7)."""

from __future__ import annotations

import pytest

from intake.archive import CaseFilter
from intake.lifecycle import Role
from intake.people import Actor
from intake.refusals import Refused
from intake.verbs import Accept, Assign, Bar, Note
from tests.support import mails
from tests.support.rehearsal import CLERK, Rehearsal, handler_of

ACCUSED = "urban_management"
ITS_ADDRESSES = {"urban-management@gaoyao.example", "urban-management-leader@gaoyao.example"}
COMPLAINT = "我要投诉城管局不作为：西江路路灯坏了半年，打了十几次电话一直没有人管。"


def test_the_accused_never_handles_it(county: Rehearsal) -> None:
    county.receive(mails.letter(COMPLAINT, subject="投诉城管局不作为"))
    (reference,) = county.references()
    assert county.case(reference).bureau != ACCUSED
    assert ACCUSED in {row.bureau for row in county.dossier(reference).barred}
    it_cannot_be_given_to_them(county, reference)
    they_cannot_find_it(county, reference)
    county.go_to("2026-03-20 18:00")  # long past every date: the whole ladder runs
    assert len(county.outbox()) > 5, "somebody is chased"
    nobody_wrote_to_them(county)
    county.assert_sound()


def it_cannot_be_given_to_them(county: Rehearsal, reference: str) -> None:
    for verb in (Assign(ACCUSED), Assign("transport", supporting=(ACCUSED,))):
        with pytest.raises(Refused) as refusal:
            county.say(reference, CLERK, verb)
        assert refusal.value.code == "barred"
    assert county.say(reference, CLERK, Assign("transport")) == "assigned"


def they_cannot_find_it(county: Rehearsal, reference: str) -> None:
    for role in (Role.HANDLER, Role.BUREAU_LEADER, Role.READER):
        actor = Actor(role, "them", "Them", ACCUSED)
        for wanted in (CaseFilter(), CaseFilter(query="路灯"), CaseFilter(query=reference)):
            assert county.references(actor, wanted) == []
        assert county.archive.dossier(actor, reference) is None
        assert county.archive.raw(actor, county.case(reference).first_submission_id) is None
    for verb in (Accept(), Note("What do they say about us?")):
        with pytest.raises(Refused) as refusal:
            county.say(reference, handler_of(ACCUSED), verb)
        assert refusal.value.code == "not_found", "the same as for a case that does not exist"


def nobody_wrote_to_them(county: Rehearsal) -> None:
    assert {row.address for row in county.outbox()} & ITS_ADDRESSES == set()
    assert {mails.address_of(mail, "To") for mail in county.new_mail()} & ITS_ADDRESSES == set()


def test_a_bureau_barred_later_loses_it_at_once(county: Rehearsal) -> None:
    county.receive(mails.letter("西江路的路灯坏了两个星期，请派人修理。", subject="路灯"))
    (reference,) = county.references()
    assert county.case(reference).bureau == ACCUSED
    assert county.say(reference, CLERK, Bar(ACCUSED, "The complainant is about to sue them.")) == "triage"
    county.new_mail()
    before = len(county.outbox())
    county.go_to("2026-03-12 18:00")
    assert {row.address for row in county.outbox()[before:]} & ITS_ADDRESSES == set()
    assert county.archive.dossier(handler_of(ACCUSED), reference) is None
    county.assert_sound()


def test_its_subordinates_are_barred_with_it(county: Rehearsal) -> None:
    county.receive(mails.letter("我要投诉公安局民警态度恶劣，报警后不出警。", subject="投诉公安局"))
    (reference,) = county.references()
    barred = {row.bureau for row in county.dossier(reference).barred}
    assert {"public_security", "traffic_police"} <= barred
    with pytest.raises(Refused) as refusal:
        county.say(reference, CLERK, Assign("traffic_police"))
    assert refusal.value.code == "barred"
