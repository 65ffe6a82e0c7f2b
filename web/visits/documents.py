"""Identity documents. You are here: form → **number** → keyed hash and last four.

A number is checked here and ends here: no error sentence repeats it, no page shows it again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from itsdangerous import BadData, URLSafeSerializer
from stdnum.cn import ric

from intake.vault import vault_of
from web.i18n import _
from web.services import Services
from web.staff.labels import DOCUMENTS

KeyedHash = Callable[[str, str], str]
"""``keyed_hash(purpose, text)``: 64 hex digits; the same text has another hash for another purpose."""

RESIDENT = "resident_id"
PURPOSE = "identity_document"
_SEPARATORS = str.maketrans("", "", " -·.　\t")
_MAX_TYPED = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """A document that the desk was shown: all of it that is kept."""

    kind: str
    number_hash: str
    last4: str


def number_error(kind: str, typed: str, today: date) -> str:
    """What is wrong with a number, in one sentence that does not repeat it; "" for a good one."""
    number = compact(typed)
    if kind not in DOCUMENTS:
        return _("Choose the kind of document from the list.")
    if kind == RESIDENT:
        return _resident_error(number, today)
    if not (5 <= len(number) <= 20 and number.isascii() and number.isalnum()):
        return _("A document's number has 5 to 20 letters and digits. Compare it with the document.")
    return ""


def _resident_error(number: str, today: date) -> str:
    """GB 11643-1999: 17 digits with the day of birth at 7–14, and a check digit by ISO 7064 MOD 11-2.

    The place at 1–6 is not looked up: codes come and go with every reform, and residence permits and
    permanent residence cards have codes of their own.
    """
    digits = number[:-1]
    if len(number) != 18 or not (digits.isascii() and digits.isdigit() and number[-1] in "0123456789X"):
        return _("An identity card's number has 18 digits; only the last may be an X.")
    if number[-1] != ric.calc_check_digit(number):
        return _("This number has a slip in it: its check digit does not fit. Compare it with the card.")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        born = date.max
    if not date(1880, 1, 1) <= born <= today:
        return _("There is no such day of birth in an identity card's number. Compare it with the card.")
    return ""


def seen(kind: str, typed: str, keyed_hash: KeyedHash) -> Seen:
    """What is kept of a good number."""
    number = compact(typed)
    return Seen(kind, keyed_hash(PURPOSE, f"{kind}:{number}"), number[-4:])


def compact(typed: str) -> str:
    """As it is compared: half-width, upper case, without what people put between."""
    flat = unicodedata.normalize("NFKC", typed[:_MAX_TYPED]).upper()
    return flat.translate(_SEPARATORS).strip()


def keyed_hash_of(services: Services) -> KeyedHash:
    """What the county's numbers are hashed with; the one place to change where its key lies."""
    return vault_of(services.store.engine.dialect).hash


class Notes:
    """Remembers a seen document on the page itself, signed, so that a form shown again does not ask anew."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeSerializer(secret, salt="seen document")

    def write(self, document: Seen) -> str:
        """The note for a hidden field."""
        return str(self._signer.dumps([document.kind, document.number_hash, document.last4]))

    def read(self, note: str) -> Seen | None:
        """What a note says; None for one that was not written here."""
        if not note or len(note) > 1000:
            return None
        try:
            kind, number_hash, last4 = self._signer.loads(note)
        except (BadData, ValueError, TypeError):
            return None
        return Seen(str(kind), str(number_hash), str(last4))
