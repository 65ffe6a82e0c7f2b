"""What must hold for sealed values: each opens in its own row and is found by its hash (promises 1, 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Connection, func, literal, not_, or_, select

from intake import schema
from intake.contracts import Text
from intake.findings import Finding, Report
from intake.store import Store
from intake.vault.column import Sealed, is_unreadable, vault_of
from intake.vault.names import address_hash, conversation_hash, name_hash, token_hash
from intake.vault.places import row_of, sealed_columns, token_of, walk
from intake.vault.sealing import Unsealable, Vault

_LOST = Text(
    "加密数据无法解开：被改动、被换行，或密钥已丢失",
    "does not open: it was changed, moved, or its key is gone",
)
_ASTRAY = Text("检索用的散列与内容不符", "its hash is not that of its content: it cannot be found")

_NO_KEY = Text(
    "密钥不在密钥文件里，解不开：请从备份找回当时的 keys.json",
    "values are sealed with a key that is not in the file of keys: put back the keys.json that holds it",
)

_Hash = Callable[[Vault, Any], "str | None"]
_FOUND_BY: Mapping[str, tuple[str, _Hash]] = {
    "complainant.value": ("value_hash", address_hash),
    "contact.value": ("value_hash", address_hash),
    "participation.name": ("name_hash", name_hash),
    "participation.token": ("token_hash", token_hash),
    "outbox.address": ("address_hash", address_hash),
    "submission.conversation": ("conversation_hash", conversation_hash),
}
"""Which column finds a sealed one."""


def check_keys(connection: Connection, report: Report) -> None:
    """Every sealed value bears a key that the file of keys holds; told by the tokens, nothing is opened."""
    known = vault_of(connection).keyring.again().data
    for column in sealed_columns():
        assert isinstance(column.type, Sealed)
        token, held = token_of(column), []
        for id_ in known:
            head: Any = f"{id_}.".encode() if column.type.kind == "bytes" else f"{id_}."
            held.append(func.substr(token, 1, len(head)) == literal(head, token.type))
        query = select(func.count()).select_from(column.table).where(token.is_not(None), not_(or_(*held)))
        if lost := connection.execute(query).scalar_one():
            report.add([Finding(1, f"{column.type.place} ×{lost}", _NO_KEY)])


def check_sealed(store: Store, report: Report) -> None:
    """Open every sealed value; a batch at a time, in constant memory."""
    vault = store.vault
    assert vault is not None
    for column in sealed_columns():
        after = None
        while True:
            with store.read() as connection:
                rows = walk(column, connection, after)
            if not rows:
                break
            for row in rows:
                report.add(_opens(vault, column, row))
            report.count("sealed", len(rows))
            after = rows[-1][:-1]
    for place, (hashed, hash_) in _FOUND_BY.items():
        _check_hashes(store, vault, report, place, hashed, hash_)


def _opens(vault: Vault, column: Column[Any], row: Any) -> Iterator[Finding]:
    type_, key, token = column.type, row_of(row), row[-1]
    assert isinstance(type_, Sealed)
    try:
        if type_.kind == "bytes":
            vault.open_bytes(type_.place, key, bytes(token))
        else:
            vault.open(type_.place, key, token)
    except Unsealable:
        yield Finding(1, f"{type_.place} {key}", _LOST)


def _check_hashes(store: Store, vault: Vault, report: Report, place: str, hashed: str, hash_: _Hash) -> None:
    name, _, column = place.partition(".")
    table, last = schema.metadata.tables[name], ""
    query = select(table.c.id, table.c[column], table.c[hashed]).order_by(table.c.id).limit(500)
    while True:
        with store.read() as connection:
            rows = connection.execute(query.where(table.c.id > last)).all()
        if not rows:
            return
        report.add(
            Finding(2, f"{place} {key}", _ASTRAY)
            for key, value, known in rows
            if value is not None and not is_unreadable(value) and (hash_(vault, value) or "") != (known or "")
        )
        last = rows[-1][0]
