"""The reference people say aloud: ``26-004217-5`` = year, serial, check digit.

The check digit is Damm's (H. M. Damm, 2004): it catches every single wrong digit and every swap of
neighbours, the two slips people make on a keypad.
"""

from __future__ import annotations

import re
import unicodedata

from stdnum import damm

_FORM = re.compile(r"(?<!\d)([0-9]{2})[ \-]{0,3}([0-9]{6,8})[ \-]{0,3}([0-9])(?!\d)")
_UNCHECKED = re.compile(r"([0-9]{2})[ ]{0,3}-[ ]{0,3}([0-9]{6}|[1-9][0-9]{6,7})-?")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣_.·", "-"))
_SERIALS_PER_YEAR = 10**8


class InvalidReference(ValueError):
    """The text is not a reference, or a digit of it is wrong. Trying again does not help."""


def number_of(year: int, serial: int) -> int:
    """One integer that sorts as references do; ``year`` has two digits."""
    return year * _SERIALS_PER_YEAR + serial


def reference_of(number: int) -> str:
    """The reference of a case number, with its check digit."""
    year, serial = divmod(number, _SERIALS_PER_YEAR)
    digits = f"{year:02d}{serial:06d}"
    return f"{digits[:2]}-{digits[2:]}-{damm.calc_check_digit(digits)}"


def parse_reference(text: str) -> str:
    """Bring what a person typed into the canonical form, or raise :class:`InvalidReference`.

    Full-width digits, other dashes, spaces and missing dashes are forgiven; a wrong check digit
    is not. One case has one canonical form, so that guesses at it can be counted.
    """
    plain = unicodedata.normalize("NFKC", text[:64]).translate(_DASHES).strip()
    match = _FORM.fullmatch(plain)
    if match is None or not _checks(match):
        raise InvalidReference(text[:64])
    return "-".join(match.groups())


def number_from(reference: str) -> int:
    """The case number of a reference in any form that :func:`parse_reference` takes."""
    year, serial, _ = parse_reference(reference).split("-")
    return number_of(int(year), int(serial))


def number_without_check(text: str) -> int | None:
    """The case number of a reference that was typed without its check digit (``26-004217``), else None.

    For the staff's search only: a slip of one digit finds another case, so nothing may be done by it.
    """
    match = _UNCHECKED.fullmatch(unicodedata.normalize("NFKC", text[:64]).translate(_DASHES).strip())
    return None if match is None else number_of(int(match[1]), int(match[2]))


def find_references(text: str, limit: int = 5) -> tuple[str, ...]:
    """References with a right check digit inside a longer text (a mail's subject), in order."""
    plain = unicodedata.normalize("NFKC", text[:2000]).translate(_DASHES)
    found = dict.fromkeys("-".join(m.groups()) for m in _FORM.finditer(plain) if _checks(m))
    return tuple(found)[:limit]


def _checks(match: re.Match[str]) -> bool:
    if len(match[2]) > 6 and match[2].startswith("0"):
        return False  # another way to write a shorter serial: nobody was given it
    return bool(damm.is_valid("".join(match.groups())))
