"""The pages of the small county, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from channels.table import READERS
from tests.support.clock import SetClock
from tests.support.county import Running, open_county, prepare
from tests.support.databases import Databases, SqliteDatabases
from tests.web.browser import Browser
from web.app import create_app


@pytest.fixture
def running(databases: Databases, tmp_path: Path, clock: SetClock) -> Iterator[Running]:
    """The services over a fresh database of each kind."""
    county = open_county(databases.copy_of(prepare), tmp_path / "blobs", clock, READERS)
    yield county
    county.close()


@pytest.fixture
def app(running: Running) -> Flask:
    """The pages over ``running``."""
    return create_app(running.services)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Somebody who reads English."""
    return Browser(app)


@pytest.fixture
def light(sqlite_databases: SqliteDatabases, tmp_path: Path, clock: SetClock) -> Iterator[Running]:
    """The services on SQLite only, for what does not depend on the database."""
    county = open_county(sqlite_databases.copy_of(prepare), tmp_path / "light-blobs", clock, READERS)
    yield county
    county.close()
