"""The database: SQLite on one machine, PostgreSQL when a county outgrows it. Equals for callers.

``Store.read()`` and ``Store.write()`` are the only two ways in. A write on SQLite waits its fair turn
and begins IMMEDIATE, because SQLAlchemy drops FOR UPDATE SKIP LOCKED there without a word; on
PostgreSQL the rows' own locks do that work.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, InternalError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from intake.contracts import StorageUnavailable
from intake.vault.keyring import FILE as KEYS_FILE
from intake.vault.keyring import Keyring
from intake.vault.sealing import Vault
from intake.write_lock import WriteLock

_SAFE_SQLITE = (3, 51, 3)
"""SQLite 3.7.0 to 3.51.2 can corrupt a WAL that several connections write."""


_IDLE = 1.0
"""Seconds after which a connection to a server is asked whether it still stands before it is used."""


class UnsafeDatabase(Exception):
    """The database or its driver must not be used like this. Trying again does not help."""


class Store:
    """One database, opened. ``url`` is an SQLAlchemy URL: ``sqlite:///path`` or ``postgresql://…``.

    ``keyring`` opens what is sealed in it; left out, it is ``keys.json`` beside an SQLite file, and a
    PostgreSQL store has none: there every use of a sealed column raises KeyringMissing.
    """

    def __init__(self, url: str, *, pool_size: int = 8, keyring: Keyring | None = None) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        keyring = keyring or self._keyring_beside()
        self._lock: WriteLock | None = None
        if self.is_sqlite:
            self.engine = self._open_sqlite(pool_size)
        else:
            self.engine = _open_postgresql(url, pool_size)
        self.vault = None if keyring is None else Vault(keyring)
        self.engine.dialect.huiyin_vault = self.vault  # type: ignore[attr-defined]  # see vault_of
        self._writing = self.engine.execution_options(huiyin_writes=True)
        self._at_once = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def _keyring_beside(self) -> Keyring | None:
        """The keys beside an SQLite file, when none were given; a server has no such place."""
        if not self.is_sqlite or not self.url.database or self.url.database == ":memory:":
            return None
        return Keyring(Path(self.url.database).parent / KEYS_FILE)

    def _open_sqlite(self, pool_size: int) -> Engine:
        if not self.url.database or self.url.database == ":memory:":
            raise UnsafeDatabase("SQLite needs a file: sqlite:////path/to/huiyin.sqlite3")
        path = Path(self.url.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = WriteLock(path)
        driver = _sqlite_driver()
        engine = create_engine(
            self.url,
            module=driver,
            poolclass=QueuePool,
            hide_parameters=True,  # an error's text goes to the log: no names, no messages in it
            pool_size=pool_size,
            max_overflow=pool_size,
            connect_args={"check_same_thread": False, "timeout": 15.0},
        )
        event.listen(engine, "connect", self._prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _prepare_sqlite(self, connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
        cursor = connection.cursor()
        _into_wal(cursor)
        for pragma in (
            "synchronous=FULL",  # promise 1: a commit is on disk
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "secure_delete=FAST",  # what is replaced in a page is gone; freed pages: intake/retention/wiping
            "cache_size=-4000",
            "wal_autocheckpoint=20000",  # a net only: checkpoint() below does it off the hot path
            "journal_size_limit=67108864",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        # the words of the search index in order, for the beginnings of words: a view that holds nothing
        cursor.execute(
            "CREATE VIRTUAL TABLE temp.complaint_term USING fts5vocab(main, complaint_search, instance)"
        )
        cursor.close()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; nothing is written through it."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One moment of the whole database: every query sees the same, whatever others commit meanwhile."""
        engine = self.engine
        if not self.is_sqlite:  # SQLite's read transactions are snapshots already
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, hurried: bool = False) -> Iterator[Connection]:
        """One transaction: committed on leaving, rolled back on any exception.

        ``hurried`` asks those with much to write to make it short (:meth:`pressed`).

        Raises :class:`StorageUnavailable` when the database cannot take it now (disk full, server
        away, deadlock, a server that is no longer the first of its cluster): trying again helps.
        """
        turn: AbstractContextManager[object] = self._lock or nullcontext()
        if self._lock is not None and hurried:
            turn = self._lock.hurried()
        with (
            turn,
            _temporary_failures(),
            self._writing.connect() as connection,
            _given_up_when_read_only(connection),
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def write_once(self) -> Iterator[Connection]:
        """For a single statement that writes: a transaction of its own, hurried.

        PostgreSQL begins, writes and commits in one turn instead of three; on SQLite it is :meth:`write`.
        Raises :class:`StorageUnavailable` as that does.
        """
        if self.is_sqlite:
            with self.write(hurried=True) as connection:
                yield connection
            return
        with (
            _temporary_failures(),
            self._at_once.connect() as connection,
            _given_up_when_read_only(connection),
        ):
            yield connection

    def pressed(self) -> bool:
        """Whether somebody in a hurry waits until this writer is done, where only one may write."""
        return self._lock is not None and self._lock.rung()

    def insert_new(self, table: Table) -> Any:
        """An INSERT that leaves out rows whose unique key is there already."""
        dialect = sqlite if self.is_sqlite else postgresql
        return dialect.insert(table).on_conflict_do_nothing()

    def checkpoint(self) -> None:
        """Move SQLite's log into the database while others read and write; nothing for PostgreSQL.

        Left to itself SQLite does it inside somebody's commit, who then waits for pages of others.
        """
        if not self.is_sqlite:
            return
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        finally:
            connection.close()

    def close(self) -> None:
        """Close every connection; a later use opens new ones."""
        self.engine.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


@contextmanager
def _temporary_failures() -> Iterator[None]:
    """What trying again may mend is told as :class:`StorageUnavailable`."""
    try:
        yield
    except OperationalError as error:
        raise StorageUnavailable("the database did not take the change") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StorageUnavailable("the database went away") from error
        raise


def _sqlite_driver() -> Any:
    """pysqlite3, which bundles a safe SQLite; else the standard library's when that one is safe."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        dbapi2 = sqlite3
    version = tuple(int(part) for part in dbapi2.sqlite_version.split("."))
    if version < _SAFE_SQLITE:
        raise UnsafeDatabase(
            f"SQLite {dbapi2.sqlite_version} can corrupt the database; install pysqlite3 0.6.1 or newer"
        )
    return dbapi2


def _into_wal(cursor: Any, patience: float = 15.0) -> None:
    """Switch to WAL. Two processes that switch at once get "locked" despite the timeout: retry."""
    deadline = time.monotonic() + patience
    while True:
        try:
            if cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
                return
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            raise UnsafeDatabase("the database's file system does not allow write-ahead logging")
        threading.Event().wait(0.02)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("huiyin_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _open_postgresql(url: str, pool_size: int) -> Engine:
    address = make_url(url)
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_use_lifo=True,  # the one used last has its statements prepared
        connect_args={"options": "-c timezone=utc -c lock_timeout=15000"},
    )
    event.listen(engine, "checkin", _put_away)
    event.listen(engine, "checkout", partial(_take_out, engine))
    return engine


def _put_away(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["idle_since"] = time.monotonic()


def _take_out(engine: Engine, connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask a connection that lay idle whether it still stands; the pool opens another when it does not.

    One in steady use is not asked: the question costs as much time as an answer.
    """
    idle_since = record.info.get("idle_since")
    if idle_since is None or time.monotonic() - idle_since < _IDLE:
        return
    dialect = engine.dialect
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError("the connection broke while it was idle") from error


_READ_ONLY = "25006"
"""read_only_sql_transaction (PostgreSQL, Appendix A)."""


@contextmanager
def _given_up_when_read_only(connection: Connection) -> Iterator[None]:
    """A server that takes no more changes has become a standby: its connection is not used again, so that
    the next one looks for the server that does.
    """
    try:
        yield
    except InternalError as error:
        if getattr(error.orig, "sqlstate", None) != _READ_ONLY:
            raise
        connection.invalidate(error)
        raise StorageUnavailable("the database takes no changes just now") from error
