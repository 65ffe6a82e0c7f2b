"""Mail → visible, routed case with its acknowledgement queued.

Measured for one registrar, for two in processes of their own, and from the first SMTP connection to
the last case with the whole service running (which sends the acknowledgements at the same time). The
limit's row inserts the same rows in the same batches without reading or routing anything.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import Any

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.sql.expression import TableClause

from benchmarks.bench import MAILBOX, Bench
from benchmarks.databases import KEYS, Place, open_store, remove
from benchmarks.mails import mails
from benchmarks.processes import Helper, helper
from benchmarks.service import running
from benchmarks.table import median, show
from channels.email.identity import identify
from intake import schema
from intake.backup_format import columns_of, plain_table
from intake.clock import system_clock
from intake.contracts import Submission
from intake.inbox import Inbox
from intake.registrar import BATCH
from intake.search import SearchIndex, indexed, slot
from intake.store import Store

_WARMING = 2  # each registrar handles one mail before its clock starts
_COPIED = (
    schema.complainant,
    schema.contact,
    schema.complaint,
    schema.participation,
    schema.block,
    schema.support,
    schema.event,
    schema.outbox,
    schema.attachment,
)
_READ_INTO = tuple(
    column.name
    for column in schema.submission.columns
    if column.name in ("state", "complaint_id", "author", "from_name", "from_kind", "from_address")
    or column.name in ("subject", "body", "quoted", "automatic", "problems")
)


def run(bench: Bench) -> None:
    """One table per database."""
    count = bench.amount(300, 1500)
    for place in bench.places:
        one, two, whole, limit = [], [], [], []
        for number in range(bench.amount(1, 3)):
            rate, rows = _registrars(bench, place, 1, count, number)
            one.append(rate)
            limit.append(rows)
            two.append(_registrars(bench, place, 2, count, number)[0])
            whole.append(_service(bench, place, count, number))
        inserts = median(limit)
        measured = (("one registrar", one), ("two registrars", two), ("SMTP → case, whole service", whole))
        table = [
            [name, f"{median(rates):,.0f}", f"{median(rates) / inserts:.2f}", "≥ 300, then 550"]
            for name, rates in measured
        ]
        table.append(["limit: plain inserts of the same rows", f"{inserts:,.0f}", "1.00", ""])
        show([f"{place.name}, {count:,} mails", "mails/s", "of limit", "target"], table)


# ---------------------------------------------------------------- registrars alone


def _registrars(bench: Bench, place: Place, processes: int, count: int, seed: int) -> tuple[float, float]:
    """(mails/s of the registrars, mails/s of plain inserts of what they wrote)."""
    url = place.fresh()
    folder = bench.folder / f"{place.name}-{processes}-{seed}"
    _store_mails(url, [raw for _, raw in mails(count + _WARMING, seed)])
    with ExitStack() as until_the_end:
        workers = [
            until_the_end.enter_context(
                helper(
                    "benchmarks.registrars",
                    HUIYIN_DATABASE_URL=url,
                    HUIYIN_DATA_DIR=str(folder),
                    HUIYIN_KEY_FILE=str(KEYS),
                )
            )
            for _ in range(processes)
        ]
        for worker in workers:
            worker.hear()
        for worker in workers:
            worker.say("go")
        answers = [worker.hear().split() for worker in workers]
    taken = sum(int(answer[0]) for answer in answers)
    rate = taken / max(float(answer[1]) for answer in answers)
    if taken < count:
        raise RuntimeError(f"only {taken} of {count} mails became cases")
    inserts = _plain_inserts(url, place) if processes == 1 else 0.0
    remove(url)
    return rate, inserts


def _store_mails(url: str, raws: Sequence[bytes]) -> None:
    store = open_store(url)
    inbox = Inbox(store)

    async def accept_all() -> None:
        await asyncio.gather(*(inbox.accept_async(_submission(raw)) for raw in raws))

    asyncio.run(accept_all())
    inbox.close()
    store.close()


def _submission(raw: bytes) -> Submission:
    identity = identify(raw, [MAILBOX])
    envelope = {"mail_from": "", "rcpt_to": [MAILBOX], "peer": "127.0.0.1", "helo": "load.example"}
    return Submission(
        "email", identity.message_id, identity.dedupe_key, system_clock(), raw, envelope | {"size": len(raw)}
    )


# ---------------------------------------------------------------- the limit


def _plain_inserts(url: str, place: Place) -> float:
    """Mails/s when the rows that registrars wrote are merely inserted, in batches of the same size."""
    source = open_store(url)
    target_url = place.fresh()
    target = open_store(target_url)
    try:
        with source.read() as connection:
            rows = _rows(connection)
            waiting = [_waiting(row._asdict()) for row in rows[schema.submission.name]]
            texts = {row.id: f"{row.subject}\n{row.body}" for row in rows[schema.submission.name]}
        with target.write() as connection:
            connection.execute(_stored(schema.submission).insert(), waiting)
        cases = rows[schema.complaint.name]
        index = SearchIndex(target)
        begun = time.perf_counter()
        for at in range(0, len(cases), BATCH):
            _insert_batch(target, index, rows, cases[at : at + BATCH], texts)
        return len(cases) / (time.perf_counter() - begun)
    finally:
        source.close()
        target.close()
        remove(target_url)


def _rows(connection: Any) -> dict[str, list[Any]]:
    tables = (*_COPIED, schema.submission)
    return {table.name: list(connection.execute(select(_stored(table)))) for table in tables}


def _stored(table: Table) -> TableClause:
    """The table as the database holds it: what is sealed stays sealed, JSON stays text."""
    return plain_table(table.name, columns_of(table))


def _waiting(row: dict[str, Any]) -> dict[str, Any]:
    """A submission as it was before it was read."""
    return row | dict.fromkeys(_READ_INTO) | {"state": "pending"}


def _insert_batch(
    store: Store, index: SearchIndex, rows: dict[str, list[Any]], cases: Sequence[Any], texts: dict[str, str]
) -> None:
    ids = {case.id for case in cases}
    submissions = [row for row in rows[schema.submission.name] if row.complaint_id in ids]
    people = {row.complainant_id for row in rows[schema.participation.name] if row.complaint_id in ids}
    mine = {row.id for row in submissions}
    submission = _stored(schema.submission)
    done = (
        submission.update()
        .where(submission.c.id == bindparam("b_id"))
        .values({name: bindparam(name) for name in _READ_INTO})
    )
    with store.write() as connection:
        for table in _COPIED:
            of_batch = list(_of_batch(table, rows[table.name], ids, people, mine))
            if of_batch:
                connection.execute(_stored(table).insert(), of_batch)
        connection.execute(
            done, [{name: getattr(s, name) for name in _READ_INTO} | {"b_id": s.id} for s in submissions]
        )
        index.add(
            connection, [(slot(case.number, 0), indexed(texts[case.first_submission_id])) for case in cases]
        )


def _of_batch(
    table: Any, rows: Iterable[Any], cases: set[str], people: set[str], submissions: set[str]
) -> Iterable[dict[str, Any]]:
    key, wanted = "complaint_id", cases
    if table is schema.complaint:
        key = "id"
    elif table is schema.complainant:
        key, wanted = "id", people
    elif table is schema.contact:
        key, wanted = "complainant_id", people
    elif table is schema.attachment:
        key, wanted = "submission_id", submissions
    return (row._asdict() for row in rows if getattr(row, key) in wanted)


# ---------------------------------------------------------------- the whole service


def _service(bench: Bench, place: Place, count: int, seed: int) -> float:
    url = place.fresh()
    folder = bench.folder / f"{place.name}-service-{seed}"
    with running(url, folder) as service, helper("benchmarks.smtp_load") as client:
        _deliver(client, service.smtp_port, _WARMING, 1000 + seed)
        wait_for_cases(url, _WARMING)
        _order(client, service.smtp_port, count, seed)
        begun = time.perf_counter()
        client.say("go")
        wait_for_cases(url, count + _WARMING)
        rate = count / (time.perf_counter() - begun)
        client.hear()
    remove(url)
    return rate


def _order(client: Helper, port: int, count: int, seed: int) -> None:
    client.say(json.dumps({"port": port, "senders": 10, "mails": count, "fresh": False, "seed": seed}))
    client.hear()


def _deliver(client: Helper, port: int, count: int, seed: int) -> None:
    _order(client, port, count, seed)
    client.say("go")
    client.hear()


def wait_for_cases(url: str, count: int, patience: float = 300.0) -> None:
    """Until ``count`` cases stand in the list and as many acknowledgements in the outbox."""
    deadline = time.monotonic() + patience
    store = open_store(url)
    try:
        while not _are_there(store, count):
            if time.monotonic() > deadline:
                raise RuntimeError(f"fewer than {count} mails became cases in time")
            time.sleep(0.02)
    finally:
        store.close()


def _are_there(store: Store, count: int) -> bool:
    o = schema.outbox.c
    cases = select(func.count(schema.complaint.c.number))
    acknowledged = select(func.count()).where(o.template == "acknowledgement")
    with store.read() as connection:
        if connection.execute(cases).scalar_one() < count:
            return False
        return bool(connection.execute(acknowledged).scalar_one() >= count)
