"""What must hold for the queues and counters: nothing twice, nothing forgotten (promises 2 and 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, not_, or_, select

from intake import schema
from intake.columns import canonical_json
from intake.contracts import Text
from intake.findings import Finding
from intake.references import InvalidReference, number_from, reference_of
from intake.retention.texts import ERASED
from intake.work import PENDING, key_of

PATIENCE = timedelta(minutes=15)
"""Work that was due this long ago and that nobody holds has been forgotten."""

_SERIALS_PER_YEAR = 10**8
_s, _c = schema.submission.c, schema.complaint.c


def check_duplicates(connection: Connection) -> Iterator[Finding]:
    """Promise 2: no key twice, no message twice, and what was promised at the door was kept."""
    twice = select(_s.dedupe_key).group_by(_s.dedupe_key).having(func.count() > 1)
    for (key,) in connection.execute(twice):
        yield Finding(2, key, Text("同一去重键有多个来件", "several submissions share one dedupe key"))
    groups = select(_s.channel, _s.external_id).group_by(_s.external_id, _s.channel).having(func.count() > 1)
    for channel, external_id in connection.execute(groups):
        yield from _same_message(connection, channel, external_id)
    promised = (
        select(_s.id, _s.reserved_number, _c.number)
        .join_from(schema.submission, schema.complaint, _c.first_submission_id == _s.id)
        .where(_s.reserved_number != _c.number)
    )
    for row in connection.execute(promised):
        given, kept = reference_of(row.reserved_number), reference_of(row.number)
        yield Finding(
            2, kept, Text(f"给投诉人的编号却是 {given}", f"its complainant was given another one, {given}")
        )


def _same_message(connection: Connection, channel: str, external_id: str) -> Iterator[Finding]:
    raw = schema.raw_message.c
    query = (
        select(_s.id, _s.envelope, raw.content)
        .join_from(schema.submission, schema.raw_message, raw.submission_id == _s.id)
        .where(_s.channel == channel, _s.external_id == external_id)
        .order_by(_s.id)
    )
    seen: dict[tuple[bytes, str], str] = {}
    for row in connection.execute(query):
        same = (hashlib.sha256(row.content).digest(), _recipients(row.envelope))
        first = seen.setdefault(same, row.id)
        if first != row.id:
            what = Text(f"与来件 {first} 是同一封", f"is the same message as {first}")
            yield Finding(2, row.id, what)


def _recipients(envelope: Any) -> str:
    """A copy to another address of ours is another message; a second one to the same is not."""
    return canonical_json(sorted(str(to) for to in envelope.get("rcpt_to", ()))) + str(
        envelope.get("token", "")
    )


def check_queues(connection: Connection, now: datetime) -> Iterator[Finding]:
    """Promise 4: what was filed belongs to a case; what waits is being worked on."""
    elsewhere = and_(_s.became.is_not(None), _s.became.in_(("talk", "album")))
    homeless = select(_s.id).where(_s.state != "pending", _s.complaint_id.is_(None), not_(elsewhere))
    for (key,) in connection.execute(homeless):
        yield Finding(4, key, Text("来件已处理，却不属于任何投诉件", "was handled, but belongs to no case"))
    became, body = func.coalesce(_s.became, ""), func.coalesce(_s.body, "")
    forgotten_talk = and_(_s.complaint_id.is_(None), became.in_(("talk", "album")), body == ERASED)
    unread = (
        select(_s.id)
        .join_from(schema.submission, schema.raw_message, isouter=True)
        .join(schema.complaint, _c.id == _s.complaint_id, isouter=True)
        .where(schema.raw_message.c.submission_id.is_(None), _c.anonymised_at.is_(None))
        .where(not_(forgotten_talk))
    )
    for (key,) in connection.execute(unread):
        yield Finding(1, key, Text("来件的原件不见了", "its raw message is gone"))
    long_ago = now - PATIENCE
    for table, zh, en in _FORGOTTEN:
        t = table.c
        free = or_(t.lease_until.is_(None), t.lease_until < long_ago)
        forgotten = select(key_of(table)).where(t.state == PENDING, t.due_at < long_ago, free)
        for (key,) in connection.execute(forgotten):
            yield Finding(4, key, Text(zh, en))
    yield from _check_conversations(connection)


_FORGOTTEN = (
    (schema.submission, "来件无人处理", "the submission waits and nobody works on it"),
    (schema.outbox, "发件无人处理", "the outgoing message waits and nobody sends it"),
    (schema.remote_file, "文件无人取回", "the file waits at its provider and nobody fetches it"),
    (schema.transcript, "录音无人转写", "the recording waits and nobody writes it down"),
    (schema.letter, "信件无人识别", "the letter waits and nobody reads it"),
    (schema.inspection, "附件无人查验", "the file waits and nobody inspects it"),
    (schema.matching, "来件无人比对", "the submission waits and nobody looks for its companions"),
)


def _check_conversations(connection: Connection) -> Iterator[Finding]:
    """Promise 4: what is held back is held by a conversation, which asks about it, until a date."""
    t = schema.conversation.c
    lost = (
        select(_s.id)
        .join_from(schema.submission, schema.conversation, t.held_id == _s.id, isouter=True)
        .where(_s.state == "pending", _s.became == "held", t.id.is_(None), _s.conversation.is_(None))
    )
    for (key,) in connection.execute(lost):
        yield Finding(4, key, Text("来件被暂缓，却不属于任何对话", "is held back, but by no conversation"))
    dateless = select(t.id).where(t.held_id.is_not(None), t.held_until.is_(None))
    for (key,) in connection.execute(dateless):
        yield Finding(4, key, Text("对话暂缓了来件，却没有期限", "holds a message back without a date"))
    settled = (
        select(_s.id)
        .join_from(schema.conversation, schema.submission, t.held_id == _s.id)
        .where(_s.state != "pending")
    )
    for (key,) in connection.execute(settled):
        yield Finding(
            4, key, Text("来件已处理，对话却仍在等它", "was filed, but its conversation still holds it")
        )


def check_counters(connection: Connection) -> Iterator[Finding]:
    """Promise 2: no serial in use is ahead of its year's counter, or it would be given out again."""
    rows = connection.execute(select(schema.counter.c.name, schema.counter.c.value))
    counters: dict[str, int] = {row.name: row.value for row in rows}
    for number in (_c.number, _s.reserved_number):
        year = 0
        while year < 100:  # one look into the index for each year that has any
            first = year * _SERIALS_PER_YEAR
            found = connection.execute(select(func.min(number)).where(number >= first)).scalar()
            if found is None:
                break
            year = found // _SERIALS_PER_YEAR
            beyond = (year + 1) * _SERIALS_PER_YEAR
            highest = connection.execute(select(func.max(number)).where(number < beyond)).scalar_one()
            if counters.get(f"serial-{year:02d}", 0) < highest % _SERIALS_PER_YEAR:
                what = Text("序号超过了当年的计数器", "its serial is ahead of the year's counter")
                yield Finding(2, _shown(highest), what)
            year += 1


def _shown(number: int) -> str:
    reference = reference_of(number)
    try:
        number_from(reference)
    except InvalidReference:
        return str(number)
    return reference
