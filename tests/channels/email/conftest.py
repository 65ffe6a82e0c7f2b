"""A running listener for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels.email.smtp_peer import Running, running


@pytest.fixture
def run() -> Iterator[Running]:
    """With the usual limits."""
    with running() as one:
        yield one
