"""A new data key, and everything sealed anew with it while the service runs.

::

    add a key → wait until all processes write with it → seal batch by batch → look again → retire the old
    drop: nothing bears a retired key any more → it leaves the file

All state is in the file of keys and in the tokens themselves, so a rotation that was killed is gone on
with by the next one. The lookup key is not changed: of identity numbers only the hashes are kept, and a
hash cannot be made anew.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, bindparam

from intake.clock import Clock
from intake.store import Store
from intake.vault import fitting
from intake.vault.column import Sealed
from intake.vault.keyring import LOOK_AGAIN, KeyringBroken
from intake.vault.places import batches, key_id, keys_of, row_of, sealed_columns, token_of, walk
from intake.vault.sealing import Unsealable, Vault

_ROUNDS = 5
"""Passes over everything, until none finds a value that was sealed with an old key meanwhile."""
_HASTE = 2_000
"""Values a second that a plain machine seals anew: a first guess of how long it takes."""
_PATIENCE = 3 * LOOK_AGAIN
"""Seconds after which every process has seen a new key, and its transactions of before have ended."""

Told = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did."""

    current: str
    retired: tuple[str, ...]
    values: int
    unreadable: int


def counts(store: Store) -> Counter[str]:
    """How many values each key has sealed."""
    found: Counter[str] = Counter()
    for column in sealed_columns():
        with store.read() as connection:
            for rows in batches(column, connection):
                found.update(key_id(row[-1]) for row in rows)
    return found


def seconds_for(values: int, per_second: float = _HASTE) -> int:
    """About how many seconds sealing so many values anew takes."""
    return max(1, round(values / max(per_second, 1)))


def unfinished(store: Store, found: Counter[str]) -> int:
    """Of the values of :func:`counts`, how many a change that was cut short still has to seal anew."""
    assert store.vault is not None
    keys = store.vault.keyring.keys()
    return sum(found[id_] for id_, key in keys.data.items() if id_ != keys.current)


def going_on(store: Store) -> bool:
    """Whether a change of keys was begun and not ended: an old key is not marked retired."""
    assert store.vault is not None
    keys = store.vault.keyring.keys()
    return any(key.retired_at is None for id_, key in keys.data.items() if id_ != keys.current)


class KeyInUse(Exception):
    """A key that must not leave the file. One sentence: which, why, what to do."""


def drop(store: Store, clock: Clock, id_: str) -> None:
    """Take an old key out of the file for ever, when the database has no value sealed with it.

    Raises :class:`KeyInUse`, the keyring's errors, StorageUnavailable.
    """
    assert store.vault is not None
    keyring = store.vault.keyring
    keys = keyring.again()
    if id_ not in keys.data:
        raise KeyInUse(f"There is no key “{id_}” in {keyring.path}; it holds {', '.join(keys.data)}.")
    if id_ == keys.current:
        raise KeyInUse(f"{id_} is the active key; “huiyin keys rotate” makes another one, then this may go.")
    if keys.data[id_].retired_at is None:
        raise KeyInUse(f"The change away from {id_} was not finished; run “huiyin keys rotate” first.")
    if left := counts(store)[id_]:
        raise KeyInUse(
            f"{left} values are still sealed with {id_}; run “huiyin keys rotate”, which seals them anew."
        )
    with store.write() as connection:  # first: a process that starts must not miss it
        fitting.retire(connection, id_, clock())
    keyring.drop(id_)


def rotate(
    store: Store, clock: Clock, *, told: Told = lambda _place, _count: None, patience: float = _PATIENCE
) -> Rotated:
    """Change the data key, or finish a change that was cut short.

    Raises StorageUnavailable (run it again) and the keyring's errors.
    """
    vault = store.vault
    assert vault is not None
    keyring = vault.keyring
    old = [key.id for key in keyring.keys().data.values() if key.retired_at is None]
    if len(old) == 1:
        keyring.add(clock())
    current = keyring.keys().current
    with store.write() as connection:
        fitting.put_on_record(connection)
    threading.Event().wait(patience)
    values = unreadable = 0
    for _ in range(_ROUNDS):
        moved, unreadable = _pass(store, vault, current, told)
        values += moved
        if not moved:
            break
    else:  # somebody still writes with an old key: a machine with a file of keys of its own
        raise KeyringBroken(
            f"Values are still being sealed with an old key, by a process that does not see {keyring.path}: "
            "give every machine this very file, then rotate again; nothing is lost."
        )
    retired = tuple(id_ for id_ in old if id_ != current)
    for id_ in retired:
        keyring.retire(id_, clock())
        with store.write() as connection:
            fitting.retire(connection, id_, clock())
    return Rotated(current, retired, values, unreadable)


def _pass(store: Store, vault: Vault, current: str, told: Told) -> tuple[int, int]:
    """Seal everything anew that bears another key; how many values, and how many do not open."""
    moved = unreadable = 0
    for column in sealed_columns():
        after = None
        while True:
            with store.read() as connection:
                rows = walk(column, connection, after)
            if not rows:
                break
            after = rows[-1][:-1]
            fresh = []
            for row in rows:
                if key_id(row[-1]) == current:
                    continue
                try:
                    fresh.append(_sealed_anew(vault, column, row))
                except Unsealable:
                    unreadable += 1
            if fresh:
                with store.write() as connection:
                    count = _replace(connection, column, fresh)
                moved += count
                told(f"{column.table.name}.{column.name}", count)
    return moved, unreadable


def _sealed_anew(vault: Vault, column: Column[Any], row: Any) -> dict[str, Any]:
    type_, key = column.type, row_of(row)
    assert isinstance(type_, Sealed)
    old = row[-1]
    if type_.kind == "bytes":
        old = bytes(old)
        new: Any = vault.seal_bytes(type_.place, key, vault.open_bytes(type_.place, key, old))
    else:
        new = vault.seal(type_.place, key, vault.open(type_.place, key, old))
    named = {f"k_{n}": part for n, part in enumerate(row[:-1])}
    return named | {"b_old": old, "v_new": new}


def _replace(connection: Connection, column: Column[Any], rows: list[dict[str, Any]]) -> int:
    """Put the new tokens in place of the very ones that were read; what changed meanwhile stays."""
    token, table = token_of(column), column.table
    update = table.update().where(
        token == bindparam("b_old", type_=token.type),
        *(key == bindparam(f"k_{n}") for n, key in enumerate(keys_of(column))),
    )
    kept = update.values({column: type_bound(column)})
    return max(connection.execute(kept, rows).rowcount, 0)


def type_bound(column: Column[Any]) -> Any:
    """A parameter that is a token already."""
    return bindparam("v_new", type_=token_of(column).type)
