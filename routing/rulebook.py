"""You are here: configuration → *rulebook* → decision.

Reads ``rules.toml`` and refuses, by file, line and key, whatever could not mean what the clerk
meant: an unknown bureau, an id used twice, a word that is both wanted and excluded, a rule that
an earlier one always beats.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from intake.contracts import Text
from routing.bureaus import Bureaus, unknown_bureau
from routing.categories import Categories
from routing.lexicon import WHERES, Where
from routing.normalise import normalise_keyword
from routing.rules import URGENCIES, Keyword, Rule
from routing.toml_source import ConfigurationError, Table, read_toml

_CONDITIONS = ("any", "all", "named", "categories", "channels", "places", "senders")
_WHERE: dict[str, Where] = {where: where for where in WHERES}


@dataclass(frozen=True, slots=True)
class Known:
    """What a rule may refer to."""

    bureaus: Bureaus
    categories: Categories
    channels: Collection[str]
    lists: Mapping[str, tuple[str, ...]]


def load_rules(
    path: Path | str, bureaus: Bureaus, categories: Categories, channels: Collection[str]
) -> tuple[Rule, ...]:
    """The rules in the order they are tried: by ``order`` where given, else as they stand.

    Raises :class:`routing.toml_source.ConfigurationError`.
    """
    root = read_toml(path)
    lists = _word_lists(root.optional_table("words"))
    tables = root.tables("rule")
    root.finish()
    known = Known(bureaus, categories, channels, lists)
    rules: list[Rule] = []
    lines: dict[str, int] = {}
    for place, table in enumerate(tables, start=1):
        # Rules without a number stand 10 apart, so that "order = 25" slips in behind the second.
        rule = _rule(table, 10 * place, known)
        if rule.id in lines:
            raise table.error(
                "id",
                f"“{rule.id}”在第 {lines[rule.id]} 行已经用过，请换一个编号。",
                f'"{rule.id}" is used on line {lines[rule.id]} already; choose another id.',
            )
        lines[rule.id] = rule.line
        rules.append(rule)
    if not rules:
        raise root.error("rule", "至少要有一条规则。", "at least one rule is needed.")
    in_order = sorted(rules, key=lambda rule: rule.order)
    _refuse_shadowed(in_order, {rule.id: table for rule, table in zip(rules, tables, strict=True)})
    return tuple(in_order)


def _rule(table: Table, order: int, known: Known) -> Rule:
    rule = Rule(
        id=table.text("id", maximum=60),
        order=table.optional_integer("order", order),
        bureau=_bureau(table, "bureau", known.bureaus, table.text("bureau")),
        category=table.choice("category", [category.key for category in known.categories]),
        reason=Text(table.text("reason_zh", maximum=200), table.text("reason_en", maximum=300)),
        urgency=table.optional_choice("urgency", URGENCIES, "ordinary"),
        supporting=_bureau_list(table, "supporting", known.bureaus),
        else_bureau=_optional_bureau(table, "else_bureau", known.bureaus),
        any=_keywords(table, "any", known.lists),
        all=_keywords(table, "all", known.lists),
        none=_keywords(table, "none", known.lists),
        at_least=table.optional_integer("at_least", 1, minimum=1, maximum=50),
        where=_WHERE[table.optional_choice("where", WHERES, "any")],
        named=_bureau_list(table, "named", known.bureaus),
        places=_keywords(table, "places", known.lists),
        line=table.line,
    )
    rule = replace(
        rule,
        categories=_filled(table, "categories", [category.key for category in known.categories]),
        channels=_filled(table, "channels", known.channels),
        senders=tuple(sender.casefold() for sender in _filled(table, "senders", None)),
    )
    table.finish()
    _check(rule, table)
    return rule


def _check(rule: Rule, table: Table) -> None:
    if not any(getattr(rule, condition) for condition in _CONDITIONS):
        raise table.error(
            "",
            f"这条规则没有条件，会匹配所有来件；请写 {'、'.join(_CONDITIONS)} 中的至少一项。",
            f"this rule has no condition and would match everything; set one of {', '.join(_CONDITIONS)}.",
        )
    if rule.at_least > 1 and rule.at_least > len(rule.any):
        raise table.error(
            "at_least",
            f"要求 {rule.at_least} 个词，但 any 只有 {len(rule.any)} 个，永远不会匹配。",
            f"asks for {rule.at_least} words, but any has only {len(rule.any)}, so it can never match.",
        )
    for target, key in (
        (rule.else_bureau, "else_bureau"),
        *((code, "supporting") for code in rule.supporting),
    ):
        if target == rule.bureau:
            raise table.error(
                key,
                f"与主办单位“{target}”相同，请删去。",
                f'is the leading bureau "{target}" itself; remove it.',
            )
    _refuse_clash(rule, table)


def _refuse_clash(rule: Rule, table: Table) -> None:
    """A wanted word that holds an excluded one can never count."""
    for item, excluded in enumerate(rule.none):
        for key, wanted in (("any", rule.any), ("all", rule.all)):
            for keyword in wanted:
                if excluded.form in keyword.form:
                    raise table.error(
                        "none",
                        f"“{excluded.written}”排除了 {key} 中的“{keyword.written}”，请删去其中一个。",
                        f'"{excluded.written}" excludes "{keyword.written}" of {key}; remove one of them.',
                        item=item,
                    )


def _word_lists(table: Table | None) -> dict[str, tuple[str, ...]]:
    """``[words]``: lists with a name, used in rules as "@name"."""
    if table is None:
        return {}
    return {name: _filled(table, name, None) for name in table.keys()}  # noqa: SIM118


def _keywords(table: Table, key: str, lists: Mapping[str, tuple[str, ...]]) -> tuple[Keyword, ...]:
    keywords: list[Keyword] = []
    seen: dict[str, str] = {}
    for item, entry in enumerate(_filled(table, key, None)):
        for written in _spelled_out(table, key, item, entry, lists):
            form = normalise_keyword(written)
            if len(form.strip()) < 2:
                raise table.error(
                    key,
                    f"“{written}”太短，至少两个字。",
                    f'"{written}" is too short; two characters at least.',
                    item=item,
                )
            if form in seen:
                raise table.error(
                    key,
                    f"“{written}”与“{seen[form]}”重复，请删去一个。",
                    f'"{written}" says the same as "{seen[form]}"; remove one.',
                    item=item,
                )
            seen[form] = written
            keywords.append(Keyword(written, form))
    return tuple(keywords)


def _spelled_out(
    table: Table, key: str, item: int, entry: str, lists: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    if not entry.startswith("@"):
        return (entry,)
    if entry[1:] in lists:
        return lists[entry[1:]]
    near = next(iter(difflib.get_close_matches(entry[1:], lists, n=1)), "")
    zh, en = (f"，是不是“@{near}”？", f'; is "@{near}" meant?') if near else ("。", ".")
    raise table.error(
        key,
        f"[words] 里没有“{entry[1:]}”这组词{zh}",
        f'[words] has no list called "{entry[1:]}"{en}',
        item=item,
    )


def _filled(table: Table, key: str, allowed: Collection[str] | None) -> tuple[str, ...]:
    if not table.has(key):
        return ()
    items = table.strings(key, allowed=allowed)
    if not items:
        raise table.error(
            key, "列表是空的，请填写或删去这一行。", "this list is empty; fill it or remove the line."
        )
    return items


def _bureau(table: Table, key: str, bureaus: Bureaus, code: str, item: int | None = None) -> str:
    if code not in bureaus:
        raise unknown_bureau(table, key, code, bureaus, item=item)
    return code


def _optional_bureau(table: Table, key: str, bureaus: Bureaus) -> str:
    return _bureau(table, key, bureaus, table.text(key)) if table.has(key) else ""


def _bureau_list(table: Table, key: str, bureaus: Bureaus) -> tuple[str, ...]:
    codes = _filled(table, key, None)
    return tuple(_bureau(table, key, bureaus, code, item) for item, code in enumerate(codes))


def _refuse_shadowed(rules: Sequence[Rule], tables: dict[str, Table]) -> None:
    """An earlier rule that asks for no more than this one wins every time."""
    for later, rule in enumerate(rules):
        for earlier in rules[:later]:
            if _always_wins(earlier, rule):
                raise _shadowed(tables[rule.id], earlier)


def _shadowed(table: Table, earlier: Rule) -> ConfigurationError:
    return table.error(
        "",
        f"这条规则永远轮不到：第 {earlier.line} 行的“{earlier.id}”总是先匹配。请调整顺序或条件。",
        f'this rule can never match: "{earlier.id}" on line {earlier.line} always matches first. '
        "Change the order or the conditions.",
    )


def _always_wins(first: Rule, second: Rule) -> bool:
    """Whether every message that ``second`` matches is matched by ``first`` (never guessed wrongly)."""
    if first.where != "any" and first.where != second.where and (first.any or first.all):
        return False
    words = _forms(first.any)
    if first.any:
        enough = min(second.at_least, len(second.any)) if second.any else 0
        by_any = bool(second.any) and _forms(second.any) <= words and enough >= first.at_least
        by_all = len(_forms(second.all) & words) >= first.at_least
        if not (by_any or by_all):
            return False
    if not _forms(first.all) <= _forms(second.all) or not _forms(first.none) <= _forms(second.none):
        return False
    return all(
        not mine or (theirs and set(theirs) <= set(mine))
        for mine, theirs in (
            (first.named, second.named),
            (first.categories, second.categories),
            (first.channels, second.channels),
            (_forms(first.places), _forms(second.places)),
            (first.senders, second.senders),
        )
    )


def _forms(keywords: tuple[Keyword, ...]) -> frozenset[str]:
    return frozenset(keyword.form for keyword in keywords)
