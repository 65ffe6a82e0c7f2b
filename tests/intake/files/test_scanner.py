"""A scanner that hangs, trickles, speaks nonsense or dies is away then, and holds up nobody."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO

import pytest

from intake.files.scanner import ClamAV, Scanned, ScannerAway

Play = Callable[[socket.socket], None]
GOOD = b"ClamAV 1.4.1/27500/Mon Mar  2 08:00:00 2026\0"


@contextmanager
def clamd(play: Play) -> Iterator[str]:
    """Its address; ``play`` has each line that is opened."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    line, _ = server.accept()
                    threading.Thread(target=played, args=(line,), daemon=True).start()

        def played(line: socket.socket) -> None:
            with line, suppress(OSError):
                play(line)

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def asked(line: socket.socket) -> bytes:
    """The command, and all that follows it up to the empty piece."""
    said = b""
    while b"\0" not in said:
        said += line.recv(1)
    if said == b"zINSTREAM\0":
        while (size := int.from_bytes(exactly(line, 4))) > 0:
            exactly(line, size)
    return said


def exactly(line: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += line.recv(size - len(found)) or b"\0" * size
    return found


def saying(version: bytes, scanned: bytes) -> Play:
    return lambda line: line.sendall(version if asked(line) == b"zVERSION\0" else scanned)


def trickling(line: socket.socket) -> None:
    while True:
        line.sendall(b"x")
        time.sleep(0.1)


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(lambda line: time.sleep(30), id="it takes the call and says nothing"),
        pytest.param(trickling, id="a byte now and then, for ever"),
        pytest.param(lambda line: None, id="it hangs up"),
        pytest.param(lambda line: line.sendall(b"\0"), id="an empty answer"),
        pytest.param(lambda line: line.sendall(b"\xff\xfe\x01\x02" * 2000), id="garbage"),
        pytest.param(saying(b"a\x01b\0", b"stream: OK\0"), id="a name that no engine has"),
        pytest.param(saying(GOOD, b"stream: O"), id="it dies in the middle of its answer"),
        pytest.param(saying(GOOD, b"stream:  FOUND\0"), id="a virus without a name"),
        pytest.param(saying(GOOD, b"stream: Eicar\x07 FOUND\0"), id="a name that no virus has"),
        pytest.param(saying(GOOD, b"UNKNOWN COMMAND\0"), id="another program"),
    ],
)
def test_what_misbehaves_is_away_and_soon(play: Play) -> None:
    with clamd(play) as address:
        begun = time.monotonic()
        with pytest.raises(ScannerAway):
            ClamAV(address, seconds=0.5).scan(BytesIO(b"x" * 300_000))
    assert time.monotonic() - begun < 5


def test_only_the_first_answer_counts() -> None:
    with clamd(saying(GOOD, b"stream: OK\0stream: Eicar FOUND\0")) as address:
        assert ClamAV(address, seconds=5).scan(BytesIO(b"x")) == Scanned(GOOD[:-1].decode())
