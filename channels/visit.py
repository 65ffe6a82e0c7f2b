"""A visit as a channel. You are here: desk or kiosk → *form → submission* → intake; later *raw → reading*.

The raw message is the form as canonical JSON. The number of nobody's identity document is in it: the page
that was shown one hands on a keyed hash and the last four characters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from channels.reading import clean
from channels.reading.forms import LANGUAGES, typed, with_fields
from channels.reading.raw import opened
from intake.attention import Attention
from intake.columns import canonical_json
from intake.contracts import (
    Companion,
    Contact,
    Identity,
    Json,
    Reading,
    StoredAttachment,
    Submission,
    UnreadableSubmission,
)

CHANNEL = "visit"
MAX_TEXT = 20_000
"""Characters of what happened."""
MAX_LINE = 200
"""Characters of a one-line field."""
MAX_VISITORS = 15
"""Who is entered by name; more may have come."""
MAX_PRESENT = 5000
MOST_REPRESENTATIVES = 5
"""信访工作条例 (2022) 第二十条: 多人走访应当推选代表, 代表人数不得超过5人.
The desk is warned; nobody is refused."""
NEEDS = ("wheelchair", "reading_aloud", "large_print", "child", "elderly")
"""Help that a visitor may ask for."""
WAYS = ("phone", "email", "postal")
"""What a visitor may choose for the answer: the field of :class:`Visitor` that it goes to."""
PLACES = ("desk", "kiosk")
MAX_RAW = 512 * 1024
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Visitor:
    """One who came, with every way to reach them; none is fine: they follow by reference and code.

    ``answer_by`` is one of :data:`WAYS`, or "" for the first that was given. The document is told by its
    ``document`` kind, keyed ``number_hash`` (64 hex digits) and ``last4``; all "" when none was shown.
    """

    name: str = ""
    phone: str = ""  # E.164
    email: str = ""
    postal: str = ""
    answer_by: str = ""
    document: str = ""
    number_hash: str = ""
    last4: str = ""


@dataclass(frozen=True, slots=True)
class VisitForm:
    """What was entered of one visit; the first of ``visitors`` speaks for all.

    ``present`` counts who came, also those not entered by name; 0 when nobody counted. ``bureau`` is a code
    and ``bureau_name`` its name in the visitor's language. ``interpreter`` says for which language, dialect
    or sign language. ``entered_at`` is one of :data:`PLACES`.
    """

    text: str
    visitors: tuple[Visitor, ...] = ()
    present: int = 0
    place: str = ""
    when: str = ""
    bureau: str = ""
    bureau_name: str = ""
    about_bureau: bool = False
    category: str = ""
    anonymous: bool = False
    confidential: bool = False
    language: str = "zh-Hans"
    needs: tuple[str, ...] = ()
    interpreter: str = ""
    urgent: bool = False
    safety: bool = False
    entered_at: str = "desk"


def cleaned(form: VisitForm) -> VisitForm:
    """``form`` without NUL, lone surrogates and controls, each text and each list within its limit."""
    values = {f.name: getattr(form, f.name) for f in fields(form)}
    for name, value in values.items():
        if isinstance(value, str) and name != "text":
            values[name] = clean.line(value, MAX_LINE)
    values["text"] = clean.text(form.text)[:MAX_TEXT].strip()
    values["present"] = max(0, min(form.present, MAX_PRESENT))
    values["needs"] = tuple(need for need in NEEDS if need in form.needs)
    values["visitors"] = tuple(
        Visitor(**{name: clean.line(value, MAX_LINE) for name, value in asdict(visitor).items()})
        for visitor in form.visitors[:MAX_VISITORS]
    )
    return VisitForm(**values)


def submission(
    form: VisitForm,
    key: str,
    received_at: datetime,
    envelope: Json | None = None,
    attachments: Sequence[StoredAttachment] = (),
) -> Submission:
    """The submission of ``form``. ``key`` is the page's idempotency key, the same on every resend.

    What was sent under the same key with other words is another visit: the desk went back and wrote anew.
    """
    raw = canonical_json(asdict(cleaned(form))).encode()
    sent_as = f"{key}-{hashlib.sha256(raw).hexdigest()[:16]}"
    return Submission(
        channel=CHANNEL,
        external_id=sent_as,
        dedupe_key=hashlib.sha256("\0".join((CHANNEL, sent_as)).encode()).hexdigest(),
        received_at=received_at,
        raw=raw,
        envelope=dict(envelope or {}),
        attachments=tuple(attachments),
        wants_reference=True,
    )


def read(raw: bytes, envelope: Json) -> Reading:
    """Understand one raw form. Pure; raises :class:`UnreadableSubmission` for anything but a form."""
    form = cleaned(_form(raw))
    people = [_person(visitor) for visitor in form.visitors] or [Companion("")]
    speaker, others = people[0], people[1:]
    return Reading(
        subject=clean.opening(form.text),
        body=with_fields(
            form.text,
            form.language,
            place=form.place,
            when=form.when,
            bureau_name=form.bureau_name,
            about_bureau=form.about_bureau,
        ),
        sender_name=speaker.name,
        contacts=speaker.contacts,
        language=form.language if form.language in LANGUAGES else "zh-Hans",
        anonymous=form.anonymous,
        confidential=form.confidential,
        place=form.place,
        category=form.category,
        subject_bureau=form.bureau if form.about_bureau else "",
        attention=Attention.SAFETY if form.safety else "",
        companions=tuple(others),
        identity=speaker.identity,
        urgent=form.urgent or form.safety,
        large_print="large_print" in form.needs,
        details=_details(form),
    )


def _details(form: VisitForm) -> dict[str, Any]:
    """For the staff, flat; names stand under ``spokesman`` and ``visitors`` (one a line) and nowhere else."""
    names = [visitor.name for visitor in form.visitors if visitor.name]
    known = {
        "entered_at": form.entered_at if form.entered_at in PLACES else "",
        "present": max(form.present, len(form.visitors)),
        "spokesman": names[0] if len(form.visitors) > 1 and names else "",
        "visitors": "\n".join(names) if len(form.visitors) > 1 else "",
        "needs": ",".join(form.needs),
        "interpreter": form.interpreter,
        "urgent": form.urgent or form.safety,
        "safety": form.safety,
    }
    return {name: value for name, value in known.items() if value}


def _person(visitor: Visitor) -> Companion:
    ways = sorted(WAYS, key=lambda way: way != visitor.answer_by)
    values = ((way, visitor.email.lower() if way == "email" else getattr(visitor, way)) for way in ways)
    contacts = tuple(Contact(way, value) for way, value in values if value)
    return Companion(visitor.name, contacts, _identity(visitor))


def _identity(visitor: Visitor) -> Identity | None:
    """None for what no page hands on; a forged raw message puts nothing into the register of documents."""
    if not visitor.document or len(visitor.number_hash) != 64 or not set(visitor.number_hash) <= _HEX:
        return None
    return Identity(visitor.document[:24], visitor.number_hash, visitor.last4[-4:])


def _form(raw: bytes) -> VisitForm:
    known = typed(VisitForm, opened(raw, MAX_RAW, "the form"))
    visitors = known.get("visitors", ())[:MAX_VISITORS]
    if not all(isinstance(visitor, dict) for visitor in visitors):
        raise UnreadableSubmission("the form's field 'visitors' is not of its kind")
    known["visitors"] = tuple(Visitor(**typed(Visitor, visitor)) for visitor in visitors)
    known["needs"] = tuple(need for need in known.get("needs", ()) if isinstance(need, str))
    return VisitForm(**known)
