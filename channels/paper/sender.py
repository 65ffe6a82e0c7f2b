"""How word goes back by post. You are here: outbox → **sender** → print queue → a clerk prints and posts it.

A letter in the queue is handed on, not delivered: only a clerk's "posted" or "came back" ends it, through
:class:`intake.deliveries.Deliveries`.
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

from channels.paper.address import AddressDoesNotFit, address_block
from channels.paper.content import Content
from channels.paper.envelopes import ENVELOPES
from intake.clock import Clock
from intake.contracts import Delivery, DeliveryFailed, Json, Message, StorageUnavailable

QUEUED = "waiting to be printed"
"""What is noted of a letter that was placed in the queue: it is with nobody's post yet."""


class PrintQueue(Protocol):
    """Where letters wait to be printed."""

    def put(self, outbox_id: str, pages: Json) -> None:
        """Queue a letter durably; a second time with the same id changes nothing.

        Raises :class:`intake.contracts.StorageUnavailable`.
        """
        ...


class LetterSender:
    """Implements :class:`intake.contracts.Sender` for the channel ``letter``."""

    def __init__(
        self, queue: PrintQueue, *, envelope: str, public_url: str, zone: ZoneInfo, clock: Clock
    ) -> None:
        self._queue = queue
        self._window = ENVELOPES[envelope].address
        self._public_url = public_url
        self._zone = zone
        self._clock = clock

    def send(self, message: Message) -> Delivery:
        """Queue the letter; :class:`DeliveryFailed` when the envelope cannot show the address.

        ``provider_id`` is the outbox id, so that sending again is the same letter.
        """
        if not message.text.strip():
            raise DeliveryFailed("the message is empty", permanent=True)
        try:
            address_block(message.to_name, message.to, self._window.width, self._window.height)
        except AddressDoesNotFit as error:
            raise DeliveryFailed(str(error), permanent=True) from error
        try:
            self._queue.put(message.outbox_id, self._content(message).as_json())
        except StorageUnavailable as error:
            raise DeliveryFailed("the print queue cannot be written to", permanent=False) from error
        return Delivery(provider_id=message.outbox_id, final=False, note=QUEUED)

    def _content(self, message: Message) -> Content:
        track = f"{self._public_url}/track?reference={quote(message.reference, safe='')}"
        written = (message.created_at or self._clock()).astimezone(self._zone)
        return Content(
            subject=message.subject,
            text=message.text,
            language=message.language,
            reference=message.reference,
            code=message.code,
            tracking_url=track if message.reference else "",
            date=written.date().isoformat(),
            large=message.large_print,
        )
