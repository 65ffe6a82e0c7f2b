"""A running listener for each test that asks for one."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.channels.email.smtp_peer import Running, running


@pytest.fixture
def run() -> Iterator[Running]:
    """With the usual limits."""
    with running() as one:
        yield one


@pytest.fixture(autouse=True)
def no_accident_in_the_loop(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """asyncio only logs what goes wrong inside callbacks; here it fails the test."""
    yield
    accidents = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.ERROR and record.name == "asyncio"
    ]
    assert not accidents
