"""One turn of a call while it is put together: what is said, what is remembered, where the call goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from channels.phone import spoken
from channels.phone.posted import Posted
from channels.wording.speech import Speech
from intake.calls import Call
from intake.contracts import Text


@dataclass(frozen=True, slots=True)
class Say:
    """Words, and the language whose voice says them."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence, in seconds."""

    seconds: int


Part = Say | Pause

_ROOM = 58_000
"""Bytes of texts that one turn reads aloud: about an hour. Twilio takes 64 KB of TwiML (error 11750)."""
_TAGS = 80  # bytes of markup around each portion


@dataclass(slots=True)
class Leg:
    """What becomes of one post. Not shared between threads."""

    call: Call
    posted: Posted
    office: Text
    language: str = ""
    step: str = ""
    parts: list[Part] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)
    room: int = _ROOM

    def __post_init__(self) -> None:
        self.language = self.language or self.call.language
        self.step = self.step or self.call.step
        self.memory = dict(self.call.memory)

    def say(self, key: str, language: str = "", **values: object) -> None:
        """Add a sentence of the catalogue's section "call"."""
        language = language or self.language
        name = self.office.en if language == "en" else self.office.zh
        self.parts.append(Say(Speech(language).say(f"call.{key}", office=name, **values), language))

    def read(self, text: str, language: str = "") -> None:
        """Add a text that somebody wrote; what is too long for one answer to the provider is said to be."""
        for portion in spoken.sentences(text):
            self.room -= len(escape(portion).encode()) + _TAGS
            if self.room < 0:
                return self.say("rest")
            self.parts.append(Say(portion, language or self.language))

    def spell(self, number: str) -> None:
        """Add a reference or code, group by group, digit by digit."""
        for group in spoken.reference_groups(number, self.language):
            self.parts += [Say(group, self.language), Pause(1)]

    def pause(self, seconds: int = 1) -> None:
        """Add silence."""
        self.parts.append(Pause(seconds))

    def go(self, step: str) -> None:
        """The call goes on at ``step``, with patience anew."""
        if step != self.step:
            self.memory.pop("tries", None)
        self.step = step
