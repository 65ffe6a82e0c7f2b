"""What to mend in one field that somebody entered: a sentence, or "". For every form of the web."""

from __future__ import annotations

import re

from channels.webform import phone_number
from web.i18n import _
from web.services import County

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}")
_MAX_EMAIL = 254  # RFC 5321 §4.5.3.1


def email_error(typed: str) -> str:
    """What to mend in an e-mail address; "" for a good one and for none."""
    typed = typed.strip()
    if typed and (len(typed) > _MAX_EMAIL or not _EMAIL.fullmatch(typed)):
        return _("This e-mail address does not look right. Example: name@mail.example")
    return ""


def phone_error(typed: str) -> str:
    """What to mend in a telephone number; "" for a good one and for none."""
    if typed.strip() and phone_number(typed) is None:
        return _("This telephone number does not look right. Give it with its area code.")
    return ""


def bureau_error(code: str, county: County) -> str:
    """What to mend in a bureau's code; none is fine."""
    if code and code not in dict(county.bureaus):
        return _("Choose a bureau from the list, or leave it open.")
    return ""


def category_error(code: str, county: County) -> str:
    """What to mend in a category's code; none is fine."""
    if code and code not in dict(county.categories):
        return _("Choose a kind from the list, or leave it open.")
    return ""
