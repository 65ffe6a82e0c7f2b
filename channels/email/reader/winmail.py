"""winmail.dat: Outlook's own envelope (MS-OXTNEF), opened with care.

You are here: a part of type application/ms-tnef. Every length in it is the sender's claim, so all
reads go through one bounded cursor; a false length ends the reading with what was found so far.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels.email.reader import charsets, hypertext, richtext
from channels.reading import clean
from intake.contracts import ReadAttachment

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_ATTACHMENTS = 100
_MAX_ATTRIBUTES = 2000
_MAX_PROPERTIES = 500
_MAX_TEXT = 1_000_000
_BODY, _ATTACH_DATA, _ATTACH_TITLE, _ATTACH_BEGIN = 0x800C, 0x800F, 0x8010, 0x9002
_MESSAGE_PROPERTIES, _ATTACH_PROPERTIES, _CODEPAGE = 0x9003, 0x9005, 0x9007
_FIXED = {
    0x0: 0,
    0x1: 0,
    0x2: 4,
    0x3: 4,
    0x4: 4,
    0x5: 8,
    0x6: 8,
    0x7: 8,
    0xA: 4,
    0xB: 4,
    0x14: 8,
    0x40: 8,
    0x48: 16,
}
_COUNTED = frozenset((0xD, 0x1E, 0x1F, 0x102))
_P_BODY, _P_RTF, _P_HTML, _P_NAME, _P_SHORT, _P_TYPE, _P_DATA = (
    0x1000,
    0x1009,
    0x1013,
    0x3707,
    0x3704,
    0x370E,
    0x3701,
)
_WANTED = frozenset((_P_BODY, _P_RTF, _P_HTML, _P_NAME, _P_SHORT, _P_TYPE, _P_DATA))


@dataclass(slots=True)
class Opened:
    """What was inside: the text (may be "") and the files."""

    text: str = ""
    attachments: list[ReadAttachment] = field(default_factory=list)
    problem: str = ""


@dataclass(slots=True)
class _File:
    title: str = ""
    long_name: str = ""
    media_type: str = ""
    content: bytes = b""


def open_winmail(content: bytes) -> Opened:
    """The text and the files of a TNEF stream. Linear; never raises."""
    opened = Opened()
    if not content.startswith(SIGNATURE):
        opened.problem = "winmail.dat is not in Outlook's format."
        return opened
    texts: dict[int, str] = {}
    files: list[_File] = []
    charset = "gb18030"
    try:
        for identity, value in _attributes(content):
            if identity == _CODEPAGE and len(value) >= 4:
                charset = f"cp{struct.unpack_from('<I', value)[0]}"
            elif identity == _BODY:
                texts.setdefault(_P_BODY, charsets.decode(bytes(value[:_MAX_TEXT]), charset))
            elif identity == _MESSAGE_PROPERTIES:
                _message(value, charset, texts)
            elif identity == _ATTACH_BEGIN and len(files) < MAX_ATTACHMENTS:
                files.append(_File())
            elif files:
                _attachment(files[-1], identity, value, charset)
    except (struct.error, ValueError):
        opened.problem = "winmail.dat is damaged; its end was not read."
    opened.text = clean.text(texts.get(_P_BODY) or texts.get(_P_HTML) or texts.get(_P_RTF) or "").strip(
        "\x00 \n"
    )
    opened.attachments = [_read(file, number) for number, file in enumerate(files, 1) if file.content]
    return opened


def _attributes(content: bytes) -> Iterator[tuple[int, memoryview]]:
    """(attribute id, value): level u8, id u32, length u32, value, checksum u16 (MS-OXTNEF 2.1.2)."""
    view = memoryview(content)
    position = 6
    for _ in range(_MAX_ATTRIBUTES):
        if position + 9 > len(view):
            return
        identity, length = struct.unpack_from("<II", view, position + 1)
        start = position + 9
        if start + length > len(view):
            raise ValueError("length beyond the end")
        yield identity & 0xFFFF, view[start : start + length]
        position = start + length + 2


def _message(value: memoryview, charset: str, texts: dict[int, str]) -> None:
    for identity, kind, data in _properties(value):
        if identity in texts:
            continue
        if identity == _P_RTF:
            texts[_P_RTF] = richtext.to_text(richtext.decompress(bytes(data)))
        elif identity == _P_HTML:
            texts[_P_HTML] = hypertext.to_text(_string(data[:_MAX_TEXT], kind, charset))
        elif identity == _P_BODY:
            texts[_P_BODY] = _string(data[:_MAX_TEXT], kind, charset)


def _attachment(file: _File, identity: int, value: memoryview, charset: str) -> None:
    if identity == _ATTACH_TITLE:
        file.title = _string(value[:2000], 0x1E, charset)
    elif identity == _ATTACH_DATA:
        file.content = bytes(value)
    elif identity == _ATTACH_PROPERTIES:
        for name, kind, data in _properties(value):
            if name == _P_NAME:
                file.long_name = _string(data[:2000], kind, charset)
            elif name == _P_SHORT:
                file.title = file.title or _string(data[:2000], kind, charset)
            elif name == _P_TYPE:
                file.media_type = _string(data[:200], kind, charset).strip().lower()
            elif name == _P_DATA and not file.content:
                file.content = bytes(data)


def _properties(value: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """(property id, type, first value) of the wanted MAPI properties (MS-OXTNEF 2.1.3.4)."""
    (count,) = struct.unpack_from("<I", value)
    position = 4
    for _ in range(min(count, _MAX_PROPERTIES)):
        kind, identity = struct.unpack_from("<HH", value, position)
        position += 4
        if identity >= 0x8000:
            position = _skip_name(value, position)
        many, kind = kind & 0x1000, kind & 0xEFFF
        values = 1
        if many or kind in _COUNTED:
            (values,) = struct.unpack_from("<I", value, position)
            position += 4
        if kind in _COUNTED:
            if values > _MAX_PROPERTIES:
                raise ValueError("more values than anybody needs")
            for number in range(values):
                (length,) = struct.unpack_from("<I", value, position)
                start = position + 4
                if start + length > len(value):
                    raise ValueError("length beyond the end")
                if number == 0 and identity in _WANTED:
                    yield identity, kind, value[start : start + length]
                position = start + (length + 3) // 4 * 4
        elif kind in _FIXED:
            position += _FIXED[kind] * values
        else:
            raise ValueError("unknown property type")


def _skip_name(value: memoryview, position: int) -> int:
    """Past the name of a named property: a GUID, then a number or a counted string."""
    (kind,) = struct.unpack_from("<I", value, position + 16)
    position += 20
    if kind == 0:
        return position + 4
    (length,) = struct.unpack_from("<I", value, position)
    return position + 4 + (int(length) + 3) // 4 * 4


def _string(data: memoryview, kind: int, charset: str) -> str:
    raw = bytes(data)
    text = raw.decode("utf-16-le", "replace") if kind == 0x1F else charsets.decode(raw, charset)
    return text.rstrip("\x00")


def _read(file: _File, number: int) -> ReadAttachment:
    media_type = file.media_type if "/" in file.media_type and file.media_type.isascii() else ""
    name = clean.filename(file.long_name or file.title, f"winmail-{number}.bin")
    return ReadAttachment(name, clean.line(media_type, 100) or "application/octet-stream", file.content)
