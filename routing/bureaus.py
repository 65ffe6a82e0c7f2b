"""You are here: configuration → *bureaus* (责任单位) → rules, firewall, addresses of chasing.

Who can be made to answer: code, names, aliases, what it is competent for, whom to write to, and
which bureau it is under. Read from ``bureaus.toml`` once; immutable afterwards.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from intake.contracts import Contact, Text
from routing.categories import Categories
from routing.normalise import normalise
from routing.toml_source import ConfigurationError, Table, read_toml

LEVELS = ("handler", "leader", "office_leader")
_CODE = re.compile(r"[a-z][a-z0-9_]{1,31}")
_ADDRESS = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,190}")


@dataclass(frozen=True, slots=True)
class Bureau:
    """One responsible bureau. ``category`` is a complaint's category when it comes here by name."""

    code: str
    name: Text
    competence: Text
    handler: str
    leader: str
    aliases: tuple[str, ...] = ()
    parent: str = ""
    category: str = ""

    @property
    def spoken_names(self) -> tuple[str, ...]:
        """Every way people write it, in either language."""
        return (self.name.zh, self.name.en, *self.aliases)


class Bureaus:
    """All bureaus of the county, in the file's order, and the office's own leader."""

    def __init__(self, bureaus: Sequence[Bureau], office_leader: str) -> None:
        self._all = {bureau.code: bureau for bureau in bureaus}
        self._office_leader = office_leader
        self._by_name: dict[str, str] = {}
        for bureau in bureaus:
            for name in (bureau.code, *bureau.spoken_names):
                self._by_name.setdefault(normalise(name).strip(), bureau.code)
        self._below = {code: self._subordinates(code) for code in self._all}

    def __iter__(self) -> Iterator[Bureau]:
        return iter(self._all.values())

    def __contains__(self, code: object) -> bool:
        return code in self._all

    def __len__(self) -> int:
        return len(self._all)

    def get(self, code: str) -> Bureau | None:
        """The bureau with this code."""
        return self._all.get(code)

    def find(self, name: str) -> Bureau | None:
        """The bureau somebody means by code, name or alias, in any spelling."""
        return self._all.get(self._by_name.get(normalise(name).strip(), ""))

    def name(self, code: str) -> Text:
        """The bureau's name; the code itself for one that was removed from the file since."""
        bureau = self._all.get(code)
        return bureau.name if bureau else Text(code, code)

    def subordinates(self, code: str) -> tuple[str, ...]:
        """Codes of all bureaus under it, at any depth, without itself."""
        return self._below.get(code, ())

    def recipients(self, code: str, level: str) -> Sequence[Contact]:
        """Whom to write to at ``level``: handler, leader or office_leader; nobody for an unknown bureau.

        Raises ValueError for another level: that is a mistake in code, not in a file.
        """
        if level not in LEVELS:
            raise ValueError(f"level must be one of {', '.join(LEVELS)}, not {level!r}")
        if level == "office_leader":
            return (Contact("email", self._office_leader, verified=True),)
        bureau = self._all.get(code)
        if bureau is None:
            return ()
        address = bureau.handler if level == "handler" else bureau.leader
        return (Contact("email", address, verified=True),)

    def suggestion(self, code: str) -> str:
        """The known code nearest to a mistyped code or name, or ""."""
        found = self.find(code)
        return found.code if found else next(iter(difflib.get_close_matches(code, self._all, n=1)), "")

    def _subordinates(self, code: str) -> tuple[str, ...]:
        found: list[str] = []
        level = {code}
        while level:
            level = {b.code for b in self._all.values() if b.parent in level} - {code, *found}
            found.extend(b.code for b in self._all.values() if b.code in level)
        return tuple(found)


def load_bureaus(path: Path | str, categories: Categories) -> Bureaus:
    """Read ``bureaus.toml``; raises :class:`routing.toml_source.ConfigurationError`."""
    root = read_toml(path)
    office = root.table("office")
    office_leader = _address(office, "leader")
    office.finish()
    tables = root.tables("bureau")
    root.finish()
    if not tables:
        raise root.error("bureau", "至少要有一个责任单位。", "at least one bureau is needed.")
    bureaus = [_bureau(table, categories) for table in tables]
    _check_codes(bureaus, tables)
    _check_names(bureaus, tables)
    _check_parents(bureaus, tables)
    return Bureaus(bureaus, office_leader)


def _bureau(table: Table, categories: Categories) -> Bureau:
    code = table.text("code")
    if not _CODE.fullmatch(code):
        raise table.error(
            "code",
            f"“{code}”应由小写字母、数字和下划线组成，以字母开头，2 到 32 个字符。",
            f'"{code}" must be 2 to 32 lower-case letters, digits or underscores and begin with a letter.',
        )
    bureau = Bureau(
        code=code,
        name=Text(table.text("zh", maximum=60), table.text("en", maximum=100)),
        competence=Text(table.text("competent_zh"), table.text("competent_en")),
        handler=_address(table, "handler"),
        leader=_address(table, "leader"),
        aliases=table.optional_strings("aliases"),
        parent=table.optional_text("parent"),
        category=table.optional_choice("category", [c.key for c in categories], ""),
    )
    table.finish()
    return bureau


def _address(table: Table, key: str) -> str:
    address = table.text(key, maximum=254)
    if not _ADDRESS.fullmatch(address):
        raise table.error(
            key,
            f"“{address}”不是电子邮箱地址，请写成 name@bureau.example。",
            f'"{address}" is no e-mail address; write one like name@bureau.example.',
        )
    return address.lower()


def _check_codes(bureaus: Sequence[Bureau], tables: Sequence[Table]) -> None:
    seen: dict[str, int] = {}
    for bureau, table in zip(bureaus, tables, strict=True):
        if bureau.code in seen:
            raise table.error(
                "code",
                f"“{bureau.code}”在第 {seen[bureau.code]} 行已经用过，请换一个代码。",
                f'"{bureau.code}" is used on line {seen[bureau.code]} already; choose another code.',
            )
        seen[bureau.code] = table.line


def _check_names(bureaus: Sequence[Bureau], tables: Sequence[Table]) -> None:
    """One name, one bureau; the same name twice for one bureau does no harm."""
    owners: dict[str, str] = {}
    for bureau, table in zip(bureaus, tables, strict=True):
        spellings: list[tuple[str, int | None, str]] = [
            ("zh", None, bureau.name.zh),
            ("en", None, bureau.name.en),
        ]
        spellings += [("aliases", item, alias) for item, alias in enumerate(bureau.aliases)]
        for key, item, name in spellings:
            spelling = normalise(name).strip()
            if len(spelling) < 2:
                raise table.error(
                    key,
                    f"“{name}”太短，至少两个字。",
                    f'"{name}" is too short; two characters at least.',
                    item=item,
                )
            owner = owners.setdefault(spelling, bureau.code)
            if owner != bureau.code:
                raise table.error(
                    key,
                    f"“{name}”已经是 {owner} 的名称，请只留给一个单位。",
                    f'"{name}" names the bureau {owner} already; leave it to one of them.',
                    item=item,
                )


def _check_parents(bureaus: Sequence[Bureau], tables: Sequence[Table]) -> None:
    parents = {bureau.code: bureau.parent for bureau in bureaus}
    for bureau, table in zip(bureaus, tables, strict=True):
        if not bureau.parent:
            continue
        if bureau.parent not in parents:
            raise unknown_bureau(table, "parent", bureau.parent, parents)
        chain = [bureau.code]
        while (above := parents.get(chain[-1], "")) and above not in chain:
            chain.append(above)
        if above:
            circle = " → ".join((*chain, above))
            raise table.error(
                "parent",
                f"上级关系成了一个圈（{circle}），请断开其中一处。",
                f"the parents run in a circle ({circle}); break it at one place.",
            )


def unknown_bureau(
    table: Table, key: str, code: str, known: dict[str, str] | Bureaus, *, item: int | None = None
) -> ConfigurationError:
    """The error for a bureau code nobody defined, with the nearest one that exists."""
    near = (
        known.suggestion(code)
        if isinstance(known, Bureaus)
        else next(iter(difflib.get_close_matches(code, known, n=1)), "")
    )
    zh, en = (f"，是不是“{near}”？", f'; is "{near}" meant?') if near else ("。", ".")
    return table.error(
        key, f"没有代码为“{code}”的责任单位{zh}", f'there is no bureau with the code "{code}"{en}', item=item
    )
