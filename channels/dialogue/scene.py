"""Everything around one message, looked at from the script's side. You are here: Heard → [scene] → script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from channels.dialogue.questions import columns
from channels.dialogue.understand import Said, understand
from channels.dialogue.words import Intent
from intake.conversation import Act, Conversation, Heard, Line, OwnCase, Turn

BURST = timedelta(minutes=1)  # one message sent in pieces
RECENT = timedelta(hours=12)
FORGOTTEN = timedelta(days=7)
AFTER_CLOSING = timedelta(days=30)
HOLD_FOR = timedelta(minutes=15)
LONG = 12  # characters: a shorter text is never asked about
_KEPT_NAMES = ("missing", "rated", "withdraw", "reason", "thanked", "language")
"""All that the script keeps in ``Conversation.memory``."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One message and what it meets."""

    heard: Heard
    said: Said
    was: Conversation

    @property
    def memory(self) -> Mapping[str, Any]:
        """What the script noted."""
        return self.was.memory

    @property
    def text(self) -> str:
        """What was written, without white space around it."""
        return self.heard.text.strip()

    @property
    def tells(self) -> bool:
        """Whether the message tells of a matter: in words of its own, or by files."""
        return self.said.intent is None or (self.heard.files > 0 and self.said.intent is Intent.NOTHING)

    @property
    def long(self) -> bool:
        """Whether it is long enough to be a matter of its own."""
        return len(self.text) >= LONG or columns(self.text) >= 2 * LONG

    # ------------------------------------------------------------ own cases

    def own(self, key: str | None) -> OwnCase | None:
        """The own case with this id."""
        return next((case for case in self.heard.cases if case.id == key), None) if key else None

    def named(self) -> OwnCase | None:
        """The first own case whose reference stands in the message."""
        names = {*self.said.references, *self.heard.named}
        return next((case for case in self.heard.cases if case.reference in names), None)

    @property
    def names_other(self) -> bool:
        """Whether a reference stands there, and none of the person's own."""
        return bool(self.said.references or self.heard.named or self.said.misread) and self.named() is None

    def talked_about(self) -> OwnCase | None:
        """The case a message without a name most likely speaks of: open first, the latest first."""
        current = self.own(self.was.complaint_id)
        if current is not None and not closed(current):
            return current
        open_ones = [case for case in self.heard.cases if not closed(case)]
        if open_ones:
            return newest(open_ones)
        fresh = [case for case in self.heard.cases if self._lately_closed(case)]
        return current if current in fresh else (newest(fresh) if fresh else None)

    def rateable(self) -> OwnCase | None:
        """The case that a rating belongs to: pointed at, or the latest closed one without a rating."""
        pointed = self.own(self.heard.belongs)
        if pointed is not None:
            return pointed if closed(pointed) else None
        named = self.named()
        if named is not None and closed(named):
            return named
        waiting = [case for case in self.heard.cases if closed(case) and case.feedback in (None, "silent")]
        return max(waiting, key=_closed_at, default=None)

    def questioned(self) -> OwnCase | None:
        """The case in which a bureau waits for this person's answer; the latest question first."""
        waiting = [case for case in self.heard.cases if _waits(case)]
        return max(waiting, key=_asked_at, default=None)

    def _lately_closed(self, case: OwnCase) -> bool:
        return closed(case) and self.heard.now - _closed_at(case) <= AFTER_CLOSING

    # ------------------------------------------------------------ time

    def gap(self, case: OwnCase) -> timedelta:
        """How long ago we last exchanged words about ``case``, as far as is known."""
        last = [case.received_at, case.asked_at, case.closed_at]
        if self.was.complaint_id in (case.id, None):
            last += [self.was.heard_at, self.was.asked_at]
        return self.heard.now - max(moment for moment in last if moment is not None)

    def asked_ago(self) -> timedelta:
        """How long our own question has been waiting."""
        return self.heard.now - (self.was.asked_at or datetime.min.replace(tzinfo=self.heard.now.tzinfo))

    # ------------------------------------------------------------ making turns

    def next(self, **changes: Any) -> Conversation:
        """The conversation after this message; ``memory`` here replaces single notes (None removes)."""
        notes = changes.pop("memory", {})
        kept = {name: value for name, value in self.memory.items() if name in _KEPT_NAMES} | notes
        kept = {name: value for name, value in kept.items() if value not in (None, [], "")}
        if changes.get("asking"):
            changes.setdefault("asked_at", self.heard.now)
        elif "asking" in changes:
            changes["asked_at"] = None
        now = {"heard_at": self.heard.now, "stopped_at": None} | changes
        return replace(self.was, memory=kept, **now)

    def talk(self, *say: Line, **changes: Any) -> Turn:
        """Something about the service itself."""
        return Turn(Act.TALK, self.next(**changes), say=say)


def scene_of(heard: Heard) -> Scene:
    """The scene of a message; a pressed button counts as its key typed."""
    said = understand(heard.choice) if heard.choice else Said()
    if said.intent is None:  # no button, or none of ours: then the words beside it count
        said = understand(heard.text)
    return Scene(heard, said, _in_language(heard, said))


def _in_language(heard: Heard, said: Said) -> Conversation:
    """In the language of somebody new, of who writes at length in another one, or any Chinese."""
    was = heard.conversation
    chosen = was.memory.get("language")
    wrote = any(c.isalpha() for c in heard.text[:200])
    tells = said.intent is None and len(heard.text) >= LONG
    if chosen or was.language == "yue" or not heard.language or not wrote:
        return was
    chinese = was.language == "en" and any("\u3400" <= c <= "\u9fff" for c in heard.text[:200])
    if was.heard_at is None or tells or chinese:
        return replace(was, language=heard.language)
    return was


def closed(case: OwnCase) -> bool:
    """Whether the case is closed."""
    return case.state == "closed"


def newest(cases: list[OwnCase]) -> OwnCase:
    """The one received last."""
    return max(cases, key=lambda case: case.received_at)


def _waits(case: OwnCase) -> bool:
    return case.state == "awaiting_complainant" and case.asked_at is not None


def _closed_at(case: OwnCase) -> datetime:
    return case.closed_at or case.received_at


def _asked_at(case: OwnCase) -> datetime:
    return case.asked_at or case.received_at
