"""What is said on the telephone: sentences by key, one catalogue a spoken language.

You are here: a key and its values → [speech] → a sentence to be read aloud. The catalogues stand in
``channels/wording/speech/``: ``<language>.toml`` and ``<language>.<part>.toml`` are one; each is read when
it is first spoken.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter

SPOKEN = ("zh-Hans", "yue", "en")
_FOLDER = Path(__file__).parent / "speech"
_DIGITS = {
    "zh-Hans": "零一二三四五六七八九",
    "yue": "零一二三四五六七八九",
    "en": "0123456789",
}


class Speech:
    """The sentences of one spoken language; another language than those is spoken as Mandarin."""

    def __init__(self, language: str) -> None:
        self.language = language if language in SPOKEN else "zh-Hans"

    def say(self, key: str, **values: object) -> str:
        """The sentence of ``key`` ("message.answer") with ``values`` in it; KeyError for a missing one."""
        return _sentences(self.language)[key].format_map(values)

    def digits(self, figures: str) -> str:
        """ "26-004217-5" → "2, 6, 0, …": one by one, with a breath between, so that a pen can follow."""
        names, comma = _DIGITS[self.language], ", " if self.language == "en" else "，"
        return comma.join(names[int(figure)] for figure in figures if figure.isascii() and figure.isdecimal())

    def wants(self) -> Mapping[str, frozenset[str]]:
        """Every key, with the values that its sentence wants."""
        return {
            key: frozenset(name for _, name, _, _ in Formatter().parse(text) if name)
            for key, text in _sentences(self.language).items()
        }


@lru_cache(maxsize=len(SPOKEN))
def _sentences(language: str) -> Mapping[str, str]:
    return {
        f"{section}.{key}": " ".join(text.split())
        for path in sorted([_FOLDER / f"{language}.toml", *_FOLDER.glob(f"{language}.*.toml")])
        if path.is_file()
        for section, sentences in tomllib.loads(path.read_text(encoding="utf-8")).items()
        for key, text in sentences.items()
    }
