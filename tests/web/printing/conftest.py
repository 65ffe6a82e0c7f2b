"""A staffed county whose cases come by letter, and the hands that print and post."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from channels.letter.reading import LetterForm
from channels.letter.reading import submission as letter_submission
from channels.paper.sender import LetterSender
from channels.postman import Postman
from channels.table import RINGING, SILENT, way_back
from channels.wording import Facts, Wording
from intake import schema
from intake.desk import Policies
from intake.ids import new_id
from intake.outbox import Outbox
from intake.vault import sealed
from tests.support.clock import SetClock
from tests.support.county import COUNTY, PlainChaser, SmallDirectory, WordRouter
from tests.support.databases import Databases
from tests.web.staff.conftest import Browser, Hall, open_hall, staffed

ADDRESS = "示例省示例市示例区示例街道示例路18号2栋301室, 526100"


@dataclass
class Room:
    """The print queue's pages over a hall, and the postman that fills the queue."""

    hall: Hall
    postman: Postman

    def letter(self, address: str = ADDRESS, **more: Any) -> str:
        """A letter came in and its acknowledgement waits to be printed; returns the reference."""
        text = f"供水公司停水三天，没有人来。第{len(self.hall.rows(schema.submission))}封。"
        form = LetterForm(**{"text": text, "name": "示例甲", "address": address, **more})
        reference = self.hall.receive(letter_submission(form, new_id(), self.hall.clock(), (), {}))
        self.settle()
        return reference

    def settle(self) -> None:
        while self.postman.work():
            continue

    def queued(self) -> list[Any]:
        return [row for row in self.hall.rows(schema.printout) if row.state == "waiting"]

    def printout(self) -> Any:
        [row] = self.hall.rows(schema.printout)
        return row

    def batch(self, browser: Browser, **fields: str) -> str:
        """Make a file; returns the path of its page."""
        answer = browser.post("/staff/printing/gather", fields)
        assert answer.status_code == 303
        path = answer.headers["Location"]
        assert re.fullmatch(r"/staff/printing/batches/[0-9a-f]{32}", path), path
        return str(path)

    def posted(self, browser: Browser, number: str = "") -> str:
        """One letter, gathered, fetched, printed and posted; returns its id."""
        path = self.batch(browser)
        assert browser.post(f"{path}/file", {"seen": "0"}).mimetype == "application/pdf"
        browser.post(f"{path}/printed", {"how": "all"})
        today = self.hall.running.services.print_queue.today().isoformat()
        row = self.printout()
        answer = browser.post(
            f"{path}/posted", {"on": today, "how": "all", f"number-{row.outbox_id}": number}
        )
        assert answer.status_code == 303
        return str(row.outbox_id)

    def put_address(self, address: str) -> None:
        """Change the address of the waiting letters behind intake's back."""
        o = schema.outbox
        with self.hall.running.services.store.write() as connection:
            for key in connection.execute(select(o.c.id).where(o.c.channel == "letter")).scalars().all():
                connection.execute(update(o).where(o.c.id == key).values(address=sealed(key, address)))


def room_over(hall: Hall) -> Room:
    services = hall.running.services
    policies = Policies(
        WordRouter(), PlainChaser(), SmallDirectory(), way_back, silent=SILENT, ringing=RINGING
    )
    sender = LetterSender(
        services.print_queue, envelope="gb", public_url="http://localhost", zone=COUNTY.zone, clock=hall.clock
    )
    facts = Facts(COUNTY.name, COUNTY.phone, "http://localhost", ZoneInfo("Asia/Shanghai"), {})
    wording = Wording(facts, policies.directory)
    outbox = Outbox(services.store, policies, "postman")
    return Room(hall, Postman(outbox, {"letter": sender}, wording, "gaoyao.example", hall.clock))


@pytest.fixture
def room(databases: Databases, tmp_path: Path, clock: SetClock) -> Iterator[Room]:
    """The pages over a fresh database, once on SQLite and once on PostgreSQL."""
    hall = open_hall(databases.copy_of(staffed), tmp_path / "blobs", clock)
    yield room_over(hall)
    hall.running.close()


@pytest.fixture
def small_room(sqlite_databases: Any, tmp_path: Path, clock: SetClock) -> Iterator[Room]:
    """The same on SQLite only, where the database makes no difference."""
    hall = open_hall(sqlite_databases.copy_of(staffed), tmp_path / "blobs", clock)
    yield room_over(hall)
    hall.running.close()
    sqlite_databases.clear()
