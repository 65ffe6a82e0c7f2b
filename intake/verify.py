"""Proves the promises over the whole database: a batch at a time, in constant memory, changing nothing.

Each batch is read from one snapshot, so that a running service does no harm to the proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Select, Table, Text, func, select, type_coerce

from intake import schema
from intake.case_checks import CaseFile, check_case
from intake.contracts import Directory
from intake.file_checks import check_files
from intake.files.storage import Storage
from intake.findings import Finding, Report, describe
from intake.matter_checks import check_matters
from intake.print_checks import check_letters
from intake.queue_checks import check_counters, check_duplicates, check_queues
from intake.store import Store
from intake.vault.checks import check_keys, check_sealed

__all__ = ["Finding", "Report", "describe", "verify"]

BATCH = 500
Progress = Callable[[int, int], None]
"""Told now and then how many cases of how many are done."""

_c, _e = schema.complaint.c, schema.event.c
_CASES = select(
    *(_c.id, _c.number, _c.state, _c.outcome, _c.bureau, _c.supporting, _c.received_at, _c.answered_at),
    *(_c.closed_at, _c.no_answer_reason, _c.responsible, _c.action, _c.due_at, _c.next_at, _c.attention),
    *(_c.last_seq, _c.last_hash, _c.anonymised_at, _c.merged_into),
).order_by(_c.id)
_EVENTS = select(
    *(_e.complaint_id, _e.seq, _e.at, _e.kind, _e.hash),
    *(type_coerce(_e.actor, Text).label("actor"), type_coerce(_e.data, Text).label("data")),
).order_by(_e.complaint_id, _e.seq)


def verify(
    store: Store,
    blobs: Storage,
    directory: Directory,
    now: datetime,
    progress: Progress | None = None,
    *,
    deep: bool = False,
) -> Report:
    """Check everything; ``deep`` also compares every attachment's SHA-256 and opens every sealed value."""
    began, report = time.monotonic(), Report()
    with store.read() as connection:
        total = connection.execute(_count(schema.complaint)).scalar_one()
    last = ""
    while True:
        with store.snapshot() as connection:
            files = _case_files(connection, last)
        if not files:
            break
        for case in files:
            report.add(check_case(case, directory))
        report.count("cases", len(files))
        report.count("events", sum(len(case.events) for case in files))
        last = files[-1].row.id
        if progress is not None:
            progress(report.counts["cases"], max(total, report.counts["cases"]))
    with store.snapshot() as connection:
        report.count("submissions", connection.execute(_count(schema.submission)).scalar_one())
        report.add(check_duplicates(connection))
        report.add(check_queues(connection, now))
        report.add(check_counters(connection))
        report.add(check_letters(connection))
        if store.vault is not None:
            check_keys(connection, report)
        report.add(check_matters(connection))
    check_files(store, blobs, report, now, deep=deep)
    if deep:
        check_sealed(store, report)
    report.seconds = time.monotonic() - began
    return report


def _count(table: Table) -> Select[int]:
    return select(func.count()).select_from(table)


def _case_files(connection: Connection, after: str) -> Sequence[CaseFile]:
    """The next cases with all that belongs to them: one query per table."""
    rows = connection.execute(_CASES.where(_c.id > after).limit(BATCH)).all()
    files = {row.id: CaseFile(row) for row in rows}
    if not files:
        return []
    ids = list(files)
    for event in connection.execute(_EVENTS.where(_e.complaint_id.in_(ids))):
        files[event.complaint_id].events.append(event)
    p, b, s, o = schema.participation.c, schema.block.c, schema.support.c, schema.outbox.c
    for key, member in connection.execute(select(p.complaint_id, p.id).where(p.complaint_id.in_(ids))):
        files[key].members.append(member)
    _one_matter(connection, files)
    blocks = select(b.complaint_id, b.bureau, b.at).where(b.complaint_id.in_(ids))
    for key, bureau, at in connection.execute(blocks):
        files[key].blocks[bureau] = at
    for key, bureau in connection.execute(select(s.complaint_id, s.bureau).where(s.complaint_id.in_(ids))):
        files[key].supports.add(bureau)
    sent = select(o.id, o.complaint_id, o.dedupe_key, o.state, o.created_at)
    closed = [key for key, case in files.items() if case.row.closed_at is not None]
    for row in connection.execute(sent.where(o.complaint_id.in_(closed), o.template == "answer")):
        files[row.complaint_id].answers[row.dedupe_key] = row
    blocked = [key for key, case in files.items() if case.blocks]
    to_bureaus = sent.where(o.complaint_id.in_(blocked), o.role.in_(("handler", "leader")))
    for row in connection.execute(to_bureaus):
        files[row.complaint_id].told.append(row)
    return list(files.values())


def _one_matter(connection: Connection, files: dict[str, CaseFile]) -> None:
    """The leads of merged cases; and everybody's parts whom a lead must answer for its merged ones."""
    wanted = {case.row.merged_into for case in files.values() if case.row.merged_into}
    if wanted:
        found = connection.execute(select(_c.id, _c.merged_into).where(_c.id.in_(wanted)))
        leads = {row.id: row for row in found}
        for case in files.values():
            case.lead = leads.get(case.row.merged_into)
    p = schema.participation.c
    merged = (
        select(_c.merged_into, p.id)
        .join_from(schema.complaint, schema.participation, p.complaint_id == _c.id)
        .where(_c.merged_into.in_(list(files)))
    )
    for key, member in connection.execute(merged):
        files[key].members.append(member)
