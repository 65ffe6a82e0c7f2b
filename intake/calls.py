"""Where each telephone call stands, kept so that any process can answer its next step.

A call is a row of ``phone_call``. It moves from turn to turn by compare-and-set: of two that answer the
same turn one wins, and the other says what the winner said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from intake import schema
from intake.conversations import fresh_conversation
from intake.store import Store
from intake.vault import sealed, vault_of
from intake.vault.names import address_hash, conversation_hash

_ROW = ("sid", "address", "outgoing", "language", "step", "started_at", "ended_at", "outbox_id")
CHANNEL = "phone"


@dataclass(frozen=True, slots=True)
class Call:
    """One call. ``address`` is the other end, E.164, "" when hidden; ``turn`` counts what we said.

    ``said`` is what was answered last, word for word, for whoever asks again. ``memory`` is the script's.
    """

    sid: str
    address: str
    outgoing: bool
    language: str
    step: str
    started_at: datetime
    ended_at: datetime | None = None
    outbox_id: str | None = None
    turn: int = 0
    said: str = ""
    memory: Mapping[str, Any] = field(default_factory=dict)


class Calls:
    """The calls of all processes. Thread-safe; every method may raise StorageUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, sid: str) -> Call | None:
        """The call of the provider's ``sid``."""
        with self._store.read() as connection:
            return _find(connection, sid)

    def begin(self, call: Call) -> Call:
        """Note a new call; returns what is known of it, which is not ``call`` when it was known before."""
        with self._store.write() as connection:
            connection.execute(self._store.insert_new(schema.phone_call), [_row(call)])
            return _find(connection, call.sid) or call

    def move(self, call: Call) -> Call:
        """Write ``call`` down, whose ``turn`` was raised by one since it was found.

        Returns the call as it stands: another's when that one was quicker.
        """
        table = schema.phone_call
        with self._store.write() as connection:
            query = select(table).where(table.c.sid == call.sid).with_for_update()
            known = connection.execute(query).first()
            if known is None:
                connection.execute(table.insert(), _row(call))
                return call
            stands = _call(known)
            if stands.turn != call.turn - 1:
                return stands
            call = replace(call, ended_at=stands.ended_at)  # it may have ended while we thought
            connection.execute(table.update().where(table.c.sid == call.sid), _row(call))
            return call

    def end(self, sid: str, now: datetime) -> None:
        """The line was cut; the first word of it counts."""
        c = schema.phone_call.c
        with self._store.write() as connection:
            ended = schema.phone_call.update().where(c.sid == sid, c.ended_at.is_(None))
            connection.execute(ended.values(ended_at=now))

    def tries(self, outbox_id: str) -> int:
        """How many calls were made to bring this message."""
        query = select(func.count()).where(schema.phone_call.c.outbox_id == outbox_id)
        with self._store.read() as connection:
            return int(connection.execute(query).scalar_one())

    def letter(self, outbox_id: str) -> Any | None:
        """The row of the message that an outgoing call brings, and its case's ``closed_at`` and ``token``."""
        o, c, p = schema.outbox.c, schema.complaint, schema.participation
        query = (
            select(o.id, o.text, o.template, o.language, o.address, o.state, p.c.token, c.c.closed_at)
            .join_from(schema.outbox, p, o.participation_id == p.c.id, isouter=True)
            .join(c, o.complaint_id == c.c.id, isouter=True)
            .where(o.id == outbox_id)
        )
        with self._store.read() as connection:
            return connection.execute(query).first()

    def recording(self, external_id: str) -> tuple[str, str | None] | None:
        """Submission and attachment of a recording by the provider's id.

        The attachment is None until it was fetched; None for a recording that nobody told us of.
        """
        s, a = schema.submission.c, schema.attachment.c
        query = (
            select(s.id, a.id)
            .join_from(schema.submission, schema.attachment, a.submission_id == s.id, isouter=True)
            .where(s.channel == CHANNEL, s.external_id == external_id)
            .limit(1)
        )
        with self._store.read() as connection:
            found = connection.execute(query).first()
        return None if found is None else (found[0], found[1])

    # ------------------------------------------------------------ what is remembered of a number

    def takes_no_texts(self, address: str) -> bool:
        """Whether a text to ``address`` came back before: what was to be texted to it is read out instead."""
        if not address:
            return True
        o = schema.outbox.c
        with self._store.read() as connection:
            theirs = (o.address_hash == address_hash(vault_of(connection), address), o.role == "complainant")
            # the last word counts: a number may move to a mobile telephone; a text on its way proves nothing
            proven = or_(o.channel == CHANNEL, and_(o.channel == "sms", o.state == "delivered"))
            query = select(o.channel).where(*theirs, proven).order_by(o.created_at.desc(), o.id.desc())
            return connection.execute(query.limit(1)).scalar() == CHANNEL

    def language_of(self, address: str) -> str | None:
        """The language that was spoken with ``address`` last; None when it never called."""
        c = schema.conversation.c
        with self._store.read() as connection:
            query = select(c.language).where(c.conversation_hash == _hashed(connection, address))
            return connection.execute(query).scalar() if address else None

    def remember_language(self, address: str, language: str, now: datetime) -> None:
        """Speak ``language`` with ``address`` from now on; nothing for a hidden number."""
        if not address:
            return
        c = schema.conversation.c
        with self._store.write() as connection:
            hashed = _hashed(connection, address)
            fresh = fresh_conversation(hashed, CHANNEL, address, language) | {"heard_at": now}
            connection.execute(self._store.insert_new(schema.conversation), [fresh])
            known = schema.conversation.update().where(c.conversation_hash == hashed)
            connection.execute(known.values(language=language, heard_at=now))


def _hashed(connection: Connection, address: str) -> str:
    return conversation_hash(vault_of(connection), f"{CHANNEL}:{address}")


def _find(connection: Connection, sid: str) -> Call | None:
    row = connection.execute(select(schema.phone_call).where(schema.phone_call.c.sid == sid)).first()
    return None if row is None else _call(row)


def _call(row: Any) -> Call:
    kept = dict(row.memory)
    turn, said = int(kept.pop("turn", 0)), str(kept.pop("said", ""))
    return Call(**{name: getattr(row, name) for name in _ROW}, turn=turn, said=said, memory=kept)


def _row(call: Call) -> dict[str, Any]:
    values = {name: getattr(call, name) for name in _ROW} | {"address": sealed(call.sid, call.address)}
    memory = dict(call.memory) | {"turn": call.turn, "said": call.said}
    return values | {"memory": sealed(call.sid, memory)}
