"""Finds how calls out ended when no report said so. You are here: reconcile → **lost calls** → switchboard.

A call whose last report was lost would leave its message "sent" for ever: nobody would be called again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from intake import schema
from intake.store import Store

if TYPE_CHECKING:
    from twilio.rest import Client

LEAVE_ALONE = timedelta(minutes=2)
"""The report of a call that ended later than that may still be on its way."""
MOST_ASKED_SINGLY = 100
_PAGE = 500
_OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})

Ended = Callable[[Mapping[str, str], str], None]
"""The fields of a call's last report, as the webhook names them, and the message it was to bring ("": none).

CallSid, AccountSid, From, To, Direction, CallStatus, CallDuration. Raises StorageUnavailable.
"""


class LostCalls:
    """Compares the calls that we believe to go on with Twilio's list. One per process."""

    def __init__(self, store: Store, ended: Ended, most: int) -> None:
        self._store = store
        self._ended = ended
        self._most = most

    def look(self, client: Client, since: datetime, now: datetime, *, thorough: bool) -> int:
        """Tell of every call that is over; returns how many. ``thorough``: of whatever age.

        Raises what the client raises: the rest is found at the next look.
        """
        waiting = self._going_on(None if thorough else since, now)
        if not waiting:
            return 0
        count = 0
        for call in _listed(client, waiting, since, self._most):
            if not _over(call, now):
                continue
            self._ended(_fields(call), waiting[str(call.sid)])
            count += 1
        return count

    def _going_on(self, since: datetime | None, now: datetime) -> dict[str, str]:
        """Calls out whose end we do not know, with the message that each was to bring."""
        o, p = schema.outbox.c, schema.phone_call.c
        sent = select(o.provider_id, o.id).where(
            o.channel == "phone",
            o.state == "sent",
            o.provider_id.is_not(None),
            o.sent_at <= now - LEAVE_ALONE,
        )
        begun = select(p.sid, p.outbox_id).where(
            p.outgoing, p.ended_at.is_(None), p.started_at <= now - LEAVE_ALONE
        )
        if since is not None:
            sent, begun = sent.where(o.sent_at >= since), begun.where(p.started_at >= since)
        sent = sent.order_by(o.sent_at.desc()).limit(self._most)
        begun = begun.order_by(p.started_at.desc()).limit(self._most)
        with self._store.read() as connection:
            rows = [*connection.execute(begun), *connection.execute(sent)]
        return {str(sid): str(outbox_id or "") for sid, outbox_id in rows}


def _listed(client: Client, waiting: Mapping[str, str], since: datetime, most: int) -> Iterator[Any]:
    """Those of ``waiting`` that Twilio knows; what its list lacks (a call never dialled has no time of
    beginning, an older one lies outside) is asked for by its id."""
    left = dict(waiting)
    for call in client.calls.stream(start_time_after=since, limit=most, page_size=min(_PAGE, most)):
        if left.pop(str(call.sid), None) is not None:
            yield call
        if not left:
            return
    for sid in list(left)[:MOST_ASKED_SINGLY]:
        found = _one(client, sid)
        if found is not None:
            yield found


def _one(client: Client, sid: str) -> Any | None:
    from twilio.base.exceptions import TwilioRestException

    try:
        return client.calls(sid).fetch()
    except TwilioRestException as error:
        if error.status != 404:
            raise
        return None


def _over(call: Any, now: datetime) -> bool:
    ended = call.end_time or call.date_updated
    return str(call.status) in _OVER and (ended is None or bool(ended <= now - LEAVE_ALONE))


def _fields(call: Any) -> dict[str, str]:
    """A listed call in the words of its last report.

    Never without a duration: a report without one is taken to come at the very end of its call.
    """
    seconds = str(call.duration or "")
    return {
        "CallSid": str(call.sid),
        "AccountSid": str(call.account_sid),
        "From": str(getattr(call, "_from", None) or ""),  # so named by Twilio's library
        "To": str(call.to or ""),
        "Direction": str(call.direction or "outbound-api"),
        "CallStatus": str(call.status),
        "CallDuration": seconds if seconds.isdecimal() and int(seconds) else "1",
    }
