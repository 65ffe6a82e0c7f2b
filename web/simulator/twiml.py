"""TwiML read safely: an answer's bytes → the verbs in it. No DTD, no entities, 64 KB at most, as at Twilio.

Source: https://www.twilio.com/docs/voice/twiml
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

MOST_BYTES = 64 * 1024
MOST_VERBS = 200
_DECLARATION = re.compile(r"<!(?!--|\[CDATA\[)")
_ENCODING = re.compile(r"^\s*<\?xml[^>]*\?>")


class BrokenTwiml(Exception):
    """The answer is no TwiML; says why in a few words."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One element: its name, attributes, text with inner marks (SSML) taken off, and nested verbs."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple[Verb, ...] = ()

    def get(self, name: str, fallback: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, fallback)

    def number(self, name: str, fallback: float, most: float) -> float:
        """A number from an attribute, within 0 and ``most``."""
        try:
            value = float(self.attributes.get(name, fallback))
        except ValueError:
            return fallback
        return min(max(value, 0.0), most) if value == value else fallback


def read_twiml(body: bytes) -> tuple[Verb, ...]:
    """The verbs of ``<Response>``; none when the answer is empty. Raises :class:`BrokenTwiml`."""
    if len(body) > MOST_BYTES:
        raise BrokenTwiml("longer than 64 KB (Twilio error 11750)")
    try:
        text = _ENCODING.sub("", body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BrokenTwiml("not UTF-8") from None
    if not text.strip():
        return ()
    if _DECLARATION.search(text) or "\0" in text:
        raise BrokenTwiml("it declares entities or a document type")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise BrokenTwiml(f"not XML: {error} (Twilio error 12100)") from None
    if root.tag != "Response":
        raise BrokenTwiml("its root is not <Response> (Twilio error 12100)")
    if len(root) > MOST_VERBS:
        raise BrokenTwiml(f"more than {MOST_VERBS} verbs")
    return tuple(_verb(element, nested=element.tag in ("Gather", "Dial", "Message")) for element in root)


def _verb(element: ElementTree.Element, *, nested: bool) -> Verb:
    children = tuple(_verb(child, nested=False) for child in element[:MOST_VERBS]) if nested else ()
    own = element.text or "" if nested else "".join(element.itertext())
    return Verb(str(element.tag), dict(element.attrib), " ".join(own.split()), children)
