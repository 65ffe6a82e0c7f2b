"""What is said on the telephone: sentences by key, one catalogue a spoken language.

You are here: a key and its values → [speech] → a sentence to be read aloud. The catalogues stand in
``channels/wording/speech/``: the parts ``<language>.<part>.toml`` are one; each language is read when
it is first spoken.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template, meta

SPOKEN = ("zh-Hans", "yue", "en")
_FOLDER = Path(__file__).parent / "speech"
_SENTENCES = Environment(autoescape=False, undefined=StrictUndefined)  # TwiML is escaped later
_DIGITS = {
    "zh-Hans": "零幺二三四五六七八九",
    "yue": "零一二三四五六七八九",
    "en": "0123456789",
}
"""As people name the figures of a number on the line: in Mandarin 1 is yāo, which no 7 (qī) is taken for; in
Cantonese jat1 and cat1 stay themselves."""


class Speech:
    """The sentences of one spoken language; another language than those is spoken as Mandarin."""

    def __init__(self, language: str) -> None:
        self.language = language if language in SPOKEN else "zh-Hans"

    def say(self, key: str, **values: object) -> str:
        """The sentence of ``key`` ("message.answer") with ``values`` in it.

        Raises KeyError for an unknown key and ``jinja2.UndefinedError`` for a missing value.
        """
        return _read(self.language)[key].render(values)

    def keys(self) -> frozenset[str]:
        """All keys."""
        return frozenset(_read(self.language))

    def digits(self, figures: str) -> str:
        """ "26-004217-5" → "2, 6, 0, …": one by one, with a breath between, so that a pen can follow."""
        names, comma = _DIGITS[self.language], ", " if self.language == "en" else "，"
        return comma.join(names[int(figure)] for figure in figures if figure.isascii() and figure.isdecimal())

    def wants(self) -> Mapping[str, frozenset[str]]:
        """Every key, with the values that its sentence wants."""
        return {
            key: frozenset(meta.find_undeclared_variables(_SENTENCES.parse(text)))
            for key, text in _sources(self.language).items()
        }


@lru_cache(maxsize=len(SPOKEN))
def _read(language: str) -> Mapping[str, Template]:
    return {key: _SENTENCES.from_string(text) for key, text in _sources(language).items()}


def _sources(language: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for path in sorted(_FOLDER.glob(f"{language}.*.toml")):
        found |= tomllib.loads(path.read_text(encoding="utf-8"))
    return found
