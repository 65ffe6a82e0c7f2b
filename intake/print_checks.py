"""What must hold for letters on paper: none lost, none in two batches, none told before it was posted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from intake import schema
from intake.contracts import Text
from intake.findings import Finding
from intake.print_queue import CHANNEL

_p, _b, _o, _c = schema.printout.c, schema.print_batch.c, schema.outbox.c, schema.complaint.c
_JOINED = select(_o.id).join_from(schema.printout, schema.outbox, _p.outbox_id == _o.id)
_GATHERED = _p.state.in_(("printing", "printed", "posted", "came_back"))

_LOST = (
    select(_o.id)
    .join_from(schema.outbox, schema.printout, _p.outbox_id == _o.id, isouter=True)
    .join(schema.complaint, _o.complaint_id == _c.id, isouter=True)
    .where(_o.channel == CHANNEL, _o.state.in_(("sent", "delivered", "bounced")), _p.outbox_id.is_(None))
    .where(_c.anonymised_at.is_(None))  # erased by age, with the paper that it stood on
)
_RULES: tuple[tuple[int, Select[Any], str, str], ...] = (
    (
        1,
        _LOST,
        "信件已交付打印，打印队列里却没有",
        "was handed on to be printed, but is not in the print queue",
    ),
    (
        2,
        _JOINED.where(
            or_(and_(_GATHERED, _p.batch_id.is_(None)), and_(~_GATHERED, _p.batch_id.is_not(None)))
        ),
        "信件的打印状态与批次不符",
        "its state of printing and its batch do not go together",
    ),
    (
        5,
        _JOINED.where(_p.state == "posted", _o.state != "delivered"),
        "信已寄出，发件却没有记为送达",
        "was posted, but does not count as delivered",
    ),
    (
        5,
        _JOINED.where(_p.state == "came_back", _o.state != "bounced"),
        "信被退回，发件却没有记为退回",
        "came back, but does not count as bounced",
    ),
    (
        5,
        _JOINED.where(_o.state == "delivered", _p.state != "posted"),
        "信没有寄出，却记为送达",
        "counts as delivered, but was not posted",
    ),
    (
        4,
        _JOINED.where(_p.state == "cancelled", _o.state.in_(("sent", "delivered"))),
        "信已取消，发件却记为发出",
        "was cancelled, but counts as sent",
    ),
)


def check_letters(connection: Connection) -> Iterator[Finding]:
    """Promises 1, 2, 4 and 5, for what goes out on paper."""
    for promise, query, zh, en in _RULES:
        for (key,) in connection.execute(query):
            yield Finding(promise, key, Text(zh, en))
    crowded = (
        select(_b.id)
        .join_from(schema.print_batch, schema.printout, _p.batch_id == _b.id)
        .group_by(_b.id, _b.letters)
        .having(func.count() > _b.letters)
    )
    for (key,) in connection.execute(crowded):
        yield Finding(2, key, Text("批次里的信比打印时多", "holds more letters than were gathered into it"))
