"""What happened to a complaint as its complainant may read it: in its own case, and in each that led it.

You are here: tracking → [own story]. While a case is merged, its lead's events are its people's too. Taken
apart again, they keep what they were told meanwhile: nobody who read an answer loses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from intake import schema

_SHOWN = (
    *("received", "assigned", "accepted", "asked", "resumed", "answered", "closed", "reopened", "rated"),
    *("merged", "separated"),
)
"""Events a complainant sees; what colleagues noted and whom the ladder reminded is not among them."""
_TURNS = frozenset({"merged", "repointed", "separated"})
"""Events at which a case gets another lead, or none."""
_NOT_THEIRS = frozenset({"merged", "separated", "received", "repointed"})
"""Events of a lead that tell of others alone."""
_UNSENT = ("failed", "suppressed", "dead")


class Led(NamedTuple):
    """A while during which another case led: after ``first``, and before ``last`` where it has ended."""

    lead: str
    first: Any
    last: Any | None


class Stories:
    """Reads for some participations at once what their people see; a few queries however many they are."""

    def __init__(self, connection: Connection, members: Sequence[Any]) -> None:
        keys = {member.complaint_id for member in members}
        self._events = _read(connection, keys)
        self._led = {key: list(_led(self._events.get(key, ()))) for key in keys}
        leads = {one.lead for each in self._led.values() for one in each}
        self._events |= _read(connection, leads - keys)
        self._told = _answers_sent(connection, leads, {member.id for member in members})

    def of(self, member: Any, case: Any) -> Iterator[Any]:
        """The events that ``member`` sees of ``case``, their own case's first."""
        for row in self._events.get(case.id, ()):
            if row.kind in _SHOWN and _concerns(row, member, case):
                yield row
        seen: set[tuple[str, int]] = set()
        for led in self._led.get(case.id, ()):
            for row in self._during(led, case, member.id):
                if (led.lead, row.seq) not in seen and _concerns(row, member, case):
                    seen.add((led.lead, row.seq))
                    yield row

    def _during(self, led: Led, case: Any, part: str) -> Iterator[Any]:
        """What happened in the lead meanwhile, and the answer that stood there already and was sent on."""
        theirs = self._events.get(led.lead, ())
        turns = [row for row in theirs if row.kind in _TURNS]
        first = next((row.seq for row in turns if row.at >= led.first.at), None)
        if first is None:
            return
        last = None
        if led.last is not None:
            after = (row.seq for row in turns if row.seq > first and row.at >= led.last.at)
            last = next(after, None)
        for row in theirs:
            during = row.seq > first and (last is None or row.seq < last)
            told = row.kind == "answered" and (led.lead, row.seq, part) in self._told
            if (during or told) and row.kind in _SHOWN and row.kind not in _NOT_THEIRS:
                yield row


def _read(connection: Connection, keys: set[str]) -> dict[str, list[Any]]:
    """The events of cases, in order."""
    if not keys:
        return {}
    e, wanted = schema.event.c, sorted({*_SHOWN, *_TURNS})
    query = select(schema.event).where(e.complaint_id.in_(keys), e.kind.in_(wanted)).order_by(e.seq)
    found: dict[str, list[Any]] = {}
    for row in connection.execute(query):
        found.setdefault(row.complaint_id, []).append(row)
    return found


def _led(own: Sequence[Any]) -> Iterator[Led]:
    """Who led a case when, by its own events: only their own side of merging has a path."""
    since: Any | None = None
    for row in own:
        leaves = row.kind == "separated" and "of" in row.data
        if not leaves and "path" not in row.data:
            continue
        if since is not None:
            yield Led(since.data["path"][-1], since, row)
        since = None if leaves else row
    if since is not None:
        yield Led(since.data["path"][-1], since, None)


def _answers_sent(connection: Connection, leads: set[str], parts: set[str]) -> set[tuple[str, int, str]]:
    """Which answers of leads were sent to whom: the case, the seq of its event, the participation."""
    if not leads:
        return set()
    o = schema.outbox.c
    query = select(o.dedupe_key, o.participation_id).where(o.complaint_id.in_(leads), o.template == "answer")
    sent = query.where(o.participation_id.in_(parts), o.state.not_in(_UNSENT))
    found = set()
    for row in connection.execute(sent):
        case, seq, *_ = row.dedupe_key.split(":")
        found.add((case, int(seq), row.participation_id))
    return found


def _concerns(row: Any, member: Any, case: Any) -> bool:
    """Whether an event is for this person: not that others were merged with theirs, nor others' ratings."""
    if (row.kind, True) in (("merged", "path" not in row.data), ("separated", "of" not in row.data)):
        return False
    if row.kind != "rated" or row.actor.get("kind") != "complainant":
        return True
    who = row.actor.get("id", "")  # one without a name is of a time when they were alone
    return bool(who == member.id or (not who and row.complaint_id == case.id))
