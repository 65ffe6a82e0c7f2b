"""A county for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clock import SetClock
from tests.support.rehearsal import Rehearsal, rehearsing
from tests.support.town import Town, town_of


@pytest.fixture
def county(tmp_path: Path, database_url: str, clock: SetClock) -> Iterator[Rehearsal]:
    """Monday 2 March 2026, 09:00; nothing has come in yet."""
    with rehearsing(tmp_path, database_url, clock) as one:
        yield one


@pytest.fixture
def town(tmp_path: Path, database_url: str, clock: SetClock) -> Iterator[Town]:
    """The same Monday, with telephones and chats."""
    with town_of(tmp_path, database_url, clock) as one:
        yield one
