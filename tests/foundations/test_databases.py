"""Every test gets a database of its own, on both kinds, and a prepared one is prepared once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import time

import pytest
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.pool import NullPool

from intake.migrate import current, head
from intake.store import Store
from tests.support.databases import Databases
from tests.support.postgres import PostgresMissing, find_program

prepared: list[str] = []


def prepare(url: str) -> None:
    """One table with one row."""
    prepared.append(url)
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE slips (word TEXT)"))
        connection.execute(text("INSERT INTO slips VALUES ('回音')"))


def words(url: str) -> list[str]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        return list(connection.scalars(text("SELECT word FROM slips")))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url, poolclass=NullPool)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []


def test_both_kinds_are_tested(empty_database_url: str, request: pytest.FixtureRequest) -> None:
    kind = request.node.callspec.params["databases"]
    assert make_url(empty_database_url).get_backend_name() == kind


def test_a_copy_has_what_was_prepared_and_what_one_test_writes_no_other_sees(databases: Databases) -> None:
    first, second = databases.copy_of(prepare), databases.copy_of(prepare)
    with create_engine(first, poolclass=NullPool).begin() as connection:
        connection.execute(text("INSERT INTO slips VALUES ('second')"))
    assert words(first) == ["回音", "second"]
    assert words(second) == ["回音"]


def test_a_database_is_prepared_only_once(databases: Databases) -> None:
    databases.copy_of(prepare)
    before = len(prepared)
    databases.copy_of(prepare)
    assert len(prepared) == before


def test_clearing_removes_even_a_database_that_is_in_use(databases: Databases) -> None:
    url = databases.copy_of(prepare)
    with create_engine(url, poolclass=NullPool).connect() as connection:
        connection.execute(text("SELECT 1"))
        databases.clear()
        connection.invalidate()
    with pytest.raises(Exception, match=r"slips|does not exist"):
        words(url)


def test_the_usual_database_has_the_newest_schema(database_url: str) -> None:
    store = Store(database_url)
    assert current(store) == head()
    store.close()


def test_a_killed_test_run_leaves_no_server() -> None:
    """SIGKILL gives nobody time to clean up; the server must notice by itself."""
    try:
        find_program()
    except PostgresMissing as missing:
        pytest.skip(str(missing))
    program = textwrap.dedent("""
        import os, signal
        from tests.support.postgres import PostgresServer
        os.umask(0o077)  # as a careful user's shell has it
        server = PostgresServer().__enter__()
        (pid,) = (server._home / "cluster/postmaster.pid").read_text().splitlines()[:1]
        print(pid, server._home, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ran.stdout, ran.stderr
    pid, home = ran.stdout.split()
    deadline = time.monotonic() + 10
    while is_running(int(pid)):
        assert time.monotonic() < deadline, "PostgreSQL outlived the tests"
        time.sleep(0.02)
    shutil.rmtree(home)
