"""What the clock does by itself, and what it does not do when it cannot be believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.jobs import Job, job_table
from intake.store import Store
from tests.support.clock import SetClock


class Erased:
    """A keeper that counts how often it was let loose."""

    after = timedelta(days=365)
    runs = 0

    def run(self, most: int) -> int:
        self.runs += 1
        return 0


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    found = Store(database_url)
    yield found
    found.close()


def retention(store: Store, clock: SetClock, offset: timedelta) -> tuple[Job, Erased]:
    keeper = Erased()
    settings = SimpleNamespace(tick_seconds=5.0, clock_offset=offset)
    parts = {"store": store, "clock": clock, "keeper": keeper, "settings": settings}
    more = SimpleNamespace(forget_attempts=lambda: None)
    system = SimpleNamespace(twilio=None, blobs=None, accounts=more, **parts)
    [job] = [job for job in job_table(cast("Any", system)) if job.name == "retention"]
    return job, keeper


def test_nothing_is_erased_by_a_clock_that_leapt_a_year(store: Store, clock: SetClock) -> None:
    job, keeper = retention(store, clock, timedelta())
    for _ in range(26):
        clock.advance(hours=1)
        job.run()
    before = keeper.runs
    assert before > 0
    clock.advance(days=365)
    job.run()
    assert keeper.runs == before
    clock.advance(days=-365)
    job.run()
    assert keeper.runs == before, "nor when it was set right"
    for _ in range(25):
        clock.advance(hours=1)
        job.run()
    assert keeper.runs > before


def test_in_a_rehearsal_the_leap_is_meant(store: Store, clock: SetClock) -> None:
    job, keeper = retention(store, clock, timedelta(days=3650))
    job.run()
    assert keeper.runs == 1
