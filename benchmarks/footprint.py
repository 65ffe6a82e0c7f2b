"""Memory of ``huiyin run`` with all roles, after start and after work; time to start.

PSS counts a page that processes share once, divided among them; the sum over the processes is what the
service really takes. RSS counts it in each.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.pipeline import wait_for_cases
from benchmarks.processes import helper
from benchmarks.service import running
from benchmarks.table import show

TARGET_MB = 200


def run(bench: Bench) -> None:
    """One table per database."""
    count = bench.amount(200, 1000)
    for place in bench.places:
        url = place.fresh()
        folder = bench.folder / f"footprint-{place.name}"
        rows, starts = [], []
        for _ in range(3):  # the first start makes the administrator; then everything is there already
            begun = time.perf_counter()
            with running(url, folder) as service:
                starts.append(time.perf_counter() - begun)
        with running(url, folder) as service, helper("benchmarks.smtp_load") as client:
            time.sleep(3)  # the worker process is up, and nothing more is allocated
            rows.append(_memory("after start", service.family()))
            order = {"port": service.smtp_port, "senders": 10, "mails": count, "fresh": False, "seed": 5}
            client.say(json.dumps(order))
            client.hear()
            client.say("go")
            client.hear()
            wait_for_cases(url, count)
            time.sleep(2)
            rows.append(_memory(f"after {count:,} mails", service.family()))
        show([f"{place.name}, roles {service.roles}", "RSS MB", "PSS MB", "by process (PSS)", "target"], rows)
        first, later = starts[0], min(starts[1:])
        show(
            ["from command to answering", "seconds"],
            [["first start", f"{first:.2f}"], ["later starts", f"{later:.2f}"]],
        )


def _memory(when: str, processes: Sequence[int]) -> list[str]:
    pss = [_megabytes(process, "Pss") for process in processes]
    rss = sum(_megabytes(process, "Rss") for process in processes)
    each = " + ".join(f"{one:.0f}" for one in pss)
    return [when, f"{rss:.0f}", f"{sum(pss):.0f}", each, f"< {TARGET_MB}"]


def _megabytes(process: int, what: str) -> float:
    rolled = Path(f"/proc/{process}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in rolled.splitlines() if line.startswith(f"{what}:")) / 1024
