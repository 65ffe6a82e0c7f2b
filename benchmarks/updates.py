"""Durable acceptance of Telegram's updates: one a call of the webhook, or a hundred an answer when polled."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from benchmarks import chats
from benchmarks.bench import Bench
from benchmarks.databases import open_store
from benchmarks.table import median, show
from benchmarks.webhooks import Race
from channels.telegram import updates
from intake.bookmarks import Bookmarks
from intake.contracts import Submission
from intake.inbox import Inbox
from intake.store import Store

_BATCH = 100  # the most that one answer of getUpdates holds
_NAME, _OWNER = "telegram:measured", "benchmark"


def run(bench: Bench) -> None:
    """The webhook as for texts, then batches as the poller commits them."""
    Race(bench, "updates", chats.SETTINGS, "≥ 1,500, p99 < 50").run()
    rows = []
    for place in bench.places:
        store = open_store(place.fresh())
        inbox = Inbox(store)
        try:
            rows.append([f"Huiyin on {place.name}", *_polled(bench, store, inbox)])
        finally:
            inbox.close()
            store.close()
    show([f"polled, {_BATCH} an answer, no network", "per s", "ms a batch"], rows)


def _polled(bench: Bench, store: Store, inbox: Inbox) -> list[str]:
    """Updates to submissions, committed together with the place to read on from."""
    bookmarks = Bookmarks(store)
    bookmarks.take(_NAME, _OWNER, datetime.now(UTC), timedelta(hours=1))
    taken = []
    for number in range(bench.amount(20, 100)):
        batch = list(chats.updates(_BATCH, number + 1))
        begun = time.perf_counter()
        found = [updates.submission(update, "100200300", datetime.now(UTC), "polling") for update in batch]
        submissions: list[Submission] = [submission for submission in found if submission is not None]
        inbox.accept_together(submissions, _move(batch[-1]["update_id"] + 1))
        taken.append(time.perf_counter() - begun)
        if len(submissions) != _BATCH:
            raise RuntimeError(f"{_BATCH - len(submissions)} of {_BATCH} updates were left out")
    each = median(taken[1:])
    return [f"{_BATCH / each:,.0f}", f"{each * 1e3:.1f}"]


def _move(offset: int) -> Callable[[Connection], None]:
    return lambda connection: Bookmarks.set(connection, _NAME, _OWNER, offset)
