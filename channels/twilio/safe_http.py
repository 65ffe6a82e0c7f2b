"""One GET from somewhere that an outsider named, without harm to us.

You are here: fetcher → **safe GET** → a host on the Internet. The host's name is resolved once, every address
it has must be public, and the connection goes to an address that was looked at (a name that changes its
mind between the look and the call gains nothing). Size, time and header are bounded; nothing is unpacked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urljoin, urlsplit

from intake.contracts import FetchFailed

CHUNK = 64 * 1024
CONNECT_TIMEOUT = 10.0
"""Seconds for connecting, and for any one sign of life."""

_PORTS = {"http": 80, "https": 443}
_NEVER = tuple(
    ip_network(net)
    for net in (
        "100.64.0.0/10",  # between a carrier and its customers (RFC 6598)
        "64:ff9b::/96",  # IPv4 inside IPv6 (RFC 6052), which a gateway of ours would unwrap
        "64:ff9b:1::/48",
        "::/96",
        "2002::/16",  # 6to4
        "2001::/32",  # Teredo
        "fec0::/10",
    )
)

Resolve = Callable[[str, int], list[str]]
"""Host and port to addresses; raises OSError."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: bytes, and seconds altogether."""

    size: int = 20 * 1024 * 1024
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Got:
    """The answer to one GET; ``location`` when it leads elsewhere."""

    status: int
    media_type: str = ""
    content: bytes = b""
    location: str = ""


def is_public(address: str) -> bool:
    """Whether ``address`` lies on the open Internet, not with us, our network or our carrier."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if any(ip in net for net in _NEVER if net.version == ip.version):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of ``host``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(url: SplitResult, own: tuple[str, str, int] | None, resolve: Resolve) -> list[str]:
    """The addresses to connect to for ``url``; raises :class:`FetchFailed` when it lies inside.

    ``own`` is the one scheme, host and port that may lie anywhere: a server that the operator set.
    """
    host = url.hostname or ""
    if not host:
        raise FetchFailed("the file's address names no host", permanent=True)
    try:
        addresses = resolve(host, origin(url)[2])
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"the host {host[:100]!r} is not known just now", permanent=False) from error
    if not addresses:
        raise FetchFailed(f"the host {host[:100]!r} has no address", permanent=False)
    if origin(url) != own and not all(map(is_public, addresses)):
        raise FetchFailed("the file's address leads into a private network", permanent=True)
    return addresses[:4]


def origin(url: SplitResult) -> tuple[str, str, int]:
    """Scheme, host and port; raises :class:`FetchFailed` for a port that is none."""
    try:
        return url.scheme, (url.hostname or "").lower(), url.port or _PORTS.get(url.scheme, 0)
    except ValueError as error:
        raise FetchFailed("the file's address has a port that cannot be", permanent=True) from error


def get(
    addresses: list[str], url: SplitResult, headers: Mapping[str, str], limits: Limits, until: float
) -> Got:
    """GET ``url`` from the first of ``addresses`` that answers.

    It is over by ``until`` (monotonic), however slowly the other side speaks.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise FetchFailed("the file took too long", permanent=False)
    connection = _Pinned(addresses, url, min(CONNECT_TIMEOUT, left))
    timer = threading.Timer(left, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request("GET", target, headers={"Accept-Encoding": "identity", **headers})
        with connection.getresponse() as answer:
            got = _read(answer, limits, until)
        if connection.was_cut:  # to the reader it looks like an honest end
            raise FetchFailed("the file took too long", permanent=False)
        return got
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() >= until:
            raise FetchFailed("the file took too long", permanent=False) from error
        raise FetchFailed(
            f"the file could not be fetched: {type(error).__name__}", permanent=False
        ) from error
    finally:
        timer.cancel()
        connection.close()


def _read(answer: http.client.HTTPResponse, limits: Limits, until: float) -> Got:
    if answer.status in (301, 302, 303, 307, 308):
        return Got(answer.status, location=answer.headers.get("Location", ""))
    media_type = answer.headers.get_content_type()
    if answer.status != 200:
        return Got(answer.status, media_type)
    if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise FetchFailed("the file comes packed, and what is in it might not fit", permanent=True)
    if answer.length is not None and answer.length > limits.size:
        raise FetchFailed(_too_large(limits), permanent=True)
    content = bytearray()
    while chunk := answer.read1(CHUNK):
        content += chunk
        if len(content) > limits.size:
            raise FetchFailed(_too_large(limits), permanent=True)
        if time.monotonic() > until:
            raise FetchFailed("the file took too long", permanent=False)
    if answer.length:
        raise FetchFailed("the file broke off", permanent=False)
    return Got(200, media_type, bytes(content))


def _too_large(limits: Limits) -> str:
    return f"the file is larger than {limits.size // (1024 * 1024)} MB"


class _Pinned(http.client.HTTPConnection):
    """A connection to given addresses, for whichever host name; TLS proves the name as usual."""

    def __init__(self, addresses: list[str], url: SplitResult, timeout: float) -> None:
        scheme, host, port = origin(url)
        self.default_port = _PORTS[scheme]
        super().__init__(f"[{host}]" if ":" in host else host, port, timeout=timeout)
        self._addresses = addresses
        self._name = host
        self._tls = ssl.create_default_context() if scheme == "https" else None
        self.was_cut = False

    def connect(self) -> None:
        """Connect to an address that was looked at."""
        sock = self._reached()
        try:
            self.sock = self._tls.wrap_socket(sock, server_hostname=self._name) if self._tls else sock
        except BaseException:
            sock.close()
            raise
        if self.was_cut:
            raise TimeoutError

    def _reached(self) -> socket.socket:
        for address in self._addresses[:-1]:
            with suppress(OSError):
                return socket.create_connection((address, self.port), self.timeout)
        return socket.create_connection((self._addresses[-1], self.port), self.timeout)

    def cut(self) -> None:
        """End it from another thread: whoever waits for a byte gets an error."""
        self.was_cut = True
        sock = self.sock
        if sock is not None:
            with suppress(OSError):
                # the plain socket's own: SSLSocket's would first take away what its reader is using
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


def leads_to(url: SplitResult, location: str) -> SplitResult:
    """Where a redirect from ``url`` leads; raises :class:`FetchFailed` when that is no address."""
    try:
        return split(urljoin(url.geturl(), location[:4001]))
    except ValueError as error:
        raise FetchFailed("the file's address leads nowhere", permanent=True) from error


def split(address: str) -> SplitResult:
    """``address`` in its pieces; raises :class:`FetchFailed` when it is none."""
    if len(address) > 4000 or any(c <= " " or c == "\x7f" or ord(c) > 126 for c in address):
        raise FetchFailed("the file's address is not one", permanent=True)
    try:
        return urlsplit(address)
    except ValueError as error:
        raise FetchFailed("the file's address is not one", permanent=True) from error
