"""Saying a verb: the lifecycle table and the firewall are asked first, then the verb acts."""

from __future__ import annotations

from typing import ClassVar, Protocol

from intake.case import OpenCase
from intake.desk import Desk
from intake.lifecycle import FOR_THE_LEAD, LIFECYCLE, STATE_NAMES, WHILE_MERGED, State
from intake.people import Actor, leads, may_see
from intake.refusals import Refused

MAX_TEXT = 20_000
"""Characters of an answer, a question or a reason."""


class Verb(Protocol):
    """Something that can be said to a case."""

    name: ClassVar[str]

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> State | None:
        """Change the case; return the state to enter where the table's target does not fit."""
        ...


def perform(desk: Desk, case: OpenCase, actor: Actor, verb: Verb) -> None:
    """Say ``verb`` to ``case``; raises :class:`Refused` with nothing changed but in memory."""
    row, rule = case.row, LIFECYCLE[verb.name]
    visible = may_see(actor, row.bureau, row.supporting, case.barred, desk.policies.directory)
    if not visible:
        raise Refused("not_found")
    speaks = verb.name not in FOR_THE_LEAD or leads(actor, row.bureau, desk.policies.directory)
    if actor.role not in rule.who or not speaks:
        raise Refused("forbidden")
    if row.merged_into is not None and verb.name not in WHILE_MERGED:
        raise Refused("merged_away")
    if row.state not in rule.sources:
        name = STATE_NAMES[row.state]
        raise Refused("wrong_state", state_zh=name.zh, state_en=name.en)
    target = verb.act(case, actor, desk) or rule.target
    if target is not None and (target is not row.state or verb.name == "assign"):
        case.enter(target)


def written(value: str, missing: str = "text_needed") -> str:
    """A text people wrote, trimmed; refused when empty or too long."""
    trimmed = value.strip()
    if not trimmed:
        raise Refused(missing)
    if len(trimmed) > MAX_TEXT:
        raise Refused("too_long", limit=MAX_TEXT)
    return trimmed
