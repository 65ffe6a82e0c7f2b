"""What must hold for one case: pure checks over all rows that belong to it (promises 4, 5, 6, 7, 9)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from intake.contracts import Directory, Text
from intake.findings import Finding
from intake.history import broken_at
from intake.lifecycle import APPROVERS, State
from intake.references import InvalidReference, number_from, reference_of
from intake.replay import Replayed, replay
from intake.retention.texts import erased_seqs
from intake.telling import AGAIN

_ARRIVED = ("sent", "delivered")


@dataclass(slots=True)
class CaseFile:
    """A case's row and what belongs to it; events by seq, ``actor`` and ``data`` as stored text."""

    row: Any
    events: list[Any] = field(default_factory=list)
    members: list[str] = field(default_factory=list)  # participation ids
    answers: dict[str, Any] = field(default_factory=dict)  # outbox rows of answers, by dedupe key
    blocks: dict[str, datetime] = field(default_factory=dict)  # bureau → since when
    supports: set[str] = field(default_factory=set)
    told: list[Any] = field(default_factory=list)  # outbox rows to bureaus, of cases with blocks only
    lead: Any | None = None  # the row of the case that it was merged into: id, merged_into


Said = tuple[str, str]
"""What is wrong: Chinese, English."""


def check_case(case: CaseFile, directory: Directory) -> Iterator[Finding]:
    """Everything that is wrong with one case."""
    row = case.row
    where = reference_of(row.number)
    try:
        after = replay(case.events)
    except (KeyError, TypeError, ValueError):
        yield Finding(9, where, Text("历史记录无法读取", "an event cannot be read"))
        return
    for promise, check in _CHECKS:
        for zh, en in check(case, after, directory):
            yield Finding(promise, where, Text(zh, en))


def _reference(case: CaseFile, after: Replayed, directory: Directory) -> Iterator[Said]:
    number = case.row.number
    try:
        sound = number_from(reference_of(number)) == number
    except InvalidReference:
        sound = False
    if not sound:
        yield f"内部编号 {number} 无法写成受理编号", f"the number {number} makes no reference"


def _someone_has_it(case: CaseFile, after: Replayed, directory: Directory) -> Iterator[Said]:
    row = case.row
    if row.closed_at is not None and row.state == State.CLOSED:
        return
    if row.responsible in ("", "nobody") or row.action in ("", "none"):
        yield "未办结，却没有人负责", "open, but nobody is responsible for it"
    if row.due_at is None or row.next_at is None:
        yield "未办结，却没有期限或下次催办时间", "open, but without a date"


def _was_answered(case: CaseFile, after: Replayed, directory: Directory) -> Iterator[Said]:
    row = case.row
    if row.merged_into is not None:
        return  # its lead answers everybody, see there
    if row.attention is None and after.failed and (row.state == State.ANSWERED or row.closed_at):
        yield "答复没有送达，却没有人跟进", "the answer did not arrive, and nobody looks after it"
    if after.state != State.CLOSED:
        return
    if after.no_answer_reason is not None:
        if not after.no_answer_reason.strip() or after.closed_by not in APPROVERS:
            yield "未经领导批准并说明理由就办结", "closed without an answer and without a leader's reason"
        return
    if not after.answered_seq:
        yield "没有答复就办结", "closed without an answer"
        return
    if not case.members:
        yield "没有可以送达的投诉人，也没有说明理由", "closed, but there was nobody an answer could reach"
    for member in case.members:
        key = f"{row.id}:{after.answered_seq}:answer:{member}"
        sent = sorted(
            (told for name, told in case.answers.items() if name == key or name.startswith(f"{key}{AGAIN}")),
            key=lambda told: str(told.id),
        )
        if not sent:
            yield "办结前没有向每位投诉人发出答复", "closed, but one complainant was never sent the answer"
            continue
        last = sent[-1]  # an answer that came back may have gone out again, to another address
        if last.state not in _ARRIVED and not any(_came_back_later(case, one) for one in sent):
            yield f"已办结，但答复的状态是 {last.state}", f"closed, but the answer is {last.state}"


def _came_back_later(case: CaseFile, sent: Any) -> bool:
    """Whether the answer had arrived when the case was closed, and is being (or was) looked after."""
    after_closing = any(
        event.kind in ("bounced", "failed") and sent.id in event.data and event.at >= case.row.closed_at
        for event in case.events
        if case.row.closed_at is not None
    )
    return sent.state == "bounced" and after_closing


def _one_matter(case: CaseFile, after: Replayed, directory: Directory) -> Iterator[Said]:
    """A merged case names a lead that is not merged itself, and asks nothing of anybody."""
    row = case.row
    if row.merged_into != after.merged_into:
        yield "并入的主件与历史不符", "the case that leads it is not the one of its history"
    if row.merged_into is None:
        if row.outcome == "merged":
            yield "以并案办结，却没有主件", "closed as merged, but into nothing"
        return
    if case.lead is None:
        yield "并入的主件不存在", "it was merged into a case that does not exist"
    elif case.lead.merged_into is not None or case.lead.id == row.id:
        yield "并入的主件本身也已并案", "the case that leads it is merged itself"
    if row.state != State.CLOSED or row.closed_at is None or row.outcome != "merged":
        yield "已并案，却没有以并案办结", "merged, but not closed as merged"
    if row.due_at or row.next_at or row.attention or row.action != "none":
        yield "已并案，却还有待办", "merged, but somebody still has to do something with it"


def _clock_stands(case: CaseFile, after: Replayed, directory: Directory) -> Iterator[Said]:
    if after.received != case.row.received_at:
        yield "收到时间与历史不符", "the time of receipt is not the one in its history"


def _accused_is_out(case: CaseFile, after: Replayed, directory: Directory) -> Iterator[Said]:
    row, barred = case.row, set(case.blocks)
    for code in case.blocks:
        barred |= directory.family(code)
    handling = {code for code in (row.bureau, *row.supporting, *case.supports) if code}
    for code in sorted(handling & barred):
        yield f"应回避的单位 {code} 在办理此件", f"the barred bureau {code} handles it"
    for sent in case.told:
        code = sent.dedupe_key.split(":")[3]
        if code in case.blocks and sent.created_at > case.blocks[code]:
            yield f"回避之后仍通知了 {code}", f"{code} was told of it after being barred"


def _history_holds(case: CaseFile, after: Replayed, directory: Directory) -> Iterator[Said]:
    row = case.row
    erased = erased_seqs(case.events, json.loads) if row.anonymised_at is not None else ()
    seq = broken_at(case.events, row.last_seq, row.last_hash, erased)
    if seq is not None:
        yield f"历史从第 {seq} 条起被改动或缺失", f"its history was changed or cut at event {seq}"
    stored = (row.state, row.bureau, row.outcome, row.answered_at, row.closed_at, row.no_answer_reason)
    told = (
        *(after.state, after.bureau, after.outcome),
        *(after.answered_at, after.closed_at, after.no_answer_reason),
    )
    for name, zh, ours, theirs in zip(_NAMES_EN, _NAMES_ZH, stored, told, strict=True):
        if ours != theirs:
            yield f"{zh}是 {ours}，按历史应是 {theirs}", f"the {name} is {ours}; its history says {theirs}"
    if sorted(row.supporting) != sorted(after.supporting) or set(row.supporting) != case.supports:
        yield "协办单位与历史不符", "the supporting bureaus are not those of its history"
    if set(case.blocks) != after.barred:
        yield "回避记录与历史不符", "the blocks are not those of its history"


_NAMES_EN = ("state", "bureau", "outcome", "time of the answer", "time of closing", "reason for no answer")
_NAMES_ZH = ("状态", "责任单位", "办结方式", "答复时间", "办结时间", "未答复理由")

_Check = Callable[[CaseFile, Replayed, Directory], Iterator[Said]]
_CHECKS: Sequence[tuple[int, _Check]] = (
    (2, _reference),
    (4, _someone_has_it),
    (5, _was_answered),
    (6, _clock_stands),
    (7, _accused_is_out),
    (8, _one_matter),
    (9, _history_holds),
)
