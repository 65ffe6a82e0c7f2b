"""The two ways into the database, and what they promise about disk and order."""

from __future__ import annotations

import multiprocessing
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import column, select, table, text
from sqlalchemy.exc import DBAPIError, StatementError

from intake import schema
from intake.contracts import StorageUnavailable
from intake.rows import RowWriter
from intake.store import Store, UnsafeDatabase
from intake.vault import sealed
from intake.write_lock import FairLock, WriteLock
from tests.support.databases import migrated


def counted(store: Store) -> int | None:
    with store.read() as connection:
        value = connection.execute(
            select(schema.counter.c.value).where(schema.counter.c.name == "n")
        ).scalar()
    return None if value is None else int(value)


def raise_counter(url: str, times: int) -> None:
    """Read, wait a moment, write: loses counts unless writers really take turns."""
    store = Store(url)
    for _ in range(times):
        with store.write() as connection:
            c = schema.counter.c
            now = connection.execute(select(c.value).where(c.name == "n").with_for_update()).scalar_one()
            time.sleep(0.001)
            connection.execute(schema.counter.update().where(c.name == "n").values(value=now + 1))
    store.close()


def test_a_failed_write_leaves_nothing(database_url: str) -> None:
    store = Store(database_url)

    def fail_half_way() -> None:
        with store.write() as connection:
            connection.execute(schema.counter.insert(), {"name": "n", "value": 1})
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail_half_way()
    assert counted(store) is None
    store.close()


def test_writers_of_several_processes_take_turns(database_url: str) -> None:
    store = Store(database_url)
    with store.write() as connection:
        connection.execute(schema.counter.insert(), {"name": "n", "value": 0})
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=raise_counter, args=(database_url, 20)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert counted(store) == 60
    store.close()


def test_sqlite_waits_for_the_disk(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'h.sqlite3'}")
    with store.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}  # 2 is FULL
    store.close()


def test_checkpoint_empties_the_log_into_the_database(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    store = Store(f"sqlite:///{path}")
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (42)")
    assert b"CREATE TABLE t" not in path.read_bytes()
    store.checkpoint()
    assert b"CREATE TABLE t" in path.read_bytes()
    store.close()


def test_an_unsafe_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = SimpleNamespace(dbapi2=SimpleNamespace(sqlite_version="3.40.1"))
    monkeypatch.setitem(sys.modules, "pysqlite3", old)
    with pytest.raises(UnsafeDatabase, match=r"3\.40\.1 can corrupt"):
        Store(f"sqlite:///{tmp_path / 'h.sqlite3'}")


def test_a_time_without_zone_is_refused(database_url: str) -> None:
    store = Store(database_url)
    row = {"id": "0" * 32, "name": sealed("0" * 32, "n"), "created_at": datetime(2026, 3, 2)}
    with pytest.raises((StatementError, ValueError), match="without zone"), store.write() as connection:
        connection.execute(schema.complainant.insert(), row)
    store.close()


def test_a_database_that_is_away_is_a_temporary_failure(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite3"
    store = Store(f"sqlite:///{path}")
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
    driver: Any = store.engine.dialect.dbapi  # the same library: locks of two in one process do not meet
    blocker = driver.connect(path)
    blocker.execute("BEGIN EXCLUSIVE")
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    with pytest.raises(StorageUnavailable), store.write() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    blocker.close()
    store.close()


def test_rows_written_together_read_back_as_written(database_url: str) -> None:
    store = Store(database_url)
    writer = RowWriter(
        store, schema.counter, ("name", "value"), "ON CONFLICT (name) DO NOTHING RETURNING name"
    )
    with store.write() as connection:
        assert set(writer.write(connection, [("a", 1), ("n", 2)]).scalars()) == {"a", "n"}
        assert set(writer.write(connection, [("n", 9), ("b", 3)]).scalars()) == {"b"}
    assert counted(store) == 2
    store.close()


def test_a_single_statement_is_committed_by_itself(database_url: str) -> None:
    store, other = Store(database_url), Store(database_url)
    with store.write_once() as connection:
        connection.execute(schema.counter.insert(), {"name": "n", "value": 1})
        seen_before_leaving = counted(other)
    assert counted(other) == 1
    assert seen_before_leaving == (None if store.is_sqlite else 1)  # SQLite: as every other transaction
    store.close()
    other.close()


def test_a_connection_that_broke_while_idle_is_replaced(
    postgres_databases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.store._IDLE", 0.05)
    url = postgres_databases.copy_of(migrated)
    store, other = Store(url), Store(url)
    assert counted(store) is None
    with other.write() as connection:  # the server restarts, or somebody ends its connections
        here = "datname = current_database() AND pid <> pg_backend_pid()"
        ended = connection.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {here}"
        )
        assert ended.rowcount == 1
    time.sleep(0.1)
    with store.write_once() as connection:
        connection.execute(schema.counter.insert(), {"name": "n", "value": 7})
    assert counted(store) == 7
    store.close()
    other.close()


def test_threads_are_served_in_the_order_they_came() -> None:
    lock, served = FairLock(), list[int]()
    lock.acquire()

    def wait_turn(number: int) -> None:
        lock.acquire()
        served.append(number)
        lock.release()

    threads = [threading.Thread(target=wait_turn, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)  # so that they queue one after the other
    lock.release()
    for thread in threads:
        thread.join(10)
    assert served == list(range(6))


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    lock = WriteLock(tmp_path / "h.sqlite3")
    with pytest.raises(RuntimeError, match="inside"), lock:
        raise RuntimeError("inside")
    with lock:
        held = True
    assert held
    lock.close()


def test_errors_do_not_say_what_was_written(database_url: str) -> None:
    """The text of an error goes to the log; what people wrote may not (sealed or not)."""
    store = Store(database_url)
    missing = table("nowhere", column("words"))
    try:
        with pytest.raises(DBAPIError) as raised, store.engine.connect() as connection:
            connection.execute(missing.insert(), {"words": "示例张三的来信"})
        assert "nowhere" in str(raised.value)
        assert "示例张三" not in str(raised.value)
    finally:
        store.close()


def test_a_value_to_be_sealed_is_not_shown_by_an_error() -> None:
    assert "示例张三" not in repr(sealed("row", "示例张三"))


def test_a_database_that_takes_no_changes_is_a_temporary_failure(database_url: str) -> None:
    store = Store(database_url)
    refuse = "PRAGMA query_only = ON" if store.is_sqlite else "SET default_transaction_read_only = on"
    with store.engine.connect() as connection:
        connection.execute(text(refuse))  # stays with this connection, as with a server that was demoted
        connection.commit()
    with pytest.raises(StorageUnavailable), store.write() as connection:
        connection.execute(schema.counter.insert(), [{"name": "n", "value": 1}])
    if store.is_sqlite:
        store.engine.dispose()  # there is one file, and no other server to be found
    with store.write() as connection:
        connection.execute(schema.counter.insert(), [{"name": "n", "value": 2}])
    assert counted(store) == 2
    store.close()
