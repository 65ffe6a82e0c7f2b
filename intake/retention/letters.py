"""Letters that were set aside at the letter desk: after the same age their scans and findings go, too.

You are here: keeper → [letters]. Such a letter never became a submission, so no case takes it along. Its row
stays, for the figures: when it came, and that somebody set it aside.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, or_, select, update

from intake import schema
from intake.retention.files import with_previews
from intake.retention.texts import ERASED
from intake.vault import sealed

_L, _F, _P = schema.letter.c, schema.letter_file.c, schema.letter_page.c
_BLANK = (
    update(schema.letter)
    .where(_L.id == bindparam("b_id"))
    .values(
        fields=bindparam("v_fields"),
        draft=bindparam("v_draft"),
        # the same scan, should it ever come again, is a letter again
        dedupe_key=bindparam("v_dedupe_key"),
        reason=bindparam("v_reason"),
        note=None,
        error=None,
        taken_by=None,
        taken_mark=None,
    )
)


def count_letters(connection: Connection, before: datetime) -> int:
    """How many letters were set aside before that moment and still have something to lose."""
    return int(connection.execute(select(func.count()).where(_is_old(before))).scalar_one())


def erase_letters(connection: Connection, before: datetime, limit: int) -> tuple[int, set[str]]:
    """Blank up to ``limit`` of them; returns how many, and the files (SHA-256) that they referred to."""
    query = select(_L.id, _L.reason).where(_is_old(before)).order_by(_L.id).limit(limit)
    rows = connection.execute(query.with_for_update(skip_locked=True)).all()
    ids = [row.id for row in rows]
    if not ids:
        return 0, set()
    files: set[str] = set()
    for column, owner in ((_F.sha256, _F.letter_id), (_P.sha256, _P.letter_id)):
        files |= {name for name in connection.execute(select(column).where(owner.in_(ids))).scalars() if name}
    for table in (schema.letter_page, schema.letter_file):
        connection.execute(delete(table).where(table.c.letter_id.in_(ids)))
    connection.execute(_BLANK, [_blank(row) for row in rows])
    return len(ids), with_previews(connection, files)


def _blank(row: Any) -> dict[str, Any]:
    return {
        "b_id": row.id,
        "v_fields": sealed(row.id, {}),
        "v_draft": sealed(row.id, {}),
        "v_dedupe_key": row.id,
        "v_reason": ERASED if row.reason else row.reason,
    }


def _is_old(before: datetime) -> ColumnElement[bool]:
    """Set aside before that moment, and not blanked yet."""
    scanned = select(_F.letter_id).where(_F.letter_id == _L.id).exists()
    named = _L.dedupe_key != _L.id
    return (_L.state == "discarded") & (_L.ended_at < before) & or_(scanned, named)
