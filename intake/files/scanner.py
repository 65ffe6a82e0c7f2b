"""Asking a virus scanner: ClamAV's own protocol (clamd(8), INSTREAM), over TCP or a Unix socket.

You are here: inspection → [scanner] → clamd. The file's bytes go over the wire, so that clamd may run as
another user or on another machine.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import BinaryIO, Protocol

_PIECE = 256 * 1024
_ANSWER_BYTES = 4096
_SECONDS = 120.0


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
        engine = self._ask(b"VERSION")[:64]
        said = self._ask(b"INSTREAM", file)
        if said.endswith(" FOUND"):
            virus = said.removesuffix(" FOUND").removeprefix("stream: ")
            if virus.startswith("Heuristics.Limits.Exceeded"):
                return Scanned("")
            return Scanned(engine, virus[:200])
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
                    _send(line, file)
                return _answer(line)
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


def _send(line: socket.socket, file: BinaryIO) -> None:
    """The file as pieces with their length before them (4 bytes, network order), then a length of 0.

    clamd closes the line once its StreamMaxLength is passed; its answer says so and is read all the same.
    """
    try:
        while piece := file.read(_PIECE):
            line.sendall(struct.pack("!I", len(piece)) + piece)
        line.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return


def _answer(line: socket.socket) -> str:
    said = bytearray()
    while not said.endswith(b"\0") and len(said) < _ANSWER_BYTES and (piece := line.recv(_ANSWER_BYTES)):
        said += piece
    if not said:
        raise ConnectionAbortedError("no answer")
    return said.rstrip(b"\0\n").decode("utf-8", "replace")
