"""You are here: intake → routing → lexicon → *rules* → decision.

One rule: a list of conditions that must all hold. A condition explains itself when asked, in
both languages, so that a decision can be followed word by word (promise 10).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from intake.contracts import Matter, Text
from routing.lexicon import Scan, Where
from routing.normalise import normalise

URGENCIES = ("ordinary", "urgent", "complex")


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword as the file has it and as it is looked for."""

    written: str
    form: str


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule against one message: whether it held, and the words for saying so."""

    held: bool
    text: Text
    wanted: bool = True  # False for a condition that only excludes: holding it makes no near miss


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the rulebook. Empty conditions always hold; a rule has at least one.

    ``any``: at least ``at_least`` different ones of these occur in ``where``; ``all``: each occurs
    in ``where``; ``none``: not one occurs anywhere. ``named``: the message names one of these
    bureaus. ``categories``, ``channels``, ``places``, ``senders``: what the form or the channel
    said (a place is also looked for in the text; a sender is an address, a number or "@domain").
    """

    id: str
    order: int
    bureau: str
    category: str
    reason: Text
    urgency: str = "ordinary"
    supporting: tuple[str, ...] = ()
    else_bureau: str = ""
    any: tuple[Keyword, ...] = ()
    all: tuple[Keyword, ...] = ()
    none: tuple[Keyword, ...] = ()
    at_least: int = 1
    where: Where = "any"
    named: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    places: tuple[Keyword, ...] = ()
    senders: tuple[str, ...] = ()
    line: int = 0
    any_forms: frozenset[str] = field(init=False, repr=False)
    all_forms: frozenset[str] = field(init=False, repr=False)
    none_forms: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Sets of the forms, made once: a rule is asked for every message."""
        for name in ("any", "all", "none"):
            forms = frozenset(keyword.form for keyword in getattr(self, name))
            object.__setattr__(self, f"{name}_forms", forms)

    def words(self) -> tuple[str, ...]:
        """Every normalised word this rule looks for."""
        return tuple(keyword.form for keyword in (*self.any, *self.all, *self.none, *self.places))

    def matches(self, scan: Scan, matter: Matter, category: str, named: Collection[str]) -> bool:
        """Whether every condition holds. ``category`` is the form's, as a key; ``named`` are bureaus."""
        words = scan.words[self.where]
        return (
            (not self.any or self._enough(words))
            and self.all_forms <= words
            and self.none_forms.isdisjoint(scan.first)
            and (not self.named or any(code in named for code in self.named))
            and (not self.categories or category in self.categories)
            and (not self.channels or matter.channel in self.channels)
            and (not self.places or self._placed(scan, matter))
            and (not self.senders or self._sent(matter))
        )

    def checks(self, scan: Scan, matter: Matter, category: str, named: Collection[str]) -> list[Check]:
        """Each condition this rule has, whether it held and why, for the explanation."""
        return [*self._word_checks(scan), *self._fact_checks(scan, matter, category, named)]

    def _word_checks(self, scan: Scan) -> list[Check]:
        found: list[Check] = []
        words = scan.words[self.where]
        if self.any:
            hits = [k.written for k in self.any if k.form in words]
            need = f"{len(hits)}/{self.at_least}"
            found.append(_check(len(hits) >= self.at_least, f"任一词 {need}", f"any word {need}", hits))
        if self.all:
            missing = [k.written for k in self.all if k.form not in words]
            shown = missing or [k.written for k in self.all]
            zh, en = ("缺少", "missing") if missing else ("全部都有", "all present")
            found.append(_check(not missing, zh, en, shown))
        if self.none:
            present = [k.written for k in self.none if k.form in scan.first]
            zh, en = ("出现了排除词", "excluded by") if present else ("无排除词", "nothing excluded")
            found.append(replace(_check(not present, zh, en, present), wanted=False))
        return found

    def _fact_checks(self, scan: Scan, matter: Matter, category: str, named: Collection[str]) -> list[Check]:
        found: list[Check] = []
        if self.named:
            hits = [code for code in self.named if code in named]
            found.append(_check(bool(hits), "点名单位", "bureau named", hits or self.named))
        if self.categories:
            found.append(_check(category in self.categories, "所选类别", "chosen category", self.categories))
        if self.channels:
            found.append(_check(matter.channel in self.channels, "渠道", "channel", self.channels))
        if self.places:
            places = [k.written for k in self.places]
            found.append(_check(self._placed(scan, matter), "地点", "place", places))
        if self.senders:
            found.append(_check(self._sent(matter), "来信人", "sender", self.senders))
        return found

    def _enough(self, words: frozenset[str]) -> bool:
        if self.at_least == 1:
            return not self.any_forms.isdisjoint(words)
        return len(self.any_forms & words) >= self.at_least

    def _placed(self, scan: Scan, matter: Matter) -> bool:
        chosen = normalise(matter.place[:200])
        return any(keyword.form in chosen or keyword.form in scan.first for keyword in self.places)

    def _sent(self, matter: Matter) -> bool:
        sender = matter.sender.casefold()
        return bool(sender) and any(
            sender.endswith(known) if known.startswith("@") else sender == known for known in self.senders
        )


def _check(held: bool, zh: str, en: str, words: Collection[str]) -> Check:
    if not words:
        return Check(held, Text(zh, en))
    return Check(held, Text(f"{zh}：{'、'.join(words)}", f"{en}: {', '.join(words)}"))
