"""SIGKILL while scans come in and while their pages are read: nothing is lost, nothing is there twice."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from intake import schema
from intake.files.folder import FolderStorage
from intake.letters import LetterIntake
from intake.letters.reading import LEASE
from intake.migrate import migrate
from intake.store import Store
from tests.support.audit import count
from tests.support.scans import png, scan
from tests.support.service import Service, opened, serving, wait_until

PAGES = 120
SCANS = 60


def pages_read(store: Store) -> int:
    with store.read() as connection:
        return int(connection.execute(select(schema.letter.c.pages_read)).scalar_one())


def reached_page(store: Store, aim: int) -> bool:
    return pages_read(store) >= aim


def came_in(store: Store, aim: int) -> bool:
    return count(store, schema.letter) >= aim


def test_a_kill_while_pages_are_read_resumes_at_the_page_where_it_was(tmp_path: Path) -> None:
    worker = Service(tmp_path, roles="worker")
    store = Store(worker.store_url)
    migrate(store)
    letters = LetterIntake(store, FolderStorage(worker.folder / "data" / "blobs"), ZoneInfo("Asia/Shanghai"))
    letters.take_in(map(scan, range(PAGES)), "upload", datetime.now(UTC))
    store.close()
    with serving(worker, start=False), opened(worker) as store:
        reached = [0]
        for aim in (5, 40):
            worker.start()
            wait_until(partial(reached_page, store, aim), "some pages are read")
            os.kill(worker.pid, signal.SIGSTOP)
            reached.append(pages_read(store))
            assert reached[-2] < reached[-1] < PAGES, "there was too little to do: the test proves nothing"
            worker.kill()
            assert count(store, schema.letter_page) == reached[-1], "a page and its progress are one"
        worker.start()
        waiting = schema.letter.c.state == "waiting"
        wait_until(lambda: count(store, schema.letter, waiting) == 1, "it is read", LEASE.total_seconds() / 2)
        with store.read() as connection:
            numbers = connection.execute(select(schema.letter_page.c.number)).scalars().all()
            row = connection.execute(select(schema.letter)).one()
        assert sorted(numbers) == list(range(1, PAGES + 1))
        assert (row.pages_read, row.note) == (PAGES, None)


def test_a_kill_between_file_and_row_and_move_loses_and_doubles_nothing(tmp_path: Path) -> None:
    worker = Service(tmp_path, roles="worker")
    folder = worker.folder / "data" / "letters"
    folder.mkdir(parents=True)
    for number in range(SCANS):
        (folder / f"scan {number}.png").write_bytes(png(number))
    with serving(worker, start=False):
        for aim in (3, 20, 40):
            worker.start()
            with opened(worker) as store:
                wait_until(partial(came_in, store, aim), "scans come in")
                worker.kill()
        worker.start()
        taken = folder / "taken"
        wait_until(lambda: len(list(taken.rglob("*.png"))) >= SCANS, "every scan is taken")
        assert {path.read_bytes() for path in taken.rglob("*.png")} == {png(n) for n in range(SCANS)}
        assert list(folder.glob("*.png")) == []
        with opened(worker) as store:
            assert count(store, schema.letter) == SCANS
            assert count(store, schema.letter_file) == SCANS
