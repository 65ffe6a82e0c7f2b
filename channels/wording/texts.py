"""Short texts for SMS, WhatsApp and Telegram."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import TemplateNotFound

from channels.wording.catalogue import Sentence, read_texts
from channels.wording.facts import LANGUAGES, Facts, Worded
from channels.wording.values import Values
from intake.contracts import Choice, Directory
from intake.outbox import Letter

TALK = "talk"
"""The template whose parameters are lines: ``{"lines": [{"template": …, "params": …}], …}``."""


class Texts:
    """All texts, loaded when a language is first wanted. Thread-safe."""

    def __init__(self, facts: Facts, directory: Directory) -> None:
        self._values = Values(facts, directory)

    def word(self, letter: Letter) -> Worded:
        """A message as text, with the choices it offers."""
        row = letter.row
        language = row.language if row.language in LANGUAGES else "zh-Hans"
        if row.template == TALK:
            return self._lines(row.params, language)
        values = self._values.of_letter(letter, language)
        text, choices = self._sentence(row.template, values, row.params.get("ask"), language)
        return Worded("", text, choices)

    def _lines(self, params: Mapping[str, Any], language: str) -> Worded:
        said: list[str] = []
        choices: tuple[Choice, ...] = ()
        for line in params.get("lines", ()):
            own: Mapping[str, Any] = line.get("params") or {}
            values = self._values.of_line(own, language)
            text, offered = self._sentence(line["template"], values, own.get("ask"), language)
            said.append(text)
            choices = offered or choices
        return Worded("", "\n".join(said), choices)

    def _sentence(
        self, key: str, values: dict[str, Any], ask: str | None, language: str
    ) -> tuple[str, tuple[Choice, ...]]:
        sentence = _found(key, language)
        if not ask:
            return sentence.say(values).strip(), sentence.choices
        question = _found(f"ask_{ask}", language)
        whole = sentence.say(values | {"ask": question.say(values)})
        return whole.strip(), question.choices


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> dict[str, Sentence]:
    """All texts of a language."""
    return read_texts(language)


def _found(key: str, language: str) -> Sentence:
    sentence = catalogue(language).get(key)
    if sentence is None:
        raise TemplateNotFound(f"texts/{language}: {key}")
    return sentence
