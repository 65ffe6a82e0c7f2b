"""Tablets that are kiosks: until the evening, or until somebody calls them back; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from intake.kiosks import Kiosks
from intake.store import Store
from tests.support.clock import SetClock

DAY = timedelta(hours=12)


@pytest.fixture
def kiosks(database_url: str) -> Iterator[Kiosks]:
    store = Store(database_url)
    yield Kiosks(store)
    store.close()


def test_each_ends_by_itself_or_by_hand(kiosks: Kiosks, clock: SetClock) -> None:
    begun = clock()
    kiosks.hand_over("A1", "a" * 32, begun, DAY)
    clock.advance(minutes=5)
    kiosks.hand_over("B2", "a" * 32, clock(), DAY)
    assert [each.name for each in kiosks.all_open(clock())] == ["B2", "A1"]
    assert kiosks.all_open(clock())[1].since == begun.replace(microsecond=0)
    assert kiosks.end("B2", clock())
    assert not kiosks.end("B2", clock()), "said twice, it is done once"
    assert not kiosks.is_open("B2", clock())
    assert not kiosks.is_open("C3", clock())
    assert kiosks.is_open("A1", clock())
    clock.advance(hours=12)
    assert not kiosks.is_open("A1", clock())
    assert kiosks.all_open(clock()) == []


def test_old_ones_are_forgotten(kiosks: Kiosks, clock: SetClock) -> None:
    kiosks.hand_over("A1", "a" * 32, clock(), DAY)
    clock.advance(days=4)
    kiosks.hand_over("A1", "a" * 32, clock(), DAY)
    assert kiosks.is_open("A1", clock())
