"""What a clerk typed at the letter desk: kept as typed, checked by field, turned into a confirmed letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from channels.letter.prefill import text_of
from channels.letter.reading import MAX_ADDRESS, MAX_TEXT, WAYS, LetterForm, cleaned, one_line
from channels.letter.secrecy import Writer, left_out, may_be_named, tells
from channels.letter.title import title
from channels.reading import language as languages
from channels.webform import phone_number
from intake.letters.desk import LetterRefused, received_at
from intake.letters.listing import WholeLetter
from web.checks import email_error, phone_error
from web.i18n import _, number, say
from web.services import County
from web.staff.labels import N_

IDENTITIES = ("named", "confidential", "anonymous")
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
_LONGEST_YEARS = 10
_TELLS_WHO = N_(
    "This still tells who wrote the letter, and the bureau reads it. Leave out name, address and number."
)
_FROM_THE_SCAN = {
    "sender": "name",
    "address": "address",
    "phone": "phone",
    "email": "email",
    "date": "letter_date",
    "bureau": "about",
}
"""What the reader calls it → the field that it fills."""
_OF_THE_WRITER = frozenset({*_FROM_THE_SCAN.values(), "postmark"})


@dataclass(frozen=True, slots=True)
class Entered:
    """The fields as they were typed; unknown ones are left out, missing ones are empty."""

    text: str = ""
    subject: str = ""
    name: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    answer_by: str = "postal"
    language: str = "zh-Hans"
    identity: str = "confidential"
    large_print: str = ""
    urgent: str = ""
    about: str = ""
    letter_date: str = ""
    postmark: str = ""
    received_on: str = ""

    @classmethod
    def of(cls, form: Mapping[str, Any]) -> Entered:
        """Out of a posted form, or of a draft."""
        names = cls.__dataclass_fields__
        return cls(**{name: str(form[name])[: MAX_TEXT + 1] for name in names if name in form})

    @classmethod
    def begun(cls, letter: WholeLetter, county: County) -> Entered:
        """What the desk begins with: the draft, or what was found in the scan."""
        if letter.row.draft:
            return cls.of(letter.row.draft)
        text = text_of([page.lines for page in letter.pages])
        found = {field: str(letter.row.fields[name]["value"]) for name, field in sources(letter).items()}
        begun = cls(text=text, received_on=letter.row.received_on, language=languages.detect(text[:1000]))
        begun = replace(begun, **found)
        if may_be_named(text):
            begun = replace(begun, identity="named")
        begun = begun if begun.about in dict(county.bureaus) else replace(begun, about="")
        return begun.answerable().without_the_writer()

    @property
    def writer(self) -> Writer:
        """Who wrote it, as far as it was typed."""
        return Writer(self.name, self.phone, self.email, one_line(self.address))

    @property
    def secret(self) -> bool:
        """Whether only the office may know who wrote."""
        return self.identity in ("confidential", "anonymous")

    def answerable(self) -> Entered:
        """The same; where nothing is known for the way of the answer, by one for which something is."""
        there = {"postal": self.address, "phone": self.phone, "email": self.email}
        if there.get(self.answer_by, "").strip():
            return self
        known = (way for way, value in there.items() if value.strip())
        return replace(self, answer_by=next(known, "postal"))

    def without_the_writer(self) -> Entered:
        """The same; where it is secret who wrote, text and subject do not tell."""
        if not self.secret:
            return self
        text, subject = (left_out(each, self.writer, self.language) for each in (self.text, self.subject))
        return replace(self, text=text, subject=subject)

    def plain(self, line: str) -> str:
        """A line of the scan as the text of a secret letter has it."""
        return left_out(line, self.writer, self.language) if self.secret else line

    def continued(self, other: WholeLetter) -> Entered:
        """With the words of the letter whose pages follow; what is empty here is taken from there."""
        there = Entered.of(other.row.draft or {})
        text = there.text or text_of([page.lines for page in other.pages])
        found = other.row.fields or {}
        values = {field: str(found[name]["value"]) for name, field in sources(other).items()}
        values |= {name: value for name, value in asdict(there).items() if value and name in _OF_THE_WRITER}
        empty = {name: value for name, value in values.items() if not getattr(self, name)}
        whole = replace(self, text="\n\n".join(part for part in (self.text, text) if part), **empty)
        if may_be_named(text) and self.identity == "confidential":
            whole = replace(whole, identity="named")
        return whole.answerable().without_the_writer()

    def title(self) -> str:
        """What the case will be called."""
        if self.subject.strip():
            return self.subject.strip()
        return title(self.text, self.writer, secret=self.secret, language=self.language)

    @property
    def telling(self) -> bool:
        """Whether text or subject tell who wrote, though it is secret."""
        return self.secret and any(tells(each, self.writer) for each in (self.text, self.subject))

    def draft(self) -> dict[str, str]:
        """To be kept while typing."""
        return asdict(self)

    def errors(self, county: County, scanned_at: datetime) -> dict[str, str]:
        """What to mend: field → sentence, in the order of the page."""
        found = {
            "text": self._text_error(),
            "name": self._name_error(),
            "address": self._address_error(),
            "phone": phone_error(self.phone),
            "email": email_error(self.email),
            "answer_by": self._way_error(),
            "received_on": self._received_error(county, scanned_at),
            "letter_date": self._day_error(self.letter_date, scanned_at),
            "postmark": self._day_error(self.postmark, scanned_at),
            "subject": _(_TELLS_WHO) if self.secret and tells(self.subject, self.writer) else "",
            "about": ""
            if not self.about or self.about in dict(county.bureaus)
            else _("Choose from the list."),
        }
        return {field: sentence for field, sentence in found.items() if sentence}

    def form(self, county: County, pages: int) -> LetterForm:
        """The clean letter; call it only when there are no errors."""
        chosen = self.language if self.language in LANGUAGES else "zh-Hans"
        name = dict(county.bureaus).get(self.about)
        about = "" if name is None else (name.en if chosen == "en" else name.zh)
        return cleaned(
            LetterForm(
                text=self.text,
                subject=self.subject,
                name="" if self.identity == "anonymous" else self.name,
                address=one_line(self.address),
                phone=(phone_number(self.phone) or "") if self.phone.strip() else "",
                email=self.email.strip().lower(),
                answer_by=self.answer_by,
                language=chosen,
                anonymous=self.identity == "anonymous",
                confidential=self.identity == "confidential",
                large_print=bool(self.large_print),
                urgent=bool(self.urgent),
                about=self.about,
                about_name=about,
                letter_date=self.letter_date,
                postmark=self.postmark,
                received_on=self.received_on,
                pages=pages,
            )
        )

    def _text_error(self) -> str:
        if not self.text.strip():
            return _("Type what the letter says.")
        if len(self.text) > MAX_TEXT:
            return _("That is very long: at most %(limit)s characters.", limit=number(MAX_TEXT))
        return _(_TELLS_WHO) if self.secret and tells(self.text, self.writer) else ""

    def _name_error(self) -> str:
        if self.identity not in IDENTITIES:
            return _("Choose who may know the name.")
        if self.identity != "anonymous" and not self.name.strip():
            return _("Type the writer's name, or choose “anonymous”.")
        return ""

    def _address_error(self) -> str:
        return _("This address is too long for an envelope.") if len(self.address) > MAX_ADDRESS else ""

    def _way_error(self) -> str:
        if self.answer_by not in WAYS:
            return _("Choose from the list.")
        there = {"postal": self.address, "email": self.email, "phone": self.phone}
        others = any(value.strip() for way, value in there.items() if way != self.answer_by)
        if not there[self.answer_by].strip() and (self.answer_by != "postal" or others):
            return _("The answer cannot go this way: what it needs is missing above.")
        return ""

    def _received_error(self, county: County, scanned_at: datetime) -> str:
        try:
            begins = received_at(self.received_on, scanned_at, county.zone)
        except LetterRefused as refused:
            return say(refused.text)
        except ValueError:
            return _("Give the day on which the letter came.")
        if scanned_at.year - begins.year > _LONGEST_YEARS:
            return _("That is too long ago.")
        return ""

    def _day_error(self, typed: str, scanned_at: datetime) -> str:
        if not typed.strip():
            return ""
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            return _("Write the day as year-month-day, for example 2026-03-05.")
        return _("This day is after the scan.") if (day - scanned_at.date()).days > 1 else ""


def sources(letter: WholeLetter) -> dict[str, str]:
    """What was found in the scan → the form's field, in the reader's order."""
    found = letter.row.fields or {}
    return {name: field for name, field in _FROM_THE_SCAN.items() if found.get(name, {}).get("value")}
