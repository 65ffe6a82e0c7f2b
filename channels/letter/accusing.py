"""Which words of a letter accuse an office, as against those that only mention one. Pure.

You are here: scanned text → [accusing] → whom the desk's form says the letter is about.

The bureau complained about never handles the case (promise 7), and that is not undone. So it is suggested
only where the letter says in so many words that it complains about somebody: 投诉某局, 被投诉单位：某局,
反映某局的工作人员, "a complaint against X". Two calls to a bureau that did not answer are no accusation here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST = 20_000
_MOST = 40
_CLAUSE = r"[^,，。.!！?？;；\n]{2,70}"
_CONDUCT = (
    "工作人员|执法人员|办事人员|窗口人员|负责人|领导|局长|干部|队员|态度|不作为|乱作为|慢作为|行为|作风|推诿|失职|渎职|"
    "受贿|索贿|贪污|乱收费|乱罚款|打人|骂人|滥用职权|以权谋私|包庇|刁难"
)
_LABEL = re.compile(
    r"(?:被(?:投诉|举报|控告|反映|申诉|投訴|舉報)(?:单位|部门|机关|机构|对象|人|方|單位|部門)?|投诉(?:单位|对象|部门))"
    rf"[ \t]*[：:][ \t]*(?P<said>{_CLAUSE})"
)
_SAYS = re.compile(
    "(?<![被的])(?:投诉|举报|控告|状告|检举|揭发|投訴|舉報)"
    "(?!人|电话|热线|信|件|单|到|给|至|于|向|后|時|时|过?[两三四五几多]?次)"
    rf"[了过一下]{{0,2}}[ ：:]{{0,2}}(?P<said>{_CLAUSE})"
)
_REPORTS = re.compile(
    f"反映(?!给|到|至|于|向|过?[两三四五几多]?次)[了过一下]{{0,2}}[ ：:]{{0,2}}"
    f"(?P<said>[^,，。！？；\n]{{2,24}}?的?(?:{_CONDUCT}))"
)
_OFTEN = re.compile(
    "(?:次|曾|曾经|已经?|再三|反复|拨打|打电话|打过电话|致电|电话|写信|上网|接到|收到|受理|处理)(?:进行|去|来)?$"
)
_CAME_TO_NOTHING = re.compile("无果|未果|没有?(?:结果|下文|回音|人理|反应)|石沉大海|(?:都|也|却|但)")
_ENGLISH = re.compile(
    r"\b(?:complain(?:t|ts|ing)?|grievance|accusation)\b (?:is |made )?"
    r"(?:about|against|concerning|regarding) "
    r"(?P<said>[^.!?;,\n]{2,90})",
    re.I,
)
_ENGLISH_LABEL = re.compile(
    r"\b(?:office|bureau|department|authority|body) complained (?:about|of) ?: ?(?P<said>[^.!?;,\n]{2,90})",
    re.I,
)
_ELSEWHERE = re.compile(
    r"\b(?:to|outside|near|opposite|in front of|next to|behind|beside|by|which|that|and i|because)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Accused:
    """What is complained about, as ``text[start:start + len(said)]``; ``asked`` is it as a plain sentence."""

    said: str
    start: int
    chinese: bool

    @property
    def asked(self) -> str:
        """As a sentence of its own, for whoever knows the bureaus' names."""
        return self.spoken(self.said)

    def spoken(self, said: str) -> str:
        """The same of a part of it."""
        return f"投诉{said}" if self.chinese else f"I complain about {said}"


def accusations(text: str) -> Iterator[Accused]:
    """Whom or what ``text`` complains about in so many words; labels first, then in order, at most 40."""
    looked_at = text[:_LONGEST]
    left = _MOST
    for form in (_LABEL, _ENGLISH_LABEL, _SAYS, _REPORTS, _ENGLISH):
        for found in form.finditer(looked_at):
            before = looked_at[max(0, found.start() - 8) : found.start()]
            chinese = form not in (_ENGLISH, _ENGLISH_LABEL)
            said = found["said"] if chinese else _ELSEWHERE.split(found["said"], maxsplit=1)[0]
            passing = form is _SAYS and (_OFTEN.search(before) or _CAME_TO_NOTHING.search(said))
            if len(said) > 1 and not passing and left:
                left -= 1
                yield Accused(said, found.start("said"), chinese)
