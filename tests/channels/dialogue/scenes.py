"""People and their cases for the tables: each scene in a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from channels.dialogue import Script
from channels.dialogue.questions import ABOUT_A_MATTER
from channels.reading.language import detect
from intake.contracts import Matter
from intake.conversation import Conversation, Heard, OwnCase, Turn
from tests.support.policies import WordRouter

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
REFERENCE, SECOND, FOREIGN = "26-004217-4", "26-000012-1", "26-000099-6"

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def case(key: str, state: str, ago: timedelta, **known: object) -> OwnCase:
    """A case of the person who writes, about housing, received ``ago``."""
    reference = SECOND if key == "c2" else REFERENCE
    at = NOW - ago
    made = OwnCase(key, reference, state, at, at + 5 * _DAY, bureau="housing")
    return replace(made, **known)  # type: ignore[arg-type]


OPEN = case("c1", "in_progress", _HOUR)
CLOSED = case("c2", "closed", 9 * _DAY, closed_at=NOW - _DAY, outcome="resolved", answer="修好了")
SCENES: dict[str, tuple[OwnCase, ...]] = {
    "nobody": (),
    "open": (OPEN,),  # talked an hour ago
    "stale": (case("c1", "in_progress", 2 * _DAY),),  # talked two days ago
    "old": (case("c1", "in_progress", 8 * _DAY),),  # talked eight days ago
    "triage": (case("c1", "triage", _HOUR, bureau=None),),
    "bureau asks": (case("c1", "awaiting_complainant", 3 * _DAY, asked_at=NOW - _HOUR),),
    "answered": (case("c1", "answered", 3 * _DAY, answer="已修好"),),
    "closed": (replace(CLOSED, id="c1", reference=REFERENCE),),
    "closed long ago": (case("c1", "closed", 90 * _DAY, closed_at=NOW - 60 * _DAY, feedback="silent"),),
    "rated": (replace(CLOSED, id="c1", reference=REFERENCE, feedback="satisfied"),),
    "silent": (replace(CLOSED, id="c1", reference=REFERENCE, feedback="silent"),),
    "open and closed": (OPEN, CLOSED),
}


def remembered(asked: str, cases: tuple[OwnCase, ...], ago: timedelta) -> Conversation:
    """The conversation in which ``asked`` was put ``ago``; "" when nothing is being asked."""
    known = Conversation("sms", "+12025550123")
    if cases:
        last = min(ago, NOW - max(c.received_at for c in cases)) if asked else NOW - cases[0].received_at
        known = replace(known, complaint_id=cases[0].id, heard_at=NOW - last)
    memory: dict[str, object] = {}
    if asked in ABOUT_A_MATTER:
        memory["missing"] = list(ABOUT_A_MATTER[ABOUT_A_MATTER.index(asked) :])
    if asked == "why":
        memory["rated"] = cases[0].id
    if asked == "withdraw":
        memory["withdraw"] = cases[0].id
    if asked == "new_or_more":
        known = replace(known, held_id="h1", held_until=NOW + timedelta(minutes=10))
    if asked == "stopped":
        return replace(known, stopped_at=NOW - _DAY)
    return replace(known, asking=asked, asked_at=NOW - ago if asked else None, memory=memory)


def heard(
    message: str,
    conversation: Conversation,
    cases: tuple[OwnCase, ...] = (),
    *,
    at: datetime = NOW,
    choice: str = "",
    files: int = 0,
    belongs: str | None = None,
    held: bool = False,
) -> Heard:
    """The message as filing hands it to the script."""
    return Heard(
        text=message,
        choice=choice,
        files=files,
        language=detect(message),
        now=at,
        conversation=conversation,
        cases=cases,
        belongs=belongs,
        proposal=WordRouter().route(Matter("sms", "", message)),
        held=held,
    )


def said(turn: Turn) -> str:
    """A turn in a few words: "add ask_where", "new: where", "rate satisfied thanks_satisfied"."""
    words = [turn.act.value + (":" if turn.ask else ""), turn.ask, turn.value]
    words += [line.template for line in turn.say] + ([f"release {turn.release}"] if turn.release else [])
    return " ".join(word for word in words if word)


def hear(asked: str, scene: str, message: str, ago: timedelta = timedelta(minutes=5)) -> Turn:
    """The turn of one row of a table."""
    cases = SCENES[scene]
    return Script().turn(heard(message, remembered(asked, cases, ago), cases))
