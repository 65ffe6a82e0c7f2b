"""Where the sender lives: an address after 地址：, one that stands alone, or an English block. Pure.

You are here: lines → fields → [addresses].
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.letter.ocr import dates

_LABELLED = re.compile(
    "(?:通讯地址|通信地址|联系地址|家庭住址|家庭地址|居住地址|邮寄地址|寄信地址|现住址|住址|地址|"
    "聯絡地址|通訊地址) ?[：:] ?"
)
_ENGLISH_LABELLED = re.compile(
    r"\b(?:(?:postal |home )?address ?:|my (?:postal |home )?address is:?) ?", re.IGNORECASE
)
_POSTCODE = re.compile(r"(?:邮政编码|邮编|郵編|postcode|post code|zip) ?[：:]? ?(\d{6})(?!\d)", re.IGNORECASE)
_LEADING_POSTCODE = re.compile(r"^ ?(\d{6}) ?(?=[\u3400-\u9fff])")
_OTHER_MATTER = re.compile(
    "[（(，,；; ]? ?(?:联系电话|联系方式|电话|手机|邮编|邮政编码|郵編|电子邮|邮箱|收件人|联系人|投诉人|"
    "姓名|身份证|tel|phone|mobile|e-?mail|postcode|zip)",
    re.IGNORECASE,
)
_LARGE = re.compile("省|自治区|市|区|县|區|縣|旗|盟|州")
_MIDDLE = re.compile("镇|乡|街道|社区|开发区|鎮|鄉")
_SMALL = re.compile("路|街|巷|道|村|组|弄|里|屯|小区|花园|大厦|苑|园|區")
_EXACT = re.compile("[0-9一二三四五六七八九十百]+ ?(?:号|栋|幢|座|楼|室|单元|组|队|房|号楼|號|棟|樓)")
_PLACE = (
    "(?:号楼|号院|单元|号|栋|幢|座|楼|层|室|组|队|房|户|號|棟|樓|層|戶)(?:之 ?[0-9一二三四五六七八九十]+)?"
)
_NUMBER = re.compile(f"(?:第? ?[A-Za-z]?(?:[0-9-]+|[一二三四五六七八九十百]+) ?{_PLACE}[ ,，]?)+")
"""A house's number and all that follows it: 18号3栋502房."""
_REST_OF_NUMBER = re.compile(f"[0-9]* ?{_PLACE}(?:{_NUMBER.pattern})?")
"""The same where the line before ended within its first figure."""
_NUMBERED = re.compile(f"[0-9一二三四五六七八九十百] ?{_PLACE}|^[\\x00-\\x7f]*[0-9][\\x00-\\x7f]*$")
"""An address that has its number; English ones begin with theirs."""
_SENTENCE_END = re.compile("[。！？!?；;]")
_COMMA = re.compile("(?<=[\u3400-\u9fff]) ?[，,、] ?(?=[\u3400-\u9fff0-9])")
_SENTENCE = re.compile("[。！？；!?;：:]|的|了|我|在|被|请|您|您好|投诉|反映")
_STREET = re.compile(
    r"\b(?:road|rd|street|st|lane|avenue|ave|drive|close|way|court|square|terrace|crescent|place|house|flat|"
    r"apartment|apt|room|building|boulevard|village|town|district|county)\b",
    re.IGNORECASE,
)
_ENGLISH_WORDS = 9
_MOST_LINES = 4
_LONGEST = 120
_TOUCHING = re.compile("[\u3400-\u9fff]$")


def postal(lines: Sequence[str]) -> tuple[str, int] | None:
    """The sender's address on one line, postcode last, and the line where it begins; or None."""
    return _labelled(lines) or _alone(lines) or _english_block(lines)


def _labelled(lines: Sequence[str]) -> tuple[str, int] | None:
    for number in range(len(lines) - 1, -1, -1):
        for form in (_LABELLED, _ENGLISH_LABELLED):
            label = form.search(lines[number])
            if label is None:
                continue
            rest = lines[number][label.end() :]
            following = [lines[place] for place in range(number + 1, min(len(lines), number + 3))]
            address = _joined(_first(rest), [] if _ends_here(rest) else following)
            if len(address) >= 4:
                return _with_postcode(address, [rest, *following]), number
    return None


def _alone(lines: Sequence[str]) -> tuple[str, int] | None:
    """A line that is nothing but a Chinese address; of several the last, where letters are signed."""
    for number in range(len(lines) - 1, -1, -1):
        line = _LEADING_POSTCODE.sub("", lines[number]).strip()
        address = _bare(line)
        if 6 <= len(address) <= 60 and not _SENTENCE.search(address) and _parts(address) >= 3:
            around = [lines[number], *lines[max(0, number - 1) : number + 3]]
            if not _NUMBERED.search(address):
                address = _joined(address, lines[number + 1 : number + 2])
            elif number and not _LARGE.search(address) and _opens(lines[number - 1]):
                number, address = number - 1, lines[number - 1].strip() + address
            return _with_postcode(address, around), number
    return None


def _parts(address: str) -> int:
    exact = 2 if _EXACT.search(address) else 0
    return sum(bool(form.search(address)) for form in (_LARGE, _MIDDLE, _SMALL)) + exact


def _english_block(lines: Sequence[str]) -> tuple[str, int] | None:
    """A line with a house number and a street, with the short lines under it."""
    for number, line in enumerate(lines):
        if _is_english_part(line) and _STREET.search(line) and any(sign.isdigit() for sign in line):
            parts = [_bare(line)]
            for following in lines[number + 1 : number + _MOST_LINES]:
                if not _is_english_part(following) or any(True for _ in dates.mentions(following)):
                    break
                parts.append(_bare(following))
            return ", ".join(part for part in parts if part)[:_LONGEST], number
    return None


def _is_english_part(line: str) -> bool:
    words = line.split()
    return (
        0 < len(words) <= _ENGLISH_WORDS
        and line.isascii()
        and words[0][0].isalnum()
        and not words[0][0].islower()
        and "@" not in line
        and not line.rstrip().endswith((".", ":", "?", "!"))
        and not line.lower().startswith(
            ("dear", "yours", "tel", "phone", "mobile", "re:", "subject", "to ", "kind", "best")
        )
        and sum(word[0].isupper() or word[0].isdigit() for word in words) * 3 >= len(words) * 2
    )


def _joined(address: str, following: Sequence[str]) -> str:
    """The address with those of the lines under it in which it goes on."""
    for place, line in enumerate(following):
        more = _going_on(address, line) or _between(address, line, following[place + 1 : place + 2])
        if not more:
            break
        address = _added(address, more)
        if _ends_here(line):
            break
    return address[:_LONGEST]


def _going_on(address: str, line: str) -> str:
    """What of this line belongs to an address that stands above it: a part of one, no label and no date."""
    text = _first(line)
    if text.isascii():
        text = text.rstrip(".")
    if not text or any(True for _ in dates.mentions(text)):
        return ""
    if not _NUMBERED.search(address):  # it cannot end without its number
        begun = address[-1:].isdigit()
        number = _REST_OF_NUMBER.match(text) if begun else _NUMBER.match(text)
        if number is not None:
            return number.group()
    if len(text) > 40 or _SENTENCE.search(text):
        return ""
    return text if _EXACT.search(text) or (text.isascii() and _is_english_part(text)) else ""


def _between(address: str, line: str, following: Sequence[str]) -> str:
    """A line of places alone, between an address without number and the line that has it."""
    text = line.strip()
    places = _parts(text) and _TOUCHING.search(text) and not _SENTENCE.search(text) and len(text) <= 40
    numbered = following and _NUMBER.match(_first(following[0]))
    return text if places and numbered and not _NUMBERED.search(address) else ""


def _opens(line: str) -> bool:
    """Whether a line is the large half of an address: province, city or district, and no number yet."""
    text = line.strip()
    return bool(
        4 <= len(text) <= 40
        and _LARGE.search(text)
        and _TOUCHING.search(text)
        and not (_SENTENCE.search(text) or _OTHER_MATTER.search(text) or _EXACT.search(text))
    )


def _first(text: str) -> str:
    """``text`` up to where its sentence ends or speaks of something else."""
    return _bare(_SENTENCE_END.split(text, maxsplit=1)[0])


def _ends_here(line: str) -> bool:
    return bool(_OTHER_MATTER.search(line) or _SENTENCE_END.search(line))


def _bare(text: str) -> str:
    """``text`` up to where it speaks of something else; a Chinese address needs no commas."""
    bare = _OTHER_MATTER.split(text, maxsplit=1)[0].strip(" ，,。；;（(")[:_LONGEST]
    return _COMMA.sub("", bare)


def _added(address: str, more: str) -> str:
    chinese = _TOUCHING.search(address) or not more.isascii()
    return address + more if chinese or not address else f"{address}, {more}"


def _with_postcode(address: str, around: Sequence[str]) -> str:
    for line in around:
        found = _POSTCODE.search(line) or _LEADING_POSTCODE.search(line)
        if found is not None and found.group(1) not in address:
            return f"{address}, {found.group(1)}"
    return address
