"""One call that Twilio makes to us, free of any web framework.

You are here: Twilio → server → **Call** → signature → fields. Whoever serves the call (Flask, or the
quicker server) copies these few values out of its own request; nothing else of it is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

MAX_BODY = 64 * 1024
"""Bytes of one call's form. 1,600 characters take 15 KB when each is three escaped bytes."""
MAX_FIELDS = 200
FORM = "application/x-www-form-urlencoded"
EMPTY_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
SID = re.compile(r"[A-Za-z0-9_-]{2,64}")

Fields = Sequence[tuple[str, str]]
"""Names and values in the order in which they came; blank ones and repeated names included."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived. ``target`` is path and query as they stand in the request line.

    ``scheme``, ``host`` and the two forwarded headers serve the diagnosis alone: signatures are checked
    over the configured public address, never over what a caller says. ``algorithm`` is the header
    X-Twilio-Webhooks-Signature-Settings.
    """

    target: str
    body: bytes
    signature: str = ""
    content_type: str = FORM
    scheme: str = ""
    host: str = ""
    forwarded_host: str = ""
    forwarded_proto: str = ""
    algorithm: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Twilio hears."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


TAKEN = Answer(200, EMPTY_TWIML, "text/xml; charset=utf-8")
NOT_A_FORM = Answer(415, b"Send a form (application/x-www-form-urlencoded).\n")
TOO_LARGE = Answer(413, b"This call is larger than 64 KB.\n")
UNREADABLE = Answer(400, b"This form cannot be read.\n")
INCOMPLETE = Answer(400, b"This form lacks a field that every call of this kind has.\n")
FORGED = Answer(403, b"The signature does not match.\n")
UNAVAILABLE = Answer(503, b"This could not be stored just now; please try again.\n")


def parse(call: Call) -> Fields | Answer:
    """The fields of ``call``, or why it is refused. Bounded by ``MAX_BODY`` and ``MAX_FIELDS``."""
    if call.content_type.partition(";")[0].strip().lower() != FORM:
        return NOT_A_FORM
    if len(call.body) > MAX_BODY:
        return TOO_LARGE
    try:
        return parse_qsl(
            call.body.decode("utf-8", "replace"),
            keep_blank_values=True,  # they count in the signature
            errors="replace",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        return UNREADABLE


def collected(fields: Fields) -> dict[str, Any]:
    """``fields`` by name: a string each, a list where a name came more than once."""
    found: dict[str, Any] = {}
    for name, value in fields:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def first(fields: Mapping[str, Any], name: str) -> str:
    """The first value of ``name``; "" when there is none."""
    value = fields.get(name, "")
    if isinstance(value, list):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""
