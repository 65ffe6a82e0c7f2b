"""Who may be connected at the same time: a cap over all, and one for each peer."""

from __future__ import annotations

from collections import Counter
from ipaddress import AddressValueError, IPv6Address


def peer_key(peer: str) -> str:
    """What counts as one peer: an IPv4 address, or an IPv6 /64, which is what one customer holds."""
    if ":" not in peer:
        return peer
    try:
        address = IPv6Address(peer.partition("%")[0])
    except AddressValueError:
        return peer
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return address.exploded[:19]


class Doorkeeper:
    """Counts connections. Every ``admit`` that returned True wants one ``leave``."""

    def __init__(self, limit: int, limit_per_peer: int) -> None:
        self._limit = limit
        self._limit_per_peer = limit_per_peer
        self._present: Counter[str] = Counter()
        self._total = 0

    def admit(self, peer: str) -> bool:
        """Let ``peer`` in if neither cap is reached."""
        key = peer_key(peer)
        if self._total >= self._limit or self._present.get(key, 0) >= self._limit_per_peer:
            return False
        self._total += 1
        self._present[key] += 1
        return True

    def leave(self, peer: str) -> None:
        """``peer`` has gone."""
        key = peer_key(peer)
        self._total -= 1
        self._present[key] -= 1
        if not self._present[key]:
            del self._present[key]
