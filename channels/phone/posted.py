"""What the provider posts at each step of a call, within bounds. You are here: form → *posted* → call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SID = re.compile(r"[A-Za-z0-9]{1,64}")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164; anonymous callers are "anonymous", "+266696687" …
_HIDDEN = frozenset(
    {"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "+464", "+17378742833"}
)
"""Numbers that spell ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE on the keys: nobody's."""
_STEP = re.compile(r"[a-z_]{1,32}")
_MAX_TEXT = 20_000
HUNG_UP = "hangup"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that lies with the provider; ``seconds`` as it says."""

    sid: str
    url: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Posted:
    """One post. ``other`` is who is at the other end of the line, E.164, "" when hidden.

    Who calls from our own number (a forwarding, a forgery) counts as hidden: else we would write to and
    call ourselves. ``turn`` is None for the first step of a call. ``outbox_id`` is what an outgoing call
    brings. ``first`` and ``case`` travel in the address of a recording's report: the first piece's id and
    which of the cases of this call the recording is for.
    """

    sid: str
    other: str
    ours: str = ""
    outgoing: bool = False
    step: str = ""
    turn: int | None = None
    digits: str = ""
    recording: Recording | None = None
    status: str = ""
    dial_status: str = ""
    seconds: int = 0
    outbox_id: str = ""
    kind: str = ""
    first: str = ""
    case: int | None = None
    text: str = ""
    text_status: str = ""


class NotACall(ValueError):
    """The post names no call: nothing of ours, whoever signed it."""


def posted(arguments: Mapping[str, str], form: Mapping[str, str]) -> Posted:
    """Understand one post; raises :class:`NotACall`. ``arguments`` are those of the address."""
    sid = form.get("CallSid", "")
    if not _SID.fullmatch(sid):
        raise NotACall("no CallSid")
    outgoing = form.get("Direction", "inbound").startswith("outbound")
    theirs, ours = ("To", "From") if outgoing else ("From", "To")
    step = arguments.get("step", "")
    return Posted(
        sid=sid,
        other="" if form.get(theirs) == form.get(ours) else caller(form.get(theirs, "")),
        ours=form.get(ours, "")[:20],
        outgoing=outgoing,
        step=step if _STEP.fullmatch(step) else "",
        turn=_count(arguments.get("turn")),
        digits=form.get("Digits", "")[:32].strip(),
        recording=_recording(form),
        status=form.get("CallStatus", "")[:20],
        dial_status=form.get("DialCallStatus", "")[:20],
        seconds=_count(form.get("CallDuration")) or 0,
        outbox_id=_named(arguments.get("id", "")),
        kind=arguments.get("kind", "")[:16],
        first=_named(arguments.get("first", "")),
        case=_count(arguments.get("case")),
        text=form.get("TranscriptionText", "")[:_MAX_TEXT].strip(),
        text_status=form.get("TranscriptionStatus", "")[:20],
    )


def caller(number: str) -> str:
    """The E.164 number of a caller; "" when it is hidden, a SIP address or a client."""
    return number if _NUMBER.fullmatch(number) and number not in _HIDDEN else ""


def _recording(form: Mapping[str, str]) -> Recording | None:
    sid, url = form.get("RecordingSid", ""), form.get("RecordingUrl", "")
    if not _SID.fullmatch(sid) or not url or len(url) > 500:
        return None
    if form.get("RecordingStatus", "completed") != "completed":
        return None  # "absent": there was nothing to keep
    return Recording(sid, url, _count(form.get("RecordingDuration")) or 0)


def _named(text: str) -> str:
    return text if _SID.fullmatch(text) else ""


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 7 else None
