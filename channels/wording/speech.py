"""What is said on the telephone: sentences by key, one catalogue a spoken language.

You are here: a key and its values → [speech] → a sentence to be read aloud. The catalogues stand in
``channels/wording/speech/``; each is read when it is first spoken.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

SPOKEN = ("zh-Hans", "yue", "en")
_FOLDER = Path(__file__).parent / "speech"


class Speech:
    """The sentences of one spoken language; another language than those is spoken as Mandarin."""

    def __init__(self, language: str) -> None:
        self.language = language if language in SPOKEN else "zh-Hans"

    def say(self, key: str, **values: object) -> str:
        """The sentence of ``key`` ("call.menu") with ``values`` in it; KeyError for an unknown one."""
        return _sentences(self.language)[key].format_map(values)


@lru_cache(maxsize=len(SPOKEN))
def _sentences(language: str) -> Mapping[str, str]:
    with (_FOLDER / f"{language}.toml").open("rb") as file:
        sections = tomllib.load(file)
    return {
        f"{section}.{key}": " ".join(text.split())
        for section, sentences in sections.items()
        for key, text in sentences.items()
    }
