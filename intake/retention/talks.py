"""What is remembered of calls and conversations: of no use when it is old, but it names a number.

You are here: keeper → [talks]. Cases take along what belongs to them; this is what no case holds any more.
Whoever said STOP is remembered, so that nobody writes to them again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, func

from intake import schema

_T, _C = schema.conversation.c, schema.phone_call.c


def erase_talks(connection: Connection, before: datetime) -> int:
    """Forget calls that began, and conversations in which nothing was said, since before that moment.

    Returns how many were forgotten.
    """
    calls = delete(schema.phone_call).where(_C.started_at < before)
    silent = and_(
        _T.complaint_id.is_(None),
        _T.held_id.is_(None),
        _T.stopped_at.is_(None),
        func.coalesce(_T.heard_at, _T.asked_at) < before,
    )
    talks = delete(schema.conversation).where(silent)
    return sum(max(connection.execute(each).rowcount, 0) for each in (calls, talks))
