"""The chase tick at 10⁴, 10⁵ and 10⁶ open cases with the same number due.

Flat is the promise: the limit for the larger archive is the figure of the smallest one in this run.
"""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import select, update

from benchmarks.bench import SAMPLE, Bench
from benchmarks.databases import open_store
from benchmarks.seed import NOW, Archive, fill
from benchmarks.table import median, show
from channels.table import way_back
from intake import schema
from intake.desk import Policies
from intake.office import Office
from intake.store import Store
from routing.directory import CountyDirectory
from routing.office import load_office
from routing.router import load_router
from routing.schedule_file import load_ladder

DUE = 200


def run(bench: Bench) -> None:
    """One table per database."""
    policies = _policies()
    sizes = (10**4, 10**5) if bench.quick else (10**4, 10**5, 10**6)
    for place in bench.places:
        busy, idle = [], []
        for size in sizes:
            archive = Archive(size, open_every=1, light=True)
            store = open_store(place.seeded(archive.name, fill(archive)))
            office = Office(store, policies, lambda: NOW)
            rounds = [_tick(store, office, size, number) for number in range(bench.amount(4, 8))]
            busy.append(median(rounds[1:]))
            while office.tick(DUE):  # what was due when the archive was made
                continue
            idle.append(median([_idle_tick(office) for _ in range(20)]))
            store.close()
        rows = [
            [f"{size:,}", f"{step * 1e3 / DUE:.3f}", f"{step / busy[0]:.2f}", "≈ 1", f"{none * 1e3:.2f}"]
            for size, step, none in zip(sizes, busy, idle, strict=True)
        ]
        head = [
            f"{place.name}: open cases, {DUE} due",
            "ms a step",
            "of the smallest",
            "target",
            "ms with none due",
        ]
        show(head, rows)


def _policies() -> Policies:
    office, router = load_office(SAMPLE), load_router(SAMPLE)
    directory = CountyDirectory(router.bureaus, office)
    return Policies(router, load_ladder(SAMPLE, office), directory, way_back)


def _tick(store: Store, office: Office, size: int, number: int) -> float:
    _make_due(store, size, number)
    begun = time.perf_counter()
    moved = office.tick(DUE)
    taken = time.perf_counter() - begun
    if moved != DUE:
        raise RuntimeError(f"{moved} cases were chased where {DUE} were due")
    return taken


def _make_due(store: Store, size: int, number: int) -> None:
    """Let cases all over the archive be as old as needed for their first reminder."""
    c, old = schema.complaint.c, NOW - timedelta(days=12)
    first = NOW.year % 100 * 10**8 + 1
    wanted = [first + (at * (size // DUE) + number) % size for at in range(DUE)]
    with store.write() as connection:
        ids = list(connection.execute(select(c.id).where(c.number.in_(wanted))).scalars())
        connection.execute(
            update(schema.complaint)
            .where(c.id.in_(ids))
            .values(next_at=NOW - timedelta(minutes=1), step=0, state_since=old, state="in_progress")
        )


def _idle_tick(office: Office) -> float:
    begun = time.perf_counter()
    office.tick(DUE)
    return time.perf_counter() - begun
