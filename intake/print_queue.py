"""The print queue: letters on their way from the outbox to the post, and back when the post returns them.

::

    waiting → printing (in a batch) → printed → posted → came_back
       │  ↖________did not print________│
       └→ cancelled                        (nobody needs it any more, or it goes another way)

A batch's file is made anew whenever somebody asks for it, from frozen facts; the counter that marks a
reprint is on disk before the file is handed out. Every move is one transaction together with the outbox
and the case's history, so that a process may die at any point.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import Connection, Select, and_, select

from intake import schema
from intake.clock import Clock
from intake.contracts import Json
from intake.deliveries import Deliveries
from intake.desk import Desk, Policies
from intake.ids import is_id, new_id
from intake.lifecycle import OFFICE, Role, State
from intake.looks import record_looks
from intake.people import SYSTEM, Actor
from intake.refusals import Refused
from intake.store import Store
from intake.vault import sealed
from intake.verbs import Deliver, perform

CHANNEL = "letter"
MOST_GATHERED = 200
"""Letters of one batch: what one person prints and folds in one go."""
PRINTERS = OFFICE | {Role.DESK}
CAME_BACK = ("moved", "unknown", "address", "refused", "unclaimed", "other")
"""Why the post returns a letter: moved, nobody of that name, wrong address, not accepted, not fetched …"""

_MUST_ARRIVE = frozenset({"answer", "question", "question_reminder"})
_QUESTIONS = ("question", "question_reminder")
_LONGEST_NUMBER = 40
_MOOT = {"zh": "已不需要", "en": "no longer needed"}
_p, _b, _o, _c = schema.printout.c, schema.print_batch.c, schema.outbox.c, schema.complaint.c
_FACTS = (_p.outbox_id, _p.complaint_id, _p.state, _p.copies, _p.posted_on)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter of a file: frozen ``pages``, where it goes, and which copy it is (0: the first)."""

    outbox_id: str
    name: str
    address: str
    pages: Json
    copy: int


@dataclass(frozen=True, slots=True)
class File:
    """What is handed out of a batch; ``fetched`` counts this time too."""

    batch_id: str
    envelope: str
    fetched: int
    sheets: tuple[Sheet, ...]


class PrintQueue:
    """Puts letters in, gathers them, and takes down what became of them. Thread-safe.

    What people do raises :class:`Refused` when it may not be done, and StorageUnavailable to try again.
    """

    def __init__(self, store: Store, policies: Policies, clock: Clock, zone: tzinfo) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._zone = zone
        self._deliveries = Deliveries(store, policies, clock)

    def today(self) -> date:
        """The day in the office's zone."""
        return self._clock().astimezone(self._zone).date()

    def put(self, outbox_id: str, pages: Json) -> None:
        """Lay a letter into the queue, once however often it is said.

        ``pages`` are all that the letter shows but its recipient and address, which the outbox keeps.
        """
        case = select(_o.complaint_id).where(_o.id == outbox_id)
        with self._store.write() as connection:
            row = {
                "outbox_id": outbox_id,
                "complaint_id": connection.execute(case).scalar_one(),
                "state": "waiting",
                "queued_at": self._clock(),
                "pages": sealed(outbox_id, dict(pages)),
                "copies": 0,
            }
            connection.execute(self._store.insert_new(schema.printout), [row])

    # ------------------------------------------------------------ gathering and printing

    def gather(self, actor: Actor, outbox_ids: Collection[str], envelope: str) -> str | None:
        """Make a batch of ``outbox_ids`` that still wait, oldest first, at most :data:`MOST_GATHERED`.

        Returns its id, or None when none waits any more: somebody else has just gathered them. What has
        become moot while it waited (a question that needs no answer now) is cancelled instead.
        """
        _allow(actor)
        wanted = and_(_p.outbox_id.in_(list(outbox_ids)), _p.state == "waiting")
        query = select(_p.outbox_id).where(wanted).order_by(_p.outbox_id).limit(MOST_GATHERED)
        with self._store.write() as connection:
            free = connection.execute(query.with_for_update(skip_locked=True)).scalars().all()
            moot = self._drop_moot(connection, free)
            ids = [key for key in free if key not in moot]
            if not ids:
                return None
            batch = new_id()
            connection.execute(
                schema.print_batch.insert(),
                {
                    "id": batch,
                    "made_at": self._clock(),
                    "made_by": actor.signature(),
                    "envelope": envelope,
                    "letters": len(ids),
                    "fetched": 0,
                },
            )
            _set(connection, ids, state="printing", batch_id=batch)
            return batch

    def fetch(self, batch_id: str, actor: Actor, seen: int) -> File | None:
        """Hand out the batch's letters; the second time and later each is a marked copy.

        ``seen`` is how often the batch had been handed out when the person asked: a repeat of the same
        request (a double click) gets None. That ``actor`` saw the addresses is on record before.
        """
        _allow(actor)
        in_batch = select(_p.complaint_id).where(_p.batch_id == batch_id)
        with self._store.read() as connection:
            cases = [key for key in connection.execute(in_batch).scalars() if key]
        record_looks(self._store, cases, actor, "address", self._clock())
        with self._store.write() as connection:
            batch = _batch(connection, batch_id)
            if batch.fetched != seen:
                return None
            rows = connection.execute(sheets_of(batch_id).with_for_update(of=schema.printout)).all()
            changed = schema.print_batch.update().where(_b.id == batch_id)
            connection.execute(changed.values(fetched=seen + 1))
            _set(connection, [row.outbox_id for row in rows], copies=_p.copies + 1)
            sheets = tuple(Sheet(r.outbox_id, r.name, r.address, r.pages, r.copies) for r in rows)
            return File(batch_id, batch.envelope, seen + 1, sheets)

    def printed(self, batch_id: str, actor: Actor, spoiled: Collection[str] = ()) -> int:
        """The batch came out of the printer, but for ``spoiled`` (outbox ids), which wait again.

        Returns how many are printed now; those that were said to be before are left as they are.
        """
        _allow(actor)
        with self._store.write() as connection:
            batch = _batch(connection, batch_id)
            rows = self._lock(connection, _p.batch_id == batch_id, ("printing",))
            back = [row.outbox_id for row in rows if row.outbox_id in spoiled or not row.copies]
            good = [row for row in rows if row.outbox_id not in back]
            _set(connection, back, state="waiting", batch_id=None)
            _set(connection, [row.outbox_id for row in good], state="printed")
            if batch.printed_at is None:
                done = schema.print_batch.update().where(_b.id == batch_id)
                connection.execute(done.values(printed_at=self._clock(), printed_by=actor.signature()))
            for row in good:
                self._tell(connection, row, actor, "printed")
            return len(good)

    # ------------------------------------------------------------ the post

    def posted(
        self, outbox_ids: Collection[str], actor: Actor, on: str, registered: Mapping[str, str] | None = None
    ) -> int:
        """Letters went to the post on the day ``on`` (ISO 8601): the outbox counts them as delivered.

        ``registered`` are the postal service's numbers by outbox id. What is posted already stays as it is.
        Returns how many were posted.
        """
        _allow(actor)
        day, numbers = self._past_day(on), registered or {}
        out = and_(_p.outbox_id.in_(list(outbox_ids)), _p.copies > 0)
        with self._store.write() as connection:
            rows = self._lock(connection, out, ("printing", "printed"))
            for row in rows:
                number = " ".join(numbers.get(row.outbox_id, "").split())[:_LONGEST_NUMBER]
                _set(connection, [row.outbox_id], state="posted", posted_on=day, registered=number or None)
                facts = {"posted_on": day, "registered": number} if number else {"posted_on": day}
                self._deliveries.posted(connection, row.outbox_id, actor, facts)
            return len(rows)

    def came_back(self, outbox_id: str, actor: Actor, on: str, why: str, note: str = "") -> None:
        """The post returned a letter on the day ``on``; ``why`` is one of :data:`CAME_BACK`.

        The message counts as bounced and the case is on the office's list. Said twice, it is done once.
        """
        _allow(actor)
        if why not in CAME_BACK:
            raise Refused("bad_reason")
        day, remark = self._past_day(on), note.strip()[:500]
        with self._store.write() as connection:
            rows = self._lock(connection, _p.outbox_id == outbox_id, ("posted", "came_back"))
            if not rows:
                raise Refused("not_posted")
            if rows[0].state == "came_back":
                return
            if day < (rows[0].posted_on or ""):
                raise Refused("before_posted", posted=rows[0].posted_on)
            said = f"{why}: {remark}" if remark else why
            _set(connection, [outbox_id], state="came_back", came_back_on=day, came_back_why=said)
            facts = {"came_back_on": day, "why": why, "remark": remark}
            self._deliveries.came_back(connection, outbox_id, actor, facts)

    def cancel(self, outbox_id: str, actor: Actor, reason: str) -> bool:
        """Take a waiting letter out of the queue; False when it does not wait any more.

        An answer or a question that somebody holds back calls the office: it must arrive otherwise.
        """
        _allow(actor)
        said = reason.strip()[:500]
        if not said:
            raise Refused("reason_needed")
        with self._store.write() as connection:
            rows = self._lock(connection, _p.outbox_id == outbox_id, ("waiting",))
            for row in rows:
                self._withhold(connection, row, actor, {"reason": said}, needed=row.template in _MUST_ARRIVE)
            return bool(rows)

    # ------------------------------------------------------------ within one transaction

    def _drop_moot(self, connection: Connection, ids: Sequence[str]) -> set[str]:
        """Cancel questions of cases that wait for no reply any more."""
        query = (
            _letters()
            .join(schema.complaint, _c.id == _p.complaint_id)
            .where(_p.outbox_id.in_(ids), _o.template.in_(_QUESTIONS), _c.state != State.AWAITING)
        )
        moot = connection.execute(query).all()
        for row in moot:
            self._withhold(connection, row, SYSTEM, {"reason": _MOOT}, needed=False)
        return {row.outbox_id for row in moot}

    def _withhold(self, connection: Connection, row: Any, actor: Actor, facts: Json, *, needed: bool) -> None:
        _set(connection, [row.outbox_id], state="cancelled")
        o = schema.outbox
        state = "failed" if needed else "suppressed"
        values = {"state": state, "owner": None, "lease_until": None}
        connection.execute(o.update().where(o.c.id == row.outbox_id).values(**values))
        self._tell(connection, row, actor, "failed" if needed else "unneeded", facts)

    def _lock(self, connection: Connection, which: Any, states: Sequence[str]) -> Sequence[Any]:
        query = _letters().where(which, _p.state.in_(states)).order_by(_p.outbox_id)
        return connection.execute(query.with_for_update(of=schema.printout)).all()

    def _tell(
        self, connection: Connection, row: Any, actor: Actor, status: str, facts: Json | None = None
    ) -> None:
        if row.complaint_id is None:
            return
        desk = Desk(connection, self._store, self._policies, self._clock())
        [case] = desk.take([row.complaint_id])
        verb = Deliver(row.outbox_id, row.template, row.role, status, facts=facts or {})
        perform(desk, case, actor, verb)
        desk.flush()

    def _past_day(self, text: str) -> str:
        try:
            day = date.fromisoformat(text.strip())
        except ValueError:
            raise Refused("bad_day", value=text[:40]) from None
        if day > self.today() or (self.today() - day).days > 3660:
            raise Refused("bad_day", value=text[:40])
        return day.isoformat()


def sheets_of(batch_id: str) -> Select[Any]:
    """The letters of a batch in the order in which they are printed, with recipient and address."""
    o = schema.outbox
    return (
        select(_p.outbox_id, _o.id, _p.complaint_id, _p.copies, _p.pages, _p.state, o.c.name, o.c.address)
        .join_from(schema.printout, schema.outbox, _p.outbox_id == _o.id)
        .where(_p.batch_id == batch_id)
        .order_by(_p.outbox_id)
    )


def _letters() -> Select[Any]:
    return select(*_FACTS, _o.template, _o.role).join_from(
        schema.printout, schema.outbox, _p.outbox_id == _o.id
    )


def _batch(connection: Connection, batch_id: str) -> Any:
    query = select(schema.print_batch).where(_b.id == batch_id).with_for_update()
    found = connection.execute(query).first() if is_id(batch_id) else None
    if found is None:
        raise Refused("no_batch")
    return found


def _set(connection: Connection, ids: Collection[str], **values: Any) -> None:
    if ids:
        table = schema.printout
        connection.execute(table.update().where(_p.outbox_id.in_(list(ids))).values(**values))


def _allow(actor: Actor) -> None:
    if actor.role not in PRINTERS or actor.bureau is not None:
        raise Refused("forbidden")
