"""The desk: cases taken out under lock, changed by verbs, and written back in one transaction.

State, history and outbox rows go down together or not at all. The desk works on many cases at once,
so that a worker writes a batch with one statement per table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Update, bindparam, select

from intake import schema
from intake.case import COLUMNS, Case, Merged, OpenCase, Participation, localized
from intake.contracts import Chaser, Contact, Directory, Router
from intake.conversation import Dialogue
from intake.lifecycle import State
from intake.store import Store
from intake.vault import Vault, sealed, vault_of
from intake.vault.names import address_hash, name_hash, token_hash

_PARTICIPATION = tuple(f.name for f in fields(Participation))
_MAY_CHANGE = ("channel", "address", "anonymous", "confidential", "feedback")
_MEMBER = (
    schema.participation.update()
    .where(schema.participation.c.id == bindparam("b_id"))
    .values({name: bindparam(f"v_{name}") for name in _MAY_CHANGE})
)


@dataclass(frozen=True, slots=True)
class Policies:
    """The county's rules, handed in by ``config``: who must answer, by when, how to be reached."""

    router: Router
    chaser: Chaser
    directory: Directory
    way_back: Callable[[Contact], str]
    """The channel that carries word to a contact; "" when none does."""
    zone: tzinfo = UTC
    """The office's: its year stands in the reference."""
    replies_per_hour: int = 30
    """Automatic replies to one address; more are kept on the record unsent (RFC 3834 §2)."""
    silent: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What a channel does not say though it could: templates that stay on the record unsent."""
    ringing: frozenset[str] = frozenset()
    """Channels on which a message that was handed on has reached nobody before its delivery is reported."""
    dialogue: Dialogue | None = None
    """The script of the channels where people talk in turns; None where there are none."""


class Desk:
    """Open cases of one transaction. Not shared between threads."""

    def __init__(self, connection: Connection, store: Store, policies: Policies, now: datetime) -> None:
        self.connection = connection
        self.store = store
        self.policies = policies
        self.now = now
        self.cases: dict[str, OpenCase] = {}
        self._parts: dict[str, Participation] = {}
        self._members: dict[str, dict[str, Any]] = {}  # participations as they were taken out

    def take(self, ids: Iterable[str]) -> list[OpenCase]:
        """Take cases out by id, locked until the transaction ends; unknown ids are left out.

        The leads of merged ones come along (:attr:`OpenCase.lead`).
        """
        ids = list(ids)
        wanted = sorted({i for i in ids if i not in self.cases})
        if wanted:
            self._load(sorted({*wanted, *self._leads(wanted)}))
            leads = {case.row.merged_into for case in self.cases.values() if case.row.merged_into}
            if late := sorted(leads - set(self.cases)):  # merged while we waited for the lock
                self._load(late)
            for case in self.cases.values():
                case.lead = self.cases.get(case.row.merged_into or "")
        return [self.cases[i] for i in dict.fromkeys(ids) if i in self.cases]

    def take_number(self, number: int) -> OpenCase | None:
        """Take out the case of a reference's number."""
        return self.take_numbers([number]).get(number)

    def take_numbers(self, numbers: Collection[int]) -> dict[int, OpenCase]:
        """Take out cases by their numbers, all locked in one order."""
        c = schema.complaint.c
        found = self.connection.execute(select(c.id).where(c.number.in_(numbers))).scalars()
        return {case.row.number: case for case in self.take(list(found))}

    def _leads(self, ids: Sequence[str]) -> set[str]:
        """The leads of those of ``ids`` that are merged and whose leads are not on the desk."""
        c = schema.complaint.c
        query = select(c.merged_into).where(c.id.in_(ids), c.merged_into.is_not(None))
        return set(self.connection.execute(query).scalars()) - set(self.cases)

    def place(self, case: OpenCase) -> None:
        """Put a new case on the desk."""
        self.cases[case.row.id] = case

    def _load(self, ids: Sequence[str]) -> None:
        columns = [schema.complaint.c[name] for name in COLUMNS]
        rows = self.connection.execute(
            select(*columns)
            .where(schema.complaint.c.id.in_(ids))
            .order_by(schema.complaint.c.id)  # one order of locking, so that workers never deadlock
            .with_for_update()
        )
        for values in rows:
            row = Case(**values._mapping)
            row.state = State(row.state)
            self.cases[row.id] = OpenCase(row, self.now, before=_complaint(row))
        self._gather(ids)
        barred = schema.block
        query2 = select(barred.c.complaint_id, barred.c.bureau).where(barred.c.complaint_id.in_(ids))
        for complaint_id, bureau in self.connection.execute(query2):
            self.cases[complaint_id].barred.add(bureau)

    def _gather(self, ids: Sequence[str]) -> None:
        """Everybody who complained, also in the cases that were merged into one of ``ids``."""
        c, part = schema.complaint.c, schema.participation
        leads = dict[str, str]()
        merged = select(c.id, c.number, c.received_at, c.merged_into).where(c.merged_into.in_(ids))
        for row in self.connection.execute(merged.order_by(c.id)):
            leads[row.id] = row.merged_into
            self.cases[row.merged_into].merged[row.id] = Merged(row.id, row.number, row.received_at)
        asked = part.c.complaint_id.in_([*ids, *(key for key in leads if key not in ids)])
        query = select(*(part.c[name] for name in _PARTICIPATION)).where(asked).order_by(part.c.id)
        for values in self.connection.execute(query):
            read = Participation(**values._mapping)
            member = self._parts.setdefault(read.id, read)  # one object, in its case and in the lead
            self._members.setdefault(member.id, _part(member))
            for key in (member.complaint_id, leads.get(member.complaint_id, "")):
                if key in ids:
                    self.cases[key].participations.append(member)

    def flush(self) -> None:
        """Write every case on the desk down: rows, history, blocks, outbox. Then it is empty."""
        touched = [case for case in self.cases.values() if case.is_new or case.new_events or case.stirred]
        for case in touched:
            case.row.version += 1
            case.replan(self.policies.chaser)
        insert, run, vault = self.store.insert_new, self._many, vault_of(self.connection)
        run(schema.complaint.insert(), [_complaint(c.row) for c in touched if c.is_new])
        self._write_changes([c for c in touched if not c.is_new])
        run(
            schema.participation.insert(),
            [_sealed_part(vault, part) for c in touched if c.is_new for part in c.participations],
        )
        run(
            insert(schema.block),
            [
                {
                    "complaint_id": c.row.id,
                    "bureau": b.bureau,
                    "reason": localized(b.reason),
                    "at": self.now,
                }
                for c in touched
                for b in c.new_blocks
            ],
        )
        self._write_members([part for c in touched if not c.is_new for part in c.participations])
        self._write_support([c for c in touched if c.support_changed])
        run(schema.event.insert(), [_event(e) for c in touched for e in c.new_events])
        spoken = [self._spoken(row) for c in touched for row in c.new_outbox]
        run(insert(schema.outbox), [outbox_row(vault, row) for row in spoken])
        self.cases.clear()
        self._parts.clear()
        self._members.clear()

    def _spoken(self, row: dict[str, Any]) -> dict[str, Any]:
        """An outbox row; what its channel does not say stays on the record unsent."""
        if row["state"] == "pending" and row["template"] in self.policies.silent.get(row["channel"], ()):
            row["state"] = "suppressed"
        return row

    def _write_members(self, parts: Iterable[Participation]) -> None:
        changed = [_part(part) for part in parts if _part(part) != self._members.get(part.id)]
        self._many(
            _MEMBER,
            [
                {f"v_{name}": row[name] for name in _MAY_CHANGE}
                | {"b_id": row["id"], "v_address": sealed(row["id"], row["address"])}
                for row in changed
            ],
        )

    def _write_changes(self, cases: Sequence[OpenCase]) -> None:
        """Update the columns that changed and no others: each index that is left alone is a page saved."""
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for case in cases:
            now = _complaint(case.row)
            changed = tuple(name for name in COLUMNS if now[name] != case.before[name])
            values = {name: now[name] for name in changed}
            alike.setdefault(changed, []).append(values | {"b_id": case.row.id})
        for changed, rows in alike.items():
            self.connection.execute(_update(changed), rows)

    def _write_support(self, cases: Sequence[OpenCase]) -> None:
        if not cases:
            return
        table = schema.support
        ids = [case.row.id for case in cases if not case.is_new]
        if ids:
            self.connection.execute(table.delete().where(table.c.complaint_id.in_(ids)))
        self._many(
            table.insert(),
            [
                {"complaint_id": case.row.id, "bureau": code, "number": case.row.number}
                for case in cases
                for code in case.row.supporting
            ],
        )

    def _many(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(statement, rows)


@lru_cache(maxsize=256)
def _update(columns: tuple[str, ...]) -> Update:
    """The statement that sets these columns of one case."""
    table = schema.complaint
    return table.update().where(table.c.id == bindparam("b_id")).values({n: bindparam(n) for n in columns})


def _complaint(row: Case) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}


def _part(part: Participation) -> dict[str, Any]:
    return {name: getattr(part, name) for name in _PARTICIPATION}


def _sealed_part(vault: Vault, part: Participation) -> dict[str, Any]:
    """The row of a new participation."""
    row = _part(part)
    row |= {name: sealed(part.id, row[name]) for name in ("address", "name", "code", "token")}
    return row | {"name_hash": name_hash(vault, part.name), "token_hash": token_hash(vault, part.token)}


def outbox_row(vault: Vault, row: dict[str, Any]) -> dict[str, Any]:
    """A row of the outbox, made of plain values, as it is written."""
    key, address = row["id"], row["address"]
    kept = {"address": sealed(key, address), "name": sealed(key, row["name"])}
    return row | kept | {"address_hash": address_hash(vault, address)}


def _event(entry: Any) -> dict[str, Any]:
    return {
        "complaint_id": entry.complaint_id,
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "kind": entry.kind,
        "data": entry.data,
        "hash": entry.hash,
    }
