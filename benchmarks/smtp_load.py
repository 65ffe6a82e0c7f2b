"""Many senders at once: ``python -m benchmarks.smtp_load``, told what to send by lines of JSON.

A line is ``{"port", "senders", "mails", "fresh", "size", "stamp"}`` for generated mails of one size, or
has ``"seed"`` for varied ones. It answers "ready" when the mails are made, waits for a line, sends, and
answers ``{"seconds", "latencies", "failed"}``. Each command waits for its reply, as Postfix's
smtp-source does.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Generator
from functools import partial
from typing import Any, cast

from benchmarks.bench import MAILBOX
from benchmarks.mails import mail_of_size, mails

_HELLO = b"EHLO load.example\r\n"
_FROM = b"MAIL FROM:<sender@load.example>\r\n"
_TO = f"RCPT TO:<{MAILBOX}>\r\n".encode()


class Run:
    """What the senders share: mails still to send, and what became of those sent."""

    def __init__(self, contents: list[bytes], *, fresh: bool, port: int) -> None:
        self.contents = iter(contents)
        self.fresh = fresh
        self.port = port
        self.latencies: list[float] = []
        self.failed = 0


class Sender(asyncio.Protocol):
    """One connection: sends mail after mail, or one only."""

    def __init__(self, run: Run, done: asyncio.Future[None], first: bytes, begun: float) -> None:
        self._run = run
        self._done = done
        self._mail = first
        self._begun = begun
        self._steps = self._conversation()
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the greeting."""
        self._transport = cast(asyncio.Transport, transport)
        next(self._steps)

    def data_received(self, data: bytes) -> None:
        """Go on once a reply is complete."""
        self._heard += data
        if not self._heard.endswith(b"\r\n"):
            return
        last = self._heard[self._heard.rfind(b"\n", 0, -1) + 1 :]
        if last[3:4] == b"-":
            return
        self._heard = b""
        try:
            self._steps.send(last)
        except StopIteration:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """The sender may go on with its next connection."""
        if not self._done.done():
            self._done.set_result(None)

    def _conversation(self) -> Generator[None, bytes | None, None]:
        write = self._transport.write
        yield
        write(_HELLO)
        yield
        while True:
            for command in (_FROM, _TO, b"DATA\r\n"):
                write(command)
                yield
            write(self._mail + b".\r\n")
            reply = yield
            self._run.failed += not (reply or b"").startswith(b"250")
            now = time.perf_counter()
            self._run.latencies.append(now - self._begun)
            if self._run.fresh:
                break
            following = next(self._run.contents, None)
            if following is None:
                break
            self._mail, self._begun = following, now
        write(b"QUIT\r\n")
        yield


async def _send(run: Run) -> None:
    """One sender's life."""
    loop = asyncio.get_running_loop()
    while (mail := next(run.contents, None)) is not None:
        done: asyncio.Future[None] = loop.create_future()
        connection = partial(Sender, run, done, mail, time.perf_counter())
        await loop.create_connection(connection, "127.0.0.1", run.port)
        await done


def _contents(order: dict[str, Any]) -> list[bytes]:
    if "seed" in order:
        return [raw for _, raw in mails(order["mails"], order["seed"])]
    return [mail_of_size(order["size"], f"{order['stamp']}-{n}") for n in range(order["mails"])]


async def _obey(order: dict[str, Any], contents: list[bytes]) -> dict[str, Any]:
    run = Run(contents, fresh=order["fresh"], port=order["port"])
    begun = time.perf_counter()
    await asyncio.gather(*(_send(run) for _ in range(order["senders"])))
    return {"seconds": time.perf_counter() - begun, "latencies": run.latencies, "failed": run.failed}


def main() -> None:
    """Obey orders until there are no more."""
    while line := sys.stdin.readline():
        order = json.loads(line)
        contents = _contents(order)
        _answer("ready")
        sys.stdin.readline()
        _answer(json.dumps(asyncio.run(_obey(order, contents))))


def _answer(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
