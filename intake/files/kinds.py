"""What a file is, told by its content: neither its name nor its sender is believed.

You are here: bytes → [kind] → attachment, and again when a stored file is inspected. Only kinds that people
send as evidence are allowed (``EXTENSIONS``): pictures, sound, film, PDF, office documents, text. Of all else
``true_kind`` says what it is, so that a ZIP named .pdf is called what it is.
"""

from __future__ import annotations

import re
import unicodedata

EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/bmp": "bmp",
    "image/tiff": "tif",
    "image/heic": "heic",
    "image/avif": "avif",
    "image/svg+xml": "svg",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/amr": "amr",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-msvideo": "avi",
    "application/pdf": "pdf",
    "application/rtf": "rtf",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "text/plain": "txt",
    "text/vcard": "vcf",
    "text/html": "html",
}
"""The kinds that are taken, each with the extension it is handed out under."""

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),  # BigTIFF
    (b"MM\0+", "image/tiff"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),  # any of the old office formats
)
_NOT_TAKEN = (
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),  # an empty one
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"MSCF", "application/vnd.ms-cab-compressed"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-elf"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"dex\n", "application/vnd.android.dex"),
    (b"L\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut"),
)
ARCHIVES = frozenset(kind for _, kind in _NOT_TAKEN[:8])
PROGRAMS = frozenset(kind for _, kind in _NOT_TAKEN[8:])
UNKNOWN = "application/octet-stream"
_INSIDE_RIFF = {b"WAVE": "audio/wav", b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}
_BRANDS = (
    (b"hei", "image/heic"),
    (b"hev", "image/heic"),
    (b"mif1", "image/heic"),
    (b"msf1", "image/heic"),
    (b"avi", "image/avif"),
    (b"M4A", "audio/mp4"),
    (b"M4B", "audio/mp4"),
    (b"3g", "video/3gpp"),
    (b"qt", "video/quicktime"),
)
_IN_ZIP = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_ODF = {
    b"application/vnd.oasis.opendocument.text": "application/vnd.oasis.opendocument.text",
    b"application/vnd.oasis.opendocument.spreadsheet": "application/vnd.oasis.opendocument.spreadsheet",
}
_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|script|svg|iframe|title|meta|style|\?xml|a |img|table|div|form)",
    re.IGNORECASE,
)
_SVG = re.compile(
    rb"\A\s*(?:<\?xml[^>]{0,500}\?>|<!--.{0,2000}?-->|<!doctype svg[^>]{0,1000}>|\s){0,20}<svg[\s>/]",
    re.I | re.S,
)
_SAMPLE = 4096
_PDF_HEADER_WITHIN = 1024
"""Readers open a PDF whose header stands this far in (ISO 32000-1, annex H, note 13)."""
_ZIP_END, _ZIP_END_WITHIN = b"PK\x05\x06", 65_535 + 22


def kind_of(content: bytes) -> str:
    """The media type of ``content``; "" for what we do not keep (programs, archives, the unknown)."""
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    if content.startswith(b"RIFF"):
        return _INSIDE_RIFF.get(content[8:12], "")
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        return next((kind for start, kind in _BRANDS if brand.startswith(start)), "video/mp4")
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if content.startswith(b"BM") and len(content) > 26 and content[14:18] in (b"\x28\0\0\0", b"\x7c\0\0\0"):
        return "image/bmp"
    if len(content) > 1 and content[0] == 0xFF:
        if content[1] & 0xF6 == 0xF0:
            return "audio/aac"
        if content[1] & 0xE0 == 0xE0 and content[1] & 0x06:
            return "audio/mpeg"
    if b"%PDF-" in content[:_PDF_HEADER_WITHIN]:
        return "application/pdf"
    return _text(content)


def true_kind(content: bytes) -> str:
    """The media type of any ``content``, taken or not; ``application/octet-stream`` for the unknown."""
    known = next((kind for start, kind in _NOT_TAKEN if content.startswith(start)), UNKNOWN)
    return kind_of(content) or known


def second_nature(content: bytes) -> str:
    """What else the same bytes are to another reader (a polyglot), or "".

    A picture with a ZIP behind it, or with a PDF's header near its start, opens as either.
    """
    kind = true_kind(content)
    zipped = kind == "application/zip" or kind.startswith("application/vnd.o")  # the office formats are ZIP
    tail = content[-_ZIP_END_WITHIN:]
    if not zipped and _ZIP_END in tail and b"PK\x01\x02" in content:
        return "application/zip"
    if (
        kind != "application/pdf"
        and not kind.startswith("text/")
        and b"%PDF-" in content[:_PDF_HEADER_WITHIN]
    ):
        return "application/pdf"
    if kind == "application/pdf" and not content.lstrip().startswith(b"%PDF-"):
        before = content[: content.find(b"%PDF-")]
        return "text/html" if _MARKUP.search(before) else ""
    return ""


def named(filename: str, kind: str) -> str:
    """``filename`` with the extension of its ``kind``, whatever it pretended to be."""
    extension = EXTENSIONS[kind]
    stem, dot, given = filename.rpartition(".")
    if dot and given.lower() in (extension, *_ALIASES.get(extension, ())):
        return filename
    return f"{stem if dot and stem and len(given) <= 5 else filename}.{extension}"


_ALIASES = {"jpg": ("jpeg",), "tif": ("tiff",), "txt": ("text", "log", "md", "csv"), "doc": ("xls", "ppt")}


def _office(content: bytes) -> str:
    """Told by the names of the first entries, which are never unpacked."""
    head = content[:_SAMPLE]
    if content[30:38] == b"mimetype":
        return next((kind for mark, kind in _ODF.items() if content[38:].startswith(mark)), "")
    if b"[Content_Types].xml" not in head and b"_rels/" not in head:
        return ""
    ends = content[:_SAMPLE] + content[-16 * _SAMPLE :]
    return next((kind for mark, kind in _IN_ZIP if mark in ends), "")


def _text(content: bytes) -> str:
    """Text in UTF-8, UTF-16 with a mark, or GB 18030; markup is told from it, for it must not be opened."""
    sample = content[:_SAMPLE]
    if not sample.strip():
        return ""
    for encoding in ("utf-16", "utf-8-sig", "gb18030"):
        if encoding == "utf-16" and not sample.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        if (read := _decoded(content, encoding)) is not None:
            marked = read.lstrip("\ufeff").encode("utf-8", "replace")
            if _SVG.match(marked):
                return "image/svg+xml"
            if _MARKUP.search(marked):
                return "text/html"
            return "text/vcard" if read.lstrip().upper().startswith("BEGIN:VCARD") else "text/plain"
    return ""


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        read = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    strange = sum(
        unicodedata.category(c) in ("Cc", "Cn", "Co") and c not in "\n\r\t\f" for c in read[:_SAMPLE]
    )
    return None if strange else read
