"""Durable acceptance over SMTP: 10 senders, mails of 4 KB, beside a listener that stores nothing.

Listener, sender and database are processes of their own. Rounds take turns, so that whatever else the
machine does meets all of them; medians count.
"""

from __future__ import annotations

import itertools
import json
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks.bench import Bench
from benchmarks.processes import Helper, helper
from benchmarks.table import median, quantile, show

SENDERS = 10
SIZE = 4096
WAYS = (("reused connections", False), ("one connection per mail", True))


@dataclass(slots=True)
class Contender:
    """A listener and what was measured of it."""

    name: str
    port: int
    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)


def run(bench: Bench) -> None:
    """Measure both ways of connecting."""
    stamps = itertools.count()
    with ExitStack() as until_the_end:
        client = until_the_end.enter_context(helper("benchmarks.smtp_load"))
        ports = {}
        for place in bench.places:
            server = helper("benchmarks.smtp_servers", "ours", place.fresh())
            ports[f"Huiyin on {place.name}"] = int(until_the_end.enter_context(server).hear())
        limit = until_the_end.enter_context(helper("benchmarks.smtp_servers", "bare", ""))
        ports["limit: aiosmtpd, storing nothing"] = int(limit.hear())
        for way, fresh in WAYS:
            contenders = [Contender(name, port) for name, port in ports.items()]
            for number in range(bench.amount(3, 7)):
                for contender in contenders:
                    _round(
                        client, contender, fresh, bench.amount(500, 2000) // (4 if number == 0 else 1), stamps
                    )
            _table(way, contenders)


def _round(
    client: Helper, contender: Contender, fresh: bool, mails: int, stamps: itertools.count[int]
) -> None:
    stamp = next(stamps)
    order = {
        "port": contender.port,
        "senders": SENDERS,
        "mails": mails,
        "fresh": fresh,
        "size": SIZE,
        "stamp": stamp,
    }
    client.say(json.dumps(order))
    client.hear()
    client.say("go")
    answer = json.loads(client.hear())
    if answer["failed"] or len(answer["latencies"]) != mails:
        raise RuntimeError(f"{contender.name}: {answer['failed']} of {mails} mails were refused")
    contender.rates.append(mails / answer["seconds"])
    contender.p50.append(quantile(answer["latencies"], 0.5))
    contender.p99.append(quantile(answer["latencies"], 0.99))


def _table(way: str, contenders: list[Contender]) -> None:
    limit = median(contenders[-1].rates[1:])
    rows = []
    for contender in contenders:
        rate = median(contender.rates[1:])  # the first round warms up
        rows.append(
            [
                contender.name,
                f"{rate:,.0f}",
                f"{median(contender.p50[1:]) * 1e3:.1f}",
                f"{median(contender.p99[1:]) * 1e3:.1f}",
                f"{rate / limit:.2f}",
                "≥ 0.90" if contender is not contenders[-1] else "",
            ]
        )
    show([way, "mails/s", "p50 ms", "p99 ms", "of limit", "target"], rows)
