"""The web form as a channel. You are here: page → *form → submission* → intake; later *raw → reading*.

The raw message is the form's fields as canonical JSON; files were stored by the page before. A form that
adds to a case carries the case's token, as a reply to an e-mail does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import phonenumbers

from channels.reading import clean
from channels.reading.forms import LANGUAGES, typed, with_fields
from channels.reading.raw import opened
from intake.columns import canonical_json
from intake.contracts import Contact, Json, Reading, StoredAttachment, Submission

CHANNEL = "web"
MAX_TEXT = 20_000
"""Characters of a complaint."""
MAX_LINE = 200
"""Characters of a one-line field."""
MAX_RAW = 512 * 1024
_LONG = ("text",)


@dataclass(frozen=True, slots=True)
class ComplaintForm:
    """What a person filled in; every text is clean (see :func:`cleaned`).

    ``bureau`` is a code and ``bureau_name`` its name in the person's language; ``about_bureau`` says
    that the complaint is about that very bureau. ``token`` and ``member`` (the participation's key) are
    set when the form adds to a case.
    """

    text: str
    subject: str = ""
    bureau: str = ""
    bureau_name: str = ""
    about_bureau: bool = False
    category: str = ""
    place: str = ""
    when: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""  # E.164
    anonymous: bool = False
    confidential: bool = False
    language: str = "zh-Hans"
    token: str = ""
    member: str = ""


def cleaned(form: ComplaintForm) -> ComplaintForm:
    """``form`` without NUL, lone surrogates and controls, each text within its limit."""
    values: dict[str, Any] = asdict(form)
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = (
                clean.text(value)[:MAX_TEXT].strip() if name in _LONG else clean.line(value, MAX_LINE)
            )
    return ComplaintForm(**values)


def phone_number(typed: str, region: str = "CN") -> str | None:
    """The E.164 number that somebody typed, or None when no such number can exist."""
    try:
        number = phonenumbers.parse(clean.line(typed, 40), region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def submission(
    form: ComplaintForm, key: str, received_at: datetime, attachments: Sequence[StoredAttachment] = ()
) -> Submission:
    """The submission of ``form``; ``key`` is the page's idempotency key, the same on every resend."""
    digest = hashlib.sha256("\0".join((CHANNEL, key)).encode()).hexdigest()
    return Submission(
        channel=CHANNEL,
        external_id=key,
        dedupe_key=digest,
        received_at=received_at,
        raw=canonical_json(asdict(cleaned(form))).encode(),
        attachments=tuple(attachments),
        wants_reference=not form.token,
    )


def read(raw: bytes, envelope: Json) -> Reading:
    """Understand one raw form. Pure; raises :class:`UnreadableSubmission` for anything but a form."""
    form = cleaned(ComplaintForm(**typed(ComplaintForm, opened(raw, MAX_RAW, "the form"))))
    return Reading(
        subject=form.subject or clean.opening(form.text),
        body=with_fields(
            form.text,
            form.language,
            place=form.place,
            when=form.when,
            bureau_name=form.bureau_name,
            about_bureau=form.about_bureau,
        ),
        sender_name=form.name,
        contacts=_contacts(form),
        language=form.language if form.language in LANGUAGES else "zh-Hans",
        token=form.token or None,
        anonymous=form.anonymous,
        confidential=form.confidential,
        place=form.place,
        category=form.category,
        subject_bureau=form.bureau if form.about_bureau else "",
    )


def _contacts(form: ComplaintForm) -> tuple[Contact, ...]:
    """The e-mail first, since an answer can travel there; the page itself only for who has no address."""
    found = []
    if form.email:
        found.append(Contact("email", form.email.lower()))
    if form.phone:
        found.append(Contact("phone", form.phone))
    if form.member and not form.email:
        found.insert(0, Contact("web", form.member))
    return tuple(found)
