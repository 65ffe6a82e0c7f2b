"""The same words in each language: names, terms, dates. Traditional Chinese is made by conversion.

What citizens wrote themselves is never converted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from channels.wording.terms import term
from intake.contracts import Text

_HABITS = (("迴音", "回音"), ("回復", "回覆"), ("鏈接", "連結"))
"""Where the conversion tables choose another word than people who write Traditional do."""
_MOMENTS = {"en": ("d MMMM y, HH:mm", "en"), "zh": ("y年M月d日HH:mm", "zh_Hans")}
_DAYS = {"en": ("d MMM", "en"), "zh": ("M月d日", "zh_Hans")}


@lru_cache(maxsize=4096)
def traditional(text: str) -> str:
    """``text`` in the characters of Hong Kong."""
    converted = str(_converter().convert(text))
    for tables, people in _HABITS:
        converted = converted.replace(tables, people)
    return converted


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC  # 20 MB of tables: only when a Traditional text is first wanted

    return OpenCC("s2hk")


def say(text: Text, language: str) -> str:
    """A sentence of ours in ``language``."""
    if language == "en":
        return text.en
    return traditional(text.zh) if language == "zh-Hant" else text.zh


def called(table: Mapping[str, Text], key: str, language: str) -> str:
    """:func:`term` in any of the languages."""
    word = term(table, key, language)
    return traditional(word) if language == "zh-Hant" else word


def moment(at: datetime, zone: ZoneInfo, language: str) -> str:
    """Date and time, for letters."""
    return _format(at, zone, _MOMENTS, language)


def day(at: datetime, zone: ZoneInfo, language: str) -> str:
    """The date alone, as short as it is still clear: 11月25日, 25 Nov."""
    return _format(at, zone, _DAYS, language)


def _format(at: datetime, zone: ZoneInfo, patterns: Mapping[str, tuple[str, str]], language: str) -> str:
    pattern, locale = patterns["en" if language == "en" else "zh"]
    return str(format_datetime(at, pattern, tzinfo=zone, locale=locale))
