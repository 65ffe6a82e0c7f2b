"""What the sender wrote, apart from what was quoted of earlier mail.

You are here: after a reply's text is plain. Nothing is ever lost: every line goes to one side, and
when in doubt it is the sender's own. A mail that answers nothing is not trimmed at all, because a
citizen may well paste ``>`` or ``发件人:`` into a first complaint. One pass over the lines.
"""

from __future__ import annotations

import re

_SEPARATOR = re.compile(
    r"[-_=—－*]{2,60}\s{0,3}"
    r"(?:原始邮件|原始郵件|原邮件|原郵件|回复的原邮件|回覆的原郵件|回复的邮件|邮件原件|原始信息|"
    r"original message|original|original e-?mail|reply message|replied message|original appointment)"
    r"\s{0,3}[-_=—－*]{2,60}",
    re.I,
)
_WROTE = (
    "wrote:",
    "wrote：",
    "写道:",
    "写道：",
    "寫道:",
    "寫道：",
    "写道﹕",
    "写到:",
    "写到：",
    "编写:",
    "說:",
    "writes:",
)
_OPENING = re.compile(r"\W{0,3}(?:On |At |Am |Le |在|于|於|\d{4}\s?[年/.-])", re.I)
_NUMBER = re.compile(r"\d")
_DATED = re.compile(r"@|\d{1,2}[:：]\d{2}")
_FROM = re.compile(r"[\s*]{0,8}(?:From|发件人|发信人|寄件者|寄件人|發件人|发送人|发自)[\s*]{0,4}[:：]", re.I)
_BLOCK = re.compile(
    r"[\s*]{0,8}(?:Sent|Date|To|Cc|Subject|发送时间|发送日期|时间|日期|收件人|抄送|抄送人|主题|传送日期|"
    r"傳送日期|寄件日期|收件者|主旨|發送時間|日期时间)[\s*]{0,4}[:：]",
    re.I,
)
_RULE = re.compile(r"\s{0,4}(?:[-_=*—]\s?){5,80}\s{0,4}")


def split(text: str) -> tuple[str, str]:
    """(what the sender wrote, what was quoted) of a reply's ``text``; both stripped of empty edges.

    Lines keep their ``>`` marks. Own lines between quoted ones stay with the sender.
    """
    lines = text.split("\n")
    own = bytearray(b"\x01") * len(lines)
    tail = _mark(lines, own)
    if tail is not None and not any(own[at] and lines[at].strip() for at in range(tail)):
        # Nothing above an unmarked quotation: the answer may stand below or inside it.
        for at in range(tail, len(lines)):
            own[at] = 1
    return _gather(lines, own, 1), _gather(lines, own, 0)


def _mark(lines: list[str], own: bytearray) -> int | None:
    """Clear ``own`` for quoted lines; the place where an unmarked quotation begins, if one does."""
    for at, line in enumerate(lines):
        stripped = line.strip()
        if not stripped:
            continue
        if stripped[0] == ">":
            own[at] = 0
            continue
        first = _introduction(lines, at, stripped)
        if first is None:
            continue
        following = _next(lines, at)
        if following.startswith(">"):
            own[first : at + 1] = bytes(at + 1 - first)
        elif following and _stands_alone(stripped, " ".join(lines[first : at + 1])):
            first = _with_rule(lines, first)
            own[first:] = bytes(len(lines) - first)
            return first
    return None


def _introduction(lines: list[str], at: int, stripped: str) -> int | None:
    """The first line of the words that introduce a quotation ending at ``at``; None when none do."""
    if _SEPARATOR.fullmatch(stripped):
        return at
    if stripped.endswith(_WROTE) and len(stripped) < 400:
        return _unwrapped(lines, at)
    if _FROM.match(stripped) and len(stripped) < 1000:
        block = sum(1 for line in lines[at + 1 : at + 9] if _BLOCK.match(line))
        if block >= 2:
            return at
    return None


def _unwrapped(lines: list[str], at: int) -> int:
    """The first line of "On … wrote:" that mailers wrap over up to three lines."""
    if _OPENING.match(lines[at]):
        return at
    for first in range(at - 1, max(at - 3, -1), -1):
        line = lines[first].strip()
        if not line or len(line) > 400 or line[-1] in "。.!！?？":
            break
        if _OPENING.match(line) and _NUMBER.search(line):
            return first
    return at


def _stands_alone(stripped: str, whole: str) -> bool:
    """Whether an introduction is sure enough to take everything below it as quoted."""
    if stripped.endswith(_WROTE):
        return bool(_DATED.search(whole[-800:])) and bool(_NUMBER.search(whole[-800:]))
    return True


def _with_rule(lines: list[str], first: int) -> int:
    """Include a ruled line right above the quotation."""
    above = first - 1
    while above >= 0 and first - above < 3 and not lines[above].strip():
        above -= 1
    if above >= 0 and len(lines[above]) < 200 and _RULE.fullmatch(lines[above]):
        return above
    return first


def _next(lines: list[str], at: int) -> str:
    """The next line with text in it, at most six lines on."""
    for line in lines[at + 1 : at + 7]:
        stripped = line.strip()
        if stripped:
            return stripped
    return ""


def _gather(lines: list[str], own: bytearray, side: int) -> str:
    return "\n".join(line for line, mine in zip(lines, own, strict=True) if mine == side).strip("\n").rstrip()
