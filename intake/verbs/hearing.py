"""What the complainant says after the first word: more, enough, or how it was (补充, 撤回, 评价)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from intake.case import OpenCase
from intake.desk import Desk
from intake.lifecycle import Feedback, State
from intake.people import Actor
from intake.refusals import Refused
from intake.telling import tell_bureaus
from intake.verbs.pausing import end_pause
from intake.verbs.performing import MAX_TEXT


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
        case.record(
            actor,
            "added",
            submission=self.submission_id,
            channel=self.channel,
            author=self.author,
            because=self.because,
        )
        if not self.human:
            return None
        if row.state is State.AWAITING and self.author == "complainant":
            end_pause(case, actor, desk, "supplemented")
            return State.IN_PROGRESS
        if row.state in (State.ANSWERED, State.CLOSED) or self.author == "bureau":
            case.call_attention("message")
        return None


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
    """评价: what the complainant says of the answer. Dissatisfied goes on the office's list."""

    name: ClassVar[str] = "rate"
    value: str
    text: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        row = case.row
        if self.value not in set(Feedback) - {Feedback.SILENT}:
            raise Refused("bad_feedback", value=self.value)
        if (row.feedback, row.feedback_text or "") == (self.value, self.text.strip()):
            return  # the same button pressed twice
        told = row.feedback == Feedback.DISSATISFIED
        row.feedback, row.feedback_text = self.value, self.text.strip()[:MAX_TEXT] or None
        seq = case.record(actor, "rated", value=row.feedback, text=row.feedback_text)
        if row.feedback == Feedback.DISSATISFIED:
            case.call_attention("dissatisfied")
        if row.feedback == Feedback.DISSATISFIED and not told:  # another sentence is no further news
            tell_bureaus(case, desk.policies.directory, "office", "dissatisfied", seq)


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
