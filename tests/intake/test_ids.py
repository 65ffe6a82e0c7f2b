"""Keys sort as they were made, also within a millisecond, and by many threads at once."""

from __future__ import annotations

import itertools
import threading

import pytest

from intake import ids


def test_keys_sort_as_they_were_made() -> None:
    keys = [ids.new_id() for _ in range(5000)]
    assert keys == sorted(keys)
    assert all(ids.is_id(key) and key[12] == "7" and key[16] in "89ab" for key in keys)


def test_neighbours_do_not_tell_each_other() -> None:
    noise = [int(key, 16) for key in (ids.new_id() for _ in range(200))]
    steps = [after - before for before, after in itertools.pairwise(noise)]
    assert len(set(steps)) == len(steps)
    assert min(steps) > 1 << 40


def test_threads_never_get_the_same_key() -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(ids.new_id() for _ in range(2000))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000


@pytest.mark.parametrize("moments", [[5, 5, 5], [9, 3, 3], [5, 6, 5]])
def test_a_clock_that_stands_or_goes_back_changes_no_order(
    monkeypatch: pytest.MonkeyPatch, moments: list[int]
) -> None:
    far = (1 << 47) * 1_000_000
    told = iter(far + moment * 1_000_000 for moment in moments)
    monkeypatch.setattr(ids, "_last", (0, (1 << 74) - 1))
    monkeypatch.setattr("intake.ids.time.time_ns", lambda: next(told))
    keys = [ids.new_id() for _ in moments]
    assert keys == sorted(set(keys))
