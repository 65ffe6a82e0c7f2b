"""You are here: intake → *routing: who must answer* → case assigned, or triage.

The order of deciding, always the same:

1. the firewall finds whom the matter is about (promise 7);
2. the rulebook: the first rule whose conditions all hold decides;
3. no rule: the bureau the writer addresses by name;
4. else a person decides (triage).

A blocked bureau gets nothing. The rule's ``else_bureau`` takes its place, else the bureau above
it; when they are blocked too, or there is none, a person decides, and the reason says so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from intake.contracts import Block, Contact, Decision, Matter, Text
from routing import firewall
from routing.bureaus import Bureaus, load_bureaus
from routing.categories import Categories, load_categories
from routing.lexicon import Lexicon, Scan
from routing.mentions import BureauNames, Mention, addressed
from routing.rulebook import load_rules
from routing.rules import Rule

CHANNELS = ("visit", "letter", "phone", "email", "sms", "telegram", "web", "open311")


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that was found in a matter before deciding; the explanation shows it."""

    scan: Scan
    mentions: tuple[Mention, ...]
    category: str  # the form's, as a key, or ""
    accused: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def named(self) -> frozenset[str]:
        """Bureaus named without being complained about."""
        return frozenset(m.bureau for m in self.mentions) - set(self.accused)


class CountyRouter:
    """The county's :class:`intake.contracts.Router`. Pure; safe to share between threads."""

    def __init__(self, bureaus: Bureaus, categories: Categories, rules: Sequence[Rule]) -> None:
        self.bureaus = bureaus
        self.categories = categories
        self.rules = tuple(rules)
        self._names = BureauNames(bureaus)
        words = [word for rule in self.rules for word in rule.words()]
        self._lexicon = Lexicon([*words, *self._names.words()])

    @property
    def bureau_words(self) -> tuple[str, ...]:
        """The bureaus' names in matching form."""
        return self._names.words()

    def route(self, matter: Matter) -> Decision:
        """Decide; always returns, never raises for any text."""
        return self.decide(matter, self.understand(matter))

    def recipients(self, bureau: str, level: str) -> Sequence[Contact]:
        """Contacts for word about a case: ``level`` is handler, leader or office_leader."""
        return self.bureaus.recipients(bureau, level)

    def understand(self, matter: Matter) -> Understanding:
        """Read the matter once: words, bureaus named, whom it is about."""
        scan = self._lexicon.scan(matter.subject, matter.body)
        mentions = self._names.mentions(scan)
        by_words = firewall.accused(scan.text, mentions)
        chosen_bureau = self.bureaus.find(matter.subject_bureau[:200]) if matter.subject_bureau else None
        by_form = chosen_bureau.code if chosen_bureau else ""
        chosen = self.categories.find(matter.category[:100]) if matter.category else None
        return Understanding(
            scan=scan,
            mentions=mentions,
            category=chosen.key if chosen else "",
            accused=tuple(dict.fromkeys((by_form, *by_words) if by_form else by_words)),
            blocks=firewall.blocks(self.bureaus, by_words, by_form, map(self._code, matter.barred)),
        )

    def decide(self, matter: Matter, understanding: Understanding) -> Decision:
        """First matching rule, else the bureau addressed by name, else triage."""
        named = understanding.named
        for rule in self.rules:
            if rule.matches(understanding.scan, matter, understanding.category, named):
                return self._by_rule(rule, understanding)
        return self._by_name(understanding)

    def _by_rule(self, rule: Rule, seen: Understanding) -> Decision:
        blocked = {block.bureau for block in seen.blocks}
        bureau, reason = rule.bureau, rule.reason
        if bureau in blocked:
            bureau, reason = self._instead(rule, blocked)
        return Decision(
            bureau=bureau or None,
            by="rule" if bureau else "none",
            rule=rule.id,
            reason=reason,
            category=rule.category,
            urgency=rule.urgency,
            supporting=tuple(code for code in rule.supporting if code not in blocked and code != bureau),
            subject_bureaus=seen.accused,
            blocks=seen.blocks,
        )

    def _instead(self, rule: Rule, blocked: Collection[str]) -> tuple[str, Text]:
        """Who stands in for the rule's blocked bureau ("" for triage), and the sentence that says so."""
        name = self.bureaus.name(rule.bureau)
        above = self.bureaus.get(rule.bureau)
        for code in (rule.else_bureau, above.parent if above else ""):
            if code and code not in blocked:
                other = self.bureaus.name(code)
                return code, Text(
                    f"{rule.reason.zh}；但{name.zh}须回避，改由{other.zh}办理。",
                    f"{rule.reason.en}; but {name.en} must stay out of it, so {other.en} takes it.",
                )
        return "", Text(
            f"{rule.reason.zh}；但{name.zh}须回避，请工作人员指定责任单位。",
            f"{rule.reason.en}; but {name.en} must stay out of it: a person decides who answers.",
        )

    def _by_name(self, seen: Understanding) -> Decision:
        blocked = {block.bureau for block in seen.blocks}
        free = [mention for mention in seen.mentions if mention.bureau not in blocked]
        code = addressed(seen.scan.text, free)
        bureau = self.bureaus.get(code)
        if bureau is None:
            reason = Text(
                "没有规则匹配，也没有写明由谁办理，请人工分拨。",
                "No rule matched and no bureau is named: a person decides.",
            )
            if seen.blocks:
                reason = Text(
                    "没有规则匹配，被投诉单位须回避，请人工分拨。",
                    "No rule matched and the bureau complained about must stay out of it: a person decides.",
                )
            category = seen.category or self._category_of(seen.accused)
            return Decision(
                None, "none", None, reason, category, subject_bureaus=seen.accused, blocks=seen.blocks
            )
        return Decision(
            bureau=code,
            by="name",
            rule=None,
            reason=Text(f"来件点名由{bureau.name.zh}办理", f"the message addresses {bureau.name.en} by name"),
            category=seen.category or bureau.category,
            subject_bureaus=seen.accused,
            blocks=seen.blocks,
        )

    def _category_of(self, codes: Sequence[str]) -> str:
        bureau = self.bureaus.get(codes[0]) if codes else None
        return bureau.category if bureau else ""

    def _code(self, name: str) -> str:
        """The code for a code, name or alias; an unknown one is kept, so that no block is lost."""
        bureau = self.bureaus.find(name[:200]) if name else None
        return bureau.code if bureau else name


def load_router(folder: Path | str, channels: Collection[str] = CHANNELS) -> CountyRouter:
    """The router of a configuration folder: categories.toml, bureaus.toml, rules.toml.

    Raises :class:`routing.toml_source.ConfigurationError` with file, line and key.
    """
    folder = Path(folder)
    categories = load_categories(folder / "categories.toml")
    bureaus = load_bureaus(folder / "bureaus.toml", categories)
    rules = load_rules(folder / "rules.toml", bureaus, categories, channels)
    return CountyRouter(bureaus, categories, rules)
