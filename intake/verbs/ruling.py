"""What the office decides about a case: its class, who is barred, what was looked at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import update

from intake import schema
from intake.case import OpenCase, localized
from intake.contracts import Block, Contact, Directory, Text
from intake.desk import Desk
from intake.lifecycle import WITH_BUREAU, State
from intake.people import Actor
from intake.refusals import Refused
from intake.vault import vault_of
from intake.vault.names import address_hash
from intake.verbs.pausing import end_pause
from intake.verbs.performing import written


@dataclass(frozen=True, slots=True)
class Classify:
    """Set the category or the urgency; the answer's deadline follows, still counted from receipt."""

    name: ClassVar[str] = "classify"
    category: str = ""
    urgency: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        row = case.row
        if self.urgency and self.urgency not in ("urgent", "ordinary", "complex"):
            raise Refused("bad_urgency", value=self.urgency)
        before = row.answer_due_at
        if self.urgency and self.urgency != row.urgency:
            chaser = desk.policies.chaser
            granted = chaser.answer_due(row.urgency, case.received_first)
            row.urgency = self.urgency
            due = chaser.answer_due(row.urgency, case.received_first)
            row.answer_due_at = chaser.resume(due, granted, before)  # keeps the office time of pauses
            row.step = 0  # the reminders before the new date are still to come
        row.category = self.category or row.category
        case.record(
            actor,
            "classified",
            category=row.category,
            urgency=row.urgency,
            due_before=before.isoformat(),
            due_after=row.answer_due_at.isoformat(),
        )


@dataclass(frozen=True, slots=True)
class Bar:
    """回避: the bureau and its subordinates may not handle, find or hear of this case."""

    name: ClassVar[str] = "bar"
    bureau: str
    reason: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> State | None:
        directory = desk.policies.directory
        if not directory.knows(self.bureau):
            raise Refused("unknown_bureau", bureau=self.bureau)
        reason = written(self.reason, "reason_needed")
        family = sorted(directory.family(self.bureau))
        return shut_out(desk, case, actor, [Block(code, Text(reason, reason)) for code in family])


def shut_out(desk: Desk, case: OpenCase, actor: Actor, blocks: list[Block]) -> State | None:
    """Bar bureaus from a case that one of them may have by now; returns the state it goes back to."""
    row, directory = case.row, desk.policies.directory
    bar(case, actor, blocks)
    _keep_from(desk, case, [c.value for block in blocks for c in _staff_of(directory, block.bureau)])
    case.support_by([code for code in row.supporting if code not in case.barred])
    if row.bureau in case.barred:
        row.bureau = None
        if row.state in WITH_BUREAU or row.state is State.AWAITING:
            end_pause(case, actor, desk, "barred")
            return State.TRIAGE
    return None


def _staff_of(directory: Directory, bureau: str) -> list[Contact]:
    return [*directory.recipients(bureau, "handler"), *directory.recipients(bureau, "leader")]


def _keep_from(desk: Desk, case: OpenCase, addresses: Collection[str]) -> None:
    """What still waits to be sent to a barred bureau is not sent (promise 7)."""
    for row in case.new_outbox:
        if row["role"] in ("handler", "leader") and row["address"] in addresses:
            row["state"] = "suppressed"
    o, vault = schema.outbox.c, vault_of(desk.connection)
    hashes = [address_hash(vault, address) for address in addresses]
    waiting = (o.complaint_id == case.row.id, o.state == "pending", o.role.in_(("handler", "leader")))
    kept = update(schema.outbox).where(*waiting, o.address_hash.in_(hashes))
    desk.connection.execute(kept.values(state="suppressed"))


def bar(case: OpenCase, actor: Actor, blocks: list[Block]) -> None:
    """Put blocks on the record; those already there are left as they are."""
    for block in blocks:
        if block.bureau not in case.barred:
            case.barred.add(block.bureau)
            case.new_blocks.append(block)
            case.record(actor, "barred", bureau=block.bureau, reason=localized(block.reason))


@dataclass(frozen=True, slots=True)
class Attend:
    """Somebody looked at what called for attention, and says what was done."""

    name: ClassVar[str] = "attend"
    note: str = ""

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        case.record(actor, "attended", what=case.row.attention, note=self.note)
        case.row.attention = case.row.attention_since = None


@dataclass(frozen=True, slots=True)
class Note:
    """备注: for colleagues only; never sent out, never resets a clock."""

    name: ClassVar[str] = "note"
    text: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        case.record(actor, "noted", text=written(self.text))
