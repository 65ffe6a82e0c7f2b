"""Whether the keys at hand are the ones that this database was sealed with.

A fingerprint of each key stands in ``vault_key``. A process whose keys differ refuses to start: it could
read nothing, and what it wrote the others could not read.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, MetaData, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from intake.columns import Utc
from intake.vault.column import vault_of
from intake.vault.keyring import KeyringBroken, KeyringMissing, Keys
from intake.vault.sealing import Vault

LOOKUP = "lookup"
_vault_key = Table(
    "vault_key",
    MetaData(),
    Column("id", String(16), primary_key=True),
    Column("fingerprint", String(16)),
    Column("since", Utc),
    Column("retired_at", Utc),
)


def must_fit(connection: Connection, vault: Vault | None = None) -> None:
    """Refuse keys that are not this database's; nothing is written, and no file of keys is made.

    Raises KeyringMissing or KeyringBroken in one sentence.
    """
    vault = vault or vault_of(connection)
    rows = connection.execute(select(_vault_key)).all()
    path = vault.keyring.path
    if rows and not vault.keyring.exists:
        raise KeyringMissing(
            f"There is no file of keys at {path}, but names and addresses in this database are sealed: "
            "put keys.json back there from a backup or another machine, or name its place with "
            "HUIYIN_KEY_FILE."
        )
    for row in rows:
        if row.retired_at is None and _print(vault, row.id) != row.fingerprint:
            raise KeyringBroken(
                f"The keys in {path} are not those that this database is sealed with (“{row.id}” differs or "
                "is missing): put the right keys.json there, or name its place with HUIYIN_KEY_FILE."
            )


def put_on_record(connection: Connection, vault: Vault | None = None) -> None:
    """Note the fingerprints of the keys at hand that the database does not know yet."""
    vault = vault or vault_of(connection)
    keys = vault.keyring.keys()
    known = set(connection.execute(select(_vault_key.c.id)).scalars())
    now = datetime.fromtimestamp(time.time(), UTC)
    names = [LOOKUP, *(key.id for key in keys.data.values() if key.retired_at is None)]
    rows: list[dict[str, Any]] = [
        {"id": name, "fingerprint": vault.fingerprint(name), "since": now}
        for name in names
        if name not in known
    ]
    if rows:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        connection.execute(insert(_vault_key).on_conflict_do_nothing(), rows)


def retire(connection: Connection, id_: str, now: datetime) -> None:
    """Note that a data key seals nothing any more."""
    connection.execute(_vault_key.update().where(_vault_key.c.id == id_).values(retired_at=now))


def _print(vault: Vault, name: str) -> str | None:
    keys: Keys = vault.keyring.keys()
    if name != LOOKUP and name not in keys.data:
        keys = vault.keyring.again()
    return vault.fingerprint(name) if name == LOOKUP or name in keys.data else None
