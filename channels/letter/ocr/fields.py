"""What a letter says of its sender: name, address, telephone, e-mail, and its date. Suggestions for a person.

You are here: lines → [fields] → the letter desk, which fills its form with them. Pure; never raises; time
grows with the length of the letter and no faster. Each value names the line it came from, so that the desk can
show it in the picture.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import phonenumbers

from channels.letter.ocr import addresses, dates, names

_MOST_LINES = 4_000
_LONGEST_LINE = 300
_MOST_PHONES = 5
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9_][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}", re.ASCII)
_PHONE_LABEL = re.compile("电话|手机|联系方式|电联|電話|手機|tel|phone|mobile|call", re.IGNORECASE)
_MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
_ENDING_LINES = 8
"""Lines at the end in which the letter's own date stands even when other words stand beside it."""
_OTHER_WORDS = 6
"""Characters beside a date that still leave it alone on its line (a name, a place)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and the line (from 0) it came from."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Fields:
    """What was found. ``phones`` are in E.164, likeliest first; ``written_on`` is a date in ISO 8601."""

    sender: Found | None = None
    address: Found | None = None
    phones: tuple[Found, ...] = ()
    email: Found | None = None
    written_on: Found | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values for ``json.dumps``."""
        return asdict(self)


def suggest(lines: Sequence[str], region: str = "CN") -> Fields:
    """What ``lines`` of a whole letter, all pages in order, say of the sender.

    ``region`` (ISO 3166) is whose telephone numbers need no country code.
    """
    plain = [_plain(line) for line in lines[:_MOST_LINES]]
    return Fields(
        sender=_found(names.signature(plain)),
        address=_found(addresses.postal(plain)),
        phones=_phones(plain, region),
        email=next(_emails(plain), None),
        written_on=_written_on(plain),
    )


def _plain(line: str) -> str:
    """One width of figures, letters and signs (NFKC), single spaces; as long as is sensible to look at."""
    return " ".join(unicodedata.normalize("NFKC", line[:_LONGEST_LINE]).split())[:_LONGEST_LINE]


def _found(found: tuple[str, int] | None) -> Found | None:
    return None if found is None else Found(*found)


def _emails(lines: Sequence[str]) -> Iterator[Found]:
    for number in range(len(lines) - 1, -1, -1):
        for found in _EMAIL.finditer(lines[number]):
            yield Found(found.group().rstrip(".-").lower(), number)


def _phones(lines: Sequence[str], region: str) -> tuple[Found, ...]:
    """Valid numbers, those that the writer called one first, each once; from the end, where one signs."""
    found: dict[str, tuple[bool, int, Found]] = {}
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if sum(sign.isdigit() for sign in line) < 7:
            continue
        labelled = bool(_PHONE_LABEL.search(line))
        for match in phonenumbers.PhoneNumberMatcher(line, region, max_tries=20):
            if not labelled and not _dialled(match):
                continue
            value = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            found.setdefault(value, (not labelled, len(found), Found(value, number)))
    ranked = sorted(found.values(), key=lambda entry: entry[:2])
    return tuple(entry[2] for entry in ranked[:_MOST_PHONES])


def _dialled(match: phonenumbers.PhoneNumberMatch) -> bool:
    """Whether figures look like a telephone without being called one: written as dialled, or a mobile's."""
    return match.raw_string[0] in "+0(" or phonenumbers.number_type(match.number) in _MOBILE


def _written_on(lines: Sequence[str]) -> Found | None:
    """The letter's own date: the last that stands alone on its line, or else the last of its ending."""
    beside: Found | None = None
    for number in range(len(lines) - 1, -1, -1):
        for mention in dates.mentions(lines[number]):
            found = Found(mention.day.isoformat(), number)
            if len(lines[number]) - (mention.end - mention.start) <= _OTHER_WORDS:
                return found
            if beside is None and number >= len(lines) - _ENDING_LINES:
                beside = found
    return beside
