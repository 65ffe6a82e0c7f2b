"""A county with one member of staff for every role, cases to work on, and browsers that are signed in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from channels.table import READERS
from channels.webform import ComplaintForm
from channels.webform import submission as web_submission
from intake import schema
from intake.accounts import STAFF_ROLES, Accounts
from intake.contracts import Submission
from intake.lifecycle import BUREAU, Role
from intake.references import number_from, reference_of
from intake.store import Store
from tests.support.clock import SetClock
from tests.support.county import Running, open_county
from tests.support.databases import Databases, migrated
from web.app import create_app

PASSWORD = "correct horse battery"
WATER, ROADS = "water", "roads"


@dataclass
class Browser:
    """A browser as a member of staff uses it: follows nothing, keeps cookies, sends the form's token."""

    client: FlaskClient
    known_token: str = ""

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Accept-Language": "en"})

    def post(self, path: str, fields: Mapping[str, Any] | None = None, *, token: bool = True) -> TestResponse:
        given: dict[str, Any] = dict(fields or {})
        if token:
            given["csrf_token"] = self.token()
        return self.client.post(path, data=given, headers={"Accept-Language": "en"})

    def token(self) -> str:
        """The token of this session's forms; a page is asked for it once."""
        if not self.known_token:
            self.known_token = self._read_token()
        return self.known_token

    def _read_token(self) -> str:
        page = self.get("/staff/account")
        page = page if page.status_code == 200 else self.get("/staff/login")
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found, page.text
        return found[1]

    def sign_in(self, username: str, password: str = PASSWORD, onward: str = "") -> TestResponse:
        answer = self.post(f"/staff/login{onward}", {"username": username, "password": password})
        self.known_token = ""  # a new session has a new one
        return answer


@dataclass
class Hall:
    """The running county with its pages."""

    running: Running
    app: Flask
    clock: SetClock
    people: dict[str, str] = field(default_factory=dict)
    serial: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def browser(self, username: str = "") -> Browser:
        """A fresh browser, signed in as ``username`` when one is given (its name is its role)."""
        found = Browser(self.app.test_client())
        if username:
            assert found.sign_in(username).status_code == 303
        return found

    def mail(self, subject: str = "停水", body: str = "供水公司停水三天", **more: Any) -> str:
        """A complaint by e-mail, registered; returns its reference. ``files``: name → (type, bytes)."""
        n = next(self.serial)
        message = EmailMessage()
        message["From"] = "Bao Xiangyang <bao@citizen.example>"
        message["To"], message["Subject"] = "complaints@gaoyao.example", subject
        message["Message-ID"] = f"<m{n}@citizen.example>"
        message.set_content(body)
        for name, (kind, content) in more.get("files", {}).items():
            main, _, sub = kind.partition("/")
            message.add_attachment(content, maintype=main, subtype=sub, filename=name)
        return self.receive(
            Submission(
                "email",
                f"m{n}@citizen.example",
                f"mail-{n}",
                self.clock(),
                message.as_bytes(),
                {"mail_from": "bao@citizen.example"},
            )
        )

    def form(self, **fields: Any) -> str:
        """A complaint by web form, registered; returns its reference."""
        n = next(self.serial)
        return self.receive(web_submission(ComplaintForm(**fields), f"form-{n}", self.clock()))

    def receive(self, submission: Submission) -> str:
        receipt = self.running.services.inbox.accept(submission)
        self.running.register()
        s, c = schema.submission.c, schema.complaint.c
        query = select(c.number).join(schema.submission, s.complaint_id == c.id)
        with self.running.services.store.read() as connection:
            number = connection.execute(query.where(s.id == receipt.submission_id)).scalar_one()
        return reference_of(number)

    def case(self, reference: str) -> Any:
        """The row of ``complaint``."""
        with self.running.services.store.read() as connection:
            query = select(schema.complaint).where(schema.complaint.c.number == number_from(reference))
            return connection.execute(query).one()

    def rows(self, table: Any) -> list[Any]:
        """Every row of a table."""
        with self.running.services.store.read() as connection:
            return list(connection.execute(select(table)))

    def put(self, reference: str, **columns: Any) -> None:
        """Set a case's columns as if it had got there by itself."""
        with self.running.services.store.write() as connection:
            c = schema.complaint.c
            connection.execute(
                update(schema.complaint).where(c.number == number_from(reference)).values(**columns)
            )

    def deliver(self) -> None:
        """Let every waiting message arrive."""
        with self.running.services.store.write() as connection:
            o = schema.outbox
            connection.execute(update(o).where(o.c.state == "pending").values(state="delivered"))

    def say(self, browser: Browser, reference: str, verb: str, **fields: Any) -> TestResponse:
        """Send a verb's form as the page shows it now."""
        version = fields.pop("version", None)
        given = {"version": self.case(reference).version if version is None else version, **fields}
        return browser.post(f"/staff/cases/{reference}/{verb}", given)


def open_hall(url: str, folder: Path, clock: SetClock) -> Hall:
    running = open_county(url, folder, clock, READERS)
    people = {row.username: row.id for row in running.services.accounts.everybody()}
    return Hall(running, create_app(running.services), clock, people)


def staffed(url: str) -> None:
    """Fill the empty database at ``url`` with one account for every role, named like it."""
    migrated(url)
    store = Store(url)
    accounts = Accounts(store, SetClock())
    for role in STAFF_ROLES:
        accounts.add(role, PASSWORD, role, f"Sample {role}", WATER if role in BUREAU else None)
    accounts.add("roads", PASSWORD, Role.HANDLER, "Sample", ROADS)
    store.close()


@pytest.fixture
def hall(databases: Databases, tmp_path: Path, clock: SetClock) -> Iterator[Hall]:
    """The pages over a fresh database, once on SQLite and once on PostgreSQL."""
    found = open_hall(databases.copy_of(staffed), tmp_path / "blobs", clock)
    yield found
    found.running.close()


@pytest.fixture
def small_hall(sqlite_databases: Any, tmp_path: Path, clock: SetClock) -> Iterator[Hall]:
    """The same on SQLite only, where the database makes no difference."""
    found = open_hall(sqlite_databases.copy_of(staffed), tmp_path / "blobs", clock)
    yield found
    found.running.close()
    sqlite_databases.clear()
