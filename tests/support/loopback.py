"""A fence: while tests run, this process reaches loopback addresses and nothing else.

An audit hook sees every socket call of Python code, whichever library makes it. What it refuses looks to the
code like an unreachable network, and is remembered, so that code which swallows the error fails its test too.
Child processes are outside the fence.
"""

from __future__ import annotations

import errno
import socket
import sys
from ipaddress import ip_address
from typing import Any

_CALLS = {
    # audit event: which of its arguments is the address
    "socket.bind": 1,
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}


class BeyondLoopback(OSError):
    """A test tried to leave this machine."""


def is_loopback(host: object) -> bool:
    """Whether ``host`` (a name, an address, or nothing at all) surely stays on this machine."""
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", "replace")
    if host is None or host in ("", "localhost"):
        return True
    if not isinstance(host, str):
        return False
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False  # a name: asking what it means already leaves the machine


class Fence:
    """Refuses what is beyond loopback while it is up; ``refused`` tells what it refused."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.up = False

    def install(self) -> None:
        """Put the fence up. The hook stays with the process; :attr:`up` switches it."""
        self.up = True
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _CALLS or not self.up:
            return
        address = arguments[_CALLS[event]]
        if event in ("socket.bind", "socket.connect", "socket.sendto", "socket.sendmsg"):
            if arguments[0].family not in (socket.AF_INET, socket.AF_INET6) or address is None:
                return  # a local socket, or one that is connected already
            host = (
                address[0] if event != "socket.bind" else address[0] or "0.0.0.0"
            )  # a blank bind is every network
        else:
            host = address
        if not is_loopback(host):
            self.refused.append(f"{event}({host!r})")
            raise BeyondLoopback(errno.ENETUNREACH, f"tests stay on this machine: {event}({host!r})")


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on just now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
