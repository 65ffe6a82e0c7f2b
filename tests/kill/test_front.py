"""The front of the house under bad conditions: first starts, Ctrl-C, a full disk, two fronts at once."""

from __future__ import annotations

import resource
import smtplib
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from intake import schema
from intake.migrate import current, head
from tests.kill.test_power_cut import is_finished
from tests.support import mails
from tests.support.audit import broken_promises, count
from tests.support.databases import PostgresDatabases
from tests.support.senders import Senders
from tests.support.service import COMMAND, Service, opened, serving, wait_until

MEGABYTE = 1024 * 1024


def test_sigkill_during_the_first_start_leaves_nothing_half_made(tmp_path: Path) -> None:
    """The schema comes whole or not at all; the next start makes it."""
    first = Service(tmp_path, roles="", command=(*COMMAND[:-1], "migrate"), name="first")
    database = tmp_path / "data" / "huiyin.sqlite3"
    log = database.with_name(database.name + "-wal")
    with serving(first, start=False):
        for after in (0.0, 0.01, 0.05):
            first.start(ready=False)
            wait_until(lambda: log.exists() or not first.running(), "the database is being made")
            time.sleep(after)
            first.kill()
            with opened(first) as store:
                tables = set(inspect(store.engine).get_table_names())
                assert current(store) == head() if tables else tables == set()
        assert first.cli("migrate").returncode == 0
        with opened(first) as store:
            assert current(store) == head()
            assert set(schema.metadata.tables) <= set(inspect(store.engine).get_table_names())


def test_ctrl_c_with_mail_in_flight(tmp_path: Path) -> None:
    service = Service(tmp_path)
    with serving(service), Senders([service.smtp_port], 100_000) as senders:
        wait_until(lambda: len(senders.acknowledged) >= 40, "mail flows")
        service.interrupt()
        begun = time.monotonic()
        assert service.wait() == 0
        assert time.monotonic() - begun < 30, "people wait at the console"
    assert "Traceback" not in service.console()
    with opened(service) as store, store.read() as connection:
        stored = Counter(connection.execute(select(schema.submission.c.external_id)).scalars())
        held = count(store, schema.submission, schema.submission.c.owner.is_not(None))
    assert set(senders.acknowledged) <= set(stored)
    assert set(stored.values()) == {1}
    assert held == 0, "the worker finished its batch"


def test_ctrl_c_in_the_first_moment(tmp_path: Path) -> None:
    """The worker process is still loading; it must not die with a traceback on the console."""
    service = Service(tmp_path, roles="mail,worker")
    with serving(service):
        service.interrupt()
        assert service.wait() == 0
    assert "Traceback" not in service.console()


def test_a_full_disk_is_a_temporary_failure(tmp_path: Path) -> None:
    """The sender hears 451 and nothing of our insides, tries again when there is room, and is heard."""
    service = Service(tmp_path, roles="mail")
    letter = mails.letter("x" * 70 + "\n", subject="The first")
    big = mails.letter(("y" * 70 + "\n") * (MEGABYTE // 71), subject="A big one")
    with serving(service):
        mails.hand_in(service.smtp_port, letter)
        _, hard = resource.prlimit(service.pid, resource.RLIMIT_FSIZE)
        largest = max(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
        resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (largest + 100_000, hard))
        for _ in range(2):
            with pytest.raises(smtplib.SMTPDataError) as refusal:
                mails.hand_in(service.smtp_port, big)
            assert (refusal.value.smtp_code, refusal.value.smtp_error) == (
                451,
                b"4.3.0 Not stored, please try again later",
            )
        resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (hard, hard))
        mails.hand_in(service.smtp_port, big)
        with opened(service) as store, store.read() as connection:
            stored = connection.execute(
                select(schema.raw_message.c.content).order_by(schema.raw_message.c.submission_id)
            ).scalars()
            assert [bytes(content).rstrip() for content in stored] == [
                mail.as_bytes().rstrip() for mail in (letter, big)
            ]
    assert "Traceback" not in service.console()


def test_two_fronts_at_once_neither_double_nor_lose(tmp_path: Path) -> None:
    two_fronts([Service(tmp_path, name=name) for name in ("left", "right")])


def test_two_fronts_at_once_on_postgresql(tmp_path: Path, postgres_databases: PostgresDatabases) -> None:
    url = postgres_databases.empty()
    try:
        two_fronts([Service(tmp_path, url, name=name) for name in ("left", "right")])
    finally:
        postgres_databases.clear()


def two_fronts(fronts: list[Service]) -> None:
    """Both make the database, both hear every mail, both work on it."""
    how_many = 60
    left, right = fronts
    with serving(left, right, start=False):
        for front in fronts:
            front.start(ready=False)
        wait_until(lambda: all(front.takes_mail() for front in fronts), "both take mail")
        with Senders([left.smtp_port], how_many) as one, Senders([right.smtp_port], how_many) as other:
            wait_until(lambda: one.done() and other.done(), "every mail is acknowledged by both")
        with opened(left) as store:
            wait_until(lambda: is_finished(store, how_many), "every mail has its case")
            assert count(store, schema.submission) == count(store, schema.complaint) == how_many
            told = count(store, schema.outbox, schema.outbox.c.template == "acknowledgement")
            assert told == how_many
            assert broken_promises(store) == []
