"""The sentences of the pages in every language: gettext catalogues, read once when the app is built.

English stands in the code and the templates; ``translations/zh_Hans/*.po`` holds the Chinese, one file per
area. Traditional Chinese is converted from the Simplified by OpenCC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

from intake.contracts import Text

TRANSLATIONS = Path(__file__).with_name("translations")
SIMPLIFIED, TRADITIONAL, ENGLISH = "zh-Hans", "zh-Hant", "en"
LANGUAGES: Mapping[str, str] = {SIMPLIFIED: "简体中文", TRADITIONAL: "繁體中文", ENGLISH: "English"}
"""Code and own name of every language, in the order they are offered."""

_KEPT = "回音"  # our name: conversion would write the other 迴


class Catalogues:
    """Every translated sentence, in memory. Immutable after it was read; thread-safe."""

    def __init__(self, sentences: Mapping[str, tuple[str, ...]]) -> None:
        self._sentences = sentences
        self._convert = lru_cache(maxsize=4096)(_converter())

    @classmethod
    def read(cls, folder: Path = TRANSLATIONS) -> Catalogues:
        """Read every ``.po`` file under ``folder/zh_Hans``."""
        sentences: dict[str, tuple[str, ...]] = {}
        for path in sorted((folder / "zh_Hans").glob("*.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale="zh_Hans"):
                    string = message.string
                    strings = tuple(map(str, string)) if isinstance(string, tuple) else (str(string or ""),)
                    key = message.id[0] if isinstance(message.id, (list, tuple)) else message.id
                    if key and strings[0] and not message.fuzzy:
                        sentences[_key(message.context, key)] = strings
        return cls(sentences)

    def one(self, language: str, english: str, context: str | None = None) -> str:
        """The sentence in ``language``; the English one while nobody has translated it."""
        if language == ENGLISH:
            return english
        found = self._sentences.get(_key(context, english))
        return self._script(language, found[0]) if found else english

    def many(self, language: str, singular: str, plural: str, count: int) -> str:
        """The sentence for ``count`` things; Chinese has one form for any number."""
        if language == ENGLISH:
            return singular if count == 1 else plural
        found = self._sentences.get(singular)
        return self._script(language, found[0]) if found else plural

    def text(self, language: str, text: Text) -> str:
        """A text that carries both languages with it (a bureau's name, a refusal)."""
        return text.en if language == ENGLISH else self._script(language, text.zh)

    def _script(self, language: str, chinese: str) -> str:
        return self._convert(chinese) if language == TRADITIONAL else chinese


def _key(context: str | None, english: str) -> str:
    return f"{context}\x04{english}" if context else english


def _converter() -> Callable[[str], str]:
    """Simplified to Traditional; without OpenCC the Simplified stays, which its readers can read too."""
    try:
        from opencc import OpenCC
    except ImportError:
        return lambda text: text
    converter = cache(lambda: OpenCC("s2t"))  # its tables take 28 MB: only once somebody reads Traditional
    return lambda text: _KEPT.join(converter().convert(part) if part else "" for part in text.split(_KEPT))
