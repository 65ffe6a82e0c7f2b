"""The first page of every list at 10⁴ and 10⁶ cases, one in fifty of them open.

Flat is the promise: the limit for the larger archive is the figure of the smaller one in this run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from benchmarks.bench import SAMPLE, Bench
from benchmarks.databases import open_store
from benchmarks.seed import COMMON, NOW, RARE, Archive, fill
from benchmarks.table import median, show
from intake import schema
from intake.archive import Archive as Reading
from intake.archive import CaseFilter
from intake.lifecycle import Role
from intake.people import Actor
from intake.retention.keeper import Keeper
from intake.store import Store
from routing.directory import CountyDirectory
from routing.office import load_office
from routing.router import load_router

OPEN_EVERY = 50
TARGET_MS = 50
_OLD = 1_000  # cases that have reached the age at which they are erased

Question = Callable[[], object]


def run(bench: Bench) -> None:
    """One table per database."""
    sizes = (10**4, 10**5) if bench.quick else (10**4, 10**6)
    directory = CountyDirectory(load_router(SAMPLE).bureaus, load_office(SAMPLE))
    for place in bench.places:
        found: dict[str, list[float]] = {}
        for size in sizes:
            archive = Archive(size, OPEN_EVERY)
            store = open_store(place.seeded(archive.name, fill(archive)))
            for name, question in _questions(store, Reading(store, directory)).items():
                found.setdefault(name, []).append(_milliseconds(question))
            store.close()
        rows = [
            [name, *(f"{ms:.1f}" for ms in times), f"{times[-1] / times[0]:.1f}", f"< {TARGET_MS}"]
            for name, times in found.items()
        ]
        show([f"{place.name}: list", *(f"ms at {size:,}" for size in sizes), "ratio", "target"], rows)


def _questions(store: Store, archive: Reading) -> dict[str, Question]:
    """Every list by name, as pages and the API ask for it; bureaus are the busiest and the idlest."""
    c = schema.complaint.c
    with store.read() as connection:
        by_load = (
            select(c.bureau).where(c.bureau.is_not(None)).group_by(c.bureau).order_by(func.count().desc())
        )
        bureaus = list(connection.execute(by_load).scalars())
        newest = connection.execute(select(func.max(c.number))).scalar_one()
        cases_there = connection.execute(select(func.count(c.number))).scalar_one()
        closed = (
            select(c.closed_at).where(c.closed_at.is_not(None)).order_by(c.closed_at).offset(_OLD).limit(1)
        )
        keep_from = connection.execute(closed).scalar_one()
    nothing: Any = None  # a preview writes nothing and opens no file
    keeper = Keeper(store, nothing, nothing, lambda: NOW, NOW - keep_from)
    busy, idle = bureaus[0], bureaus[-1]
    clerk = Actor(Role.CLERK, "clerk")

    def cases(who: Actor, cursor: int | None = None, **wanted: object) -> Question:
        return lambda: archive.cases(who, CaseFilter(**wanted), cursor)  # type: ignore[arg-type]

    def work(who: Actor, **wanted: object) -> Question:
        return lambda: archive.worklist(who, CaseFilter(**wanted))  # type: ignore[arg-type]

    def counts(who: Actor) -> Question:
        lists = (
            CaseFilter(states=("triage",)),
            CaseFilter(late_at=NOW),
            CaseFilter(attention=True),
            CaseFilter(states=("answered",)),
            CaseFilter(states=("assigned", "in_progress", "awaiting_complainant")),
        )
        return lambda: [archive.count(who, each) for each in lists]

    handlers = {
        name: Actor(Role.HANDLER, "handler", bureau=bureau)
        for name, bureau in (("busy", busy), ("idle", idle))
    }
    questions = {
        "all cases": cases(clerk),
        "all cases, a page in the middle": cases(clerk, newest // 10**8 * 10**8 + newest % 10**8 // 2),
        "state triage": cases(clerk, states=("triage",)),
        "state closed": cases(clerk, states=("closed",)),
        "a busy bureau": cases(clerk, bureau=busy),
        "an idle bureau, closed": cases(clerk, bureau=idle, states=("closed",)),
        "a channel": cases(clerk, channel="email"),
        "a channel without cases": cases(clerk, channel="visit"),
        f"search: common word {COMMON}": cases(clerk, query=COMMON),
        f"search: rare word {RARE}": cases(clerk, query=RARE),
        "search: two common words": cases(clerk, query=f"{COMMON} 噪音"),
        "search: a person's address (sealed)": cases(clerk, query=f"citizen-{cases_there // 2}@mail.example"),
        "search: an address of nobody": cases(clerk, query="nobody@mail.example"),
        "retention: preview of 1,000 old cases": keeper.preview,
        "work: to route": work(clerk, states=("triage",)),
        "work: late": work(clerk, late_at=NOW),
        "work: needs a look": work(clerk, attention=True),
        "work: in progress": work(clerk, states=("assigned", "in_progress", "awaiting_complainant")),
        "counts of all work lists": counts(clerk),
        "submissions, newest": lambda: archive.submissions(clerk),
        "submissions, parked": lambda: archive.submissions(clerk, state="parked"),
    }
    for name, who in handlers.items():
        questions[f"handler of the {name} bureau: all"] = cases(who)
        questions[f"handler of the {name} bureau: closed"] = cases(who, states=("closed",))
        questions[f"handler of the {name} bureau: search {COMMON}"] = cases(who, query=COMMON)
        questions[f"handler of the {name} bureau: work"] = work(who, states=("in_progress",))
        questions[f"handler of the {name} bureau: counts"] = counts(who)
    return questions


def _milliseconds(question: Question) -> float:
    """The median of some calls; the first one warms up."""
    times = []
    for _ in range(6):
        begun = time.perf_counter()
        question()
        times.append((time.perf_counter() - begun) * 1e3)
    return median(times[1:])
