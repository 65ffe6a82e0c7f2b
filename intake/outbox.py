"""The way out: messages that wait for their channel, with retry, back-off and dead letters.

::

    pending → sent → delivered
       │        └──→ bounced        (a report came back later)
       ├──→ failed                  (the channel said: never)
       └──→ dead                    (given up after ``MAX_ATTEMPTS``)
    suppressed                      (kept on the record, never sent)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from intake import schema
from intake.contracts import Delivery
from intake.desk import Desk, Policies
from intake.identity import hidden_traces
from intake.notes import without_addresses
from intake.people import SYSTEM
from intake.store import Store
from intake.vault import Vault, is_unreadable, sealed, vault_of
from intake.vault.names import conversation_hash, delivery_id
from intake.verbs import Deliver, Redirect, Verb, perform
from intake.work import PENDING, backoff, claim, not_later, still_ours

LEASE = timedelta(seconds=180)
MAX_ATTEMPTS = 12  # with back-off from 30 s to 4 h: a bit more than one day
_ON_THE_RECORD = frozenset({"answer"})
"""Templates whose delivery is an event of the case; failures always are."""
_MUST_ARRIVE = frozenset({"answer", "question", "question_reminder"})
"""What somebody must bring to the complainant otherwise when this channel may not."""
_LOST = "its address cannot be read; “huiyin verify” shows what was changed"
_BUREAUS = frozenset({"handler", "leader"})
"""Roles of recipients who may not know who complained without their consent (promise 7)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An outbox row with what is needed to word and address it; what is said about no case has none.

    ``hidden`` are names and addresses that its reader may not learn (``identity.redact``).
    """

    row: Any
    case: Any
    participation: Any | None
    thread: tuple[str, ...]
    hidden: Collection[str] = ()
    own: Any | None = None
    """The case that its reader complained in, where ``case`` is the one that leads it."""

    @property
    def number(self) -> int:
        """Of the reference that its reader knows."""
        return int((self.own or self.case).number)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one message; ``pending`` means that it is tried again later."""

    row: Any
    state: str
    note: str = ""
    provider_id: str | None = None
    subject: str | None = None
    text: str | None = None
    again_at: datetime | None = None  # not before; and it counts as no attempt
    other_way: str = ""  # the channel that reaches this address instead

    @property
    def tell(self) -> bool:
        """Whether it is an event of the case."""
        if self.row.complaint_id is None:
            return False
        if self.state in ("failed", "dead") or self.other_way:
            return True
        return self.state != "pending" and self.row.template in _ON_THE_RECORD


def taken(row: Any, delivery: Delivery, subject: str, text: str) -> Result:
    """The channel took the message; ``final`` means that it reached the person."""
    state = "delivered" if delivery.final else "sent"
    note = without_addresses(delivery.note, row.address)
    return Result(row, state, note, delivery.provider_id, subject, text)


def refused(
    row: Any, reason: str, *, permanent: bool, again_at: datetime | None = None, other_way: str = ""
) -> Result:
    """The channel refused: for good, or for now (then it is tried again later, but not for ever)."""
    reason = without_addresses(reason, row.address)
    if again_at is not None:
        return Result(row, PENDING, reason, again_at=again_at)
    if other_way and other_way != row.channel and row.attempts < MAX_ATTEMPTS:
        return Result(row, PENDING, reason, other_way=other_way)
    if not permanent and row.attempts < MAX_ATTEMPTS:
        return Result(row, PENDING, reason)
    return Result(row, "failed" if permanent else "dead", reason)


_FINISHED = (
    update(schema.outbox)
    .where(schema.outbox.c.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                *("state", "due_at", "error", "provider_id", "sent_at", "subject", "text"),
                *("channel", "attempts"),
            )
        }
        | {"owner": None, "lease_until": None}
    )
)
_o = schema.outbox.c
_OVERTAKEN = (
    update(schema.outbox)
    .where(_o.id == bindparam("b_id"), _o.state.in_(("sent", "delivered", "bounced", "failed")))
    .values(
        {
            name: func.coalesce(_o[name], bindparam(f"v_{name}", type_=_o[name].type))
            for name in ("provider_id", "sent_at", "subject", "text", "error")
        }
    )
)
"""A carrier's report was quicker than we: it knows how it ended, we know what was said."""


def _finished(result: Result, vault: Vault, now: datetime) -> dict[str, Any]:
    row, due = result.row, now
    if result.again_at is not None:
        due = not_later(result.again_at, now)
    elif result.state == PENDING and not result.other_way:
        due = now + backoff(row.attempts, first=30, longest=4 * 3600)
    return {
        "b_id": row.id,
        "channel": result.other_way or row.channel,
        "attempts": row.attempts - (1 if result.again_at is not None else 0),
        "state": result.state,
        "due_at": due,
        "error": result.note[:2000] or None,
        # of an earlier try: see deliveries
        "provider_id": delivery_id(vault, result.provider_id) if result.provider_id else row.provider_id,
        "sent_at": now if result.state in ("sent", "delivered") else None,
        "subject": sealed(row.id, result.subject),
        "text": sealed(row.id, result.text),
    }


class Outbox:
    """What the postman asks of intake. Thread-safe."""

    def __init__(self, store: Store, policies: Policies, owner: str) -> None:
        self._store = store
        self._policies = policies
        self._owner = owner

    def claim(self, now: datetime, limit: int) -> list[Letter]:
        """Take up to ``limit`` due messages with the facts around them.

        What somebody who wants no messages (退订) would get is not handed out: an answer or a question
        fails, so that a person finds another way; the rest stays on the record unsent. So does what a
        channel does not say when a message came to it from another: no landline rings for a reference.
        """
        rows = claim(self._store, schema.outbox, self._owner, now, LEASE, limit)
        if not rows:
            return []
        with self._store.read() as connection:
            stopped = _stopped(connection, rows)
            lost = {row.id for row in rows if is_unreadable(row.address)}
            silent = {row.id for row in rows if row.template in self._policies.silent.get(row.channel, ())}
            kept = stopped | silent | lost
            letters = self._letters(connection, [row for row in rows if row.id not in kept])
        unsent = [Result(row, "failed", _LOST) for row in rows if row.id in lost]
        unsent += [_unwanted(row) for row in rows if row.id in stopped - lost]
        unsent += [Result(row, "suppressed") for row in rows if row.id in silent - stopped - lost]
        if unsent:
            self.record(unsent, now)
        return letters

    def _letters(self, connection: Connection, rows: Sequence[Any]) -> list[Letter]:
        cases = {row.complaint_id for row in rows if row.complaint_id}
        parts = {row.participation_id for row in rows if row.participation_id}
        to_bureaus = {row.complaint_id for row in rows if row.role in _BUREAUS}
        c, p, o = schema.complaint.c, schema.participation.c, schema.outbox.c
        members = {r.id: r for r in connection.execute(select(schema.participation).where(p.id.in_(parts)))}
        cases |= {member.complaint_id for member in members.values()}
        found = {r.id: r for r in connection.execute(select(schema.complaint).where(c.id.in_(cases)))}
        own = {key: found[member.complaint_id] for key, member in members.items()}
        earlier = connection.execute(
            select(o.id, o.complaint_id, o.address)
            .where(o.complaint_id.in_(cases), o.sent_at.is_not(None))
            .order_by(o.id)
        ).all()
        secret = hidden_traces(connection, to_bureaus)
        incoming = self._incoming(connection, [found[key].first_submission_id for key in found])
        return [
            Letter(
                row,
                found.get(row.complaint_id),
                members.get(row.participation_id),
                _thread(row, own.get(row.participation_id, found.get(row.complaint_id)), earlier, incoming),
                secret.get(row.complaint_id, ()) if row.role in _BUREAUS else (),
                own.get(row.participation_id),
            )
            for row in rows
        ]

    def record(self, results: Sequence[Result], now: datetime) -> None:
        """Write down what became of messages claimed here, in one transaction.

        A result whose lease was lost meanwhile is left to whoever holds the message now. What failed
        for now waits, longer each time, and is due again afterwards.
        """
        with self._store.write() as connection:
            ours = still_ours(connection, schema.outbox, self._owner, [r.row.id for r in results])
            held = [result for result in results if result.row.id in ours]
            if held:
                vault = vault_of(connection)
                connection.execute(_FINISHED, [_finished(result, vault, now) for result in held])
            late = [r for r in results if r.row.id not in ours and r.state in ("sent", "delivered")]
            if late:
                vault = vault_of(connection)
                connection.execute(_OVERTAKEN, [_overtaken(result, vault, now) for result in late])
            told = [result for result in held if result.tell]
            if told:
                desk = Desk(connection, self._store, self._policies, now)
                desk.take([result.row.complaint_id for result in told])
                for result in told:
                    perform(desk, desk.cases[result.row.complaint_id], SYSTEM, _verb(result))
                desk.flush()

    @staticmethod
    def _incoming(connection: Any, submissions: Sequence[str]) -> dict[str, Any]:
        c = schema.submission.c
        query = select(c.id, c.complaint_id, c.channel, c.external_id, c.from_address).where(
            c.id.in_(submissions)
        )
        return {row.complaint_id: row for row in connection.execute(query)}


def _verb(result: Result) -> Verb:
    row = result.row
    if result.other_way:
        return Redirect(row.id, row.participation_id, result.other_way, result.note)
    status = "failed" if result.state in ("failed", "dead") else result.state
    return Deliver(row.id, row.template, row.role, status, result.note)


def _overtaken(result: Result, vault: Vault, now: datetime) -> dict[str, Any]:
    return {
        "b_id": result.row.id,
        "v_provider_id": delivery_id(vault, result.provider_id) if result.provider_id else None,
        "v_sent_at": now,
        "v_subject": sealed(result.row.id, result.subject),
        "v_text": sealed(result.row.id, result.text),
        "v_error": result.note[:2000] or None,
    }


def _stopped(connection: Connection, rows: Sequence[Any]) -> set[str]:
    """Which of ``rows`` go to somebody who wants no messages; what they themselves asked for is sent."""
    c, vault = schema.conversation.c, vault_of(connection)
    asked = {
        row.id: conversation_hash(vault, f"{row.channel}:{row.address}")
        for row in rows
        if row.role == "complainant" and row.template != "talk"
    }
    if not asked:
        return set()
    these = c.conversation_hash.in_(sorted(set(asked.values())))
    query = select(c.conversation_hash).where(these, c.stopped_at.is_not(None))
    silent = set(connection.execute(query).scalars())
    return {key for key, hashed in asked.items() if hashed in silent}


def _unwanted(row: Any) -> Result:
    if row.template in _MUST_ARRIVE:
        return Result(row, "failed", "the recipient wants no messages on this channel any more (退订)")
    return Result(row, "suppressed", "the recipient wants no messages any more (退订)")


def _thread(row: Any, case: Any | None, earlier: Sequence[Any], incoming: dict[str, Any]) -> tuple[str, ...]:
    """Ids of the messages this one continues, for this address: theirs first, then ours.

    Ours stand as bare outbox ids; the channel makes its own ids of them.
    """
    if case is None:
        return ()
    first = incoming.get(case.id)
    theirs = [first.external_id] if first and first.channel == row.channel == "email" else []
    same = first is not None and first.from_address == row.address
    of_case = {case.id, row.complaint_id}
    ours = [sent.id for sent in earlier if sent.complaint_id in of_case and sent.address == row.address]
    return (*(theirs if same else ()), *ours)
