"""Whose case it is: assigned, accepted, returned (交办, 受理, 退回)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from intake.case import OpenCase
from intake.desk import Desk
from intake.lifecycle import Role
from intake.people import Actor
from intake.refusals import Refused
from intake.telling import tell_bureaus, tell_complainants
from intake.verbs.performing import written


@dataclass(frozen=True, slots=True)
class Assign:
    """交办: ``bureau`` must answer from now on. The answer's deadline does not move (promise 6)."""

    name: ClassVar[str] = "assign"
    bureau: str
    supporting: tuple[str, ...] = ()
    reason: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        row, directory = case.row, desk.policies.directory
        for code in (self.bureau, *self.supporting):
            if not directory.knows(code):
                raise Refused("unknown_bureau", bureau=code)
            if code in case.barred:
                name = directory.name(code)
                raise Refused("barred", name_zh=name.zh, name_en=name.en)
        row.bureau = self.bureau
        case.support_by([code for code in dict.fromkeys(self.supporting) if code != self.bureau])
        if actor.role is not Role.SYSTEM:
            row.routed_by, row.routed_rule = "person", None
            row.routed_reason = {"zh": self.reason or "人工交办", "en": self.reason or "Assigned by hand"}
        if row.attention == "returned":
            row.attention = row.attention_since = None
        seq = case.record(actor, "assigned", bureau=row.bureau, supporting=row.supporting, reason=self.reason)
        tell_bureaus(case, directory, "handler", "assignment", seq, due_at=row.answer_due_at)


@dataclass(frozen=True, slots=True)
class Accept:
    """受理: the bureau takes the case up."""

    name: ClassVar[str] = "accept"

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        seq = case.record(actor, "accepted", bureau=case.row.bureau)
        tell_complainants(case, "accepted", seq, bureau=case.row.bureau)


@dataclass(frozen=True, slots=True)
class Return:
    """退回: the bureau says it is not competent. It stays answerable until the office rules."""

    name: ClassVar[str] = "return"
    reason: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        if case.row.attention == "returned":
            raise Refused("return_pending")
        reason = written(self.reason, "reason_needed")
        seq = case.record(actor, "returned", bureau=case.row.bureau, reason=reason)
        case.call_attention("returned")
        tell_bureaus(case, desk.policies.directory, "office", "returned", seq, reason=reason)


@dataclass(frozen=True, slots=True)
class GrantReturn:
    """The office agrees: the case goes back to triage, its clock still running."""

    name: ClassVar[str] = "grant_return"
    reason: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        _close_return(case)
        case.record(actor, "return_granted", bureau=case.row.bureau, reason=self.reason)
        case.row.bureau = None
        case.support_by([])


@dataclass(frozen=True, slots=True)
class RefuseReturn:
    """The office disagrees: the bureau must answer."""

    name: ClassVar[str] = "refuse_return"
    reason: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        reason = written(self.reason, "reason_needed")
        _close_return(case)
        seq = case.record(actor, "return_refused", bureau=case.row.bureau, reason=reason)
        tell_bureaus(case, desk.policies.directory, "handler", "return_refused", seq, reason=reason)


def _close_return(case: OpenCase) -> None:
    if case.row.attention != "returned":
        raise Refused("not_returned")
    case.row.attention = case.row.attention_since = None
