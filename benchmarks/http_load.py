"""Many clients that keep their connection: ``python -m benchmarks.http_load``, told what to do by JSON lines.

A line is ``{"port", "clients", "requests", "kind", "stamp"}``. It answers "ready" when the requests are made,
waits for a line, sends, and answers ``{"seconds", "latencies", "failed"}``. Each client waits for its answer
before it sends its next request.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, cast

from benchmarks import chats, texts

MAKERS: Mapping[str, Callable[[int, int], Iterator[bytes]]] = {
    "texts": texts.requests,
    "updates": chats.requests,
}


class Run:
    """What the clients share: requests still to send, and what became of those sent."""

    def __init__(self, requests: list[bytes]) -> None:
        self.requests = iter(requests)
        self.latencies: list[float] = []
        self.failed = 0


class Client(asyncio.Protocol):
    """One connection: request after request until there are no more."""

    def __init__(self, run: Run, done: asyncio.Future[None]) -> None:
        self._run = run
        self._done = done
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the first."""
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        """Ask the next once the answer is complete."""
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end:
            return
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        if len(body) < int(length or 0):
            return
        self._run.latencies.append(time.perf_counter() - self._begun)
        self._run.failed += not head.startswith(b"HTTP/1.1 200")
        self._heard = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """This client is done."""
        if not self._done.done():
            self._done.set_result(None)

    def _next(self) -> None:
        request = next(self._run.requests, None)
        if request is None:
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(request)


async def _obey(order: dict[str, Any], requests: list[bytes]) -> dict[str, Any]:
    loop, run = asyncio.get_running_loop(), Run(requests)
    waiting: list[asyncio.Future[None]] = []
    begun = time.perf_counter()
    for _ in range(order["clients"]):
        waiting.append(done := loop.create_future())
        await loop.create_connection(partial(Client, run, done), "127.0.0.1", order["port"])
    await asyncio.gather(*waiting)
    return {"seconds": time.perf_counter() - begun, "latencies": run.latencies, "failed": run.failed}


def main() -> None:
    """Obey orders until there are no more."""
    gc.disable()  # the latencies are the server's
    while line := sys.stdin.readline():
        order = json.loads(line)
        requests = list(MAKERS[order["kind"]](order["requests"], order["stamp"]))
        _answer("ready")
        sys.stdin.readline()
        _answer(json.dumps(asyncio.run(_obey(order, requests))))


def _answer(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
