"""A telephone number as people dial it. You are here: E.164 → [telephone] → paper, slips, letters by post."""

from __future__ import annotations

import phonenumbers

HOME = "CN"
"""ISO 3166: whose numbers are shown without a country code; the same as for numbers that people type."""


def dialled(number: str) -> str:
    """``number`` (E.164) as the county's people write it: 0758 282 8282; a foreign one with its country code.

    What is no telephone number (a short one such as 12345, words) comes back as it is.
    """
    try:
        parsed = phonenumbers.parse(number, HOME)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed) or not number.strip().startswith("+"):
        return number
    form = phonenumbers.PhoneNumberFormat
    home = phonenumbers.is_valid_number(parsed) and phonenumbers.region_code_for_number(parsed) == HOME
    return phonenumbers.format_number(parsed, form.NATIONAL if home else form.INTERNATIONAL)
