"""How word goes back by text and by WhatsApp. You are here: outbox → **sender** → Twilio → citizen.

A text is sent as it is worded, never cut: one that is longer than Twilio takes goes as several numbered
messages. When an earlier try may have been taken unnoticed, Twilio is asked what it has already, so that
nobody reads the same twice.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from channels.sms.parts import messages, sms_parts
from channels.sms.receiving import WHATSAPP
from channels.twilio.account import TwilioAccount
from channels.twilio.client import TIMEOUT, connect, failures
from intake.clock import Clock
from intake.contracts import Delivery, DeliveryFailed, Message

if TYPE_CHECKING:
    from twilio.rest import Client

log = logging.getLogger(__name__)

STATUS_PATH = "/webhooks/twilio/status"
MOST_MESSAGES = 20
_LOOK_BACK = 100  # messages to one number among which an earlier try is looked for
_CLOCKS_DIFFER = timedelta(minutes=2)
_NOT_SENT = frozenset({"failed", "undelivered", "canceled"})
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class TextSender:
    """Implements :class:`intake.contracts.Sender` for ``sms`` and ``whatsapp``."""

    def __init__(self, account: TwilioAccount, clock: Clock, timeout: float = TIMEOUT) -> None:
        self._account = account
        self._clock = clock
        self._timeout = timeout

    @cached_property
    def _client(self) -> Client:
        return connect(self._account, self._timeout)

    def send(self, message: Message) -> Delivery:
        """Send once; :class:`DeliveryFailed` says whether trying again helps.

        ``provider_id`` is the SID of the last message; the note names those before it.
        """
        if not _E164.fullmatch(message.to):
            raise DeliveryFailed("the address is not a telephone number", permanent=True)
        if not message.text.strip():
            raise DeliveryFailed("the message is empty", permanent=True)
        begun = time.monotonic()
        pieces = messages(message.text)
        if len(pieces) > MOST_MESSAGES:
            raise DeliveryFailed(f"the text would take {len(pieces)} messages", permanent=True)
        sids = self._send_all(message, pieces)
        log.info(
            "text by %s outbox=%s messages=%d parts=%d ms=%.0f",
            message.channel,
            message.outbox_id,
            len(pieces),
            sum(map(sms_parts, pieces)),
            (time.monotonic() - begun) * 1e3,
        )
        earlier = f"{len(pieces)} messages: {', '.join(sids)}" if len(pieces) > 1 else ""
        return Delivery(provider_id=sids[-1], final=False, note=earlier)

    def _send_all(self, message: Message, pieces: tuple[str, ...]) -> list[str]:
        with failures(self._clock):
            taken = self._taken_before(message) if message.retry else {}
            sids = []
            for number, piece in enumerate(pieces, 1):
                known = taken.get(piece.strip())
                sids.append(known.pop(0) if known else self._send_one(message, piece, number, len(pieces)))
        return sids

    def _send_one(self, message: Message, text: str, number: int, count: int) -> str:
        account = self._account
        call: dict[str, Any] = {
            "to": self._named(message, message.to),
            "body": text,
            "status_callback": status_address(account, message.outbox_id, number, count),
        }
        if account.number.startswith("MG"):
            call["messaging_service_sid"] = account.number
        else:
            call["from_"] = self._named(message, account.number)
        sid = self._client.messages.create(**call).sid
        if not isinstance(sid, str) or not sid:
            raise ValueError("a message without a SID")
        return sid

    def _taken_before(self, message: Message) -> dict[str, list[str]]:
        """SIDs by text of what Twilio took for this number since this message was put into the outbox.

        Oldest first. Two messages of the same words in that time are told apart by their number only.
        """
        found: dict[str, list[str]] = {}
        listed = self._client.messages.list(
            to=self._named(message, message.to), limit=_LOOK_BACK, page_size=_LOOK_BACK
        )
        since = message.created_at - _CLOCKS_DIFFER if message.created_at else None
        kinds: Counter[str] = Counter()
        for earlier in reversed(listed):
            status, made = str(earlier.status), earlier.date_created
            if status in _NOT_SENT or not str(earlier.direction).startswith("outbound"):
                continue
            if since and isinstance(made, datetime) and made < since:
                continue
            if earlier.sid and earlier.body:
                found.setdefault(earlier.body.strip(), []).append(earlier.sid)
                kinds[status] += 1
        log.info("text outbox=%s is tried again; Twilio has %s", message.outbox_id, dict(kinds) or "nothing")
        return found

    @staticmethod
    def _named(message: Message, number: str) -> str:
        return f"whatsapp:{number}" if message.channel == WHATSAPP else number


def status_address(account: TwilioAccount, outbox_id: str, number: int = 1, count: int = 1) -> str:
    """Where Twilio tells what became of one message; several of one answer carry their number."""
    address = f"{account.public_url}{STATUS_PATH}?id={quote(outbox_id, safe='')}"
    return f"{address}&part={number}&of={count}" if count > 1 else address
