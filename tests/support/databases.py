"""Fresh databases of both kinds, by one way of asking: empty, or copied from one that was prepared once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from intake.migrate import migrate
from intake.store import Store
from tests.support.postgres import PostgresServer

try:
    import pysqlite3 as sqlite3
except ImportError:  # no wheel for this processor: the standard library's own
    import sqlite3

Prepare = Callable[[str], None]
"""Fills the empty database at a URL (say: migrates it) and leaves no connection open."""


def migrated(url: str) -> None:
    """Bring the database at ``url`` to the newest schema."""
    store = Store(url)
    migrate(store)
    store.close()


class Databases(Protocol):
    """Gives out databases, each to one test, and clears them away when asked."""

    def empty(self) -> str:
        """The URL of a database without tables."""
        ...

    def copy_of(self, prepare: Prepare) -> str:
        """The URL of a database as ``prepare`` leaves it; it runs once per session and function."""
        ...

    def clear(self) -> None:
        """Remove what was given out since the last time."""
        ...


class SqliteDatabases:
    """Files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._serial = itertools.count(1)
        self._templates: dict[Prepare, Path] = {}
        self._given: list[Path] = []

    def empty(self) -> str:
        path = self._folder / f"test_{next(self._serial)}.sqlite"
        self._given.append(path)
        return f"sqlite:///{path}"

    def copy_of(self, prepare: Prepare) -> str:
        if prepare not in self._templates:
            template = self._folder / f"template_{next(self._serial)}.sqlite"
            prepare(f"sqlite:///{template}")
            self._templates[prepare] = template
        url = self.empty()
        source, copy = sqlite3.connect(self._templates[prepare]), sqlite3.connect(self._given[-1])
        source.backup(copy)
        source.close()
        copy.close()
        return url

    def clear(self) -> None:
        for path in self._given:
            for piece in path.parent.glob(f"{path.name}*"):  # with its -wal and -shm
                piece.unlink()
        self._given.clear()


class PostgresDatabases:
    """Databases of one server."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._templates: dict[Prepare, str] = {}
        self._given: list[str] = []

    def empty(self) -> str:
        return self._give(None)

    def copy_of(self, prepare: Prepare) -> str:
        if prepare not in self._templates:
            template = self._server.create()
            prepare(self._server.url(template))
            self._templates[prepare] = template
        return self._give(self._templates[prepare])

    def clear(self) -> None:
        for name in self._given:
            self._server.drop(name)
        self._given.clear()

    def _give(self, template: str | None) -> str:
        name = self._server.create(template)
        self._given.append(name)
        return self._server.url(name)
