"""What every message needs to know of the county, and what a message in words is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from intake.contracts import Choice, Text

LANGUAGES = ("zh-Hans", "zh-Hant", "en")


@dataclass(frozen=True, slots=True)
class Facts:
    """What every message needs to know of the county."""

    office: Text
    phone: str
    public_url: str
    zone: ZoneInfo
    categories: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Worded:
    """A message in words; ``choices`` are answers offered with it, as buttons or keys."""

    subject: str
    text: str
    choices: tuple[Choice, ...] = ()
