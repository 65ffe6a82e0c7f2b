"""Guessing is slowed down by name and by peer, and the brake lets go by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from intake.accounts import Accounts
from intake.store import Store
from intake.throttle import WINDOW, Throttle
from tests.support.clock import SetClock
from tests.support.county import prepare
from tests.support.databases import Databases


@pytest.fixture
def store(databases: Databases) -> Iterator[Store]:
    """A migrated database of each kind."""
    opened = Store(databases.copy_of(prepare))
    yield opened
    opened.close()


@pytest.fixture
def throttle(store: Store, clock: SetClock) -> Throttle:
    """Three tries a name, five a peer."""
    return Throttle(store, clock, "track", per_name=3, per_peer=5)


def test_by_name(throttle: Throttle) -> None:
    tries = [throttle.attempt("26-000001-9", f"203.0.113.{n}") for n in range(4)]
    assert [key is not None for key in tries] == [True, True, True, False]


def test_by_peer(throttle: Throttle) -> None:
    tries = [throttle.attempt(f"name {n}", "203.0.113.1") for n in range(6)]
    assert [key is not None for key in tries] == [True] * 5 + [False]
    assert throttle.attempt("name 9", "203.0.113.2") is not None


def test_peers_that_cannot_be_told_apart_only_count_by_name(throttle: Throttle) -> None:
    assert all(throttle.attempt(f"name {n}", None) for n in range(20))


def test_a_right_try_does_not_count(throttle: Throttle) -> None:
    for _ in range(10):
        key = throttle.attempt("26-000001-9", "203.0.113.1")
        assert key is not None
        throttle.forgive(key)


def test_it_lets_go(throttle: Throttle, clock: SetClock) -> None:
    for _ in range(4):
        last = throttle.attempt("26-000001-9", "203.0.113.1")
    assert last is None
    clock.advance(WINDOW, seconds=1)
    assert throttle.attempt("26-000001-9", "203.0.113.1") is not None


def test_citizens_never_lock_staff_out(store: Store, clock: SetClock) -> None:
    guesses = Throttle(store, clock, "track", per_name=1000, per_peer=1000)
    for n in range(120):
        guesses.attempt(f"name {n}", "203.0.113.1")
    accounts = Accounts(store, clock)
    accounts.add("clerk", "a long password", "clerk")
    assert accounts.sign_in("clerk", "a long password", "203.0.113.1") is not None
