"""Every sealed column there is, told by the schema; and a walk over all their tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Select, Table, Text, select, tuple_, type_coerce

from intake import schema
from intake.vault.column import Sealed, row_key

BATCH = 400
_FEW = 16  # of values that may be large


def sealed_columns() -> list[Column[Any]]:
    """In one order: table by table as keys need it."""
    return [
        column
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    ]


def token_of(column: Column[Any]) -> Any:
    """What stands in the database, as an expression: not opened."""
    assert isinstance(column.type, Sealed)
    return type_coerce(column, LargeBinary() if column.type.kind == "bytes" else Text())


def keys_of(column: Column[Any]) -> list[Column[Any]]:
    """The key columns of its table, as the type names them."""
    assert isinstance(column.type, Sealed)
    table: Table = column.table
    return [table.c[name] for name in column.type.key]


def walk(column: Column[Any], connection: Connection, after: Sequence[Any] | None) -> Sequence[Any]:
    """The next rows of a column in the order of their keys: ``row[:-1]`` the key, ``row[-1]`` the token."""
    keys, token = keys_of(column), token_of(column)
    assert isinstance(column.type, Sealed)
    query: Select[Any] = (
        select(*keys, token.label("token"))
        .where(token.is_not(None))
        .order_by(*keys)
        .limit(_FEW if column.type.kind == "bytes" else BATCH)
    )
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*after) if len(keys) > 1 else keys[0] > after[0])
    return connection.execute(query).all()


def row_of(row: Any) -> str:
    """The key of a row of :func:`walk`, as values are bound to it."""
    return row_key(*row[:-1])


def key_id(token: str | bytes) -> str:
    """Which data key a token was sealed with; what is no token names its own beginning."""
    head = bytes(token[:17]) if isinstance(token, bytes | memoryview) else token[:17].encode()
    return head.partition(b".")[0].decode("ascii", "replace")


def batches(column: Column[Any], connection: Connection) -> Iterator[Sequence[Any]]:
    """All rows of a column within one connection."""
    after: Sequence[Any] | None = None
    while rows := walk(column, connection, after):
        yield rows
        after = rows[-1][:-1]
