"""Workers that die with work in hand: others finish it soon, and nothing is sent or filed twice."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from channels.email.identity import identify
from intake import schema
from intake.clock import system_clock
from intake.contracts import Submission
from intake.inbox import Inbox
from intake.migrate import migrate
from intake.registrar import LEASE
from intake.store import Store
from intake.understanding import MAX_ATTEMPTS
from tests.kill.poisoned_worker import MARK
from tests.support import mails
from tests.support.audit import broken_promises, count
from tests.support.loopback import free_port
from tests.support.service import Service, opened, serving, wait_until


def waiting(service: Service, how_many: int, poison: int = -1) -> None:
    """Put mails into the service's queue, as its listener would."""
    store = Store(service.store_url)
    migrate(store)
    inbox = Inbox(store)
    with ThreadPoolExecutor(32) as senders:  # side by side, so that one commit takes many
        receipts = list(senders.map(lambda serial: inbox.accept(a_mail(serial, poison)), range(how_many)))
    assert len({receipt.submission_id for receipt in receipts}) == how_many
    inbox.close()
    store.close()


def a_mail(serial: int, poison: int) -> Submission:
    mail = mails.letter(
        f"The street lamp number {serial} is broken.",
        subject=f"Street lamp {serial}",
        sender=f"citizen{serial}@citizen.example",
        message_id=f"<w{serial}@citizen.example>",
    )
    if serial == poison:
        mail["X-Poison"] = "yes"
    raw = mail.as_bytes()
    assert (MARK in raw) == (serial == poison)
    identity = identify(raw, [mails.COUNTY])
    envelope = {"mail_from": mails.ANN, "rcpt_to": [mails.COUNTY], "peer": "127.0.0.1", "size": len(raw)}
    return Submission(
        "email", identity.message_id, identity.dedupe_key, system_clock(), raw=raw, envelope=envelope
    )


def pending(store: Store) -> int:
    return count(store, schema.submission, schema.submission.c.state == "pending")


def held_by(store: Store, pid: int) -> int:
    """How many submissions a process has in hand."""
    c = schema.submission.c
    return count(store, schema.submission, c.state == "pending", c.owner.like(f"%.{pid}.%"))


def kill_mid_batch(store: Store, worker: Service) -> bool:
    """SIGKILL the worker with submissions in hand; False when there are none left to have."""
    while True:
        wait_until(lambda: held_by(store, worker.pid) > 0 or pending(store) == 0, "the worker claims")
        if pending(store) == 0:
            return False
        os.kill(worker.pid, signal.SIGSTOP)  # hold still, so that it is certain what it has in hand
        if held_by(store, worker.pid) > 0:
            worker.kill()
            return True
        os.kill(worker.pid, signal.SIGCONT)


def test_a_dead_workers_batch_is_finished_by_its_neighbour_at_once(tmp_path: Path) -> None:
    """Not when the lease ends: the kernel tells at once who died."""
    victim, heir = (Service(tmp_path, roles="worker", name=name) for name in ("victim", "heir"))
    waiting(victim, 1200)
    with serving(victim, heir, start=False), opened(victim) as store:
        victim.start()
        assert kill_mid_batch(store, victim)
        victim.start()
        assert kill_mid_batch(store, victim), "there was too little to do: the test proves nothing"
        heir.start()
        wait_until(lambda: pending(store) == 0, "the heir finishes", LEASE.total_seconds() * 0.75)
        assert count(store, schema.submission, schema.submission.c.state == "done") == 1200
        assert count(store, schema.complaint) == 1200
        assert broken_promises(store) == []


def test_a_worker_that_runs_already_inherits(tmp_path: Path) -> None:
    """The one that is left was started long before, and there is no clock."""
    victim, heir = (Service(tmp_path, roles="worker", name=name) for name in ("victim", "heir"))
    with serving(heir, victim), opened(victim) as store:
        os.kill(heir.pid, signal.SIGSTOP)
        waiting(victim, 800)
        assert kill_mid_batch(store, victim)
        os.kill(heir.pid, signal.SIGCONT)
        wait_until(lambda: pending(store) == 0, "the heir finishes", LEASE.total_seconds() * 0.75)
        assert count(store, schema.complaint) == 800
        assert broken_promises(store) == []


def test_poison_is_set_aside_for_a_person_and_only_the_poison(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.kill.poisoned_worker")
    worker = Service(tmp_path, roles="worker", command=command)
    waiting(worker, 100, poison=20)
    with serving(worker), opened(worker) as store:
        wait_until(lambda: pending(store) == 0, "the queue is empty")
        with store.read() as connection:
            rows = connection.execute(select(schema.submission)).all()
        (parked,) = [row for row in rows if row.state != "done"]
        assert (parked.state, parked.external_id) == ("parked", "w20@citizen.example")
        assert parked.attempts == MAX_ATTEMPTS + 1
        assert parked.complaint_id, "it became work for a person"
        assert sum("Street lamp" in row.subject for row in rows) == 99
        assert broken_promises(store) == []


class KillingRelay:
    """A relay that takes each mail, and kills its sender, ``deaths`` times, before saying so."""

    def __init__(self, deaths: int) -> None:
        self.taken: list[EmailMessage] = []
        self.deaths = deaths
        self.pid = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append(mails.read(envelope.content))
        if self.deaths > 0:
            self.deaths -= 1
            os.kill(self.pid, signal.SIGKILL)
        return "250 OK"


class NamedController(Controller):
    """aiosmtpd asks the network for its own name unless it is given one."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="relay.example")


@pytest.fixture
def relay() -> Any:
    handler = KillingRelay(deaths=2)
    controller = NamedController(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


def test_a_mail_sent_twice_is_the_same_mail(tmp_path: Path, relay: tuple[KillingRelay, int]) -> None:
    """The postman dies after the relay took the mail and before it is on the record."""
    handler, port = relay
    environment = {"HUIYIN_RELAY_HOST": "127.0.0.1", "HUIYIN_RELAY_PORT": str(port)}
    worker = Service(tmp_path, roles="worker", environment=environment)
    waiting(worker, 3)
    with serving(worker, start=False), opened(worker) as store:
        for _ in range(handler.deaths):
            start_watched(worker, handler)
            wait_until(lambda: not worker.running(), "the worker dies")
        start_watched(worker, handler)
        o = schema.outbox.c
        wait_until(lambda: count(store, schema.outbox, o.state != "sent") == 0, "all is sent")
        with store.read() as connection:
            rows = connection.execute(select(schema.outbox)).all()
    ids = [str(mail["Message-ID"]) for mail in handler.taken]
    assert len(ids) == len(rows) + 2, "two mails went out twice"
    assert set(ids) == {f"<{row.id}@gaoyao.example>" for row in rows}
    first: dict[str, EmailMessage] = {}
    for mail in handler.taken:
        before = first.setdefault(str(mail["Message-ID"]), mail)
        assert (mails.text_of(mail), mail["To"]) == (mails.text_of(before), before["To"])


def start_watched(worker: Service, handler: KillingRelay) -> None:
    """Start, and tell the relay whom to kill before the first mail can reach it."""
    handler.pid = 0
    worker.start(ready=False)
    handler.pid = worker.pid
