"""A small county that can be called, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from channels.phone.exchange import Exchange
from channels.sms.reading import may_take_texts
from channels.table import READERS
from intake import schema
from intake.calls import Calls
from intake.contracts import Text
from intake.store import Store
from intake.throttle import Throttle
from intake.tracking import Tracked, Tracking
from intake.vault.names import address_hash
from routing.calendar import WorkingCalendar
from routing.telephone_hours import TelephoneHours
from tests.channels.phone.line import ACCOUNT, CALLER, Line
from tests.support.clock import SetClock
from tests.support.county import Running, open_county, prepare
from tests.support.databases import Databases, SqliteDatabases
from web.app import create_app

PERSON = "+12025550119"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NAME = Text("样例县效能投诉中心", "Sample County Complaint Centre")


class OwnCases(Tracking):
    """Tracking that finds people by what they call from."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._opened = store

    def of_contact(self, kind: str, value: str, limit: int = 10) -> tuple[Tracked, ...]:
        assert self._opened.vault is not None
        hashed = address_hash(self._opened.vault, value)
        p, c, who = schema.participation.c, schema.complaint.c, schema.complainant.c
        query = (
            select(p.token)
            .join_from(schema.participation, schema.complainant, p.complainant_id == who.id)
            .join(schema.complaint, p.complaint_id == c.id)
            .where(who.kind == kind, who.value_hash == hashed)
            .order_by(c.number.desc())
            .limit(limit)
        )
        with self._opened.read() as connection:
            tokens = connection.execute(query).scalars().all()
        return tuple(found for found in map(self.by_token, tokens) if found is not None)


@dataclass
class Reported:
    """Takes word of deliveries, and keeps it in order."""

    words: list[tuple[str | None, str, str, bool, datetime | None]] = field(default_factory=list)

    def report(
        self,
        outbox_id: str | None,
        provider_id: str,
        status: str,
        note: str = "",
        *,
        permanent: bool = True,
        again_at: datetime | None = None,
        other_way: str = "",
    ) -> bool:
        self.words.append((outbox_id, provider_id, status, permanent, again_at))
        return True


@dataclass
class CalledCounty:
    """The county, its pages and its clock."""

    running: Running
    exchange: Exchange
    app: Flask
    clock: SetClock
    reports: Reported
    dictated: list[tuple[str, str, str]]

    @property
    def store(self) -> Store:
        return self.running.services.store

    def line(self, caller: str = CALLER, *, outgoing: bool = False) -> Line:
        return Line(self.app, caller, outgoing)

    def speaking(self, language: str, caller: str = CALLER) -> Line:
        """A caller who heard the menu in their language."""
        key = {"zh-Hans": "1", "yue": "2", "en": "3"}[language]
        line = self.line(caller).dial()
        return (line if line.at == "language" else line.press("*")).press(key)

    def submissions(self) -> list[Any]:
        with self.store.read() as connection:
            query = select(schema.submission, schema.raw_message.c.content).join_from(
                schema.submission, schema.raw_message
            )
            return list(connection.execute(query.order_by(schema.submission.c.id)))


def open_called(url: str, folder: Path, clock: SetClock) -> CalledCounty:
    running = open_county(url, folder, clock, READERS)
    services, reports = running.services, Reported()
    dictated: list[tuple[str, str, str]] = []

    def take(sid: str, text: str, engine: str) -> bool:
        dictated.append((sid, text, engine))
        return True

    hours = (time(9), time(12)), (time(14, 30), time(17, 30))
    calendar = WorkingCalendar(SHANGHAI, hours)
    exchange = Exchange(
        calls=Calls(services.store),
        inbox=services.inbox,
        office=services.office,
        cases=OwnCases(services.store),
        throttle=Throttle(services.store, clock, "call", per_name=3, per_peer=20),
        reports=reports,
        hours=TelephoneHours(calendar, time(9), time(19)),
        clock=clock,
        zone=SHANGHAI,
        name=NAME,
        person=PERSON,
        number=ACCOUNT.number,
        public_url=ACCOUNT.public_url,
        answer_due=lambda moment: calendar.add_working_days(moment, 15),
        texts=may_take_texts,
        dictated=take,
    )
    app = create_app(replace(services, twilio=ACCOUNT, exchange=exchange))
    return CalledCounty(running, exchange, app, clock, reports, dictated)


@pytest.fixture
def county(databases: Databases, tmp_path: Path, clock: SetClock) -> Iterator[CalledCounty]:
    """On each kind of database; Monday morning, the office is open."""
    called = open_called(databases.copy_of(prepare), tmp_path / "blobs", clock)
    yield called
    called.running.close()


@pytest.fixture
def light(sqlite_databases: SqliteDatabases, tmp_path: Path, clock: SetClock) -> Iterator[CalledCounty]:
    """On SQLite only."""
    called = open_called(sqlite_databases.copy_of(prepare), tmp_path / "blobs", clock)
    yield called
    called.running.close()


def a_day(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in the county."""
    return datetime.combine(date(year, month, day), time(hour, minute), SHANGHAI)
