"""The whole service in this process, on a clock that stands: what it does on which date, without waiting.

The parts are the real ones, built by ``config.wiring``; mail comes in over a real socket. Only the loops of
the worker and of the clock are turned by hand, so that a test says when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from channels.email.listener import Listener
from channels.postman import Postman
from config.jobs import chase
from config.settings import Settings
from config.wiring import System
from intake import schema
from intake.archive import Archive, CaseFilter, Dossier
from intake.lifecycle import Role
from intake.people import Actor
from intake.references import reference_of
from intake.registrar import Registrar
from intake.verbs import Verb
from intake.verify import describe, verify
from tests.support import mails
from tests.support.audit import broken_promises
from tests.support.clock import SetClock

Step = tuple[str, str, str, str]
"""One chase: moment (county time), stage, kind, levels it went to."""

_LONGEST_STEP = timedelta(hours=8)
GAOYAO = ZoneInfo("Asia/Shanghai")
CLERK = Actor(Role.CLERK, "clerk-1", "Clerk")
LEADER = Actor(Role.LEADER, "leader-1", "Leader")


def handler_of(bureau: str) -> Actor:
    """Somebody who works on cases in ``bureau``."""
    return Actor(Role.HANDLER, f"handler-{bureau}", "Handler", bureau)


def gaoyao(text: str) -> datetime:
    """``"2026-03-04 17:30"`` on the county's clocks."""
    return datetime.fromisoformat(text).replace(tzinfo=GAOYAO).astimezone(UTC)


@dataclass
class Rehearsal:
    """One county. ``system`` holds the real parts."""

    system: System
    clock: SetClock
    folder: Path
    listener: Listener
    registrar: Registrar
    postman: Postman
    _seen: set[str] = field(default_factory=set)
    on_close: list[Callable[[], None]] = field(default_factory=list)

    @cached_property
    def _later(self) -> tuple[Callable[[], int], ...]:
        """What the worker does in loops of their own: companions are looked for, files looked at."""
        inspection = self.system.inspection_worker()
        self.on_close.append(inspection.close)
        return self.system.match_worker().work, inspection.work

    def let_go(self) -> None:
        """End what the loops started."""
        for each in self.on_close:
            each()

    # ------------------------------------------------------------ time and mail

    def receive(self, mail: EmailMessage | bytes, *, sender: str | None = None, to: str = "") -> None:
        """Deliver over SMTP, and let the worker do what there is to do."""
        mails.hand_in(self.listener.port, mail, sender=sender, to=to)
        self.settle()

    def settle(self) -> None:
        """Turn the worker's loops until none finds anything."""
        for _ in range(200):
            if not sum(work() for work in (self.registrar.work, self.postman.work, *self._later)):
                return
        raise AssertionError("the worker does not come to rest")

    def go_to(self, moment: str) -> list[Step]:
        """Let time pass until ``moment`` (county time), ticking; returns every chase of the way."""
        goal, before = gaoyao(moment), len(self._chases())
        while self.clock() < goal:
            self.clock.set(min(goal, self.clock() + _LONGEST_STEP, *self._next_moments()))
            chase(self.system)
            self.settle()
        return self._chases()[before:]

    def _next_moments(self) -> list[datetime]:
        """When something is due next, of what lies ahead."""
        c, o, s = schema.complaint.c, schema.outbox.c, schema.submission.c
        now = self.clock()
        with self.system.store.read() as connection:
            found = [
                connection.execute(select(func.min(column)).where(column > now, *more)).scalar()
                for column, more in (
                    (c.next_at, ()),
                    (o.due_at, (o.state == "pending",)),
                    (s.due_at, (s.state == "pending",)),
                )
            ]
        return [moment for moment in found if moment is not None]

    def new_mail(self) -> list[EmailMessage]:
        """Outgoing mails that were not shown before, oldest first."""
        fresh = [path for path in sorted(self.folder.glob("*.eml")) if path.name not in self._seen]
        self._seen.update(path.name for path in fresh)
        return [mails.read(path.read_bytes()) for path in fresh]

    def _chases(self) -> list[Step]:
        e = schema.event.c
        query = select(e.at, e.data).where(e.kind == "chased").order_by(e.at, e.complaint_id, e.seq)
        with self.system.store.read() as connection:
            return [
                (
                    f"{row.at.astimezone(GAOYAO):%Y-%m-%d %H:%M}",
                    row.data["stage"],
                    row.data["step"],
                    " ".join(row.data["to"]),
                )
                for row in connection.execute(query)
            ]

    # ------------------------------------------------------------ cases

    def say(self, reference: str, actor: Actor, verb: Verb) -> str:
        """Perform ``verb``, send what it wants sent; returns the state after it."""
        outcome = self.system.office.perform(reference, actor, verb)
        self.settle()
        return outcome.state

    def dossier(self, reference: str, actor: Actor = CLERK) -> Dossier:
        """All of a case."""
        found = self.archive.dossier(actor, reference)
        assert found is not None, f"{reference} is not shown to {actor}"
        return found

    def case(self, reference: str) -> Any:
        """A case's row."""
        return self.dossier(reference).case

    def kinds(self, reference: str) -> list[str]:
        """What happened to a case, in order."""
        return [event.kind for event in self.dossier(reference).events]

    def references(self, actor: Actor = CLERK, wanted: CaseFilter | None = None) -> list[str]:
        """The cases that ``actor`` finds, newest first."""
        return [reference_of(row.number) for row in self.archive.cases(actor, wanted or CaseFilter()).rows]

    @property
    def archive(self) -> Archive:
        """Reading as staff do."""
        return Archive(self.system.store, self.system.county.policies.directory)

    def outbox(self) -> list[Any]:
        """Every outbox row, oldest first."""
        with self.system.store.read() as connection:
            return list(connection.execute(select(schema.outbox).order_by(schema.outbox.c.id)))

    def assert_sound(self) -> None:
        """The promises hold over the whole database, by our own count and by ``huiyin verify``'s."""
        assert broken_promises(self.system.store) == []
        system = self.system
        report = verify(system.store, system.blobs, system.county.policies.directory, self.clock(), deep=True)
        assert report.ok, describe(report, "en")


@contextmanager
def rehearsing(folder: Path, database_url: str, clock: SetClock, **more: Any) -> Iterator[Rehearsal]:
    """A county in ``folder`` that takes mail; everything is closed at the end. ``more`` are settings."""
    given: dict[str, Any] = {"data_dir": folder, "database_url": database_url, "smtp_port": 0}
    settings = Settings(**given | more)
    system = System(settings, clock)
    listener = system.listener()
    listener.start()
    try:
        county = Rehearsal(
            system, clock, folder / "outgoing-mail", listener, system.registrar(), system.postman()
        )
        yield county
        county.let_go()
    finally:
        listener.stop(grace=2.0)
        system.close()
