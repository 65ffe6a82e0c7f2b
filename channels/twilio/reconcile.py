"""Finds what a webhook missed. You are here: clock → **reconcile** → inbox and deliveries.

Twilio calls a webhook again only when it could not connect; whatever was lost on the way still stands in its
lists. Every few minutes the latest hours are compared, and the latest days after a start and once a day.
The dedupe key makes it safe to find a message twice, and to run in two processes at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from channels.sms.receiving import SMS, WHATSAPP, submission
from channels.twilio.account import TwilioAccount
from channels.twilio.client import API, connect, failures
from channels.twilio.lost_calls import Ended, LostCalls
from channels.twilio.statuses import STATUSES, Deliveries, tell
from intake import schema
from intake.clock import Clock
from intake.contracts import DeliveryFailed, Receipt, Submission
from intake.store import Store

if TYPE_CHECKING:
    from twilio.rest import Client

log = logging.getLogger(__name__)

USUALLY, THOROUGHLY = timedelta(hours=3), timedelta(days=3)
THOROUGH_EVERY = timedelta(days=1)
LEAVE_ALONE = timedelta(minutes=2)
"""Younger messages may still be on their way to the webhook."""
CALL_MAY_GO_ON = timedelta(minutes=10)
MOST = 20_000
_PAGE = 500
_MOST_MEDIA = 10

Recorded = Callable[[Mapping[str, str], datetime], Submission | None]
"""The fields of a recording's report, as the webhook names them, to its submission (None: not ours).

RecordingSid, RecordingUrl, RecordingDuration, RecordingStatus, CallSid, AccountSid, From, To, Direction.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """How much was missing."""

    messages: int = 0
    recordings: int = 0
    statuses: int = 0
    calls: int = 0

    def __bool__(self) -> bool:
        return bool(self.messages or self.recordings or self.statuses or self.calls)


class Reconcile:
    """Compares Twilio's lists with ours. One per process."""

    def __init__(
        self,
        account: TwilioAccount,
        store: Store,
        accept: Callable[[Submission], Receipt],
        clock: Clock,
        deliveries: Deliveries | None = None,
        recorded: Recorded | None = None,
        ended: Ended | None = None,
        most: int = MOST,
    ) -> None:
        """``most`` entries of each list are looked at, the newest first."""
        self._account = account
        self._store = store
        self._accept = accept
        self._clock = clock
        self._deliveries = deliveries
        self._recorded = recorded
        self._calls = LostCalls(store, ended, most) if ended is not None else None
        self._most = most
        self._thorough_at: datetime | None = None

    @cached_property
    def _client(self) -> Client:
        return connect(self._account)

    def run(self) -> Found:
        """Look once; what Twilio does not tell now is found at the next look."""
        now = self._clock()
        thorough = self._thorough_at is None or now >= self._thorough_at
        since = now - (THOROUGHLY if thorough else USUALLY)
        looks = (self._missed_messages, self._missed_recordings, self._missed_statuses, self._missed_ends)
        heard = [self._attempt(look, since, now) for look in looks]
        found = Found(*(count or 0 for count in heard))
        if thorough and None not in heard:
            self._thorough_at = now + THOROUGH_EVERY
        if found:
            log.warning(
                "reconcile: %d message(s), %d recording(s), %d status(es) and %d end(s) of calls "
                "had not been heard of: is the webhook's address right?",
                found.messages,
                found.recordings,
                found.statuses,
                found.calls,
            )
        return found

    def _attempt(
        self, look: Callable[[datetime, datetime], int], since: datetime, now: datetime
    ) -> int | None:
        """How much ``look`` found; None when Twilio did not tell, which keeps nobody else from looking."""
        try:
            with failures(self._clock):
                return look(since, now)
        except DeliveryFailed as failed:
            log.warning("reconcile: one of Twilio's lists could not be read: %s", failed.reason)
            return None

    def _missed_messages(self, since: datetime, now: datetime) -> int:
        listed = self._client.messages.stream(
            date_sent_after=since, limit=self._most, page_size=min(_PAGE, self._most)
        )
        ours = (m for m in listed if m.direction == "inbound" and _old(m, now, LEAVE_ALONE))
        count = 0
        for batch in _batches(ours):
            known = self._known([str(m.sid) for m in batch], (SMS, WHATSAPP))
            for message in (m for m in batch if m.sid not in known):
                made = submission(self._fields(message), min(message.date_created or now, now))
                if made is not None:
                    count += not self._accept(made).duplicate
        return count

    def _fields(self, message: Any) -> dict[str, str]:
        """A listed message in the words of its webhook."""
        fields = {
            "MessageSid": str(message.sid),
            "AccountSid": str(message.account_sid),
            "From": str(message.from_ or ""),
            "To": str(message.to or ""),
            "Body": str(message.body or ""),
            "NumMedia": str(message.num_media or "0"),
        }
        if fields["NumMedia"] != "0":
            for index, file in enumerate(message.media.list(limit=_MOST_MEDIA)):
                fields[f"MediaUrl{index}"] = API + str(file.uri).removesuffix(".json")
                fields[f"MediaContentType{index}"] = str(file.content_type or "")
        return fields

    def _missed_recordings(self, since: datetime, now: datetime) -> int:
        if self._recorded is None:
            return 0
        listed = self._client.recordings.stream(
            date_created_after=since, limit=self._most, page_size=min(_PAGE, self._most)
        )
        count = 0
        for batch in _batches(r for r in listed if _old(r, now, CALL_MAY_GO_ON) and r.status == "completed"):
            known = self._known([str(r.sid) for r in batch], ("phone",))
            for recording in (r for r in batch if r.sid not in known):
                made = self._recorded(self._recording(recording), min(recording.date_created or now, now))
                if made is not None:
                    count += not self._accept(made).duplicate
        return count

    def _recording(self, recording: Any) -> dict[str, str]:
        from twilio.base.exceptions import TwilioRestException

        call: Any = None
        try:
            call = self._client.calls(str(recording.call_sid)).fetch()
        except TwilioRestException as error:
            if error.status != 404:
                raise
            log.info("reconcile: the call of recording %s is not listed any more", recording.sid)
        address = recording.media_url or API + str(recording.uri).removesuffix(".json")
        return {
            "RecordingSid": str(recording.sid),
            "RecordingUrl": str(address),
            "RecordingDuration": str(recording.duration or "0"),
            "RecordingStatus": "completed",
            "AccountSid": str(recording.account_sid),
            "CallSid": str(recording.call_sid),
            "From": str(getattr(call, "_from", None) or ""),  # so named by Twilio's library
            "To": str(getattr(call, "to", None) or ""),
            "Direction": str(getattr(call, "direction", None) or "inbound"),
        }

    def _missed_statuses(self, since: datetime, now: datetime) -> int:
        """Final statuses of messages that we believe to be still on their way."""
        if self._deliveries is None:
            return 0
        waiting = self._on_their_way(since, now)
        if not waiting:
            return 0
        count = 0
        for message in self._client.messages.stream(
            date_sent_after=since, limit=self._most, page_size=min(_PAGE, self._most)
        ):
            outbox_id = waiting.get(str(message.sid))
            if outbox_id is None or STATUSES.get(str(message.status), "") not in ("delivered", "failed"):
                continue
            status, code = str(message.status), message.error_code
            count += tell(self._deliveries, now, outbox_id, str(message.sid), status, code)
        return count

    def _missed_ends(self, since: datetime, now: datetime) -> int:
        """Calls out that are over, while their messages wait for them to end."""
        if self._calls is None:
            return 0
        return self._calls.look(self._client, since, now, thorough=since <= now - THOROUGHLY)

    def _on_their_way(self, since: datetime, now: datetime) -> dict[str, str]:
        c = schema.outbox.c
        query = select(c.provider_id, c.id).where(
            c.channel.in_((SMS, WHATSAPP)),
            c.state == "sent",
            c.sent_at >= since,
            c.sent_at <= now - LEAVE_ALONE,
            c.provider_id.is_not(None),
        )
        with self._store.read() as connection:
            return {str(row.provider_id): str(row.id) for row in connection.execute(query.limit(self._most))}

    def _known(self, sids: list[str], channels: tuple[str, ...]) -> set[str]:
        c = schema.submission.c
        query = select(c.external_id).where(c.external_id.in_(sids), c.channel.in_(channels))
        with self._store.read() as connection:
            return set(connection.execute(query).scalars())


def _old(entry: Any, now: datetime, age: timedelta) -> bool:
    """Whether a listed message or recording is old enough to have been heard of; undated ones are."""
    return entry.date_created is None or bool(entry.date_created <= now - age)


def _batches(entries: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(entries)
    while batch := list(islice(rest, _PAGE)):
        yield batch
