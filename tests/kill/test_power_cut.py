"""The power goes out while mail comes in: what was acknowledged is there once (promises 1, 2)."""

from __future__ import annotations

import random
import time
from collections import Counter
from functools import partial
from pathlib import Path

from sqlalchemy import select

from intake import schema
from intake.store import Store
from tests.support.audit import broken_promises, count
from tests.support.databases import PostgresDatabases
from tests.support.senders import Senders
from tests.support.service import Service, opened, serving, wait_until


def test_sigkill_again_and_again_neither_loses_nor_doubles(tmp_path: Path) -> None:
    a_storm_of_power_cuts(Service(tmp_path), mails=300, cuts=3)


def test_the_same_on_postgresql(tmp_path: Path, postgres_databases: PostgresDatabases) -> None:
    url = postgres_databases.empty()
    try:
        a_storm_of_power_cuts(Service(tmp_path, url), mails=100, cuts=1)
    finally:
        postgres_databases.clear()


def a_storm_of_power_cuts(service: Service, mails: int, cuts: int) -> None:
    chance = random.Random(20260302)
    with serving(service), Senders([service.smtp_port], mails) as senders:
        for cut in range(1, cuts + 1):
            # not before something came in since the last cut, and not so late that nothing is left to lose
            goal = mails * cut // (cuts + 1)
            wait_until(partial(has_acknowledged, senders, goal), f"{goal} mails are in")
            time.sleep(chance.uniform(0, 0.05))
            service.kill()
            service.start()
        wait_until(senders.done, "every mail is acknowledged")
        with opened(service) as store:
            wait_until(lambda: is_finished(store, mails), "every mail has its case and its acknowledgement")
            everything_is_there_once(store, senders)
        proved = service.cli("verify")
        assert proved.returncode == 0, proved.stdout + proved.stderr
    assert senders.attempts > mails, "no kill hit a mail: the test proves nothing"


def has_acknowledged(senders: Senders, how_many: int) -> bool:
    return len(senders.acknowledged) >= how_many


def is_finished(store: Store, mails: int) -> bool:
    """Whether no submission waits any more."""
    s = schema.submission.c.state
    return count(store, schema.submission, s == "done") >= mails and not count(
        store, schema.submission, s == "pending"
    )


def everything_is_there_once(store: Store, senders: Senders) -> None:
    s, o = schema.submission.c, schema.outbox.c
    with store.read() as connection:
        stored = Counter(connection.execute(select(s.external_id)).scalars())
        cases = Counter(connection.execute(select(s.complaint_id)).scalars())
        told = Counter(
            connection.execute(select(o.complaint_id).where(o.template == "acknowledgement")).scalars()
        )
    assert stored == Counter({senders.message_id(serial): 1 for serial in range(senders.how_many)})
    assert set(cases.values()) == set(told.values()) == {1}
    assert set(cases) == set(told)
    assert count(store, schema.complaint) == len(cases)
    assert count(store, schema.submission, s.state != "done") == 0
    assert broken_promises(store) == []
