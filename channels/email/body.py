"""A message's bytes on their way in: bounded, ended by <CRLF>.<CRLF> and by nothing else.

aiosmtpd reads DATA line by line, refuses lines over 1,001 bytes and keeps what has no line end
without limit. Here chunks are searched for the end as they come; lines may be any length; a
message that grows too large, or that finds no room, is read on but no longer kept.

A bare LF or CR never counts as a line end, neither for the end of the message nor for its dots
(SMTP smuggling, CVE-2023-51764 and its kin; RFC 5321 section 2.3.8).
"""

from __future__ import annotations

from enum import Enum

END = b"\r\n.\r\n"
_TAIL = len(END) - 1
OVERHEAD = 2048  # what a message costs besides its bytes, so that many empty ones are bounded too


class Refusal(Enum):
    """Why a message was read but not kept."""

    TOO_BIG = "too big"
    NO_ROOM = "no room"


class Room:
    """Bytes that all messages in flight may hold together."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.held = 0

    def take(self, size: int) -> bool:
        """Reserve ``size`` bytes if there is room for them."""
        if self.held + size > self._limit:
            return False
        self.held += size
        return True

    def has(self, size: int) -> bool:
        """Whether ``size`` bytes would find room now."""
        return self.held + size <= self._limit

    def give_back(self, size: int) -> None:
        """Release what was taken."""
        self.held -= size


class Body:
    """Collects one message. ``feed`` it until it returns what follows the end."""

    def __init__(self, limit: int, room: Room) -> None:
        self._limit = limit
        # The dots that transparency adds do not count (RFC 1870 section 6.1): allow for some here,
        # and measure exactly once they are gone.
        self._kept_limit = limit + limit // 64 + _TAIL
        self._room = room
        self._buffer = bytearray(b"\r\n")  # the end of the DATA line: a dot on line one is like any other
        self.received = 0
        self.charged = 0
        self.refusal: Refusal | None = None
        self._charge(OVERHEAD)

    @property
    def hopeless(self) -> bool:
        """Refused, and still more came than anybody should have to read in order to be polite."""
        return self.refusal is not None and self.received > 2 * self._limit + 65536

    def feed(self, chunk: bytes) -> bytes | None:
        """Take ``chunk``; return the bytes after the end, or None while the end has not come."""
        self.received += len(chunk)
        buffer = self._buffer
        start = max(len(buffer) - _TAIL, 0)
        buffer += chunk
        end = buffer.find(END, start)
        if end < 0:
            self._keep_or_shed(len(chunk))
            return None
        rest = bytes(memoryview(buffer)[end + len(END) :])
        del buffer[end + 2 :]
        self._keep_or_shed(len(chunk) - len(rest))
        return rest

    def content(self) -> bytes:
        """The whole message, dots unstuffed (RFC 5321 section 4.5.2); call once, after the end.

        May set ``refusal``: the exact size is known only now.
        """
        raw = bytes(memoryview(self._buffer)[2:])
        self._buffer = bytearray()
        if raw.startswith(b"."):
            raw = raw[1:]
        if b"\r\n." in raw:
            raw = raw.replace(b"\r\n.", b"\r\n")
        if len(raw) > self._limit:
            self._refuse(Refusal.TOO_BIG)
        return raw

    def drop(self) -> None:
        """Let go of the bytes and of the room they took."""
        self._room.give_back(self.charged)
        self.charged = 0
        self._buffer = bytearray()

    def release_to(self) -> int:
        """Hand the reserved room over to the caller, who gives it back when the message is stored."""
        charged, self.charged = self.charged, 0
        return charged

    def _keep_or_shed(self, size: int) -> None:
        if self.refusal is None:
            if len(self._buffer) > self._kept_limit:
                self._refuse(Refusal.TOO_BIG)
            else:
                self._charge(size)
        if self.refusal is not None:
            del self._buffer[:-_TAIL]

    def _charge(self, size: int) -> None:
        if self._room.take(size):
            self.charged += size
        else:
            self._refuse(Refusal.NO_ROOM)

    def _refuse(self, refusal: Refusal) -> None:
        self.refusal = refusal
        self._room.give_back(self.charged)
        self.charged = 0
