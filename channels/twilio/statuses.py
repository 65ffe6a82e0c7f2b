"""What became of a message, told by Twilio. You are here: Twilio → **status** → deliveries.

Statuses come late, twice and out of order; intake moves a delivery only forwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qs

from channels.twilio import webhook
from channels.twilio.errors import verdict
from channels.twilio.signature import Signatures
from channels.twilio.webhook import Answer, Call, first
from intake.clock import Clock
from intake.contracts import StorageUnavailable


class Deliveries(Protocol):
    """Who writes down what became of outgoing messages (``intake.deliveries``)."""

    def report(
        self,
        outbox_id: str | None,
        provider_id: str,
        status: str,
        note: str = "",
        *,
        permanent: bool = True,
        again_at: datetime | None = None,
        other_way: str = "",
    ) -> bool:
        """Move the message forwards; whether it was found."""
        ...


STATUSES: Mapping[str, str] = {
    # Twilio's: ours; "" is no news
    "accepted": "",
    "scheduled": "",
    "queued": "",
    "sending": "",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
"""https://www.twilio.com/docs/messaging/api/message-resource#message-status-values"""


class StatusWebhook:
    """``POST /webhooks/twilio/status?id=<outbox id>``. Thread-safe."""

    def __init__(self, signatures: Signatures, deliveries: Deliveries, clock: Clock) -> None:
        self._signatures = signatures
        self._deliveries = deliveries
        self._clock = clock

    def receive(self, call: Call) -> Answer:
        """Answer ``call``: 200 also for messages that nobody knows, or Twilio would ask again for nothing."""
        fields = webhook.parse(call)
        if isinstance(fields, Answer):
            return fields
        if not self._signatures.admit(call, fields):
            return webhook.FORGED
        told = webhook.collected(fields)
        sid = first(told, "MessageSid") or first(told, "SmsSid")
        if not webhook.SID.fullmatch(sid):
            return webhook.INCOMPLETE
        outbox_id, last = _asked_for(call.target)
        status = first(told, "MessageStatus") or first(told, "SmsStatus")
        try:
            tell(self._deliveries, self._clock(), outbox_id, sid, status, first(told, "ErrorCode"), last=last)
        except StorageUnavailable:
            return webhook.UNAVAILABLE
        return webhook.TAKEN


def tell(
    deliveries: Deliveries,
    now: datetime,
    outbox_id: str | None,
    sid: str,
    status: str,
    error_code: Any = "",
    *,
    last: bool = True,
) -> bool:
    """Report one status as Twilio names it; whether it was news of a message we know.

    Of an answer that went as several messages, the last one's arrival counts, and any one's failure.
    """
    ours = STATUSES.get(status.lower(), "")
    if not ours or (ours != "failed" and not last):
        return False
    if ours != "failed":
        return deliveries.report(outbox_id, sid, ours)
    code = int(error_code) if str(error_code or "").isdigit() and len(str(error_code)) < 8 else None
    meant = verdict(code)
    note = f"{meant.reason} (Twilio {code or status})"
    return deliveries.report(
        outbox_id,
        sid,
        "failed",
        note,
        permanent=meant.permanent,
        again_at=meant.again_at(now),
        other_way=meant.other_way,
    )


def _asked_for(target: str) -> tuple[str | None, bool]:
    """The outbox id of the call's address, and whether it is about the answer's last message."""
    asked = parse_qs(target.partition("?")[2], max_num_fields=20)
    outbox_id = asked.get("id", [""])[0]
    part, of = asked.get("part", ["1"])[0], asked.get("of", ["1"])[0]
    return (outbox_id if webhook.SID.fullmatch(outbox_id) else None), part == of
