"""What columns are made of: UTC times, canonical JSON, keys, and what makes a row a piece of work."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_json(value: Any) -> str:
    """The one text of a JSON value that is stored and hashed: sorted keys, no spaces, no escapes."""
    return _ENCODER.encode(value)


class Json(TypeDecorator[Any]):
    """JSON kept as canonical text, the same on SQLite and PostgreSQL, so that hashes hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Utc(TypeDecorator[datetime]):
    """An aware UTC datetime; naive ones are refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def key(name: str = "id", of: Table | None = None, **options: Any) -> Column[str]:
    """A key; ``of`` names the table it points to."""
    targets = [] if of is None else [ForeignKey(of.c.id)]
    return Column(name, String(32), *targets, **options)


def work() -> list[Column[Any]]:
    """The columns that make a row a piece of work."""
    return [
        Column("state", String(16), nullable=False),
        Column("due_at", Utc, nullable=False),
        Column("lease_until", Utc),
        Column("owner", String(64)),
        Column("attempts", Integer, nullable=False, default=0),
        Column("error", Text),
    ]
