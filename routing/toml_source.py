"""You are here: configuration → *reading TOML strictly* → bureaus, rules, calendar, chasing.

A county's clerk edits these files by hand. Whatever is wrong with one stops the start and is told
in one sentence per language that names the file, the line and the key. Getters both check and
mark a key as known; :meth:`Table.finish` then objects to every key nobody asked for.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path as FilePath
from typing import Any

from intake.contracts import Text
from routing.toml_lines import Path, key_lines

MAXIMUM_BYTES = 4 * 1024 * 1024  # a thousand times the sample county; more is not a settings file

_KINDS: dict[type, tuple[str, str]] = {
    str: ("引号里的文字", "a text in quotes"),
    int: ("整数", "a whole number"),
    bool: ("true 或 false", "true or false"),
    date: ("日期（如 2026-10-01）", "a date such as 2026-10-01"),
    list: ("方括号里的列表", "a list in square brackets"),
    dict: ("一张表", "a table"),
}


class ConfigurationError(Exception):
    """A file of the configuration folder is wrong and nothing may start with it.

    ``file``: the path as it was given; ``line``: 1-based, or None when the whole file is meant;
    ``key``: dotted, array items counted from 1 (``stage.answer.step[2].at``), "" for the whole
    file; ``problem``: what is wrong and what to do, a sentence in each language.
    """

    def __init__(self, file: str, line: int | None, key: str, problem: Text) -> None:
        super().__init__(file, line, key, problem)
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem

    def text(self) -> Text:
        """The whole sentence, place and problem, in both languages."""
        zh, en = self.file, self.file
        if self.line is not None:
            zh, en = f"{zh} 第 {self.line} 行", f"{en}, line {self.line}"
        if self.key:
            zh, en = f"{zh}，{self.key}", f"{en}, {self.key}"
        return Text(zh=f"{zh}：{self.problem.zh}", en=f"{en}: {self.problem.en}")

    def __str__(self) -> str:
        sentence = self.text()
        return f"{sentence.en}\n{sentence.zh}"


def read_toml(path: FilePath | str) -> Table:
    """The file's root table.

    Raises :class:`ConfigurationError` when the file cannot be read, is no UTF-8, is over
    ``MAXIMUM_BYTES`` or is no valid TOML.
    """
    file = str(path)
    try:
        with FilePath(path).open("rb") as stream:
            raw = stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise _whole_file(
            file, f"读不到这个文件（{error.strerror}）。", f"cannot read this file ({error.strerror})."
        ) from error
    if len(raw) > MAXIMUM_BYTES:
        raise _whole_file(file, "文件超过 4 MB，请检查是否放错。", "over 4 MB; is this the right file?")
    try:
        text = raw.decode("utf-8-sig")  # some editors on Windows put a mark in front
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = Text("请用 UTF-8 编码保存这个文件。", "please save this file in UTF-8.")
        raise ConfigurationError(file, line, "", problem) from error
    return parse_toml(text, file)


def parse_toml(text: str, file: str) -> Table:
    """The root table of ``text``; ``file`` is the name that errors give."""
    text = text.replace("\r\n", "\n")
    try:
        content = tomllib.loads(text)
        lines = key_lines(text)
    except tomllib.TOMLDecodeError as error:
        line, reason = _syntax(str(error), text)
        problem = Text(f"TOML 写法有误（{reason}）。", f"this is not valid TOML ({reason}).")
        raise ConfigurationError(file, line, "", problem) from error
    except RecursionError as error:
        raise _whole_file(file, "嵌套太深。", "nested too deeply.") from error
    return Table(content, file, (), lines)


def _whole_file(file: str, zh: str, en: str) -> ConfigurationError:
    return ConfigurationError(file, None, "", Text(zh, en))


def _syntax(message: str, text: str) -> tuple[int, str]:
    """tomllib ends its messages with "(at line 3, column 7)" or "(at end of document)"."""
    reason, _, place = message.rpartition(" (at ")
    digits = place.removeprefix("line ").partition(",")[0]
    line = int(digits) if digits.isdigit() else max(1, len(text.splitlines()))
    return line, reason or message


class Table:
    """One TOML table whose keys are asked for by type.

    Every getter raises :class:`ConfigurationError` for a missing key or a wrong type; the
    ``optional_`` ones return their default for a missing key only.
    """

    def __init__(
        self, content: Mapping[str, Any], file: str, path: Path = (), lines: Mapping[Path, int] | None = None
    ) -> None:
        self._content = content
        self._path = path
        self._lines = lines or {}
        self._asked: dict[str, None] = {}  # in the order of asking, so that suggestions are stable
        self.file = file

    # ---- where things stand

    @property
    def line(self) -> int:
        """The line this table starts at; 1 for the file's root."""
        return self._lines.get(self._path, 1)

    @property
    def name(self) -> str:
        """The table's dotted name, "" for the root."""
        return _dotted(self._path)

    def keys(self) -> list[str]:
        """The table's keys in the file's order (asking for them does not make them known)."""
        return list(self._content)

    def has(self, key: str) -> bool:
        """Whether ``key`` is set; makes it known."""
        self._asked[key] = None
        return key in self._content

    def error(self, key: str, zh: str, en: str, *, item: int | None = None) -> ConfigurationError:
        """A complaint about ``key`` (or its list's ``item``, from 0), for the caller to raise.

        ``key`` "" means the table itself.
        """
        path = self._path + ((key,) if key else ()) + (() if item is None else (item,))
        line = self._lines.get(path) or self._lines.get(path[:-1]) or self.line
        return ConfigurationError(self.file, line, _dotted(path), Text(zh, en))

    # ---- required keys

    def text(self, key: str, *, maximum: int = 2000) -> str:
        """Text that is not blank, without NUL and at most ``maximum`` characters, trimmed."""
        value: str = self._typed(key, str)
        if not value.strip():
            raise self.error(key, "不能为空。", "must not be empty.")
        return self._bounded(key, value, maximum)

    def integer(self, key: str, *, minimum: int = 0, maximum: int = 1_000_000) -> int:
        """A whole number within ``minimum`` … ``maximum``, both included."""
        value: int = self._typed(key, int)
        if not minimum <= value <= maximum:
            raise self.error(
                key,
                f"应在 {minimum} 到 {maximum} 之间，现在是 {value}。",
                f"must be between {minimum} and {maximum}, but is {value}.",
            )
        return value

    def boolean(self, key: str) -> bool:
        """True or false."""
        value: bool = self._typed(key, bool)
        return value

    def date(self, key: str) -> date:
        """A date, unquoted as TOML has it (not a date with a time)."""
        value: date = self._typed(key, date)
        return value

    def choice(self, key: str, allowed: Collection[str]) -> str:
        """One of ``allowed``; a near miss gets a suggestion."""
        value = self.text(key)
        if value not in allowed:
            raise self._not_allowed(key, value, allowed)
        return value

    def strings(self, key: str, *, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of non-blank texts, each one of ``allowed`` if given; the list may be empty."""
        items: list[Any] = self._typed(key, list)
        for index, item in enumerate(items):
            if not isinstance(item, str) or not item.strip() or "\0" in item:
                raise self.error(
                    key, "每一项都应是引号里的文字。", "every item must be a text in quotes.", item=index
                )
            if allowed is not None and item not in allowed:
                raise self._not_allowed(key, item, allowed, index)
        return tuple(item.strip() for item in items)

    def integers(self, key: str, *, minimum: int = 0, maximum: int = 1_000_000) -> tuple[int, ...]:
        """A list of whole numbers, each within ``minimum`` … ``maximum``."""
        items: list[Any] = self._typed(key, list)
        for index, item in enumerate(items):
            if type(item) is not int or not minimum <= item <= maximum:
                raise self.error(
                    key,
                    f"每一项都应是 {minimum} 到 {maximum} 之间的整数。",
                    f"every item must be a whole number between {minimum} and {maximum}.",
                    item=index,
                )
        return tuple(items)

    def table(self, key: str) -> Table:
        """The table ``[… key]``."""
        return self._child(self._typed(key, dict), (key,))

    def tables(self, key: str) -> list[Table]:
        """The tables ``[[… key]]``, in the file's order."""
        items: list[Any] = self._typed(key, list)
        for index, item in enumerate(items):
            if not isinstance(item, dict):
                raise self.error(
                    key, f"应写成 [[{key}]] 的表。", f"must be written as [[{key}]] tables.", item=index
                )
        return [self._child(item, (key, index)) for index, item in enumerate(items)]

    # ---- optional keys

    def optional_text(self, key: str, default: str = "", *, maximum: int = 2000) -> str:
        """Like :meth:`text`, but may be missing or empty."""
        if not self.has(key):
            return default
        return self._bounded(key, self._typed(key, str), maximum)

    def optional_integer(self, key: str, default: int, *, minimum: int = 0, maximum: int = 1_000_000) -> int:
        """Like :meth:`integer`, but may be missing."""
        return self.integer(key, minimum=minimum, maximum=maximum) if self.has(key) else default

    def optional_choice(self, key: str, allowed: Collection[str], default: str) -> str:
        """Like :meth:`choice`, but may be missing."""
        return self.choice(key, allowed) if self.has(key) else default

    def optional_strings(self, key: str, *, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """Like :meth:`strings`; empty when missing."""
        return self.strings(key, allowed=allowed) if self.has(key) else ()

    def optional_table(self, key: str) -> Table | None:
        """Like :meth:`table`; None when missing."""
        return self.table(key) if self.has(key) else None

    def optional_tables(self, key: str) -> list[Table]:
        """Like :meth:`tables`; empty when missing."""
        return self.tables(key) if self.has(key) else []

    def finish(self) -> None:
        """Object to the first key that no getter asked for, with the nearest known one."""
        for key in self._content:
            if key not in self._asked:
                zh, en = _suggestion(key, self._asked)
                raise self.error(key, f"不认识这一项{zh}。", f"this key is not known{en}.")

    # ---- within

    def _typed(self, key: str, kind: type) -> Any:
        self._asked[key] = None
        if key not in self._content:
            raise self._missing(key)
        value = self._content[key]
        # bool is an int and datetime is a date to Python, but not to whoever wrote the file.
        exact = type(value) is kind if kind in (int, date) else isinstance(value, kind)
        if not exact:
            wanted_zh, wanted_en = _KINDS[kind]
            raise self.error(
                key,
                f"应是{wanted_zh}，现在是{_kind_of(value)[0]}。",
                f"must be {wanted_en}, but is {_kind_of(value)[1]}.",
            )
        return value

    def _missing(self, key: str) -> ConfigurationError:
        unknown = [name for name in self._content if name not in self._asked]
        near = difflib.get_close_matches(key, unknown, n=1)
        if near:  # most likely a slip of the pen: point at what was written
            return self.error(
                near[0], f"不认识这一项，是不是“{key}”？", f'this key is not known; is "{key}" meant?'
            )
        return self.error("", f"缺少“{key}”这一项。", f'the key "{key}" is missing.')

    def _bounded(self, key: str, value: str, maximum: int) -> str:
        if len(value) > maximum or "\0" in value:
            raise self.error(
                key, f"最多 {maximum} 个字。", f"must be at most {maximum} characters, without NUL."
            )
        return value.strip()

    def _not_allowed(
        self, key: str, value: str, allowed: Collection[str], item: int | None = None
    ) -> ConfigurationError:
        shown = sorted(allowed)
        if len(shown) > 12:
            zh, en = _suggestion(value, shown)
        else:
            zh, en = f"，只能是：{'、'.join(shown)}", f"; must be one of: {', '.join(shown)}"
        return self.error(
            key, f"“{value}”不在可选范围内{zh}。", f'"{value}" is not allowed here{en}.', item=item
        )

    def _child(self, content: Mapping[str, Any], below: Path) -> Table:
        return Table(content, self.file, self._path + below, self._lines)


def _dotted(path: Path) -> str:
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part + 1}]"
        else:
            shown += f".{part}" if shown else part
    return shown


def _kind_of(value: object) -> tuple[str, str]:
    if isinstance(value, datetime):
        return "带时刻的日期", "a date with a time"
    return _KINDS.get(type(value), ("别的类型", "something else"))


def _suggestion(word: str, known: Collection[str]) -> tuple[str, str]:
    near = difflib.get_close_matches(word, list(known), n=1)
    if near:
        return f"，是不是“{near[0]}”？请改正或删去", f'; is "{near[0]}" meant?'
    return "，请改正或删去", "; correct or remove it"
