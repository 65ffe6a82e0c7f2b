"""Webhooks over real sockets: what the programs ``webhook`` and ``updates`` share.

Web server, clients and database are processes of their own, on the same cores. Rounds take turns, so that
whatever else the machine does meets all of them; medians count. Afterwards the whole service takes a flood
in while its worker registers what came.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from sqlalchemy import func, select

from benchmarks.bench import Bench
from benchmarks.databases import Place, open_store
from benchmarks.processes import Helper, helper
from benchmarks.service import running
from benchmarks.table import median, quantile, show
from intake import schema
from intake.work import PENDING
from tests.support.loopback import free_port

CLIENTS = 32
_WAYS = (("express", "Huiyin"), ("threads", "as Flask views in threads"))


@dataclass(slots=True)
class Contender:
    """A web server and what was measured of it."""

    name: str
    port: int
    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)


class Race:
    """Contenders that are sent the same ``kind`` of request, in turn; ``settings`` set up the service."""

    def __init__(self, bench: Bench, kind: str, settings: Mapping[str, str], target: str) -> None:
        self._bench = bench
        self._kind = kind
        self._settings = settings
        self._target = target
        self._stamps = itertools.count(1)
        self._rounds = bench.amount(3, 7)

    def run(self) -> None:
        """Measure the web server alone, then the whole service."""
        with ExitStack() as until_the_end:
            client = until_the_end.enter_context(helper("benchmarks.http_load"))
            self._alone(client)
            self._all_roles(client)

    def _alone(self, client: Helper) -> None:
        with ExitStack() as until_the_end:
            contenders = []
            for place in self._bench.places:
                for way, name in _WAYS:
                    port = self._serve(until_the_end, way, place)
                    contenders.append(Contender(f"{name} on {place.name}", port))
            limit = self._serve(until_the_end, "bare", self._bench.places[0])
            contenders.append(Contender("limit: the same, storing nothing", limit))
            for number in range(self._rounds):
                for contender in contenders:
                    self._round(client, contender, warm=number > 0)
        self._table("web server alone", contenders, median(contenders[-1].rates[1:]))

    def _all_roles(self, client: Helper) -> None:
        contenders = []
        for place in self._bench.places:
            url, folder = place.fresh(), self._bench.folder / f"{self._kind}-{place.name}"
            with running(url, folder, self._settings) as service:
                contender = Contender(f"Huiyin on {place.name}", service.web_port)
                for number in range(self._rounds):
                    self._round(client, contender, warm=number > 0)
                    _wait_for_worker(url)
            contenders.append(contender)
        self._table("all roles, the worker registering", contenders)

    def _serve(self, until_the_end: ExitStack, way: str, place: Place) -> int:
        settings = {
            **self._settings,
            "HUIYIN_DATA_DIR": str(self._bench.folder / f"{self._kind}-{next(self._stamps)}"),
            "HUIYIN_DATABASE_URL": place.fresh(),
            "HUIYIN_WEB_PORT": str(free_port()),
        }
        server = helper("benchmarks.http_servers", way, **settings)
        return int(until_the_end.enter_context(server).hear())

    def _round(self, client: Helper, contender: Contender, *, warm: bool) -> None:
        count = self._bench.amount(2000, 6000) // (1 if warm else 4)
        order = {
            "port": contender.port,
            "clients": CLIENTS,
            "requests": count,
            "kind": self._kind,
            "stamp": next(self._stamps),
        }
        client.say(json.dumps(order))
        client.hear()
        client.say("go")
        answer = json.loads(client.hear())
        if answer["failed"] or len(answer["latencies"]) != count:
            raise RuntimeError(f"{contender.name}: {answer['failed']} of {count} requests were refused")
        contender.rates.append(count / answer["seconds"])
        contender.p50.append(quantile(answer["latencies"], 0.5))
        contender.p99.append(quantile(answer["latencies"], 0.99))

    def _table(self, what: str, contenders: list[Contender], limit: float | None = None) -> None:
        rows = []
        for contender in contenders:
            rate = median(contender.rates[1:])  # the first round warms up
            rows.append(
                [
                    contender.name,
                    f"{rate:,.0f}",
                    f"{median(contender.p50[1:]) * 1e3:.1f}",
                    f"{median(contender.p99[1:]) * 1e3:.1f}",
                    f"{rate / limit:.2f}" if limit else "",
                    self._target if contender.name.startswith("Huiyin") else "",
                ]
            )
        show([f"{CLIENTS} clients, {what}", "per s", "p50 ms", "p99 ms", "of limit", "target"], rows)


def _wait_for_worker(url: str) -> None:
    """Until nothing waits to be registered: the next round is to meet the same service."""
    store, c = open_store(url), schema.submission.c
    try:
        waiting = select(func.count()).select_from(schema.submission).where(c.state == PENDING)
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            with store.read() as connection:
                if connection.execute(waiting).scalar_one() == 0:
                    return
            time.sleep(0.2)
    finally:
        store.close()
    raise RuntimeError("the worker does not come to an end")
