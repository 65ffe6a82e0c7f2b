"""Understands one text or WhatsApp message. You are here: raw fields → **Reading** → filing and dialogue.

Pure and bounded. Field names are Twilio's: https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import phonenumbers

from channels.reading import clean, language
from channels.reading.raw import opened
from channels.sms.receiving import E164, SMS, parted
from channels.twilio.webhook import first
from intake.contracts import Automatic, Contact, Json, Reading, RemoteFile

MAX_RAW = 512 * 1024
MAX_TEXT = 20_000
MAX_MEDIA = 10
"""Twilio sends no more with one message."""
OPT_OUT = {"STOP": "stop", "START": "start", "HELP": "help"}
"""What Twilio itself understood the message to be, as the key of a choice."""

_TOO_SHORT = 3
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_LATIN = re.compile("[A-Za-z]")
_LINK = re.compile(r"https?://\S+")
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,12})?")
_KINDS = phonenumbers.PhoneNumberType
_MAY_TAKE_TEXTS = frozenset(
    {_KINDS.MOBILE, _KINDS.FIXED_LINE_OR_MOBILE, _KINDS.VOIP, _KINDS.PERSONAL_NUMBER, _KINDS.UNKNOWN}
)
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "audio/ogg": "ogg",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
}


def read(raw: bytes, envelope: Json) -> Reading:
    """Understand one message; raises :class:`UnreadableSubmission` for anything but a message's fields."""
    fields = opened(raw, MAX_RAW, "the message")
    channel, number = parted(first(fields, "From").strip())
    contact = _contact(channel, number)
    itself = contact is not None and parted(first(fields, "To").strip()) == (channel, number)
    text = clean.text(first(fields, "Body"))[:MAX_TEXT].strip()
    tongue = told_language(text)
    place, where = _place(fields, tongue)
    remote, problems = _media(fields)
    return Reading(
        subject=clean.opening(text),
        body="\n".join(part for part in (text, where) if part),
        sender_name=clean.line(first(fields, "ProfileName"), 100),
        contacts=(contact,) if contact else (),
        language=tongue,
        automatic=Automatic.NONE if contact and not itself else Automatic.BULK,
        thread=_thread(fields),
        confidential=True,
        place=place,
        problems=problems,
        remote=remote,
        choice=_choice(fields),
    )


def told_language(text: str) -> str:
    """The language of ``text``; "" when it is too short to tell: filing then keeps the conversation's.

    A number, a face, "ok" say nothing: no Chinese character and fewer than three letters.
    """
    words = _LINK.sub("", text)
    if not _HAN.search(words) and len(_LATIN.findall(words[:500])) < _TOO_SHORT:
        return ""
    return language.detect(words)


def may_take_texts(number: str) -> bool:
    """Whether a text can reach this E.164 number.

    A telephone on the wall is called instead. A number of an unknown kind is tried: its carrier tells us.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) in _MAY_TAKE_TEXTS


def _contact(channel: str, number: str) -> Contact | None:
    """Where the answer goes; None for a short code or a name, which no answer reaches.

    A number that no numbering plan has is still who writes: limits are counted by person.
    """
    if not E164.fullmatch(number):
        return None
    return Contact("phone" if channel == SMS else "whatsapp", _canonical(number))


def _canonical(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _thread(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The message of ours that was quoted (WhatsApp)."""
    quoted = clean.line(first(fields, "OriginalRepliedMessageSid"), 64)
    return (quoted,) if quoted else ()


def _choice(fields: Mapping[str, Any]) -> str:
    """The button that was pressed (WhatsApp), or the opt-out word that Twilio recognised."""
    pressed = clean.line(first(fields, "ButtonPayload") or first(fields, "ListId"), 64)
    return pressed or OPT_OUT.get(first(fields, "OptOutType").upper(), "")


def _place(fields: Mapping[str, Any], tongue: str) -> tuple[str, str]:
    """The place that was shared, and a line of the body that says so; ("", "") when none was."""
    latitude, longitude = first(fields, "Latitude").strip(), first(fields, "Longitude").strip()
    named = [clean.line(first(fields, name), 200) for name in ("Label", "Address")]
    words = ", ".join(dict.fromkeys(name for name in named if name))
    point = ""
    if _NUMBER.fullmatch(latitude) and _NUMBER.fullmatch(longitude):
        point = f"{latitude}, {longitude}"
    if not point and not words:
        return "", ""
    shown = f"{words} ({point})" if words and point else words or point
    return words or point, f"Location: {shown}" if tongue == "en" else f"位置：{shown}"


def _media(fields: Mapping[str, Any]) -> tuple[tuple[RemoteFile, ...], tuple[str, ...]]:
    """The pictures and recordings that lie with Twilio, and what was wrong with their list."""
    said = first(fields, "NumMedia").strip()
    if not said.isascii() or not said.isdigit() or len(said) > 3:
        return (), ("NumMedia is not a number",) if said else ()
    count = int(said)
    problems = [] if count <= MAX_MEDIA else [f"only the first {MAX_MEDIA} of {count} files are fetched"]
    files = []
    for index in range(min(count, MAX_MEDIA)):
        address = first(fields, f"MediaUrl{index}").strip()
        kind = first(fields, f"MediaContentType{index}").partition(";")[0].strip().lower()
        if not _MEDIA_TYPE.fullmatch(kind):
            kind = "application/octet-stream"
        if not address or len(address) > 2000:
            problems.append(f"file {index + 1} has no usable address")
            continue
        name = f"{kind.partition('/')[0]}-{index + 1}.{_EXTENSIONS.get(kind, 'bin')}"
        files.append(RemoteFile(clean.line(address, 2000), name, kind))
    return tuple(files), tuple(problems)
