"""What is said on the telephone: sentences by key, one catalogue a spoken language.

You are here: a key and its values → [speech] → a sentence to be read aloud. The catalogues stand in
``channels/wording/speech/``; each is read when it is first spoken.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

SPOKEN = ("zh-Hans", "yue", "en")
_FOLDER = Path(__file__).parent / "speech"
_SENTENCES = Environment(autoescape=False, undefined=StrictUndefined)


class Speech:
    """The sentences of one spoken language; another language than those is spoken as Mandarin."""

    def __init__(self, language: str) -> None:
        self.language = language if language in SPOKEN else "zh-Hans"

    def say(self, key: str, **values: object) -> str:
        """The sentence of ``key`` ("call.menu") with ``values`` in it; KeyError for an unknown one."""
        return _read(self.language)[key].render(values)

    def keys(self) -> frozenset[str]:
        """All keys."""
        return frozenset(_read(self.language))


@lru_cache(maxsize=len(SPOKEN))
def _read(language: str) -> Mapping[str, Template]:
    with (_FOLDER / f"{language}.toml").open("rb") as file:
        return {key: _SENTENCES.from_string(text) for key, text in tomllib.load(file).items()}
