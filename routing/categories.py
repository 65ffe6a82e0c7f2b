"""You are here: configuration → *categories* → rules, pages, statistics.

What a complaint is about, in the words the county counts by (城乡建设, 环境保护 …).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from intake.contracts import Text
from routing.normalise import normalise
from routing.toml_source import Table, read_toml


@dataclass(frozen=True, slots=True)
class Category:
    """``key`` is what is stored; ``aliases`` are other names people and files use for it."""

    key: str
    name: Text
    aliases: tuple[str, ...] = ()


class Categories:
    """All categories, found by key, by name in either language, or by alias."""

    def __init__(self, categories: tuple[Category, ...]) -> None:
        self._all = {category.key: category for category in categories}
        self._by_name: dict[str, Category] = {}
        for category in categories:
            for name in (category.key, category.name.zh, category.name.en, *category.aliases):
                self._by_name.setdefault(normalise(name), category)

    def __iter__(self) -> Iterator[Category]:
        return iter(self._all.values())

    def __contains__(self, key: object) -> bool:
        return key in self._all

    def get(self, key: str) -> Category | None:
        """The category with this key."""
        return self._all.get(key)

    def find(self, name: str) -> Category | None:
        """The category somebody means by key, name or alias, in any spelling."""
        return self._by_name.get(normalise(name.strip()))

    def suggestion(self, key: str) -> str:
        """The known key nearest to a mistyped one, or ""."""
        return next(iter(difflib.get_close_matches(key, self._all, n=1)), "")


def load_categories(path: Path | str) -> Categories:
    """Read ``categories.toml``; raises :class:`routing.toml_source.ConfigurationError`."""
    root = read_toml(path)
    categories: list[Category] = []
    taken: dict[str, str] = {}
    for table in root.tables("category"):
        category = _category(table)
        for key, name in (
            ("key", category.key),
            ("zh", category.name.zh),
            ("en", category.name.en),
            *(("aliases", alias) for alias in category.aliases),
        ):
            owner = taken.setdefault(normalise(name), category.key)
            if owner != category.key or (key == "key" and category.key in {c.key for c in categories}):
                raise table.error(
                    key,
                    f"“{name}”已经用于类别 {owner}，请改成不同的名称。",
                    f'"{name}" is taken by the category {owner} already; choose another.',
                )
        categories.append(category)
    root.finish()
    if not categories:
        raise root.error("category", "至少要有一个类别。", "at least one category is needed.")
    return Categories(tuple(categories))


def _category(table: Table) -> Category:
    category = Category(
        key=table.text("key", maximum=40),
        name=Text(zh=table.text("zh", maximum=40), en=table.text("en", maximum=60)),
        aliases=table.optional_strings("aliases"),
    )
    table.finish()
    return category
