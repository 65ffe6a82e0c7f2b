"""A county with staff, a day's clock, and slips that do not wait for a worker nobody runs here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clock import SetClock
from tests.support.databases import Databases, SqliteDatabases
from tests.web.staff.conftest import Hall, open_hall, staffed
from web.visits import slip


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slip, "PATIENCE", 0.0)


@pytest.fixture
def hall(databases: Databases, tmp_path: Path, clock: SetClock) -> Iterator[Hall]:
    """The pages over a fresh database, once on SQLite and once on PostgreSQL."""
    found = open_hall(databases.copy_of(staffed), tmp_path / "blobs", clock)
    yield found
    found.running.close()


@pytest.fixture
def small_hall(sqlite_databases: SqliteDatabases, tmp_path: Path, clock: SetClock) -> Iterator[Hall]:
    """The same on SQLite only."""
    found = open_hall(sqlite_databases.copy_of(staffed), tmp_path / "blobs", clock)
    yield found
    found.running.close()
