"""Databases that are as durable as in service: on a real disk, with every commit waited for."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, Self

import psycopg
from psycopg import sql

from intake.migrate import migrate
from intake.store import Store
from intake.vault import Keyring
from tests.support.postgres import PostgresServer

Fill = Callable[[Store], None]

_DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "maintenance_work_mem": "256MB",
}


KEYS = Path("data").absolute() / "bench-keys.json"
"""One file of keys for all databases of all runs: kept archives are sealed with it."""


def open_store(url: str) -> Store:
    """A benchmark's database with the benchmarks' keys."""
    return Store(url, keyring=Keyring(KEYS))


class Place(Protocol):
    """A kind of database."""

    @property
    def name(self) -> str:
        """As a table names it."""
        ...

    def fresh(self) -> str:
        """The URL of a new, migrated database."""
        ...

    def seeded(self, name: str, fill: Fill) -> str:
        """The URL of a migrated database that ``fill`` filled, now or in an earlier run."""
        ...


class Disk:
    """SQLite files."""

    name = "SQLite"

    def __init__(self, folder: Path, keep: Path | None) -> None:
        self._folder = folder
        self._keep = keep or folder
        self._serial = itertools.count()

    def fresh(self) -> str:
        """A new file."""
        return _migrated(f"sqlite:///{self._folder.absolute()}/fresh-{next(self._serial)}.sqlite3")

    def seeded(self, name: str, fill: Fill) -> str:
        """A file that is kept; one that was not finished has another name."""
        self._keep.mkdir(parents=True, exist_ok=True)
        done = self._keep.absolute() / f"{name}.sqlite3"
        if not done.exists():
            draft = done.with_name(f"draft-{name}.sqlite3")
            for piece in self._keep.glob(f"{draft.name}*"):
                piece.unlink()
            _fill(f"sqlite:///{draft}", fill)
            draft.rename(done)
        return f"sqlite:///{done}"


class DurablePostgres(PostgresServer):
    """A PostgreSQL on the disk, with fsync; its databases are kept when a folder is given."""

    name = "PostgreSQL"

    def __init__(self, keep: Path | None) -> None:
        super().__init__(settings=_DURABLE, parent=Path("/var/tmp"), cluster=_cluster(keep))

    def __enter__(self) -> Self:
        """Start, and clear away what an interrupted run left in a kept cluster."""
        super().__enter__()
        with self._admin() as connection:
            left = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test%'").fetchall()
        for (name,) in left:
            self.drop(name)
        return self

    def fresh(self) -> str:
        """A new database."""
        return _migrated(self.url(self.create()))

    def _admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True)

    def seeded(self, name: str, fill: Fill) -> str:
        """A database that is kept; one that was not finished has another name."""
        done, draft = f"seed_{name}", f"draft_{name}"
        with self._admin() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [done]).fetchone():
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(draft))
                )
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
                _fill(self.url(draft), fill)
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                connection.execute(rename.format(sql.Identifier(draft), sql.Identifier(done)))
        return self.url(done)


def _cluster(keep: Path | None) -> Path | None:
    if keep is None:
        return None
    keep.mkdir(parents=True, exist_ok=True)
    return keep.absolute() / "postgresql"


def _migrated(url: str) -> str:
    store = open_store(url)
    migrate(store)
    store.close()
    return url


def _fill(url: str, fill: Fill) -> None:
    store = open_store(url)
    try:
        migrate(store)
        fill(store)
    finally:
        store.close()
    for leftover in (".turn", ".write"):
        if store.is_sqlite and store.url.database:
            Path(store.url.database + leftover).unlink(missing_ok=True)


def remove(url: str) -> None:
    """Delete a fresh SQLite file; a PostgreSQL database goes with its server."""
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        for piece in path.parent.glob(f"{path.name}*"):
            piece.unlink()
