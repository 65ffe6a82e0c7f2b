"""Asking a virus scanner: ClamAV's own protocol (clamd(8), INSTREAM), over TCP or a Unix socket.

You are here: inspection → [scanner] → clamd. The file's bytes go over the wire, so that clamd may run as
another user or on another machine.
"""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass
from typing import BinaryIO, Protocol

_PIECE = 256 * 1024
_ANSWER_BYTES = 4096
_SECONDS = 120.0
"""For sending a file, and again for the answer: a scanner that sends a byte now and then is away as well."""


class ScannerAway(Exception):
    """The scanner cannot be reached or cannot work now. Trying again later helps."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """``virus`` is "" for a clean file. ``engine`` names who looked; "" when the file is too large for it."""

    engine: str
    virus: str = ""


class Scanner(Protocol):
    """Looks for viruses."""

    def scan(self, file: BinaryIO) -> Scanned:
        """Look at the whole file; raises :class:`ScannerAway`."""
        ...


class ClamAV:
    """clamd at ``address``: "host:port", or the path of its socket. Safe for many threads."""

    def __init__(self, address: str, *, seconds: float = _SECONDS) -> None:
        self._address = address
        self._seconds = seconds

    def scan(self, file: BinaryIO) -> Scanned:
        """Look at the whole file; raises :class:`ScannerAway`."""
        engine = _named(self._ask(b"VERSION"))
        said = self._ask(b"INSTREAM", file)
        if said.endswith(" FOUND"):
            virus = said.removesuffix(" FOUND").removeprefix("stream: ")
            if virus.startswith("Heuristics.Limits.Exceeded"):
                return Scanned("")
            return Scanned(engine, _named(virus))
        if said == "stream: OK":
            return Scanned(engine)
        if "size limit exceeded" in said:
            return Scanned("")
        raise ScannerAway(f"clamd says: {said[:200]}")

    def _ask(self, command: bytes, file: BinaryIO | None = None) -> str:
        try:
            with self._connected() as line:
                line.sendall(b"z" + command + b"\0")
                if file is not None:
                    _send(line, file, time.monotonic() + self._seconds)
                return _answer(line, time.monotonic() + self._seconds)
        except OSError as error:
            raise ScannerAway(f"clamd cannot be reached ({type(error).__name__})") from error

    def _connected(self) -> socket.socket:
        if self._address.startswith("/"):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(self._seconds)
            try:
                line.connect(self._address)
            except OSError:
                line.close()
                raise
            return line
        host, _, port = self._address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=self._seconds)


def _send(line: socket.socket, file: BinaryIO, until: float) -> None:
    """The file as pieces with their length before them (4 bytes, network order), then a length of 0.

    clamd closes the line once its StreamMaxLength is passed; its answer says so and is read all the same.
    """
    try:
        while piece := file.read(_PIECE):
            _wait_no_longer(line, until)
            line.sendall(struct.pack("!I", len(piece)) + piece)
        line.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return


def _answer(line: socket.socket, until: float) -> str:
    said = bytearray()
    while b"\0" not in said and len(said) < _ANSWER_BYTES:
        _wait_no_longer(line, until)
        piece = line.recv(_ANSWER_BYTES)
        if not piece:
            break
        said += piece
    if not said:
        raise ConnectionAbortedError("no answer")
    return said.partition(b"\0")[0].rstrip(b"\n").decode("utf-8", "replace")


def _wait_no_longer(line: socket.socket, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    line.settimeout(left)


def _named(said: str) -> str:
    """The name of an engine or a virus; raises :class:`ScannerAway` for what can be none."""
    name = said.strip()[:200]
    if not name or not name.isprintable():
        raise ScannerAway("clamd does not speak its own protocol")
    return name
