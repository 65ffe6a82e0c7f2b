"""A whole intake on a real database, driven step by step: nothing runs but what a test asks for."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from channels import webform
from intake import schema
from intake.accounts import Accounts
from intake.archive import Archive
from intake.contracts import (
    Automatic,
    Bounce,
    Contact,
    Delivery,
    Json,
    ReadAttachment,
    Reader,
    Reading,
    Receipt,
    Submission,
    UnreadableSubmission,
)
from intake.desk import Policies
from intake.files.folder import FolderStorage
from intake.inbox import Inbox
from intake.lifecycle import Role
from intake.office import Office
from intake.outbox import Outbox, taken
from intake.people import Actor
from intake.references import reference_of
from intake.registrar import Registrar
from intake.store import Store
from intake.vault import Keyring
from intake.vault.names import address_hash
from intake.verbs import Verb
from tests.support.clock import SetClock
from tests.support.policies import policies

ADMIN = Actor(Role.ADMIN, "a1", "管理员")
LEADER = Actor(Role.LEADER, "l1", "主任")
CLERK = Actor(Role.CLERK, "c1", "分拨员")
READER = Actor(Role.READER, "r1", "reader")


def handler(bureau: str) -> Actor:
    """A handler of ``bureau``."""
    return Actor(Role.HANDLER, f"h-{bureau}", "经办人", bureau)


def read_json(raw: bytes, envelope: Json) -> Reading:
    """A channel whose raw messages are the JSON of a Reading; ``{"unreadable": why}`` is not one."""
    said = json.loads(raw)
    if "unreadable" in said:
        raise UnreadableSubmission(said["unreadable"])
    said["contacts"] = tuple(Contact(*contact) for contact in said.get("contacts", ()))
    said["thread"] = tuple(said.get("thread", ()))
    said["automatic"] = Automatic(said.get("automatic", "none"))
    said["bounces"] = tuple(Bounce(*bounce) for bounce in said.get("bounces", ()))
    said["attachments"] = tuple(
        ReadAttachment(name, kind, content.encode()) for name, kind, content in said.get("attachments", ())
    )
    return Reading(**said)


def _read_web(raw: bytes, envelope: Json) -> Reading:
    """The real form, or JSON of a Reading when the test says so."""
    return webform.read(raw, envelope) if b'"text":' in raw else read_json(raw, envelope)


class County:
    """One county's intake. ``clock`` stands still until moved."""

    def __init__(
        self,
        url: str,
        folder: Path,
        clock: SetClock,
        owner: str = "worker-1",
        keyring: Keyring | None = None,
    ) -> None:
        self.clock = clock
        self.store = Store(url, keyring=keyring)
        assert self.store.vault is not None
        self.keyring = self.store.vault.keyring
        self.policies = self.make_policies()
        self.blobs = FolderStorage(folder / "blobs")
        self.inbox = Inbox(self.store)
        self.office = Office(self.store, self.policies, clock)
        self.outbox = Outbox(self.store, self.policies, owner)
        self.archive = Archive(self.store, self.policies.directory)
        self.accounts = Accounts(self.store, clock)
        self.registrar = self.registrar_named(owner)
        self._serial = itertools.count(1)

    def make_policies(self) -> Policies:
        """The rules of this county."""
        return policies()

    def registrar_named(self, owner: str) -> Registrar:
        """A further worker."""
        readers: dict[str, Reader] = {"email": read_json, "web": _read_web}
        return Registrar(self.store, self.blobs, self.policies, readers, self.clock, owner)

    def close(self) -> None:
        """Stop the inbox, close the connections."""
        self.inbox.close()
        self.store.close()

    # ------------------------------------------------------------ a complaint arrives

    def submission(
        self,
        *,
        channel: str = "email",
        external_id: str = "",
        key: str = "",
        wants: bool = False,
        **said: Any,
    ) -> Submission:
        """A submission whose reader will understand ``said`` (fields of Reading, in JSON)."""
        n = next(self._serial)
        external_id = external_id or f"m{n}@citizen.example"
        raw = json.dumps(said).encode()
        return Submission(
            channel, external_id, key or f"key-{n}", self.clock(), raw, {"n": n}, wants_reference=wants
        )

    def send(self, **said: Any) -> Receipt:
        """A complaint by e-mail, accepted but not registered yet; a sender is made up when none is said."""
        said.setdefault("subject", "投诉")
        said.setdefault("body", "公交车不停站")
        said.setdefault("contacts", [["email", "li@citizen.example", True]])
        said.setdefault("sender_name", "李一")
        return self.inbox.accept(self.submission(**said))

    def register(self) -> None:
        """Let the worker file all that waits, also what it put off for a second."""
        while self.registrar.work() or self._put_off():
            continue

    def _put_off(self) -> bool:
        with self.store.read() as connection:
            query = select(schema.submission.c.id).where(schema.submission.c.state == "pending")
            waits = connection.execute(query.limit(1)).first() is not None
        if waits:
            self.clock.advance(seconds=5)
        return waits

    def case(self, **said: Any) -> str:
        """A complaint that was sent and registered; returns its reference."""
        receipt = self.send(**said)
        self.register()
        return self.reference_of(receipt)

    def reference_of(self, receipt: Receipt) -> str:
        """The reference of the case that a submission belongs to."""
        s, c = schema.submission, schema.complaint
        query = (
            select(c.c.number)
            .join_from(s, c, s.c.complaint_id == c.c.id)
            .where(s.c.id == receipt.submission_id)
        )
        with self.store.read() as connection:
            return reference_of(connection.execute(query).scalar_one())

    def settle(self) -> None:
        """The workers that come after filing had their turn: files inspected, companions looked for."""
        for table in ("matching", "inspection"):
            self.sql(f"UPDATE {table} SET state = 'done' WHERE state = 'pending'")

    # ------------------------------------------------------------ and is dealt with

    def say(self, reference: str, actor: Actor, verb: Verb) -> str:
        """Say a verb; returns the state after it."""
        return self.office.perform(reference, actor, verb).state

    def deliver(self, limit: int = 100) -> list[Any]:
        """Let every message that is due reach its person; returns the rows."""
        letters = self.outbox.claim(self.clock(), limit)
        for letter in letters:
            row = letter.row
            arrived = taken(row, Delivery(f"p-{row.id}", final=True), "subject", "text")
            self.outbox.record([arrived], self.clock())
        return [letter.row for letter in letters]

    def days(self, days: float) -> None:
        """Let time pass and the ticker act, an hour at a time."""
        for _ in range(int(days * 24)):
            self.clock.advance(timedelta(hours=1))
            self.office.tick()

    # ------------------------------------------------------------ looking

    def row(self, reference: str) -> Any:
        """The row of a case."""
        dossier = self.archive.dossier(ADMIN, reference)
        assert dossier is not None
        return dossier.case

    def events(self, reference: str) -> list[str]:
        """The kinds of a case's events, in order."""
        dossier = self.archive.dossier(ADMIN, reference)
        assert dossier is not None
        return [event.kind for event in dossier.events]

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Rows of a plain SQL query."""
        with self.store.read() as connection:
            return list(connection.execute(text(statement), values))

    def ask(self, statement: Any) -> list[Any]:
        """Rows of a statement over the schema's tables: what is sealed comes opened."""
        with self.store.read() as connection:
            return list(connection.execute(statement))

    def hashed(self, address: str) -> str:
        """The keyed hash by which an address is found in SQL."""
        assert self.store.vault is not None
        return address_hash(self.store.vault, address) or ""

    def sql(self, statement: str, **values: Any) -> int:
        """Change the database behind intake's back; returns how many rows changed."""
        with self.store.write() as connection:
            return int(connection.execute(text(statement), values).rowcount)
