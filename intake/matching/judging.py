"""Whether two cases may be one matter, and the reason in words. Pure.

Every sign alone may mislead: a form letter is sent by thousands, one person has many troubles, a road is
long. So signs are added up, and only what passes :data:`OFFERED` is shown to a clerk, who decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from intake.contracts import Text
from intake.matching.sketching import Likeness

OFFERED = 50
"""Score from which two cases are offered."""
NEAR = timedelta(days=30)
"""Two reports of one place that lie farther apart are two matters."""
ALIKE = 40
"""Per cent from which likeness of the words is a reason of its own."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What two cases have in common."""

    likeness: Likeness  # of the words; UNLIKE when it is not known
    contact: bool  # somebody who complained can be reached where somebody of the other can
    verified: bool  # and one of them is known to be theirs
    channels: tuple[str, str]
    office: bool  # the same bureau, or the same kind of matter
    places: tuple[str, ...]
    apart: timedelta


@dataclass(frozen=True, slots=True)
class Verdict:
    """``score`` adds up to 100 at most; ``reasons`` is empty when they are not offered."""

    score: int
    reasons: tuple[Text, ...]


def judge(signs: Signs) -> Verdict:
    """How likely it is one matter."""
    near, numbered = abs(signs.apart) <= NEAR, any(c.isdigit() for word in signs.places for c in word)
    share = signs.likeness.share
    if signs.likeness.brief and not (near or signs.contact):
        share //= 2  # "the lamp in front of our house is broken" is said of many lamps over the years
    score = round(1.25 * share) if share >= ALIKE else share
    if signs.contact:
        score += 30 + (5 if signs.verified else 0) + (15 if signs.office else 0) + (5 if near else 0)
    if signs.places and near:
        score += (12 * min(2, len(signs.places))) + (10 if signs.office else 0) + (10 if numbered else 0)
    score = min(score, 100)
    return Verdict(score, tuple(_reasons(signs, near)) if score >= OFFERED else ())


def _reasons(signs: Signs, near: bool) -> Iterator[Text]:
    if signs.contact and signs.channels[0] != signs.channels[1]:
        yield Text("同一联系方式，来自另一渠道", "The same contact on another channel")
    elif signs.contact:
        yield Text("同一联系方式", "The same contact")
    share = signs.likeness.share
    if signs.likeness.within and share >= ALIKE // 2:
        yield Text("较短的一篇大半见于较长的一篇", "Much of the shorter text stands in the longer one")
    elif share >= 95:
        yield Text("文字几乎完全相同", "Nearly the same words")
    elif share >= ALIKE // 2:
        yield Text(f"文字约 {share}% 相同", f"About {share}% of the words are the same")
    if signs.places and near:
        days, where = abs(signs.apart).days, signs.places
        yield Text(f"同一地点：{_listed(where, '、')}{_days_zh(days)}", _place_en(where, days))
    if signs.office:
        yield Text("同一责任单位或类别", "The same bureau or category")


def _listed(words: Sequence[str], comma: str) -> str:
    return comma.join(words[:3])


def _days_zh(days: int) -> str:
    return f"，相隔 {days} 天" if days else "，同一天前后"


def _place_en(places: Sequence[str], days: int) -> str:
    apart = "within a day" if days == 0 else f"{days} day{'s' if days > 1 else ''} apart"
    return f"The same place: {_listed(places, ', ')}, {apart}"
