"""Addresses as they stand in MAIL FROM and RCPT TO, and whose mail we take.

The paths of RFC 5321 section 4.1.2 are read with one linear expression instead of
``email._header_value_parser``, which aiosmtpd uses: that one costs more than the rest of the
command together, and takes comments and folding that no path has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_ADDRESS = 320  # RFC 5321 section 4.5.3.1: 64 + 1 + 255

_PATH = re.compile(
    r"""\s*(?:
        <(?:@[^:<>\s]+:)?                                   # a source route is read and dropped
         (?P<inside>(?:"(?:[^"\\]|\\.)*"|[^\s<>"@]+)@[^\s<>@"]+|postmaster)?
        >
      | (?P<bare>[^\s<>"@]+@[^\s<>@"]+)                     # without brackets, as some scripts send it
    )(?:\s+(?P<parameters>\S.*))?\s*\Z""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Path:
    """One path: ``address`` is "" for the null sender ``<>``; ``parameters`` are upper-case."""

    address: str
    parameters: dict[str, str]


def parse_path(text: str) -> Path | None:
    """Read ``<local@domain> KEY=VALUE …``; None when it is not an address."""
    match = _PATH.match(text)
    if match is None:
        return None
    address = match["inside"] or match["bare"] or ""
    if len(address) > LONGEST_ADDRESS:
        return None
    given = match["parameters"]
    if not given:
        return Path(address, {})
    pairs = (word.partition("=") for word in given.split())
    return Path(address, {key.upper(): value.upper() for key, _, value in pairs})


class Mailboxes:
    """The addresses we take mail for."""

    def __init__(self, recipients: Iterable[str]) -> None:
        self._taken = frozenset(recipients)
        self._domains = frozenset(address.rpartition("@")[2] for address in self._taken)

    def takes(self, address: str) -> bool:
        """Whether mail to ``address`` is ours; any case, any ``+token``, and postmaster always."""
        local, _, domain = address.lower().rpartition("@")
        if f"{local}@{domain}" in self._taken:
            return True
        if not local:
            return domain == "postmaster"
        if local == "postmaster":
            return domain in self._domains
        return f"{local.partition('+')[0]}@{domain}" in self._taken

    def knows_domain(self, address: str) -> bool:
        """Whether ``address`` lies in one of our domains (then it is unknown, not relaying)."""
        return address.lower().rpartition("@")[2] in self._domains


def masked(address: str) -> str:
    """An address fit for a log: its first letter and its domain."""
    local, at, domain = address.rpartition("@")
    if not at:
        return "<>" if not address else "***"
    return f"{local[:1]}***@{domain}".encode("ascii", "backslashreplace").decode()
