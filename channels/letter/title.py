"""What a letter is called when nobody named it: the first words that are about the matter.

You are here: confirmed text → [title] → the case's subject. Pure; looks at the beginning of a letter only.

A greeting, a block of sender, receiver and date, and who the writer is are passed over. Of a letter whose
writer is not to be known, nothing that tells it stands in the title (promise 7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from channels.letter.secrecy import Writer, left_out, tells
from channels.reading import clean

_LOOKED_AT = 4_000
_MOST_LINES = 80
_HEAD_LINES = 16
"""A greeting within so many lines ends the block of sender, receiver and date above it."""
_SHORTEST = 4
"""A clause of fewer signs does not say what a letter is about."""
_HEADING = re.compile(
    r"\s{0,8}(?:主题|主旨|标 {0,4}题|事由|题目|subject|re|regarding)\s{0,4}[：:]\s{0,4}(?=\S)", re.I
)
_ABOUT = re.compile("关于|反映|投诉|举报|求助")
_LABELLED = re.compile(
    r"\s{0,8}[（(]?(?:"
    r"(?:被?投诉|信访|上访|举报|反映|写信|来信|寄信|申诉|控告|联系|收信|收件|发信)(?:人|单位)?(?:姓名|电话|方式|地址)?"
    r"|姓 {0,4}名|性 {0,4}别|年 {0,4}龄|民族|职业|出生|身份证号?码?|电 {0,4}话|手 {0,4}机|手机号码?|微信|QQ"
    r"|地 {0,4}址|住 {0,4}址|(?:家庭|现|通讯|通信|邮寄|居住)[地住]?址|邮 {0,4}编|邮政编码|邮箱|电子邮[箱件]"
    r"|日 {0,4}期|时间|抄送|此致"
    r"|from|to|name|full name|sender|address|tel(?:ephone)?|phone|mobile|e-?mail|date|postcode"
    r"|our ref|your ref|ref(?:erence)?|c\.?c"
    r")\s{0,4}[.）)]?\s{0,4}[：:]",
    re.I,
)
_GREETING = re.compile(
    r"\s{0,40}(?:(?:尊敬|敬爱|亲爱)的[^\n。！？；!?;：:，,]{1,40}|敬启者"
    r"|[^\n。！？；!?;，,]{0,30}(?:您|你|大家)们?好"
    r"|(?:Dear|To|Attn\.?|Attention:?)\s[^\n]{1,60}?(?=[,，:：!！]|\n|$)"
    r"|To whom it may concern|Hello|Good (?:morning|day|afternoon))"
    r"(?=[，,。！!：:\s]|$)[，,。！!：:\s]{0,20}",
    re.I,
)
_TO_AN_OFFICE = re.compile(r"[^\n。！？；!?;]{1,40}[：:]\s{0,40}$")
_DATE = re.compile(
    r"\W{0,8}(?:[\w ]{0,12}[ ,，])?(?:"
    r"\d{2,4} ?[年./-] ?\d{1,2} ?[月./-] ?\d{1,4} ?[日号]?"
    r"|[二〇零○一三四五六七八九十]{2,6}年[元一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[日号]"
    r"|\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8}\.?,? \d{4}"
    r"|[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})\W{0,8}"
)
_FIGURES = re.compile(r"[\W\d_]{0,40}")
_ONLY_A_KIND = re.compile(
    r"\W{0,8}(?:(?:群众|公民|实名|匿名)?(?:投诉|举报|信访|上访|申诉|检举|控告|反映|求助|建议|感谢)"
    r"(?:信|书|函|材料|情况)?|情况(?:反映|说明)"
    r"|(?:a |formal |letter of |public )?complaint(?: letter| form)?|petition|letter)\W{0,8}",
    re.I,
)
_PLACE = re.compile(
    r"[^。！？；!?;，,]{0,60}[省市区县镇乡村路街巷道][^。！？；!?;，,\n]{0,24}\d{1,5} ?[号栋幢座楼室房组]"
    r"\W{0,4}(?:\d{3,6} ?[室房]?)?"
)
_STREET = re.compile(
    r"\W{0,4}(?:(?:flat|room|unit|apt\.?|no\.?) )?\d{1,5}[A-Za-z]?,? [A-Z][\w' ]{1,40}"
    r"\b(?:road|rd|street|st|lane|avenue|ave|drive|close|way|court|square|terrace)\b[^!?\n]{0,60}",
    re.I,
)
_WHO = re.compile(
    r"\W{0,4}(?:(?:我|本人|我们|笔者)(?:叫|姓|名叫|名|是|系|今年|现年|家住|住在|住|居住)|本人(?=[，,])"
    r"|家住|现住|住在|居住在|今年\d|现年\d|年龄|身份证|(?:我的|本人的?|联系)?(?:电话|手机)"
    r"|my name is|i['’]?\s?a?m (?:an? |the |called )|i live (?:at|in|on)|and (?:i )?live (?:at|in|on))",
    re.I,
)
_ABOUT_IT = re.compile(
    r"反映|投诉|举报|控告|检举|因为|关于|被|\b(?:complain|report|because|about|regarding)", re.I
)
_SENTENCES = re.compile(
    r"[。！？；!?;\n]|(?<![A-Z])(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bNo)(?<!\bSt)\.(?=\s+[A-Z]|\s{0,9}$)"
)
_MANY_FIGURES = re.compile(r"\d(?:[ -]?\d){6}")


def title(text: str, writer: Writer, *, secret: bool, language: str) -> str:
    """As long as ``clean.opening`` makes it. ``secret``: nothing of ``writer`` and no long number is in it.

    Falls back on the first line there is; for a secret letter with the marks of what is left out, or "" when
    nothing is left.
    """
    found = next(_candidates(text[:_LOOKED_AT], writer, secret=secret), "")
    if found:
        return clean.opening(found)
    plain = left_out(text[:_LOOKED_AT].strip(), writer, language) if secret else text.strip()
    first = clean.opening(plain)
    return "" if secret and (_MANY_FIGURES.search(first) or tells(first, writer)) else first


def _candidates(text: str, writer: Writer, *, secret: bool) -> Iterator[str]:
    """What may be the title, likeliest first."""
    weak: list[str] = []
    for line in _lines(text):
        heading = _HEADING.match(line)
        rest = line[heading.end() :] if heading else _matter(line, writer)
        for sentence in _SENTENCES.split(rest):
            said = _from_the_matter(sentence, writer, secret=secret)
            if secret and _gives_away(said, writer):
                continue
            if len(said) >= _SHORTEST:
                yield said
            elif said:
                weak.append(said)
    yield from weak


def _lines(text: str) -> list[str]:
    """The letter's first lines; above its greeting only those that name the matter."""
    lines = [line for line in text.splitlines() if line.strip()][:_MOST_LINES]
    greeting = next((n for n, line in enumerate(lines[:_HEAD_LINES]) if _GREETING.match(line)), 0)
    above = [line for line in lines[:greeting] if _HEADING.match(line) or _ABOUT.search(line)]
    return above + lines[greeting:]


def _matter(line: str, writer: Writer) -> str:
    """A line of the letter from where it is no greeting any more; "" when nothing else stands there."""
    if _LABELLED.match(line) or _TO_AN_OFFICE.match(line):
        return ""
    greeted = _GREETING.match(line)
    while greeted and greeted.end():
        line = line[greeted.end() :]
        greeted = _GREETING.match(line)
    line = line.strip()
    whole = (_DATE, _FIGURES, _ONLY_A_KIND, _PLACE, _STREET)
    known = line in (writer.name, writer.address)
    return "" if known or any(form.fullmatch(line) for form in whole) else line


def _from_the_matter(sentence: str, writer: Writer, *, secret: bool) -> str:
    """A sentence without who the writer is at its beginning."""
    clauses = re.split(r"(?<=[，,、])", sentence)
    while clauses and _is_about_the_writer(clauses[0], writer, secret=secret):
        clauses.pop(0)
    return "".join(clauses).strip(" \t\u3000，,、")


def _is_about_the_writer(clause: str, writer: Writer, *, secret: bool) -> bool:
    if secret and _gives_away(clause, writer):
        return True
    return bool(_WHO.match(clause)) and not _ABOUT_IT.search(clause)


def _gives_away(said: str, writer: Writer) -> bool:
    """Name, telephone, e-mail, the whole address, or a number long enough to be somebody's."""
    bare, home = (re.sub(r"\W|\d{6}$", "", value).casefold() for value in (said, writer.address))
    return tells(said, writer) or bool(_MANY_FIGURES.search(said)) or (len(home) > 3 and home in bare)
