"""Looking for companions: what it costs as the index grows, what it finds again, what it offers wrongly.

Flat is the promise: while 10⁵ and 10⁶ rows of likeness lie in the index, a form letter's among them, the
limit for the larger one is the figure of the smaller one in this run. Then thousands of complaints of
``matching_texts`` are indexed, and some come again in another form: is the first one offered, and how many
others with it?
"""

from __future__ import annotations

import random
import time
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, select

from benchmarks.bench import Bench
from benchmarks.mails import complaint as complaint_text
from benchmarks.matching_texts import AGAIN, complaint_en
from benchmarks.matching_texts import complaint as complaint_zh
from benchmarks.seed import NOW, Archive, fill
from benchmarks.table import median, show
from intake import schema
from intake.matching import look_ups
from intake.matching.sketching import packed, sketch_of
from intake.matching.worker import Indexed, companions_of, indexed
from intake.store import Store

CASES = 2_000
_CHUNK = 20_000


def run(bench: Bench) -> None:
    """One table per database; a row for the sketch itself."""
    for place in bench.places:
        rows, least = [], 0.0
        for size in (10**5,) if bench.quick else (10**5, 10**6):
            archive = Archive(CASES, open_every=1)
            store = Store(place.seeded(f"{archive.name}-likeness-{size}", fill(archive)))
            taken = _look(store, size, bench.amount(20, 60))
            least = least or taken
            rows.append([f"{size:,}", f"{taken * 1e3:.2f}", f"{taken / least:.2f}", "≈ 1"])
            store.close()
        show([f"{place.name}: rows of likeness", "ms a complaint", "of the smallest", "target"], rows)
    text = complaint_text(random.Random(1), 2_000)[1][:2_000]
    begun = time.process_time()
    for _ in range(100):
        sketch_of(text)
    spent = (time.process_time() - begun) / 100
    show(["sketch of 2,000 characters", "ms"], [["the least 64 runs", f"{spent * 1e3:.2f}"]])
    for place in bench.places[:1]:
        amount = bench.amount(1_000, 20_000)
        archive = Archive(amount, open_every=1)
        store = Store(place.seeded(f"{archive.name}-again", fill(archive)))
        _again(store, amount, bench.amount(20, 100))
        store.close()


_LENGTHS = (("short", 1), ("middle", 4), ("long", 14))


def _again(store: Store, amount: int, rounds: int) -> None:
    """One row a way of coming again: offered, by length and language, and how many others were."""
    pick = random.Random(11)
    with store.read() as connection:
        s = schema.submission.c
        query = select(s.id, s.complaint_id).where(s.complaint_id.is_not(None)).order_by(s.id).limit(amount)
        filed = [(row.id, row.complaint_id) for row in connection.execute(query)]
        some = cases_by_key(connection, [case for _, case in filed])
    told = [
        (make(pick, clauses), f"{name} {language}")
        for n in range(len(filed))
        for (name, clauses), (language, make) in [(_LENGTHS[n % 3], _MAKERS[n % 2])]
    ]
    items = [indexed(key, some[case], text, "") for (key, case), (text, _) in zip(filed, told, strict=True)]
    _index(store, items)
    kinds = sorted({kind for _, kind in told})
    rows = []
    for way, again in AGAIN.items():
        found: dict[str, list[bool]] = {kind: [] for kind in kinds}
        wrong, spent = [], []
        for n in pick.sample(range(len(filed)), rounds * len(kinds)):
            text, kind = told[n]
            stranger = SimpleNamespace(**dict(some[filed[n][1]]._mapping) | {"id": "~", "channel": "sms"})
            begun = time.perf_counter()
            with store.read() as connection:
                offers = companions_of(connection, indexed("~", stranger, again(text, pick), ""))
            spent.append(time.perf_counter() - begun)
            offered = {other for _, other, _ in offers}
            found[kind].append(filed[n][1] in offered)
            wrong.append(len(offered - {filed[n][1]}))
        shares = [f"{100 * sum(found[kind]) / max(1, len(found[kind])):.0f}" for kind in kinds]
        rows.append([way, *shares, f"{sum(wrong) / len(wrong):.2f}", f"{median(spent) * 1e3:.1f}"])
    show([f"offered again, % of {amount:,}", *kinds, "others offered", "ms"], rows)


_MAKERS = (("zh", complaint_zh), ("en", complaint_en))


def _index(store: Store, items: list[Indexed]) -> None:
    with store.write() as connection:
        if connection.execute(select(schema.likeness.c.band).limit(1)).first() is not None:
            return  # kept from an earlier run, of the same texts
        for start in range(0, len(items), 500):
            some = items[start : start + 500]
            meets = [
                {"band": band, "submission_id": one.submission_id, "complaint_id": one.case.id, "at": NOW}
                for one in some
                for band in {*one.text_bands, *one.places}
            ]
            connection.execute(schema.likeness.insert(), meets)
            drawn = [
                {"submission_id": one.submission_id, "minima": packed(one.sketch)}
                for one in some
                if one.sketch
            ]
            connection.execute(schema.sketch.insert(), drawn)


def cases_by_key(connection: Connection, ids: list[str]) -> dict[str, Any]:
    """Rows of ``complaint``, a thousand a query."""
    found: dict[str, Any] = {}
    for start in range(0, len(ids), 1_000):
        found |= look_ups.cases(connection, ids[start : start + 1_000])
    return found


def _look(store: Store, size: int, rounds: int) -> float:
    """The median time to find the companions of a form letter that every case carries."""
    letter = complaint_text(random.Random(3), 300)[1]
    with store.read() as connection:
        s = schema.submission.c
        query = select(s.id, s.complaint_id).where(s.complaint_id.is_not(None)).order_by(s.id).limit(CASES)
        filed = [(row.id, row.complaint_id) for row in connection.execute(query)]
        cases = look_ups.cases(connection, [case for _, case in filed[-rounds:]])
    _fill(store, size, filed, letter)
    spent = []
    for key, case in filed[-rounds:]:
        item = indexed(key, cases[case], letter, "")
        begun = time.perf_counter()
        with store.read() as connection:
            companions_of(connection, item)
        spent.append(time.perf_counter() - begun)
    return median(spent)


def _fill(store: Store, size: int, filed: list[tuple[str, str]], letter: str) -> None:
    """``size`` rows at random places, and the letter's own bands for every case."""
    chance, sketch = random.Random(7), sketch_of(letter)
    assert sketch is not None
    first = indexed("", _NoCase(), letter, "")
    bands = sorted(first.text_bands)
    rows = [(band, *row) for row in filed for band in bands]
    rows += [(chance.getrandbits(63), *filed[n % len(filed)]) for n in range(size - len(rows))]
    with store.write() as connection:
        table = schema.likeness
        if connection.execute(select(table.c.band).limit(1)).first() is not None:
            return  # kept from an earlier run
        for start in range(0, len(rows), _CHUNK):
            some = rows[start : start + _CHUNK]
            values = [
                {"band": band, "submission_id": key, "complaint_id": case, "at": NOW}
                for band, key, case in some
            ]
            connection.execute(table.insert(), values)
        drawn = [{"submission_id": key, "minima": packed(sketch)} for key, _ in filed]
        connection.execute(schema.sketch.insert(), drawn)


class _NoCase:
    bureau = category = None
