"""Parameters of Content-Type and Content-Disposition (RFC 2045, RFC 2231), sound or broken.

You are here: between the raw header and the part that it describes.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from channels.email.reader import charsets, words

MAX_HEADER = 20_000  # characters of one structured header looked at
_PARAMETER = re.compile(r';\s*+([^\s=;"]{1,80})\s*+=\s*+("(?:[^"\\]++|\\.)*+"?|[^;]*+)', re.S)
_SECTION = re.compile(r"(.+?)\*(\d{1,3})(\*?)")
_ESCAPED = re.compile(r'\\(["\\])')
_SIMPLE = re.compile(r"\s*+([a-z0-9!#$&^_.+-]{1,64}/[a-z0-9!#$&^_.+-]{1,100})\s*+(?:;.*)?", re.I | re.S)


def parse(value: str) -> tuple[str, dict[str, str]]:
    """The lower-cased leading word of ``value`` and its parameters by lower-case name, decoded."""
    value = value[:MAX_HEADER]
    head, semicolon, _ = value.partition(";")
    if not semicolon:
        return head.strip().lower(), {}
    plain: dict[str, str] = {}
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for name, raw in _PARAMETER.findall(value, len(head)):
        name = name.lower()
        text = _unquote(raw)
        section = _SECTION.fullmatch(name)
        if section:
            found = sections.setdefault(section.group(1), [])
            if len(found) < 200:
                found.append((int(section.group(2)), bool(section.group(3)), text))
        elif name.endswith("*"):
            sections.setdefault(name[:-1], []).append((0, True, text))
        else:
            plain.setdefault(name, words.decode(text))
    for name, parts in sections.items():
        plain[name] = _join(parts)
    return head.strip().lower(), plain


def media_type(leading: str) -> str:
    """``leading`` when it is a sane type/subtype, else ""."""
    match = _SIMPLE.fullmatch(leading)
    return match.group(1).lower() if match else ""


def _unquote(raw: str) -> str:
    raw = raw.strip()
    if raw.startswith('"'):
        # Only the two escapes that mean something: C:\new\file.doc is a path, not an escape.
        raw = _ESCAPED.sub(r"\1", raw[1:].removesuffix('"'))
    return raw


def _join(parts: list[tuple[int, bool, str]]) -> str:
    """The text of RFC 2231 sections, in number order, decoded as one run of bytes."""
    charset = ""
    joined: list[bytes] = []
    for position, (_, extended, text) in enumerate(sorted(parts, key=lambda part: part[0])):
        if position == 0 and extended and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        joined.append(unquote_to_bytes(text) if extended else text.encode("utf-8", "replace"))
    return words.decode(charsets.decode(b"".join(joined), charset))
