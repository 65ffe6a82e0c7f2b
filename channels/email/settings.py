"""Limits and names of the SMTP listener, as one frozen value. The composition root fills it in."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """How the listener behaves. Times in seconds, sizes in bytes.

    ``recipients`` are the addresses we take, lower-case; each is also taken as
    ``local+TOKEN@domain``, and ``postmaster`` of their domains (RFC 5321 section 4.5.1).
    ``hostname`` is what we call ourselves; it is never looked up. With ``tls_context`` set, STARTTLS is
    offered. The time limits are RFC 5321 section 4.5.3.2's; each bounds the whole of a command, the
    whole of a message, and the silence within a message.
    """

    host: str
    port: int
    hostname: str
    recipients: frozenset[str]
    max_message_bytes: int = 30 * MIB
    max_recipients: int = 100
    max_connections: int = 500
    max_connections_per_peer: int = 100
    max_in_flight_bytes: int = 256 * MIB
    command_timeout: float = 300.0
    data_timeout: float = 600.0
    data_idle_timeout: float = 180.0
    accept_timeout: float = 60.0
    max_bad_commands: int = 10
    max_idle_commands: int = 100
    tls_context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        """Refuse settings that cannot work; one sentence each: what, and what to do."""
        if not self.hostname.strip():
            raise ValueError("The mail listener needs a host name to greet with: set `hostname`.")
        if not self.recipients:
            raise ValueError("The mail listener takes mail for nobody: name an address in `recipients`.")
        for address in sorted(self.recipients):
            if address != address.lower() or address.count("@") != 1:
                raise ValueError(f"`recipients` holds {address!r}: write it as local@domain in lower case.")
        if self.max_in_flight_bytes < self.max_message_bytes:
            raise ValueError(
                "`max_in_flight_bytes` is smaller than `max_message_bytes`, so the largest mail could never "
                "arrive: raise it."
            )
