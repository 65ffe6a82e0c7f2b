"""Durable acceptance of signed text messages over a webhook: 32 clients that keep their connection.

Web server, clients and database are processes of their own, on the same cores. Rounds take turns, so that
whatever else the machine does meets all of them; medians count.
"""

from __future__ import annotations

import itertools
import json
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks import texts
from benchmarks.bench import Bench
from benchmarks.processes import Helper, helper
from benchmarks.table import median, quantile, show
from tests.support.loopback import free_port

CLIENTS = 32


@dataclass(slots=True)
class Contender:
    """A web server and what was measured of it."""

    name: str
    port: int
    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)


def run(bench: Bench) -> None:
    """Measure every contender."""
    stamps = itertools.count()
    with ExitStack() as until_the_end:
        client = until_the_end.enter_context(helper("benchmarks.http_load"))

        def serving(kind: str, url: str) -> int:
            settings = {
                "HUIYIN_DATA_DIR": str(bench.folder / f"web-{next(stamps)}"),
                "HUIYIN_DATABASE_URL": url,
                "HUIYIN_WEB_PORT": str(free_port()),
                **texts.SETTINGS,
            }
            server = helper("benchmarks.http_servers", kind, **settings)
            return int(until_the_end.enter_context(server).hear())

        contenders = []
        for place in bench.places:
            for kind, how in (("express", "Huiyin"), ("threads", "as Flask views in threads")):
                contenders.append(Contender(f"{how} on {place.name}", serving(kind, place.fresh())))
        limit = serving("bare", bench.places[0].fresh())
        contenders.append(Contender("limit: the same, storing nothing", limit))
        for number in range(bench.amount(3, 7)):
            for contender in contenders:
                count = bench.amount(2000, 6000) // (4 if number == 0 else 1)
                _round(client, contender, count, next(stamps))
    _table(contenders)


def _round(client: Helper, contender: Contender, count: int, stamp: int) -> None:
    order = {"port": contender.port, "clients": CLIENTS, "requests": count, "kind": "texts", "stamp": stamp}
    client.say(json.dumps(order))
    client.hear()
    client.say("go")
    answer = json.loads(client.hear())
    if answer["failed"] or len(answer["latencies"]) != count:
        raise RuntimeError(f"{contender.name}: {answer['failed']} of {count} texts were refused")
    contender.rates.append(count / answer["seconds"])
    contender.p50.append(quantile(answer["latencies"], 0.5))
    contender.p99.append(quantile(answer["latencies"], 0.99))


def _table(contenders: list[Contender]) -> None:
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
                "≥ 1,500, p99 < 50" if contender.name.startswith("Huiyin") else "",
            ]
        )
    show([f"{CLIENTS} clients, signed texts", "texts/s", "p50 ms", "p99 ms", "of limit", "target"], rows)
