"""Dates as letters write them: 2026年3月5日, 二〇二六年三月五日, 2026-03-05, 5 March 2026. Pure.

You are here: lines → fields → [dates].
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_EARLIEST, _LATEST = 1990, 2099
_ZERO = "〇○零0OoQ"  # the round signs are read for one another
_DIGITS = {sign: str(value) for value, sign in enumerate("一二三四五六七八九", start=1)} | dict.fromkeys(_ZERO, "0")
_FIGURES = re.compile(r"(?<!\d)(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]")
_CHINESE = re.compile(
    f"([一二三四五六七八九][{_ZERO}一二三四五六七八九]{{3}}) ?年 ?([元正一二三四五六七八九十]{{1,2}}) ?月 ?"
    "([初一二三四五六七八九十廿]{1,3}) ?日"
)
_ISO = re.compile(r"(?<![\d./-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d-])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY_FIRST = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ?{_MONTH},? ?(\d{{4}})(?!\d)", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b{_MONTH} ?(\d{{1,2}})(?:st|nd|rd|th)?,? ?(\d{{4}})(?!\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """A date and the characters that say it."""

    day: date
    start: int
    end: int


def mentions(line: str) -> Iterator[Mention]:
    """All dates in ``line``, in no order; what is no day of the calendar is none."""
    for form, order in ((_FIGURES, (1, 2, 3)), (_ISO, (1, 3, 4)), (_DAY_FIRST, (3, 2, 1)), (_MONTH_FIRST, (3, 1, 2))):
        for found in form.finditer(line):
            year, month, day = (found.group(number) for number in order)
            yield from _day(_number(year), _month(month), _number(day), found)
    for found in _CHINESE.finditer(line):
        year = int("".join(_DIGITS.get(sign, sign) for sign in found.group(1)))
        yield from _day(year, _counted(found.group(2)), _counted(found.group(3)), found)


def _day(year: int, month: int, day: int, found: re.Match[str]) -> Iterator[Mention]:
    if _EARLIEST <= year <= _LATEST:
        try:
            yield Mention(date(year, month, day), found.start(), found.end())
        except ValueError:
            return


def _number(figures: str) -> int:
    return int(figures) if figures.isdecimal() else 0


def _month(written: str) -> int:
    return int(written) if written.isdecimal() else _MONTHS.index(written[:3].lower()) + 1


def _counted(written: str) -> int:
    """Numbers to 31 in Chinese: 五, 十二, 二十, 廿八, 三十一, 初五, 元 (of the month 元月). 0: none of these."""
    written = written.removeprefix("初").replace("廿", "二十").replace("元", "一").replace("正", "一")
    tens, ten, ones = written.rpartition("十")
    if not ten:
        return int(_DIGITS[written]) if len(written) == 1 else 0
    if (tens and tens not in _DIGITS) or (ones and ones not in _DIGITS):
        return 0
    return 10 * int(_DIGITS.get(tens, "1")) + int(_DIGITS.get(ones, "0"))
