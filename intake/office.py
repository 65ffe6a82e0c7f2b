"""The door through which people change cases: one verb, one transaction, one answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from intake import schema
from intake.case import OpenCase
from intake.clock import Clock
from intake.desk import Desk, Policies
from intake.people import COMPLAINANT, SYSTEM, Actor, complainant
from intake.references import InvalidReference, number_from
from intake.refusals import Refused
from intake.store import Store
from intake.vault import vault_of
from intake.vault.names import token_hash
from intake.verbs import Chase, Merge, Separate, Verb, perform


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verb left behind."""

    reference: str
    state: str
    version: int


class Office:
    """Performs verbs on cases. Thread-safe."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def perform(self, reference: str, actor: Actor, verb: Verb, version: int | None = None) -> Outcome:
        """Say ``verb`` to the case; ``version`` is the one the person saw, None does not mind.

        Raises :class:`Refused` (nothing changed) or StorageUnavailable (try again).
        """
        try:
            number = number_from(reference)
        except InvalidReference:
            raise Refused("not_found") from None
        return self._perform(lambda desk: _taken(desk, number, verb), actor, verb, version)

    def by_token(self, token: str, verb: Verb) -> Outcome:
        """Say a complainant's verb to the case whose participation carries ``token``."""
        c = schema.participation.c
        with self._store.write() as connection:
            desk = Desk(connection, self._store, self._policies, self._clock())
            part = connection.execute(
                select(c.id, c.complaint_id).where(c.token_hash == token_hash(vault_of(connection), token))
            ).first()
            if part is None:
                raise Refused("not_found")
            case = desk.take([part.complaint_id])[0]
            several = len(case.leading.participations) > 1
            perform(desk, case.leading, complainant(part.id) if several else COMPLAINANT, verb)
            return self._outcome(desk, case)

    @staticmethod
    def _outcome(desk: Desk, case: OpenCase) -> Outcome:
        """Write everything down; what is told is of the very case that was asked for."""
        desk.flush()
        return Outcome(case.row.reference, case.leading.row.state, case.row.version)

    def _perform(
        self, find: Callable[[Desk], OpenCase | None], actor: Actor, verb: Verb, version: int | None
    ) -> Outcome:
        with self._store.write() as connection:
            desk = Desk(connection, self._store, self._policies, self._clock())
            case = find(desk)
            if case is None:
                raise Refused("not_found")
            if version is not None and version != case.row.version:
                raise Refused("changed")
            perform(desk, case, actor, verb)
            desk.flush()
            return Outcome(case.row.reference, case.row.state, case.row.version)

    def tick(self, limit: int = 200) -> int:
        """Take the next step of every case whose time has come; returns how many cases moved.

        Cost is proportional to what is due: the index on ``next_at`` finds it. Any number of clocks may
        tick at once; each case is locked by one of them and is no longer due for the next.
        """
        now, c = self._clock(), schema.complaint.c
        due = select(c.id).where(c.next_at <= now).order_by(c.next_at).limit(limit)
        with self._store.read() as connection:
            if connection.execute(due.limit(1)).first() is None:
                return 0
        with self._store.write() as connection:
            ids = connection.execute(due.with_for_update(skip_locked=True)).scalars().all()
            desk = Desk(connection, self._store, self._policies, now)
            for case in desk.take(ids):
                step = self._policies.chaser.chase(case.facts(), now)
                if step is None:
                    case.record(SYSTEM, "replanned")
                else:
                    perform(desk, case, SYSTEM, Chase(step))
            desk.flush()
            return len(ids)


def _taken(desk: Desk, number: int, verb: Verb) -> OpenCase | None:
    """The case of a number. What is merged or separated is taken out whole, locked in one order."""
    if isinstance(verb, Merge | Separate):
        numbers, c = {number}, schema.complaint.c
        if isinstance(verb, Merge):
            with suppress(InvalidReference):  # the verb says so
                numbers.add(number_from(verb.into))
        named = select(c.id, c.merged_into).where(c.number.in_(numbers))
        ids = {key for row in desk.connection.execute(named) for key in row if key}
        merged = desk.connection.execute(select(c.id).where(c.merged_into.in_(ids))).scalars()
        desk.take(sorted({*ids, *merged}))
    return desk.take_number(number)
