"""The column type for personal data. Reading is as from any column; writing names the row.

A SELECT asks for the row's key together with the token, so that a token opens only in its own row; that
works for aliases and for RETURNING. A query that hides the key from the column fails when it is made.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Dialect, LargeBinary, String, Text, type_coerce
from sqlalchemy import cast as sql_cast
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import TypeDecorator

from intake.vault.keyring import KeyringMissing
from intake.vault.sealing import Unsealable, Vault

log = logging.getLogger(__name__)

UNREADABLE = "〔无法读取 unreadable〕"
_BETWEEN = "|"
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Unreadable(str):
    """Stands for a text that does not open; it reads as such wherever it is shown."""

    __slots__ = ()

    def __new__(cls) -> Unreadable:
        return super().__new__(cls, UNREADABLE)


class UnreadableBytes(bytes):
    """Stands for bytes that do not open."""


class UnreadableJson(dict[str, Any]):
    """Stands for JSON that does not open: an empty object."""


def is_unreadable(value: object) -> bool:
    """Whether a value that was read stands for one that does not open."""
    return isinstance(value, (Unreadable, UnreadableBytes, UnreadableJson))


@dataclass(frozen=True, slots=True)
class SealedText:
    """A value on its way into a sealed column, with the key of the row that it is for."""

    row: str
    value: Any = field(repr=False)  # an error that shows what was bound must not show it


def sealed(row: str | tuple[Any, ...], value: Any) -> SealedText | None:
    """``value`` for a sealed column of the row with this key; None stays None.

    The key of a table with several key columns is a tuple of them, in order.
    """
    if value is None:
        return None
    return SealedText(row if isinstance(row, str) else row_key(*row), value)


def row_key(*parts: Any) -> str:
    """The key of a row as one text, as the database puts it together."""
    return ":".join(map(str, parts))


def vault_of(of: Connection | Dialect) -> Vault:
    """The vault of the store that this connection belongs to. Raises :class:`KeyringMissing`."""
    dialect = of.dialect if isinstance(of, Connection) else of
    vault = getattr(dialect, "huiyin_vault", None)
    if vault is None:
        raise KeyringMissing("This store was opened without a keyring: say Store(url, keyring=…).")
    return cast(Vault, vault)


class _JoinedBytes(FunctionElement[bytes]):
    """Row key, bar and bytes as one value of bytes."""

    type = LargeBinary()
    inherit_cache = True


@compiles(_JoinedBytes, "sqlite")
def _join_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    row, content = (compiler.process(part, **options) for part in element.clauses)
    return f"CAST({row} || '{_BETWEEN}' || {content} AS BLOB)"


@compiles(_JoinedBytes)
def _join_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    row, content = (compiler.process(part, **options) for part in element.clauses)
    return f"convert_to({row} || '{_BETWEEN}', 'UTF8') || {content}"


def _as_text(key: ColumnElement[Any]) -> ColumnElement[Any]:
    return type_coerce(key, Text) if isinstance(key.type, String) else sql_cast(key, Text)


class Sealed(TypeDecorator[Any]):
    """Text, JSON or bytes that only stand sealed in the database.

    ``place`` is "table.column"; ``key`` names the table's key column(s); ``kind`` is text, json or bytes.
    Bind :func:`sealed` values; a plain one is refused. What does not open is read as
    :class:`Unreadable` (and noted in the log), so that one bad row never stops a list.
    """

    impl = Text
    cache_ok = True

    def __init__(self, place: str, *, key: str | tuple[str, ...] = "id", kind: str = "text") -> None:
        super().__init__()
        self.place = place
        self.key = (key,) if isinstance(key, str) else key
        self.kind = kind
        if kind == "bytes":
            self.impl = self.impl_instance = LargeBinary()  # type: ignore[assignment]

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(LargeBinary() if self.kind == "bytes" else Text())

    @property
    def python_type(self) -> type[Any]:
        return bytes if self.kind == "bytes" else str

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self

    # ------------------------------------------------------------ writing

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        place, kind = self.place, self.kind
        driver = dialect.type_descriptor(LargeBinary()).bind_processor(dialect) if kind == "bytes" else None

        def bind(value: Any) -> Any:
            if value is None:
                return None
            if not isinstance(value, SealedText):
                raise TypeError(f"{place} is a sealed column: bind sealed(row_key, value), not a plain value")
            vault = vault_of(dialect)
            if kind == "bytes":
                token = vault.seal_bytes(place, value.row, value.value)
                return token if driver is None else driver(token)
            plain = _encode(value.value) if kind == "json" else str(value.value)
            return vault.seal(place, value.row, plain)

        return bind

    # ------------------------------------------------------------ reading

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        table = getattr(column, "table", None)
        there: Any = getattr(table, "c", {})
        keys = [there[name] for name in self.key if name in there]
        if len(keys) < len(self.key):
            raise CompileError(f"{self.place} opens only beside its row's {self.key}: select that, too")
        row = _as_text(keys[0])
        for further in keys[1:]:
            row = row.concat(":").concat(_as_text(further))
        if self.kind != "bytes":
            return type_coerce(row.concat(_BETWEEN).concat(type_coerce(column, Text)), self)
        return type_coerce(_JoinedBytes(row, type_coerce(column, LargeBinary)), self)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        if self.kind == "bytes":
            return self._opener_of_bytes(dialect, coltype)
        place, is_json = self.place, self.kind == "json"

        def read(value: str | None) -> Any:
            if value is None:
                return None
            row, _, token = value.partition(_BETWEEN)
            try:
                plain = vault_of(dialect).open(place, row, token)
            except Unsealable as error:
                log.error("vault: %s of %s does not open: %s", place, row[:64], error)
                return UnreadableJson() if is_json else Unreadable()
            return json.loads(plain) if is_json else plain

        return read

    def _opener_of_bytes(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        place = self.place
        driver = dialect.type_descriptor(LargeBinary()).result_processor(dialect, coltype)

        def read(value: Any) -> bytes | None:
            if value is None:
                return None
            content = bytes(value if driver is None else driver(value) or b"")
            row, _, token = content.partition(b"|")
            key = row.decode("utf-8", "replace")
            try:
                return vault_of(dialect).open_bytes(place, key, token)
            except Unsealable as error:
                log.error("vault: %s of %s does not open: %s", place, key[:64], error)
                return UnreadableBytes()

        return read
