"""Calls out. You are here: outbox → [sender] → Twilio rings → ``outgoing`` reads the message aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from channels.phone.hours import Hours
from channels.phone.twiml import PATH
from channels.twilio.account import TwilioAccount
from channels.twilio.client import connect, failures
from intake.clock import Clock
from intake.contracts import Delivery, DeliveryFailed, Message

if TYPE_CHECKING:
    from twilio.rest import Client

STATUS_PATH = "/webhooks/twilio/call-status"
_RING_SECONDS = 40


class CallSender:
    """Rings people at decent hours. Delivered is only what was read to somebody who pressed a key."""

    def __init__(
        self, account: TwilioAccount, hours: Hours, clock: Clock, client: Client | None = None
    ) -> None:
        self._account = account
        self._hours = hours
        self._clock = clock
        self._made = client

    def send(self, message: Message) -> Delivery:
        """Ring ``message.to``; raises DeliveryFailed with the next decent moment outside decent hours."""
        now = self._clock()
        decent = self._hours.next_call(now)
        if decent > now:
            raise DeliveryFailed("not an hour to call people", permanent=False, again_at=decent)
        named = urlencode({"id": message.outbox_id})
        base = self._account.public_url
        with failures(self._clock):
            call = self._client().calls.create(
                to=message.to,
                from_=self._account.number,
                url=f"{base}{PATH}?step=outgoing&{named}",
                method="POST",
                status_callback=f"{base}{STATUS_PATH}?{named}",
                status_callback_method="POST",
                status_callback_event=["completed"],
                timeout=_RING_SECONDS,
            )
        return Delivery(str(call.sid), note="ringing")

    def _client(self) -> Client:
        if self._made is None:
            self._made = connect(self._account)
        return self._made
