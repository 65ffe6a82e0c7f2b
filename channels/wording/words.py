"""Choosing the words of one outgoing message from its row in the outbox, by the kind of its channel."""

from __future__ import annotations

from channels.wording.facts import LANGUAGES, Facts, Worded
from channels.wording.letters import Letters
from channels.wording.spoken import Spoken
from channels.wording.texts import Texts
from intake.contracts import Directory
from intake.outbox import Letter

__all__ = ["LANGUAGES", "Facts", "Worded", "Wording"]

_TEXTED = frozenset({"sms", "whatsapp", "telegram"})


class Wording:
    """All words, loaded once. Thread-safe."""

    def __init__(self, facts: Facts, directory: Directory) -> None:
        self._letters = Letters(facts, directory)
        self._texts = Texts(facts, directory)
        self._spoken = Spoken(facts, directory)

    def word(self, letter: Letter) -> Worded:
        """A message in its recipient's language; raises ``jinja2.TemplateError`` when it has no words."""
        if letter.row.channel in _TEXTED:
            return self._texts.word(letter)
        if letter.row.channel == "phone":
            return self._spoken.word(letter)
        return self._letters.word(letter)
