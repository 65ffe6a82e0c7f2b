"""A text arrives. You are here: Twilio → *call → submission* → intake; later a worker reads it.

This is the hot path: the signature is checked, the fields are kept as they are, nothing is understood yet.
No web framework is needed: whoever serves the call hands a :class:`~channels.twilio.webhook.Call` in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from channels.reading import clean
from channels.twilio import webhook
from channels.twilio.signature import Signatures
from channels.twilio.webhook import Answer, Call
from intake.clock import Clock
from intake.columns import canonical_json
from intake.contracts import Receipt, StorageUnavailable, Submission
from intake.conversation import conversation_key

SMS, WHATSAPP = "sms", "whatsapp"
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class TextWebhook:
    """``POST /webhooks/twilio/sms``, and the same for WhatsApp. Thread-safe."""

    def __init__(self, signatures: Signatures, accept: Callable[[Submission], Receipt], clock: Clock) -> None:
        self._signatures = signatures
        self._accept = accept
        self._clock = clock

    def receive(self, call: Call) -> Answer:
        """Answer ``call``: 200 only when the message is on disk (promise 1)."""
        read = self.understand(call)
        if isinstance(read, Answer):
            return read
        try:
            self._accept(read)
        except StorageUnavailable:
            return webhook.UNAVAILABLE
        return webhook.TAKEN

    def understand(self, call: Call) -> Submission | Answer:
        """The submission to accept, or the refusal; for servers that wait for the commit in their own way."""
        fields = webhook.parse(call)
        if isinstance(fields, Answer):
            return fields
        if not self._signatures.admit(call, fields):
            return webhook.FORGED
        return submission(webhook.collected(fields), self._clock()) or webhook.INCOMPLETE


def submission(fields: Mapping[str, Any], received_at: datetime) -> Submission | None:
    """The submission of one message's fields; None when it has no MessageSid or no From.

    A short code or a name as the sender gets no conversation: nobody there reads an answer.
    """
    sid = webhook.first(fields, "MessageSid") or webhook.first(fields, "SmsMessageSid")
    sender = webhook.first(fields, "From").strip()
    if not sender or not webhook.SID.fullmatch(sid):
        return None
    channel, address = parted(sender)
    return Submission(
        channel=channel,
        external_id=sid,
        dedupe_key=dedupe_key(sid),
        received_at=received_at,
        raw=canonical_json(fields).encode("utf-8", "replace"),
        envelope={"from": clean.line(sender, 100), "to": clean.line(webhook.first(fields, "To"), 100)},
        conversation=conversation_key(channel, address) if E164.fullmatch(address) else "",
    )


def parted(address: str) -> tuple[str, str]:
    """Channel and bare number of an address as Twilio writes it."""
    if address.startswith("whatsapp:"):
        return WHATSAPP, address.removeprefix("whatsapp:")
    return SMS, address


def dedupe_key(sid: str) -> str:
    """One message is one submission, however often its webhook comes (promise 2)."""
    return hashlib.sha256(b"twilio-message\0" + sid.encode()).hexdigest()
