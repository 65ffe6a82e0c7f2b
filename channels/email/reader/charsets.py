"""Bytes to text in whatever charset a mail claims, or really has.

You are here: under every header and every text part. Chinese mail lies about its charset more
often than not, so a claim is checked and, when it does not hold, the bytes themselves decide
between UTF-8, GB 18030 and Big5.
"""

from __future__ import annotations

import codecs
import re

_GB = (
    "gb2312 gbk gb18030 cp936 936 ms936 windows-936 x-gbk gb-2312 gb_2312 gb2312-80 gb_2312-80 gb2312-1980 "
    "csgb2312 csgbk euc-cn euccn x-euc-cn euc-gb chinese csiso58gb231280 iso-ir-58 gb "
    "gb18030-2000 gb18030-2005 "
    "gb18030-2022 gb13000 zh_cn zh-cn gb2312_charset x-cp20936 cngb cn-gb ansi_x3.4-gbk"
)
_BIG5 = (
    "big5 big-5 big5-hkscs big5hkscs cn-big5 csbig5 x-x-big5 x-big5 big5-eten cp950 ms950 "
    "windows-950 950 zh-tw"
)
_UTF8 = "utf-8 utf8 utf_8 unicode-1-1-utf-8 utf8mb4 cp65001 65001 utf-8-sig x-unicode-2-0-utf-8 unicode-utf-8"
_CODECS: dict[str, str] = {
    **dict.fromkeys(_GB.split(), "gb18030"),
    **dict.fromkeys(_BIG5.split(), "big5hkscs"),
    **dict.fromkeys(_UTF8.split(), "utf-8"),
    **dict.fromkeys(["hz-gb-2312", "hz", "hzgb", "hz-gb", "hz_gb_2312"], "hz"),
    **dict.fromkeys(["iso-2022-cn", "csiso2022cn", "iso-2022-cn-ext"], "iso-2022-cn"),
    **dict.fromkeys(
        ["iso-2022-jp", "csiso2022jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3"], "iso2022_jp_2"
    ),
    **dict.fromkeys(["utf-7", "utf7", "unicode-1-1-utf-7", "csunicode11utf7"], "utf-7"),
    **dict.fromkeys(["utf-16", "utf16", "unicode"], "utf-16"),
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "euc-jp": "euc_jp",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-2022-kr": "iso2022_kr",
    "koi8-r": "koi8_r",
}
# Claims that carry no information: mailers write them without looking.
_EMPTY_CLAIMS = frozenset(
    (
        "",
        "us-ascii",
        "ascii",
        "ansi_x3.4-1968",
        "iso-8859-1",
        "latin1",
        "latin-1",
        "iso8859-1",
        "windows-1252",
        "cp1252",
        "8bit",
        "default",
        "unknown-8bit",
        "unknown",
        "x-unknown",
        "_iso-2022-jp$esc",
        "binary",
        "none",
    )
)
_STATEFUL = frozenset(
    ("hz", "iso-2022-cn", "iso2022_jp_2", "iso2022_kr", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
)
# Only single-byte families may be named freely: some text codecs (punycode, unicode_escape) are
# slow or surprising on hostile bytes.
_SINGLE_BYTE = re.compile(r"(?:iso-?8859-?\d{1,2}|(?:windows-|cp)(?:125\d|8[56]\d|437)|koi8-[ru])")
_TO_EIGHT_BITS = bytes(byte | 0x80 if byte > 0x20 else byte for byte in range(256))
_SAMPLE = 20_000  # bytes that are enough to recognise a charset
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_COMMON_GB = re.compile(rb"[\xb0-\xd7\xa1-\xa3][\xa1-\xfe]")
_COMMON_BIG5 = re.compile(rb"[\xa4-\xc6\xa1-\xa3][\x40-\x7e\xa1-\xfe]")
_WIDE = re.compile("[\u2018-\u201f\u2026\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


def codec(charset: str) -> str | None:
    """The Python codec to use for a declared charset; None when the claim is empty or unknown."""
    name = charset.strip(" \t\r\n\"'<>;=").lower().removeprefix("charset=")
    known = _CODECS.get(name) or _CODECS.get(name.replace("_", "-"))
    if known or name in _EMPTY_CLAIMS:
        return known
    if _SINGLE_BYTE.fullmatch(name):
        try:
            return codecs.lookup(name).name
        except LookupError:
            return None
    return None


def decode(raw: bytes, charset: str = "") -> str:
    """Text of ``raw``, claimed to be in ``charset``. Never raises; bad bytes become U+FFFD."""
    name = codec(charset)
    if name in _STATEFUL:
        return _stateful(raw, name or "")
    if raw.isascii():
        return raw.decode("ascii")
    utf8 = _utf8(raw, certain=name in (None, "utf-8"))
    if utf8 is not None:
        return utf8
    if name is None:
        return _detect(raw, latin=charset.strip().lower() not in ("", "8bit", "unknown-8bit"))
    if name == "utf-8":
        return _broken_utf8(raw)
    try:
        return raw.decode(name)
    except UnicodeDecodeError:
        return raw.decode(name, "replace")


def _utf8(raw: bytes, *, certain: bool) -> str | None:
    """``raw`` as UTF-8 if it is; when another charset was claimed, only if it reads as Chinese."""
    try:
        decoded = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # A text cut at a byte limit ends within a character.
        if not certain or error.start < len(raw) - 3 or error.start == 0 or raw[: error.start].isascii():
            return None
        return raw.decode("utf-8", "replace")
    if certain:
        return decoded
    head = decoded[:4000]
    foreign = sum(1 for char in head if char > "\x7f")
    return decoded if foreign and len(_WIDE.findall(head)) * 10 >= foreign * 8 else None


def _broken_utf8(raw: bytes) -> str:
    """Claimed UTF-8 that is not: a few damaged characters, or another charset altogether?"""
    mended = raw.decode("utf-8", "replace")
    head = mended[:8000]
    foreign = sum(1 for char in head if char > "\x7f")
    if head.count("\ufffd") * 4 <= foreign:
        return mended
    return _detect(raw, latin=True)


def _detect(raw: bytes, *, latin: bool) -> str:
    """Choose between GB 18030, Big5 and (if ``latin``) Windows-1252 by how usual the characters are."""
    pairs = _PAIR.findall(raw[:_SAMPLE])
    total = len(pairs) or 1
    gb = sum(1 for pair in pairs if _COMMON_GB.match(pair)) / total
    big5 = sum(1 for pair in pairs if _COMMON_BIG5.match(pair)) / total
    low = sum(1 for pair in pairs if pair[1] < 0xA1) / total
    if big5 > gb and low > 0.1 and big5 > 0.7:
        return raw.decode("big5hkscs", "replace")
    if gb >= 0.5 or not latin:
        return raw.decode("gb18030", "replace")
    return raw.decode("cp1252", "replace")


def _stateful(raw: bytes, name: str) -> str:
    """Seven-bit charsets and UTF-16; eight-bit bytes in a seven-bit one show that the claim is false."""
    if not raw.isascii() and not name.startswith(("utf-16", "utf-32")):
        return decode(raw, "")
    if name == "iso-2022-cn":
        return _iso2022cn(raw)
    return raw.decode(name, "replace")


def _iso2022cn(raw: bytes) -> str:
    """ISO-2022-CN (RFC 1922) with GB 2312; Python has no codec. CNS characters become U+FFFD."""
    out: list[str] = []
    gb = True
    for number, run in enumerate(re.split(rb"([\x0e\x0f]|\x1b\$\)[AGE]|\x1b\$\*H)", raw)):
        if number % 2:
            if run.startswith(b"\x1b"):
                gb = run == b"\x1b$)A"
            shifted = run == b"\x0e" or (run.startswith(b"\x1b") and number > 1 and out[-1:] == ["\x0e"])
            out.append("\x0e" if shifted else "")
        elif out and out[-1] == "\x0e":
            eight = run.translate(_TO_EIGHT_BITS)
            out[-1] = eight.decode("gb2312", "replace") if gb else "\ufffd" * (len(run) // 2)
        else:
            out.append(run.decode("ascii", "replace"))
    return "".join(out).replace("\x0e", "")
