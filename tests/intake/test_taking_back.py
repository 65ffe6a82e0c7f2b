"""Somebody takes a complaint back: they hear when it is done, and nothing lighter hides that they asked."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from intake import schema
from intake.attention import Attention, gravity
from intake.verbs import CloseUnanswered, Withdraw
from tests.support.worked import LEADER, County


def test_who_took_it_back_hears_that_it_is_done(county: County) -> None:
    reference = county.case(subject="公交", body="公交车不停站", contacts=[["email", "ann@citizen.example"]])
    token = county.ask(select(schema.participation.c.token))[0][0]
    county.office.by_token(token, Withdraw("解决了"))
    county.say(reference, LEADER, CloseUnanswered("withdrawn", "投诉人撤回"))
    told = "SELECT template FROM outbox WHERE role = 'complainant' ORDER BY id"
    assert [template for (template,) in county.rows(told)] == ["acknowledgement", "taken_back"]


def test_whoever_could_not_be_reached_is_not_asked_either(county: County) -> None:
    reference = county.case(subject="公交", body="公交车不停站", contacts=[["email", "ann@citizen.example"]])
    county.say(reference, LEADER, CloseUnanswered("explained", "无法联系"))
    told = "SELECT template FROM outbox WHERE role = 'complainant' ORDER BY id"
    assert [template for (template,) in county.rows(told)] == ["acknowledgement"]


@pytest.mark.parametrize("asked", ["withdrawn", "dissatisfied", "call_back", "returned"])
@pytest.mark.parametrize("light", ["message", "unfetched", "undelivered"])
def test_what_people_ask_for_is_not_hidden(light: str, asked: str) -> None:
    assert gravity(light) < gravity(asked)
    assert gravity(None) < gravity(light)
    assert {light, asked} <= set(Attention)
