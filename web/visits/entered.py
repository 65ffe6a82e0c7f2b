"""What was entered of a visit: kept as typed, checked field by field, turned into a form. For desk and kiosk.

The number of a document is taken out at once: :class:`Entered` never holds it, so no page can show it again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from channels.reading.language import detect, detect_unless_usual
from channels.visit import MAX_PRESENT, MAX_TEXT, MAX_VISITORS, NEEDS, WAYS, VisitForm, Visitor, cleaned
from channels.webform import phone_number
from channels.wording.languages import say
from web.catalogues import LANGUAGES
from web.checks import bureau_error, category_error, email_error, phone_error
from web.i18n import _, language, number
from web.services import County
from web.visits.documents import KeyedHash, Notes, Seen, number_error, seen

IDENTITIES = ("confidential", "named", "anonymous")
_LINES = ("text", "place", "when", "bureau", "about", "category", "identity", "present", "interpreter")
_ROW = re.compile(r"(?:name|phone|email|postal|answer|document|number|seen)-(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Row:
    """One visitor as entered. ``document`` is the kind; ``seen`` what is kept of the number."""

    name: str = ""
    phone: str = ""
    email: str = ""
    postal: str = ""
    answer: str = ""
    document: str = ""
    seen: Seen | None = None
    number_error: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was entered: a row that was added and left."""
        return not (self.name or self.phone or self.email or self.postal or self.seen or self.number_error)


@dataclass(frozen=True, slots=True)
class Entered:
    """The fields as they were typed. ``speaker`` is the place of the spokesman's row among ``rows``."""

    text: str = ""
    place: str = ""
    when: str = ""
    bureau: str = ""
    about: str = ""  # "yes": the complaint is about the chosen bureau itself; "no"
    category: str = ""
    identity: str = "confidential"
    present: str = ""
    interpreter: str = ""
    answer_language: str = ""  # "": as the visitor's words
    needs: tuple[str, ...] = ()
    urgent: bool = False
    safety: bool = False
    speaker: int = 0
    rows: tuple[Row, ...] = (Row(),)

    def errors(self, county: County) -> dict[str, str]:
        """What to mend: field → sentence, in the order of the page."""
        found = {"text": self._text_error()}
        for index, row in enumerate(self.rows):
            found |= _row_errors(row, index)
        found |= {
            "present": self._present_error(),
            "identity": "" if self.identity in IDENTITIES else _("Choose who may know the visitor's name."),
            "bureau": bureau_error(self.bureau, county),
            "about": self._about_error(),
            "category": category_error(self.category, county),
        }
        if self.identity == "named" and not any(row.name.strip() for row in self.rows):
            found["name-0"] = _("Enter a name, or choose confidential or anonymous.")
        return {field: sentence for field, sentence in found.items() if sentence}

    def form(self, county: County, entered_at: str) -> VisitForm:
        """The clean form; call it only when there are no errors. Who stays anonymous leaves no name."""
        names, nameless = dict(county.bureaus), self.identity == "anonymous"
        rows = [row for row in self.rows if not row.empty]
        answer_language = self._language(entered_at)
        speaking = self.rows[self.speaker] if self.speaker < len(self.rows) else Row()
        rows.sort(key=lambda row: row is not speaking)
        return cleaned(
            VisitForm(
                text=self.text,
                visitors=tuple(_visitor(row, nameless=nameless) for row in rows),
                present=int(self.present) if self.present.strip() else 0,
                place=self.place,
                when=self.when,
                bureau=self.bureau,
                bureau_name=say(names[self.bureau], answer_language) if self.bureau else "",
                about_bureau=bool(self.bureau) and self.about == "yes",
                category=self.category,
                anonymous=nameless,
                confidential=self.identity == "confidential",
                language=answer_language,
                needs=self.needs,
                interpreter=self.interpreter,
                urgent=self.urgent,
                safety=self.safety,
                entered_at=entered_at,
            )
        )

    def _language(self, entered_at: str) -> str:
        """Of the answer: as the desk chose, else as the words; at the kiosk as the visitor's page."""
        chosen = self.answer_language if self.answer_language in LANGUAGES else ""
        if entered_at == "kiosk":
            return detect_unless_usual(self.text, chosen or language())
        return chosen or detect(self.text)

    def _text_error(self) -> str:
        if not self.text.strip():
            return _("Write down what happened.")
        if len(self.text) > MAX_TEXT:
            return _("That is very long: at most %(limit)s characters.", limit=number(MAX_TEXT))
        return ""

    def _present_error(self) -> str:
        typed = self.present.strip()
        if typed and not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:9]) <= MAX_PRESENT):
            return _("How many people came? Write a number from 1 to %(most)s.", most=number(MAX_PRESENT))
        return ""

    def _about_error(self) -> str:
        if self.bureau and self.about not in ("yes", "no"):
            return _("Say whether the complaint is about this bureau itself.")
        return ""


class EnteredForms:
    """Reads posted forms; holds what a document's number is hashed and noted with."""

    def __init__(self, keyed_hash: KeyedHash, secret: str) -> None:
        self._keyed_hash = keyed_hash
        self.notes = Notes(secret)

    def of(self, form: Mapping[str, str], ticked: tuple[str, ...], today: date) -> Entered:
        """Out of a posted form; unknown fields are left out. ``ticked`` are the needs."""
        indexes = sorted({int(found[1]) for name in form if (found := _ROW.fullmatch(name))})[:MAX_VISITORS]
        rows = tuple(self._row(form, index, today) for index in indexes) or (Row(),)
        speaker = form.get("speaker", "")
        chosen = int(speaker) if speaker.isascii() and speaker.isdigit() and len(speaker) < 3 else -1
        return Entered(
            **{name: form[name] for name in _LINES if name in form},
            answer_language=form.get("language", ""),
            needs=tuple(need for need in NEEDS if need in ticked),
            urgent="urgent" in form,
            safety="safety" in form,
            speaker=indexes.index(chosen) if chosen in indexes else 0,
            rows=rows,
        )

    def _row(self, form: Mapping[str, str], index: int, today: date) -> Row:
        def typed(field: str) -> str:
            return form.get(f"{field}-{index}", "")

        row = Row(
            typed("name"), typed("phone"), typed("email"), typed("postal"), typed("answer"), typed("document")
        )
        if not typed("number").strip():
            return replace(row, seen=self.notes.read(typed("seen")))
        wrong = number_error(row.document, typed("number"), today)
        if wrong:
            return replace(row, number_error=wrong)
        return replace(row, seen=seen(row.document, typed("number"), self._keyed_hash))


def _row_errors(row: Row, index: int) -> dict[str, str]:
    chosen = {"phone": row.phone, "email": row.email, "postal": row.postal}
    missing = row.answer in WAYS and not chosen[row.answer].strip()
    return {
        f"phone-{index}": phone_error(row.phone),
        f"email-{index}": email_error(row.email),
        f"answer-{index}": _("Enter where the answer is to go, or choose another way.") if missing else "",
        f"number-{index}": row.number_error,
    }


def _visitor(row: Row, *, nameless: bool) -> Visitor:
    known = Visitor(
        phone=(phone_number(row.phone) or "") if row.phone.strip() else "",
        email=row.email.strip().lower(),
        postal=row.postal,
        answer_by=row.answer if row.answer in WAYS else "",
    )
    if nameless:
        return known
    if row.seen is None:
        return replace(known, name=row.name)
    shown = row.seen
    return replace(
        known, name=row.name, document=shown.kind, number_hash=shown.number_hash, last4=shown.last4
    )
