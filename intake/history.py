"""Append-only history: each event carries the hash of all before it (promise 9).

``hash = sha256(previous hash ‖ canonical JSON of complaint, seq, at, actor, kind, data)``. A changed,
removed or inserted row breaks the chain at that place; the case keeps the chain's head, so a cut-off
tail shows as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from intake.columns import canonical_json
from intake.contracts import Json

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a case's history. ``actor`` is ``{"kind", "id", "name"}``."""

    complaint_id: str
    seq: int
    at: datetime
    actor: Json
    kind: str
    data: Json
    hash: str


def link(previous: str, complaint_id: str, seq: int, at: datetime, actor: Json, kind: str, data: Json) -> str:
    """The hash of an event that follows ``previous``: 64 hex digits."""
    return link_stored(previous, complaint_id, seq, at, canonical_json(actor), kind, canonical_json(data))


def link_stored(
    previous: str, complaint_id: str, seq: int, at: datetime, actor: str, kind: str, data: str
) -> str:
    """The same from ``actor`` and ``data`` as they are stored: canonical JSON text, not parsed again."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    content = f'["{complaint_id}",{seq},"{moment}",{actor},"{kind}",{data}]'
    return hashlib.sha256(f"{previous}{content}".encode()).hexdigest()


def broken_at(
    events: Iterable[Any], last_seq: int, last_hash: str, erased: Collection[int] = ()
) -> int | None:
    """The first seq at which the chain does not hold, or None.

    The words of ``erased`` events are gone (``intake.retention``): their own content proves nothing any
    more, but their hash still binds what stands before and after them.

    ``events`` are rows or :class:`Event` of one complaint by seq (``actor`` and ``data`` may be the stored
    text); ``last_seq`` and ``last_hash`` the head that the case remembers.
    """
    previous, expected = GENESIS, 1
    for row in events:
        hashed = link_stored if isinstance(row.data, str) else link
        ours = hashed(previous, row.complaint_id, row.seq, row.at, row.actor, row.kind, row.data)
        if row.seq in erased:
            ours = row.hash
        if row.seq != expected or row.hash != ours:
            return expected
        previous, expected = ours, expected + 1
    if expected - 1 != last_seq or previous != last_hash:
        return expected
    return None
