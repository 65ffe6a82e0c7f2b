"""Looking for companions while 10⁵ and 10⁶ rows of likeness lie in the index, a form letter's among them.

Flat is the promise: the limit for the larger index is the figure of the smaller one in this run.
"""

from __future__ import annotations

import random
import time

from sqlalchemy import select

from benchmarks.bench import Bench
from benchmarks.mails import complaint as complaint_text
from benchmarks.seed import NOW, Archive, fill
from benchmarks.table import median, show
from intake import schema
from intake.matching import look_ups
from intake.matching.sketching import packed, sketch_of
from intake.matching.worker import companions_of, indexed
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
    show(["sketch of 2,000 characters", "ms"], [["MinHash, 64 bins", f"{spent * 1e3:.2f}"]])


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
