"""What the complainant says after the first word: more, enough, or how it was (补充, 撤回, 评价)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from intake.case import OpenCase, Participation
from intake.desk import Desk
from intake.lifecycle import Feedback, State
from intake.people import Actor
from intake.refusals import Refused
from intake.telling import tell_bureaus
from intake.verbs.pausing import end_pause
from intake.verbs.performing import MAX_TEXT

_WORSE: tuple[str, ...] = (Feedback.SATISFIED, Feedback.BASICALLY_SATISFIED, Feedback.DISSATISFIED)
"""From the best to the worst."""


@dataclass(frozen=True, slots=True)
class Add:
    """补充: a further submission joined the case. ``human`` False: stored and shown, nothing more."""

    name: ClassVar[str] = "add"
    submission_id: str
    channel: str
    author: str
    human: bool = True
    because: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> State | None:
        row = case.row
        case.record(actor, "added", **self.facts())
        if not self.human:
            return None
        if row.state is State.AWAITING and self.author == "complainant":
            end_pause(case, actor, desk, "supplemented")
            return State.IN_PROGRESS
        if row.state in (State.ANSWERED, State.CLOSED) or self.author == "bureau":
            case.call_attention("message")
        return None

    def facts(self) -> dict[str, str]:
        """What the history tells of it."""
        return {
            "submission": self.submission_id,
            "channel": self.channel,
            "author": self.author,
            "because": self.because,
        }


@dataclass(frozen=True, slots=True)
class Withdraw:
    """撤回: the complainant no longer wants it; a clerk answers and closes."""

    name: ClassVar[str] = "withdraw"
    reason: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        case.record(actor, "withdrawn", reason=self.reason[:MAX_TEXT])
        case.call_attention("withdrawn")


@dataclass(frozen=True, slots=True)
class Rate:
    """评价: what a complainant says of the answer. Dissatisfied goes on the office's list.

    Each rating is kept with whoever gave it (``actor.id`` is the participation); for the case the worst
    counts.
    """

    name: ClassVar[str] = "rate"
    value: str
    text: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        row = case.row
        if self.value not in set(Feedback) - {Feedback.SILENT}:
            raise Refused("bad_feedback", value=self.value)
        part, said = _whose(case, actor), self.text.strip()[:MAX_TEXT] or None
        alone = part is None or len(case.participations) == 1
        before = row.feedback if alone or part is None else part.feedback
        if (before, row.feedback_text) == (self.value, said):
            return  # the same button pressed twice
        told = row.feedback == Feedback.DISSATISFIED
        if part is not None:
            part.feedback = self.value
        given = {one.feedback for one in case.participations} | {self.value}
        row.feedback = max((value for value in given if value in _WORSE), key=_WORSE.index)
        if row.feedback == self.value:
            row.feedback_text = said
        seq = case.record(actor, "rated", value=self.value, text=said)
        if self.value == Feedback.DISSATISFIED:
            case.call_attention("dissatisfied")
        if self.value == Feedback.DISSATISFIED and not told:  # another sentence is no further news
            tell_bureaus(case, desk.policies.directory, "office", "dissatisfied", seq)


def _whose(case: OpenCase, actor: Actor) -> Participation | None:
    """Whose rating it is: of many complainants the one who says it, a colleague's word for the only one."""
    if len(case.participations) == 1:
        return case.participations[0]
    return next((part for part in case.participations if part.id == actor.id), None)


@dataclass(frozen=True, slots=True)
class Identify:
    """The complainant says whether they may be named. History keeps the choice, never the name."""

    name: ClassVar[str] = "identify"
    participation_id: str
    confidential: bool | None = None
    anonymous: bool | None = None

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        part = next((p for p in case.participations if p.id == self.participation_id), None)
        if part is None:
            raise Refused("not_found")
        before = (part.confidential, part.anonymous)
        if self.confidential is not None:
            part.confidential = self.confidential
        if self.anonymous is not None:
            part.anonymous = self.anonymous
        if before != (part.confidential, part.anonymous):
            case.record(actor, "identity", confidential=part.confidential, anonymous=part.anonymous)
