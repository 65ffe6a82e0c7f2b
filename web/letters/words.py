"""What lists and reasons of letters are called. English stands here, the Chinese in ``letters.po``."""

from __future__ import annotations

from collections.abc import Mapping

from intake.letters.cutting import CUT
from intake.letters.joining import JOINED
from web.i18n import gettext as _
from web.staff.labels import N_

TABS = (
    ("desk", N_("To enter")),
    ("reading", N_("Being read")),
    ("entered", N_("Entered")),
    ("discarded", N_("Not entered")),
)
REASONS: Mapping[str, str] = {
    "advertising": N_("Advertising or a greeting"),
    "duplicate": N_("The same letter is here already"),
    "elsewhere": N_("Meant for somebody else: handed on"),
    "blank": N_("Empty or a test scan"),
    "other": N_("Another reason"),
}
_BY_THE_DESK: Mapping[str, str] = {
    CUT: N_("Two letters in one scan: cut apart"),
    JOINED: N_("Part of a letter: put together with another scan"),
}


def reason_of(stored: str | None) -> str:
    """A reason as it is kept, "code" or "code: words", in words."""
    code, _colon, more = (stored or "").partition(": ")
    known = _BY_THE_DESK.get(code) or REASONS.get(code, "")
    return ": ".join(part for part in (_(known) if known else code, more) if part)
