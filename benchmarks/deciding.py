"""Routing one matter by the sample county's rulebook; the promise is "well under a millisecond"."""

from __future__ import annotations

import random
import time

from benchmarks.bench import SAMPLE, Bench
from benchmarks.mails import complaint
from benchmarks.table import quantile, show
from intake.contracts import Matter
from routing.router import load_router

LENGTHS = (100, 400, 800, 5_000, 20_000)


def run(bench: Bench) -> None:
    """CPU time per matter, by length."""
    begun = time.process_time()
    router = load_router(SAMPLE)
    loading = time.process_time() - begun
    pick = random.Random(1)
    rows = []
    for length in LENGTHS:
        matters = []
        for _ in range(bench.amount(100, 400)):
            subject, body = complaint(pick, length)
            matters.append(Matter(channel="email", subject=subject, body=body))
        times = []
        for matter in matters:
            begun = time.process_time()
            router.route(matter)
            times.append(time.process_time() - begun)
        middle, slowest = (f"{quantile(times, share) * 1e6:,.0f}" for share in (0.5, 0.99))
        rows.append([f"{length:,} characters", middle, slowest, "< 1,000" if length <= 800 else ""])
    rows.append(["reading the rulebook, once", f"{loading * 1e6:,.0f}", "", ""])
    show(["matter", "p50 µs", "p99 µs", "target"], rows)
