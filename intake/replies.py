"""How many automatic replies an address had within the hour, so that two machines never write for ever."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from intake import schema
from intake.vault import vault_of
from intake.vault.names import address_hash

_AUTOMATIC_TEMPLATES = ("acknowledgement", "added", "talk")
_WITHIN = timedelta(hours=1)


def replies_to(connection: Connection, addresses: Collection[str], now: datetime) -> dict[str, int]:
    """By address, the automatic replies that went to it lately; those kept unsent do not count."""
    if not addresses:
        return {}
    c, hashes = schema.outbox.c, by_hash(connection, addresses)
    query = (
        select(c.address_hash, func.count().label("sent"))
        .where(
            c.address_hash.in_(hashes),
            c.role == "complainant",
            c.created_at > now - _WITHIN,
            c.template.in_(_AUTOMATIC_TEMPLATES),
            c.state != "suppressed",
        )
        .group_by(c.address_hash)
    )
    return {hashes[row.address_hash]: row.sent for row in connection.execute(query)}


def by_hash(connection: Connection, addresses: Collection[str]) -> dict[str, str]:
    """Addresses by their keyed hash."""
    vault = vault_of(connection)
    return {hashed: address for address in addresses if (hashed := address_hash(vault, address))}
