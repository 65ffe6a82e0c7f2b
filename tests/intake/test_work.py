"""Claims: no row is ever in two hands, and what a dead worker held comes back."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from intake import schema
from intake.work import backoff, claim, put_back, still_ours
from tests.support.worked import County

LEASE = timedelta(seconds=60)
TABLE = schema.submission


def fill(county: County, number: int) -> None:
    for _ in range(number):
        county.inbox.accept(county.submission())


def test_two_claimers_never_share_a_row(county: County) -> None:
    fill(county, 60)

    def work(owner: str) -> list[str]:
        taken: list[str] = []
        while rows := claim(county.store, TABLE, owner, county.clock(), LEASE, 7):
            taken += [row.id for row in rows]
        return taken

    with ThreadPoolExecutor(4) as workers:
        hands = list(workers.map(work, [f"worker-{n}" for n in range(4)]))
    counted = Counter(key for hand in hands for key in hand)
    assert len(counted) == 60
    assert set(counted.values()) == {1}


def test_a_lease_that_ran_out_is_anybodys(county: County) -> None:
    fill(county, 1)
    [row] = claim(county.store, TABLE, "first", county.clock(), LEASE, 5)
    assert claim(county.store, TABLE, "second", county.clock(), LEASE, 5) == []
    county.clock.advance(seconds=60)
    assert claim(county.store, TABLE, "second", county.clock(), LEASE, 5) == []
    county.clock.advance(seconds=1)
    [again] = claim(county.store, TABLE, "second", county.clock(), LEASE, 5)
    assert (again.id, again.attempts, again.owner) == (row.id, 2, "second")
    with county.store.write() as connection:
        assert still_ours(connection, TABLE, "first", [row.id]) == set()
        assert still_ours(connection, TABLE, "second", [row.id]) == {row.id}
    put_back(county.store, TABLE, "first", [row.id], county.clock(), "too late")  # not theirs any more
    assert claim(county.store, TABLE, "third", county.clock(), LEASE, 5) == []


def test_what_is_put_back_waits_until_it_is_due(county: County) -> None:
    fill(county, 1)
    [row] = claim(county.store, TABLE, "one", county.clock(), LEASE, 5)
    put_back(county.store, TABLE, "one", [row.id], county.clock() + timedelta(seconds=10), "not now")
    assert claim(county.store, TABLE, "one", county.clock(), LEASE, 5) == []
    county.clock.advance(seconds=10)
    [again] = claim(county.store, TABLE, "two", county.clock(), LEASE, 5)
    assert (again.attempts, again.error) == (2, "not now")


def test_the_oldest_come_first(county: County) -> None:
    for _ in range(3):
        fill(county, 2)
        county.clock.advance(minutes=1)
    first = claim(county.store, TABLE, "one", county.clock(), LEASE, 2)
    rest = claim(county.store, TABLE, "one", county.clock(), LEASE, 9)
    assert max(row.due_at for row in first) < min(row.due_at for row in rest)


@given(attempts=st.integers(0, 500))
def test_waits_grow_up_to_the_longest(attempts: int) -> None:
    wait, after = backoff(attempts), backoff(attempts + 1)
    assert timedelta(seconds=5) <= wait <= after <= timedelta(hours=1)


def test_a_clock_that_ran_ahead_holds_nothing_back(county: County) -> None:
    """Dated or leased in a month that is not here yet, once the clock was put right."""
    county.clock.advance(seconds=30 * 86400)
    fill(county, 2)
    [held] = claim(county.store, TABLE, "dead", county.clock(), LEASE, 1)
    county.clock.advance(seconds=-30 * 86400)
    rows = claim(county.store, TABLE, "second", county.clock(), LEASE, 5)
    assert len(rows) == 2
    assert held.id in {row.id for row in rows}
