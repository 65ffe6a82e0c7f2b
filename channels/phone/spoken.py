"""How numbers, dates and long texts are said: digit by digit, as people say a day, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo

from channels.wording.speech import Speech

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
LONGEST = 2000
"""Characters in one sentence group: a provider reads 4,096 at most, and counts some signs twice."""
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]+")
"""What XML 1.0 (section 2.2) cannot hold: one such sign would silence the whole call."""
_ENDS = re.compile(r"(?<=[。！？；!?;\n])|(?<=\.)(?=\s)")


def reference_groups(reference: str, language: str) -> tuple[str, ...]:
    """Year, serial and check digit of a reference, each digit by digit."""
    return tuple(map(Speech(language).digits, reference.split("-")))


def day(moment: datetime, language: str, zone: tzinfo) -> str:
    """ "3月3日星期二", "3月3號星期二", "Tuesday the 3rd of March"."""
    local = moment.astimezone(zone)
    if language == "en":
        return f"{_WEEKDAYS[local.weekday()]} the {_ordinal(local.day)} of {_MONTHS[local.month - 1]}"
    mark = "號" if language == "yue" else "日"
    return f"{local.month}月{local.day}{mark}星期{_WEEKDAYS_ZH[local.weekday()]}"


def day_and_hour(moment: datetime, language: str, zone: tzinfo) -> str:
    """The same with the hour: "3月3日星期二上午9点", "Tuesday the 3rd of March at 9 in the morning"."""
    local = moment.astimezone(zone)
    hour, minute = local.hour % 12 or 12, local.minute
    if language == "en":
        part = "morning" if local.hour < 12 else "afternoon" if local.hour < 18 else "evening"
        clock = f"{hour}:{minute:02d}" if minute else str(hour)
        return f"{day(moment, language, zone)} at {clock} in the {part}"
    yue = language == "yue"
    parts = ("朝早", "下晝", "夜晚") if yue else ("上午", "下午", "晚上")
    part = parts[0] if local.hour < 12 else parts[1] if local.hour < 18 else parts[2]
    clock = f"{hour}{'點' if yue else '点'}" + (f"{minute}分" if minute else "")
    return f"{day(moment, language, zone)}{part}{clock}"


def sentences(text: str, longest: int = LONGEST) -> Iterator[str]:
    """``text`` in portions of at most ``longest`` characters, cut between sentences where there are any."""
    portion = ""
    for sentence in _ENDS.split(_UNSPEAKABLE.sub(" ", text)):
        for piece in _cut(sentence, longest):
            if portion and len(portion) + len(piece) > longest:
                yield portion.strip()
                portion = ""
            portion += piece
    if portion.strip():
        yield portion.strip()


def _cut(sentence: str, longest: int) -> Iterator[str]:
    while len(sentence) > longest:
        at = max(sentence.rfind(mark, 0, longest) for mark in (" ", "，", "、", ","))
        at = at + 1 if at > 0 else longest
        yield sentence[:at]
        sentence = sentence[at:]
    yield sentence


def reading_seconds(text: str) -> float:
    """About how long ``text`` is read aloud: four characters of Chinese or fifteen letters a second."""
    wide = sum(1 for c in text if ord(c) > 0x2E7F)
    return wide / 4 + (len(text) - wide) / 15


def _ordinal(number: int) -> str:
    if 10 < number % 100 < 14:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
