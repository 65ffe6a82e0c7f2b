"""Fixtures around a county; a folder's conftest imports the ones its tests use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clock import SetClock
from tests.support.talking import TalkingCounty
from tests.support.worked import County


@pytest.fixture
def county(database_url: str, tmp_path: Path, clock: SetClock) -> Iterator[County]:
    """An empty county, once on SQLite and once on PostgreSQL."""
    made = County(database_url, tmp_path, clock)
    yield made
    made.close()


@pytest.fixture
def talking(database_url: str, tmp_path: Path, clock: SetClock) -> Iterator[TalkingCounty]:
    """A county that people text and chat with, on each database."""
    county = TalkingCounty(database_url, tmp_path, clock)
    yield county
    county.close()
