"""The life of a case as one table: which verb leads from where to where, and who may say it.

::

    triage → assigned → in_progress → answered → closed
                 ↑  ↘        ↕            │         │
                 │   awaiting_complainant │         │
                 └────────── reopen ──────┴─────────┘

``awaiting_complainant`` is the only pause of the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake.contracts import Text


class State(StrEnum):
    """Where a case stands."""

    TRIAGE = "triage"  # 待分拨
    ASSIGNED = "assigned"  # 已交办
    IN_PROGRESS = "in_progress"  # 办理中
    AWAITING = "awaiting_complainant"  # 待补充
    ANSWERED = "answered"  # 已答复
    CLOSED = "closed"  # 已办结


class Outcome(StrEnum):
    """How a case ended."""

    RESOLVED = "resolved"  # 已解决
    EXPLAINED = "explained"  # 已解释
    UNFOUNDED = "unfounded"  # 不属实
    NOT_ACCEPTED = "not_accepted"  # 不予受理
    WITHDRAWN = "withdrawn"  # 撤回
    MERGED = "merged"  # 并案


class Feedback(StrEnum):
    """What the complainant said of the answer; silence is counted as silence."""

    SATISFIED = "satisfied"  # 满意
    BASICALLY_SATISFIED = "basically_satisfied"  # 基本满意
    DISSATISFIED = "dissatisfied"  # 不满意
    SILENT = "silent"  # 未评价


class Role(StrEnum):
    """What somebody is to the office."""

    ADMIN = "admin"
    LEADER = "leader"  # the office's leader
    CLERK = "clerk"  # triage
    DESK = "desk"  # front desk: enters visits and letters
    HANDLER = "handler"  # a bureau's
    BUREAU_LEADER = "bureau_leader"
    READER = "reader"  # a machine that only reads
    COMPLAINANT = "complainant"
    SYSTEM = "system"  # the worker, the ticker, the postman


OFFICE = frozenset({Role.ADMIN, Role.LEADER, Role.CLERK})
APPROVERS = frozenset({Role.ADMIN, Role.LEADER})
BUREAU = frozenset({Role.HANDLER, Role.BUREAU_LEADER})
OPEN = frozenset(State) - {State.CLOSED}
WITH_BUREAU = frozenset({State.ASSIGNED, State.IN_PROGRESS})
FOR_THE_LEAD = frozenset({"accept", "return", "ask", "answer"})
"""Verbs that speak for the responsible bureau: a supporting bureau may not say them."""
WHILE_MERGED = frozenset({"separate", "note", "deliver", "redirect", "miss", "transcribe", "identify"})
"""What may be said to a merged case itself; all else is said to its lead."""


STATE_NAMES = {
    State.TRIAGE: Text("待分拨", "to route"),
    State.ASSIGNED: Text("已交办", "assigned"),
    State.IN_PROGRESS: Text("办理中", "in progress"),
    State.AWAITING: Text("待补充", "waiting for the complainant"),
    State.ANSWERED: Text("已答复", "answered"),
    State.CLOSED: Text("已办结", "closed"),
}

STAGES = {
    State.TRIAGE: "route",
    State.ASSIGNED: "accept",
    State.IN_PROGRESS: "answer",
    State.AWAITING: "complete",
    State.ANSWERED: "check",
    State.CLOSED: "feedback",
}
"""What a case in each state waits for."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: a verb may be said in ``sources`` by ``who``; None as ``target`` stays where it is."""

    sources: frozenset[State]
    target: State | None
    who: frozenset[Role]


_SYSTEM = frozenset({Role.SYSTEM})
_CITIZEN = frozenset({Role.COMPLAINANT})

LIFECYCLE: Mapping[str, Transition] = {
    "assign": Transition(frozenset({State.TRIAGE}) | WITH_BUREAU, State.ASSIGNED, OFFICE | _SYSTEM),
    "accept": Transition(frozenset({State.ASSIGNED}), State.IN_PROGRESS, OFFICE | BUREAU),
    "return": Transition(WITH_BUREAU, None, BUREAU | OFFICE),
    "grant_return": Transition(WITH_BUREAU, State.TRIAGE, OFFICE),
    "refuse_return": Transition(WITH_BUREAU, None, OFFICE),
    "ask": Transition(WITH_BUREAU, State.AWAITING, OFFICE | BUREAU),
    "resume": Transition(frozenset({State.AWAITING}), State.IN_PROGRESS, OFFICE | _CITIZEN | _SYSTEM),
    "answer": Transition(
        frozenset({State.TRIAGE, State.AWAITING}) | WITH_BUREAU, State.ANSWERED, OFFICE | BUREAU
    ),
    "close": Transition(frozenset({State.ANSWERED}), State.CLOSED, OFFICE),
    "close_unanswered": Transition(OPEN, State.CLOSED, APPROVERS),
    "merge": Transition(OPEN, State.CLOSED, OFFICE),
    "separate": Transition(frozenset({State.CLOSED}), None, OFFICE),
    "reopen": Transition(frozenset({State.ANSWERED, State.CLOSED}), State.ASSIGNED, OFFICE),
    "classify": Transition(OPEN, None, OFFICE),
    "bar": Transition(frozenset(State), None, OFFICE | _SYSTEM),
    "attend": Transition(frozenset(State), None, OFFICE),
    "note": Transition(frozenset(State), None, OFFICE | BUREAU | {Role.DESK}),
    "add": Transition(frozenset(State), None, _CITIZEN | _SYSTEM | {Role.DESK}),
    "withdraw": Transition(OPEN, None, _CITIZEN | {Role.DESK}),
    "rate": Transition(frozenset({State.CLOSED}), None, _CITIZEN | {Role.DESK, Role.CLERK}),
    "chase": Transition(frozenset(State), None, _SYSTEM),
    "deliver": Transition(frozenset(State), None, _SYSTEM | OFFICE | {Role.DESK}),
    "readdress": Transition(frozenset(State), None, OFFICE | {Role.DESK}),
    "redirect": Transition(frozenset(State), None, _SYSTEM),
    "reroute": Transition(OPEN, None, _SYSTEM),
    "identify": Transition(frozenset(State), None, _CITIZEN | OFFICE | {Role.DESK}),
    "miss": Transition(frozenset(State), None, _SYSTEM),
    "withhold": Transition(frozenset(State), None, _SYSTEM),
    "transcribe": Transition(frozenset(State), None, _SYSTEM | OFFICE | {Role.DESK}),
}
