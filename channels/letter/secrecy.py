"""Who wrote a letter, and what of it the bureau may read (promise 7).

You are here: scanned text → [secrecy] → the letter desk and the title of a letter. Pure; time grows with the
length of the text and no faster.

A letter is confidential unless it says otherwise (docs/decisions/0026): name, telephone and e-mail are left
out of its text, and its sender's address where it stands as one. An address inside a sentence stays: it may
be the place of the matter; the number of a door does not (:mod:`channels.letter.home`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from channels.letter.home import BETWEEN, Home
from intake.contracts import Text

_NAME, _PHONE = Text("〔姓名〕", "[name]"), Text("〔电话〕", "[telephone]")
_EMAIL, _ADDRESS = Text("〔邮箱〕", "[e-mail]"), Text("〔住址〕", "[address]")
LEFT_OUT = (_NAME, _PHONE, _EMAIL, _ADDRESS)
"""What stands in the text for what was left out."""
_DIALLED = r"(?<!\d)(?:[+(（]?\d[\d \t()（）+-]{0,14})?"  # what stands before the last figures of a number
_TAIL = 8
_LONGEST = 300
_OTHER_SIGNS = 10
"""Signs beside an address that still leave it alone on its line: a label, a postcode."""
_REFUSES = re.compile(r"不|别|勿|未|never|\bnot\b|n['’]t\b|without", re.I)
_MAY = (
    re.compile(
        r"(?:不需要?|不用|不必|无需|无须|不要求)(?:你们|贵中心|贵单位|为我|替我|对我)?[^。！？!?\n]{0,8}保密"
    ),
    re.compile(
        r"(?:可以?|同意|允许|愿意|请)(?:将|把)?[^。！？!?，,\n]{0,6}公开[^。！？!?，,\n]{0,6}(?:姓名|身份|信息|名字)"
    ),
    re.compile(
        r"(?:可以?|同意|允许|愿意)(?:将|把)[^。！？!?，,\n]{0,4}(?:姓名|身份|名字|联系方式|信息)"
        r"[^。！？!?，,\n]{0,4}(?:告诉|告知|转告|转给|提供给|交给|公开)"
    ),
    re.compile(r"\bno need to keep (?:my name|me|this|it|my details) (?:secret|confidential|private)", re.I),
    re.compile(
        r"\b(?:may|can|happy for you to|agree that you|please) (?:give|tell|share|pass on|use|disclose) "
        r"[^.!?\n]{0,40}\bmy (?:name|details|identity)",
        re.I,
    ),
    re.compile(
        r"\b(?:please|you (?:may|can)|i (?:want|agree|consent|wish|would like|am happy)(?: you)?"
        r"(?: to be)?|happy)"
        r" (?:to )?(?:be )?(?:named?|identif(?:y|ied)) "
        r"(?:me |as the (?:writer|complainant) )?(?:to|by|before) (?:the |your |that |this )?[^.!?,;\n]{0,30}"
        r"(?:bureau|office|department|council|authority|agency|company)",
        re.I,
    ),
    re.compile(
        r"(?:请|可以?|同意|愿意|希望)(?:你们|贵中心|贵单位)?(?:直接)?(?:向|对|在)[^。！？!?，,\n]{1,12}"
        r"(?:公开|说明|告知|透露|提供|署)(?:我|本人)?的?(?:真实)?(?:姓名|身份|名字)"
    ),
    re.compile(
        r"(?:请|可以?|同意|愿意)(?:告诉|告知)[^。！？!?，,\n]{1,12}(?:我|本人)的?(?:真实)?(?:姓名|身份|名字|是谁)"
    ),
    re.compile(r"\b(?:do not|don['’]t) mind (?:being named|if [^.!?\n]{0,40}my name)", re.I),
)
_BOUND = 20_000


@dataclass(frozen=True, slots=True)
class Writer:
    """What is known of who wrote; each may be empty. ``phone`` in any form that ends in its last figures."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


def tells(text: str, writer: Writer) -> bool:
    """Whether ``text`` holds the writer's name, telephone, e-mail or very door, however it is spaced."""
    said = _bare(text)
    known = (_bare(writer.name), _bare(writer.phone)[-_TAIL:], _bare(writer.email))
    return any(len(value) > 1 and value in said for value in known) or Home(writer.address).told(text)


def left_out(text: str, writer: Writer, language: str) -> str:
    """``text`` with a mark where it said who wrote it; unchanged when it did not."""
    for form, mark in _forms(writer):
        text = form.sub(mark.en if language == "en" else mark.zh, text)
    address = writer.address.strip()
    if len(_bare(address)) < 4:
        return text
    stands = _ADDRESS.en if language == "en" else _ADDRESS.zh
    text = "".join(_alone(text, _spaced(_without_postcode(address)), stands))
    return Home(address).left_out(text, stands)


def may_be_named(text: str) -> str:
    """The words in which the writer allows to be named; "" when there are none, or when they refuse it."""
    for form in _MAY:
        for found in form.finditer(text[:_BOUND]):
            begins = max(text.rfind(sign, 0, found.start()) for sign in "。！？!?，,；;\n.") + 1
            if not _REFUSES.search(text[begins : found.start()]) and not _refused(found):
                return " ".join(text[begins : found.end()].split())[:120]
    return ""


def _refused(found: re.Match[str]) -> bool:
    """A "not" inside the words, where it is not the one of "need not be kept secret"."""
    words = found.group()
    if "保密" in words or re.search(r"no need|mind", words, re.I):
        return False
    return bool(_REFUSES.search(words))


def _forms(writer: Writer) -> Iterator[tuple[re.Pattern[str], Text]]:
    """The e-mail first: a name may be part of it."""
    if len(_bare(writer.email)) > 1:
        yield _spaced(writer.email), _EMAIL
    digits = "".join(sign for sign in writer.phone if sign.isdigit())[-_TAIL:]
    if len(digits) > 1:
        yield re.compile(_DIALLED + _spaced(digits).pattern), _PHONE
    if len(_bare(writer.name)) > 1:
        yield _spaced(writer.name), _NAME


def _alone(text: str, form: re.Pattern[str], mark: str) -> Iterator[str]:
    """The text again, without the address where hardly anything stands beside it."""
    end = 0
    for found in form.finditer(text):
        before = text.rfind("\n", 0, found.start()) + 1
        after = text.find("\n", found.end())
        beside = text[before : found.start()] + text[found.end() : None if after < 0 else after]
        if len(_bare(beside)) <= _OTHER_SIGNS:
            yield text[end : found.start()] + mark
            end = found.end()
    yield text[end:]


def _spaced(value: str) -> re.Pattern[str]:
    """``value`` as it may have been printed: with spaces, marks or a line's end between its signs."""
    signs = [sign for sign in value[:_LONGEST] if sign.isalnum() or sign == "_"]
    return re.compile(BETWEEN.join(map(re.escape, signs)), re.I)


def _without_postcode(address: str) -> str:
    """A postcode is printed anywhere; the reader puts it at the end."""
    return re.sub(r"[ ,，]{0,3}\d{6}$", "", address)


def _bare(value: str) -> str:
    return re.sub(r"\W", "", value).casefold()
