"""The web form as a channel. You are here: page → *form → submission* → intake; later *raw → reading*.

The raw message is the form's fields as canonical JSON; files were stored by the page before. A form that
adds to a case carries the case's token, as a reply to an e-mail does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

import phonenumbers

from channels.reading import clean
from intake.columns import canonical_json
from intake.contracts import Contact, Json, Reading, StoredAttachment, Submission, UnreadableSubmission

CHANNEL = "web"
MAX_TEXT = 20_000
"""Characters of a complaint."""
MAX_LINE = 200
"""Characters of a one-line field."""
MAX_RAW = 512 * 1024
_LANGUAGES = ("zh-Hans", "zh-Hant", "en")
_SUBJECT_LENGTH = 40
_LONG = ("text",)
_ENDS = "。！？；!?;\n"


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
    form = cleaned(_form(raw))
    return Reading(
        subject=form.subject or _first_words(form.text),
        body=_body(form),
        sender_name=form.name,
        contacts=_contacts(form),
        language=form.language if form.language in _LANGUAGES else "zh-Hans",
        token=form.token or None,
        anonymous=form.anonymous,
        confidential=form.confidential,
        place=form.place,
        category=form.category,
        subject_bureau=form.bureau if form.about_bureau else "",
    )


def _form(raw: bytes) -> ComplaintForm:
    if len(raw) > MAX_RAW:
        raise UnreadableSubmission(f"the form is larger than {MAX_RAW} bytes")
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UnreadableSubmission("the form is not JSON") from error
    if not isinstance(values, dict) or not isinstance(values.get("text"), str):
        raise UnreadableSubmission("the form has no text")
    kinds: dict[str, type] = {f.name: bool if f.type == "bool" else str for f in fields(ComplaintForm)}
    known = {name: value for name, value in values.items() if name in kinds}
    for name, value in known.items():
        if not isinstance(value, kinds[name]):
            raise UnreadableSubmission(f"the form's field {name!r} is not of its kind")
    return ComplaintForm(**known)


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


def _body(form: ComplaintForm) -> str:
    """All that was written. What stands in fields of its own follows the text in plain words, so that
    whoever handles the case reads it, and routing finds the bureau that was asked for."""
    english = form.language == "en"
    lines = []
    if form.place:
        lines.append(f"Where: {form.place}" if english else f"地点：{form.place}")
    if form.when:
        lines.append(f"When: {form.when}" if english else f"时间：{form.when}")
    if form.bureau_name and form.about_bureau:
        lines.append(f"Complaint about: {form.bureau_name}" if english else f"被投诉单位：{form.bureau_name}")
    elif form.bureau_name:
        asked = f"To be handled by: please {form.bureau_name}"
        lines.append(asked if english else f"希望由谁办理：请{form.bureau_name}处理")
    return "\n\n".join(part for part in (form.text, "\n".join(lines)) if part)


def _first_words(text: str) -> str:
    """A subject for a complaint without one: its first sentence, shortened."""
    start = next((i for i, c in enumerate(text[:400]) if c in _ENDS and i > 3), min(len(text), 400))
    words = clean.line(text[:start], 400)
    return words if len(words) <= _SUBJECT_LENGTH else words[: _SUBJECT_LENGTH - 1].rstrip() + "…"
