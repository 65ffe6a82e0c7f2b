"""What every test can ask for by name, and what holds for all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings

from tests.support.clock import SetClock
from tests.support.databases import Databases, PostgresDatabases, SqliteDatabases, migrated
from tests.support.keys import lend_keys
from tests.support.loopback import Fence, free_port
from tests.support.postgres import PostgresMissing, PostgresServer

# Shared machines stall now and then: a property is judged by its examples, not by how long each took.
settings.register_profile(
    "quick", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.register_profile("ci", settings.get_profile("quick"), max_examples=100, derandomize=True)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=2000)
settings.load_profile("ci" if os.environ.get("CI") else "quick")

_FENCE = Fence()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer --require-postgres, for machines on which a missing PostgreSQL is a fault."""
    parser.addoption(
        "--require-postgres", action="store_true", help="fail, not skip, when PostgreSQL cannot start"
    )


def pytest_configure() -> None:
    """Close the way out of this machine before any test module is read; lend PostgreSQL stores their keys."""
    _FENCE.install()
    lend_keys()


@pytest.fixture(autouse=True)
def outside_attempts() -> Iterator[list[str]]:
    """What this test tried to reach beyond loopback; it fails unless it empties the list itself."""
    _FENCE.refused.clear()
    yield _FENCE.refused
    if _FENCE.refused:
        pytest.fail(f"tried to leave this machine: {', '.join(_FENCE.refused)}")


@pytest.fixture(autouse=True)
def umask_kept() -> Iterator[None]:
    """The command line narrows the rights of new files for its whole process, which here is everybody's."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands at Monday morning, 2 March 2026, until the test moves it."""
    return SetClock()


@pytest.fixture
def port() -> int:
    """A free TCP port on loopback. For a second one, call ``tests.support.loopback.free_port``."""
    return free_port()


@pytest.fixture(scope="session")
def postgres_databases(request: pytest.FixtureRequest) -> Iterator[PostgresDatabases]:
    """A real PostgreSQL, one per test process, started by the first test that wants it."""
    with ExitStack() as until_the_end:
        try:
            server = until_the_end.enter_context(PostgresServer())
        except PostgresMissing as missing:
            if request.config.getoption("--require-postgres"):
                pytest.fail(str(missing), pytrace=False)
            pytest.skip(str(missing))
        yield PostgresDatabases(server)


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """A folder of SQLite files."""
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Databases of one kind; a test that asks for it runs once on each."""
    name = "sqlite_databases" if request.param == "sqlite" else "postgres_databases"
    given: Databases = request.getfixturevalue(name)
    yield given
    given.clear()


@pytest.fixture
def empty_database_url(databases: Databases) -> str:
    """A database without tables, once on SQLite and once on PostgreSQL."""
    return databases.empty()


@pytest.fixture
def database_url(databases: Databases) -> str:
    """A database of the newest schema, once on SQLite and once on PostgreSQL."""
    return databases.copy_of(migrated)
