"""Names, addresses and messages are sealed; what must be found again gets a keyed hash.

One transaction: a process that is killed leaves the database as it was. Rows are read and written a few
hundred at a time, so memory stays small however large the archive is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from intake.notes import without_addresses
from intake.vault import Vault, vault_of
from intake.vault.fitting import put_on_record
from intake.vault.names import address_hash, conversation_hash, delivery_id, name_hash, token_hash

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BATCH = 400
_FEW = 16  # of raw messages, which may be large

Row = Mapping[str, Any]
_Hash = Callable[[Vault, Any], "str | None"]

_SEALED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], Mapping[str, tuple[str, _Hash]]]] = {
    # table: key columns, what is sealed, hashes by column: of which column and how
    "submission": (
        ("id",),
        (
            *("envelope", "reserved_code", "from_name", "from_address", "quoted", "conversation"),
            "details",
        ),
        {"conversation_hash": ("conversation", conversation_hash)},
    ),
    "raw_message": (("submission_id",), ("content",), {}),
    "complainant": (("id",), ("name", "value"), {"value_hash": ("value", address_hash)}),
    "contact": (("id",), ("value",), {"value_hash": ("value", address_hash)}),
    "participation": (
        ("id",),
        ("address", "name", "code", "token"),
        {"name_hash": ("name", name_hash), "token_hash": ("token", token_hash)},
    ),
    "outbox": (
        ("id",),
        ("address", "name", "subject", "text"),
        {"address_hash": ("address", address_hash)},
    ),
    "conversation": (("id",), ("address", "memory"), {}),
    "phone_call": (("sid",), ("address", "memory"), {}),
    "letter": (("id",), ("fields", "draft"), {}),
    "letter_page": (("letter_id", "number"), ("lines",), {}),
    "printout": (("outbox_id",), ("pages",), {}),
}
_REBUILT = ("complainant", "contact", "participation", "conversation")
"""Tables of which SQLite cannot drop a UNIQUE constraint otherwise."""


def upgrade() -> None:
    op.create_table(
        "vault_key",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_key")),
    )
    op.drop_index("ix_submission_conversation", "submission")
    op.drop_index("ix_outbox_address", "outbox")
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # what stood in plain text is wiped
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        _add_columns()
        for name in _SEALED:
            (_rebuild if name in _REBUILT else _seal_table)(connection, name)
    else:
        _widen()
        _add_columns()
        for name in _REBUILT:
            _add_hashes(name)
        for name in _SEALED:
            _seal_table(connection, name)
        _change_constraints()
    _make_indexes()


# ---------------------------------------------------------------- columns, constraints, indexes


def _add_columns() -> None:
    op.add_column("submission", sa.Column("conversation_hash", sa.String(length=32), nullable=True))
    op.add_column("outbox", sa.Column("address_hash", sa.String(length=32), nullable=True))


def _widen() -> None:
    """A token is longer than what it stands for; SQLite does not mind."""
    for table, column in (
        ("submission", "reserved_code"),
        ("submission", "conversation"),
        ("participation", "code"),
        ("participation", "token"),
    ):
        op.alter_column(table, column, type_=sa.Text())


_HASHES: Mapping[str, tuple[str, ...]] = {
    "complainant": ("value_hash",),
    "contact": ("value_hash",),
    "participation": ("name_hash", "token_hash"),
    "conversation": ("conversation_hash",),
}


def _add_hashes(name: str) -> None:
    for column in _HASHES[name]:
        op.add_column(name, sa.Column(column, sa.String(length=32), nullable=True))


def _change_constraints() -> None:
    for table, old in (
        ("complainant", "uq_complainant_kind_value"),
        ("contact", "uq_contact_complainant_id_kind_value"),
        ("participation", "uq_participation_token"),
        ("conversation", "uq_conversation_channel_address"),
    ):
        op.drop_constraint(old, table, type_="unique")
    for table, column in (
        ("contact", "value_hash"),
        ("participation", "token_hash"),
        ("conversation", "conversation_hash"),
    ):
        op.alter_column(table, column, existing_type=sa.String(length=32), nullable=False)
    for name, constraints in _UNIQUE.items():
        for names in constraints:
            if names != ("complaint_id", "complainant_id"):  # that one was there before
                op.create_unique_constraint(f"uq_{name}_{'_'.join(names)}", name, list(names))


def _make_indexes() -> None:
    op.create_index(
        "ix_submission_conversation",
        "submission",
        ["conversation_hash", "state", "id"],
        sqlite_where=sa.text("conversation_hash IS NOT NULL"),
        postgresql_where=sa.text("conversation_hash IS NOT NULL"),
    )
    op.create_index("ix_outbox_address_hash", "outbox", ["address_hash", "role", "created_at"])
    op.create_index("ix_contact_value_hash", "contact", ["value_hash"])
    op.create_index("ix_participation_name_hash", "participation", ["name_hash"])
    if op.get_bind().dialect.name == "sqlite":  # went with its table
        op.create_index("ix_participation_complainant", "participation", ["complainant_id", "id"])


_UNIQUE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "complainant": (("kind", "value_hash"),),
    "contact": (("complainant_id", "kind", "value_hash"),),
    "participation": (("token_hash",), ("complaint_id", "complainant_id")),
    "conversation": (("conversation_hash",),),
}


def _unique(name: str) -> list[sa.UniqueConstraint]:
    return [sa.UniqueConstraint(*names, name=f"uq_{name}_{'_'.join(names)}") for names in _UNIQUE[name]]


def _columns(name: str) -> list[Any]:
    """The rebuilt tables, without their UNIQUE constraints."""
    key, text, short = sa.String(length=32), sa.Text(), sa.String(length=16)
    moment = sa.DateTime(timezone=True)

    def to(column: str, table: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_{name}_{column}")

    primary = [sa.Column("id", key, nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{name}")]
    return {
        "complainant": [
            *primary,
            sa.Column("name", text, nullable=False),
            sa.Column("kind", short),
            sa.Column("value", text),
            sa.Column("value_hash", key),
            sa.Column("created_at", moment, nullable=False),
        ],
        "contact": [
            *primary,
            sa.Column("complainant_id", key, nullable=False),
            sa.Column("kind", short, nullable=False),
            sa.Column("value", text, nullable=False),
            sa.Column("value_hash", key, nullable=False),
            sa.Column("verified", sa.Boolean(), nullable=False),
            to("complainant_id", "complainant"),
        ],
        "participation": [
            *primary,
            sa.Column("complaint_id", key, nullable=False),
            sa.Column("complainant_id", key, nullable=False),
            sa.Column("channel", short, nullable=False),
            sa.Column("address", text, nullable=False),
            sa.Column("name", text, nullable=False),
            sa.Column("name_hash", key),
            sa.Column("language", sa.String(length=8), nullable=False),
            sa.Column("anonymous", sa.Boolean(), nullable=False),
            sa.Column("confidential", sa.Boolean(), nullable=False),
            sa.Column("code", text, nullable=False),
            sa.Column("token", text, nullable=False),
            sa.Column("token_hash", key, nullable=False),
            sa.Column("large_print", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("feedback", sa.String(length=20), nullable=True),
            to("complaint_id", "complaint"),
            to("complainant_id", "complainant"),
        ],
        "conversation": [
            *primary,
            sa.Column("channel", short, nullable=False),
            sa.Column("address", text, nullable=False),
            sa.Column("conversation_hash", key, nullable=False),
            sa.Column("language", sa.String(length=8), nullable=False),
            sa.Column("asking", key, nullable=False),
            sa.Column("asked_at", moment),
            sa.Column("heard_at", moment),
            sa.Column("complaint_id", key),
            sa.Column("held_id", key),
            sa.Column("held_until", moment),
            sa.Column("stopped_at", moment),
            sa.Column("memory", text, nullable=False),
            to("complaint_id", "complaint"),
            to("held_id", "submission"),
        ],
    }[name]


# ---------------------------------------------------------------- rows


def _rebuild(connection: sa.Connection, name: str) -> None:
    """Make the table anew and copy its rows, sealed. What points to it is checked at the commit."""
    connection.exec_driver_sql(f'CREATE TABLE "old_{name}" AS SELECT * FROM "{name}"')
    op.drop_table(name)
    op.create_table(name, *_columns(name), *_unique(name))
    there = sa.inspect(connection).get_columns(name)
    insert = _table(name, [column["name"] for column in there]).insert()
    for rows in _batches(connection, f"old_{name}", ("id",), [c["name"] for c in _old(connection, name)]):
        vault = vault_of(connection)
        connection.execute(insert, [dict(row) | _changes(vault, name, row) for row in rows])
    op.drop_table(f"old_{name}")


def _old(connection: sa.Connection, name: str) -> list[Any]:
    return list(sa.inspect(connection).get_columns(f"old_{name}"))


def _seal_table(connection: sa.Connection, name: str) -> None:
    keys, plain, _ = _SEALED[name]
    extra = {"outbox": ("error", "provider_id"), "conversation": ("channel",)}.get(name, ())
    for rows in _batches(connection, name, keys, [*keys, *plain, *extra]):
        vault = vault_of(connection)
        changes = [_changes(vault, name, row) for row in rows]
        table = _table(name, [*keys, *changes[0]])
        update = table.update().values({column: sa.bindparam(f"v_{column}") for column in changes[0]})
        for key in keys:
            update = update.where(table.c[key] == sa.bindparam(f"k_{key}"))
        connection.execute(
            update,
            [
                {f"v_{column}": value for column, value in change.items()} | {f"k_{k}": row[k] for k in keys}
                for row, change in zip(rows, changes, strict=True)
            ],
        )


def _changes(vault: Vault, name: str, row: Row) -> dict[str, Any]:
    """What becomes of a row's columns."""
    keys, plain, hashes = _SEALED[name]
    key = ":".join(str(row[k]) for k in keys)
    found: dict[str, Any] = {}
    for column in plain:
        value, place = row[column], f"{name}.{column}"
        if isinstance(value, bytes | memoryview):
            found[column] = vault.seal_bytes(place, key, bytes(value))
        else:
            found[column] = None if value is None else vault.seal(place, key, value)
    for column, (source, hashed) in hashes.items():
        found[column] = None if row[source] is None else hashed(vault, row[source])
    if name == "contact":
        found["value_hash"] = found["value_hash"] or ""
    if name == "conversation":
        found["conversation_hash"] = conversation_hash(vault, f"{row['channel']}:{row['address']}")
    if name == "outbox":
        found["error"] = row["error"] and without_addresses(row["error"], row["address"])
        found["provider_id"] = row["provider_id"] and delivery_id(vault, row["provider_id"])
    return found


def _batches(
    connection: sa.Connection, name: str, keys: tuple[str, ...], columns: list[str]
) -> Iterator[list[Row]]:
    """All rows in the order of their keys, so many at a time. The first of all puts the keys on record."""
    table = _table(name, list(dict.fromkeys([*keys, *columns])))
    order = [table.c[key] for key in keys]
    query = sa.select(table).order_by(*order).limit(_FEW if name == "raw_message" else _BATCH)
    after: tuple[Any, ...] | None = None
    while True:
        asked = query if after is None else query.where(sa.tuple_(*order) > after)
        rows: list[Row] = [dict(row._mapping) for row in connection.execute(asked)]
        if not rows:
            return
        if after is None:
            put_on_record(connection)
        yield rows
        after = tuple(rows[-1][key] for key in keys)


def _table(name: str, columns: list[str]) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))
