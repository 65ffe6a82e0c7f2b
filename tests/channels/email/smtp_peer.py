"""What the listener's tests share: a peer that speaks raw bytes, and a listener with a memory."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from channels.email.listener import Listener, ListenerSettings
from intake.contracts import Receipt, Submission

OURS = "complaints@gaoyao.example"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SETTINGS = ListenerSettings(
    host="127.0.0.1",
    port=0,
    hostname="mx.gaoyao.example",
    recipients=frozenset({OURS, "letters@gaoyao.example"}),
)


@dataclass(frozen=True)
class PlainIdentity:
    """A stand-in for the real identity: the hash is the id."""

    message_id: str
    dedupe_key: str


def identify_plainly(raw: bytes, recipients: Sequence[str]) -> PlainIdentity:
    """The same bytes to the same recipients have the same key."""
    digest = hashlib.sha256(raw + "\n".join(recipients).encode()).hexdigest()
    return PlainIdentity(digest[:12], digest)


@dataclass
class Shelf:
    """An accept that keeps what it is given; ``fail`` and ``gate`` change how it behaves."""

    stored: list[Submission] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    fail: Exception | None = None
    gate: asyncio.Event | None = None
    entered: int = 0

    async def accept(self, submission: Submission) -> Receipt:
        """Keep it, once the gate (if any) is open."""
        self.entered += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.fail is not None:
            raise self.fail
        known = any(one.dedupe_key == submission.dedupe_key for one in self.stored)
        if not known:
            self.stored.append(submission)
        return Receipt(f"id-{submission.dedupe_key[:8]}", known)

    def observe(self, event: str) -> None:
        """Count."""
        self.events[event] += 1


class Peer:
    """A raw socket with a line reader."""

    def __init__(self, port: int, *, greet: bool = True, source: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 5, source_address=(source, 0))
        self.file = self.socket.makefile("rb")
        if greet:
            assert self.reply().startswith("220 ")

    def send(self, octets: bytes) -> None:
        """Send as they are."""
        self.socket.sendall(octets)

    def reply(self) -> str:
        """One reply, all its lines; "" when the peer closed."""
        lines = []
        while line := self.file.readline():
            lines.append(line.decode().rstrip("\r\n"))
            if line[3:4] != b"-":
                break
        return "\n".join(lines)

    def ask(self, command: str | bytes) -> str:
        """Send one command line, return the reply."""
        octets = command.encode() if isinstance(command, str) else command
        self.send(octets + b"\r\n")
        return self.reply()

    def ready_for_data(self, *recipients: str) -> None:
        """Everything up to the 354."""
        self.ask("EHLO peer.example")
        assert self.ask("MAIL FROM:<li@home.example>").startswith("250")
        for recipient in recipients or (OURS,):
            assert self.ask(f"RCPT TO:<{recipient}>").startswith("250")
        assert self.ask("DATA").startswith("354")

    def deliver(self, wire: bytes) -> str:
        """A whole mail; ``wire`` is what is sent after DATA, its end included."""
        self.ready_for_data()
        self.send(wire)
        return self.reply()

    def is_closed(self) -> bool:
        """Whether the listener has closed the connection (reads what is left)."""
        try:
            while self.file.readline():
                continue
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Hang up."""
        self.file.close()
        self.socket.close()


@dataclass
class Running:
    """A listener under test."""

    listener: Listener
    shelf: Shelf
    peers: list[Peer] = field(default_factory=list)

    def peer(self, *, greet: bool = True, source: str = "127.0.0.1") -> Peer:
        """A new connection, closed at the end of the test."""
        peer = Peer(self.listener.port, greet=greet, source=source)
        self.peers.append(peer)
        return peer

    def open_gate(self) -> None:
        """Let all waiting commits go at once, as a group commit does."""
        loop, gate = self.listener._loop, self.shelf.gate
        assert loop is not None
        assert gate is not None
        loop.call_soon_threadsafe(gate.set)


@contextmanager
def running(shelf: Shelf | None = None, **changes: object) -> Iterator[Running]:
    """A listener on a free port; ``changes`` are settings."""
    shelf = shelf or Shelf()
    settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]
    listener = Listener(settings, shelf.accept, lambda: NOON, identify_plainly, shelf.observe)
    listener.start()
    run = Running(listener, shelf)
    try:
        yield run
    finally:
        for peer in run.peers:
            peer.close()
        listener.stop(grace=0.2)


def wait_for(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether ``condition`` came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return condition()
