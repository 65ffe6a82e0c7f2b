"""Builds raw mails for the tests, byte by byte, so that they can be wrong in every way."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable

ENVELOPE = {"mail_from": "wang@citizen.example", "rcpt_to": ["complaints@gaoyao.example"]}
BODY = "西江路路灯坏了两周，晚上很黑，请派人修理。"


def mail(
    body: bytes | str = BODY,
    *,
    subject: bytes | str = "路灯坏了",
    sender: bytes | str = "Wang <wang@citizen.example>",
    kind: str = "text/plain; charset=utf-8",
    extra: Iterable[bytes | str] = (),
    message_id: str = "<m1@citizen.example>",
) -> bytes:
    """A mail with CRLF line ends; ``extra`` are further header lines."""
    lines: list[bytes | str] = [b"From: " + _bytes(sender), "To: complaints@gaoyao.example"]
    lines += [b"Subject: " + _bytes(subject), "Date: Mon, 2 Mar 2026 09:00:00 +0800"]
    lines += [f"Message-ID: {message_id}", "MIME-Version: 1.0", f"Content-Type: {kind}", *extra]
    return b"\r\n".join(map(_bytes, lines)) + b"\r\n\r\n" + _bytes(body)


def part(content: bytes | str, *lines: bytes | str) -> bytes:
    """One part of a multipart: header lines and content."""
    return b"\r\n".join(map(_bytes, lines)) + b"\r\n\r\n" + _bytes(content)


def parts(*inner: bytes, boundary: str = "B", close: bool = True) -> bytes:
    """The body of a multipart."""
    mark = b"--" + boundary.encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in inner) + (mark + b"--\r\n" if close else b"")


def multipart(*inner: bytes, subtype: str = "mixed", boundary: str = "B", **more: object) -> bytes:
    """A whole multipart mail."""
    return mail(parts(*inner, boundary=boundary), kind=f'multipart/{subtype}; boundary="{boundary}"', **more)  # type: ignore[arg-type]


def b64(content: bytes | str) -> bytes:
    """Base64 in lines of 76."""
    return base64.encodebytes(_bytes(content)).replace(b"\n", b"\r\n")


def word(text: str, charset: str = "utf-8") -> str:
    """One encoded word."""
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def winmail(text: str, filename: str, content: bytes) -> bytes:
    """A small TNEF stream with a body in MAPI properties and one attachment."""
    body = text.encode("utf-16-le") + b"\0\0"
    prop = struct.pack("<IHHII", 1, 0x1F, 0x1000, 1, len(body)) + body + b"\0" * (-len(body) % 4)
    long_name = filename.encode("utf-16-le") + b"\0\0"
    name = (
        struct.pack("<IHHII", 1, 0x1F, 0x3707, 1, len(long_name)) + long_name + b"\0" * (-len(long_name) % 4)
    )
    rows = [(1, 0x69003, prop), (2, 0x69002, b"\0" * 14), (2, 0x6800F, content), (2, 0x69005, name)]
    out = b"\x78\x9f\x3e\x22\x01\x00"
    for level, identity, value in rows:
        out += (
            struct.pack("<BII", level, identity, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
        )
    return out


def _bytes(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text
