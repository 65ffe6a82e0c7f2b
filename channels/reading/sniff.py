"""What a file is, told by its first bytes, not by who sent it. You are here: a provider's file was fetched.

A file that says it is a picture but is a web page must never be shown as either: what is on the list gets
its type, what is not is a plain download (``application/octet-stream``).
"""

from __future__ import annotations

import re

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"

# (offset, magic bytes, type); first match decides. Sources: the formats' own specifications.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"#!AMR-WB\n", "audio/amr-wb"),
    (0, b"#!AMR\n", "audio/amr"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"{\\rtf", "application/rtf"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {  # ISO base media: four letters at 8
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"M4A ", b"M4B "), "audio/mp4"),
    **dict.fromkeys((b"qt  ",), "video/quicktime"),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3g2a"), "video/3gpp"),
}
_OFFICE = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OLD_OFFICE = {"doc": "application/msword", "xls": "application/vnd.ms-excel"}
_OLD_OFFICE["ppt"] = "application/vnd.ms-powerpoint"
_TEXTS = frozenset({TEXT, "text/csv", "text/vcard", "text/x-vcard", "text/calendar"})
_HEAD = 4096
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKUP = re.compile(
    rb"<(?:!doctype|!--|\?xml|html|head|body|script|svg|iframe|style|meta|link|a|b|p|br|div|img|table|h1)\b",
    re.IGNORECASE,
)


def media_type(content: bytes, claimed: str, filename: str) -> str:
    """The type of ``content`` as far as its bytes prove it; ``claimed`` and ``filename`` only choose
    between types that the bytes allow (audio or video in one container, the kind of a plain text)."""
    claimed = claimed.partition(";")[0].strip().lower()
    for offset, magic, kind in _MAGIC:
        if content.startswith(magic, offset):
            return "audio/webm" if kind == "video/webm" and claimed.startswith("audio/") else kind
    if content.startswith(b"RIFF"):
        return _RIFF.get(content[8:12], UNKNOWN)
    if content[4:8] == b"ftyp":
        usual = "audio/mp4" if claimed.startswith("audio/") else "video/mp4"
        return _BRANDS.get(content[8:12], usual)
    if content.startswith(b"OggS"):
        return "video/ogg" if b"\x80theora" in content[:_HEAD] else "audio/ogg"
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
        return _package(content, filename)
    if _is_mp3(content):
        return "audio/mpeg"
    return _text(content, claimed)


def _package(content: bytes, filename: str) -> str:
    """A zip or an OLE file: an office document when it looks like one. It is never unpacked."""
    if content.startswith(b"PK"):
        head = content[:_HEAD]
        if b"[Content_Types].xml" not in head and b"_rels/" not in head:
            return "application/zip"
        # the directory stands at the end; of a huge one the last part is enough
        places = content[:_HEAD] + content[-65_536:]
        return next((kind for name, kind in _OFFICE.items() if name in places), "application/zip")
    return _OLD_OFFICE.get(filename.rpartition(".")[2].lower(), UNKNOWN)


def _is_mp3(content: bytes) -> bool:
    """An MPEG audio frame's header: 11 bits set, layer III, a bit rate and a sample rate that exist."""
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xE6 != 0xE2:
        return False
    return content[2] >> 4 not in (0, 15) and (content[2] >> 2) & 3 != 3


def _text(content: bytes, claimed: str) -> str:
    """Plain text when it claims to be, has no controls and no markup that a browser would obey."""
    head = content[:_HEAD]
    if claimed not in _TEXTS or not content or _CONTROLS.search(head) or _MARKUP.search(head):
        return UNKNOWN
    return claimed
