"""A letter that a person confirmed, as a submission. You are here: letter desk → *form → submission* →
intake; later *raw → reading*.

The raw message is the confirmed form as canonical JSON; the scan's files are its attachments. Nothing is
read out of the scan any more: what counts is what the person confirmed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from channels.letter.secrecy import Writer
from channels.letter.title import title
from channels.reading import clean
from channels.reading.forms import LANGUAGES, typed
from channels.reading.raw import opened
from intake.columns import canonical_json
from intake.contracts import Contact, Json, Reading, StoredAttachment, Submission, UnreadableSubmission

CHANNEL = "letter"
MAX_TEXT = 100_000
"""Characters of a letter."""
MAX_LINE = 200
MAX_ADDRESS = 300
MAX_RAW = 1024 * 1024
WAYS = ("postal", "email", "phone")
"""How an answer can go back."""
_DAYS = ("letter_date", "postmark", "received_on")


@dataclass(frozen=True, slots=True)
class LetterForm:
    """What a person confirmed; every text is clean (see :func:`cleaned`).

    ``address`` is on one line, its parts separated by ", ". ``answer_by`` is how an answer is wished: postal
    unless the writer asked for another way. ``about`` is the code of the bureau complained about,
    ``about_name`` its name in the letter's language. Days are ISO 8601, "" when unknown; ``phone`` is E.164.
    """

    text: str
    subject: str = ""
    name: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    answer_by: str = "postal"
    language: str = "zh-Hans"
    anonymous: bool = False
    confidential: bool = False
    large_print: bool = False
    urgent: bool = False
    about: str = ""
    about_name: str = ""
    letter_date: str = ""
    postmark: str = ""
    received_on: str = ""
    pages: int = 0


def cleaned(form: LetterForm) -> LetterForm:
    """``form`` without NUL, lone surrogates and controls, each text within its limit."""
    values: dict[str, Any] = asdict(form)
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = clean.line(value, MAX_ADDRESS if name == "address" else MAX_LINE)
    values["text"] = clean.text(form.text)[:MAX_TEXT].strip()
    for name in _DAYS:
        values[name] = values[name] if _is_day(values[name]) else ""
    return LetterForm(**values)


def one_line(address: str) -> str:
    """A postal address as it was typed, several lines or one, in the form that contacts have."""
    parts = (clean.line(part.strip().strip(",，"), MAX_ADDRESS) for part in clean.text(address).splitlines())
    return ", ".join(part for part in parts if part)[:MAX_ADDRESS]


def submission(
    form: LetterForm,
    letter_id: str,
    received_at: datetime,
    attachments: Sequence[StoredAttachment],
    envelope: Json,
) -> Submission:
    """The submission of a confirmed letter: one letter is one submission, however often it is confirmed."""
    return Submission(
        channel=CHANNEL,
        external_id=letter_id,
        dedupe_key=hashlib.sha256("\0".join((CHANNEL, letter_id)).encode()).hexdigest(),
        received_at=received_at,
        raw=canonical_json(asdict(cleaned(form))).encode(),
        envelope=envelope,
        attachments=tuple(attachments),
        wants_reference=True,
    )


def read(raw: bytes, envelope: Json) -> Reading:
    """Understand one confirmed form. Pure; raises :class:`UnreadableSubmission` for anything else."""
    form = cleaned(_form(raw))
    return Reading(
        subject=form.subject or title_of(form),
        body=_body(form),
        sender_name=form.name,
        contacts=_contacts(form),
        language=form.language if form.language in LANGUAGES else "zh-Hans",
        anonymous=form.anonymous,
        confidential=form.confidential,
        subject_bureau=form.about,
        urgent=form.urgent,
        large_print=form.large_print,
        details=_details(form),
    )


def _form(raw: bytes) -> LetterForm:
    form = LetterForm(**typed(LetterForm, opened(raw, MAX_RAW, "the form")))
    if not form.text.strip():
        raise UnreadableSubmission("the form has no text")
    if not 0 <= form.pages < 100_000:
        raise UnreadableSubmission("the form's field 'pages' is not of its kind")
    return form


def title_of(form: LetterForm) -> str:
    """What the case is called when nobody typed a subject."""
    writer = Writer(form.name, form.phone, form.email, form.address)
    return title(form.text, writer, secret=form.confidential or form.anonymous, language=form.language)


def _contacts(form: LetterForm) -> tuple[Contact, ...]:
    """The post first, since the writer chose paper, unless another way is wished."""
    known = {
        "postal": Contact("postal", form.address) if form.address else None,
        "email": Contact("email", form.email.lower()) if form.email else None,
        "phone": Contact("phone", form.phone) if form.phone else None,
    }
    order = sorted(WAYS, key=lambda way: way != form.answer_by)
    return tuple(contact for way in order if (contact := known[way]) is not None)


def _details(form: LetterForm) -> dict[str, Any]:
    facts = {name: getattr(form, name) for name in (*_DAYS, "pages")}
    return {name: value for name, value in facts.items() if value}


def _body(form: LetterForm) -> str:
    """All that was written; the bureau it is about follows in plain words, as with the web form."""
    if not form.about_name or form.about_name in form.text:
        return form.text
    about = "Complaint about: " if form.language == "en" else "被投诉单位："
    return f"{form.text}\n\n{about}{form.about_name}"


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
