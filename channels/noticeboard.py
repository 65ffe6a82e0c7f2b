"""Word for those who follow their case on the page: what is said stands there for reference and code.

Nothing is sent anywhere; the tracking page shows the case's answer, so the message has arrived as soon
as it is published.
"""

from __future__ import annotations

from intake.contracts import Delivery, Message


class Noticeboard:
    """The sender of the channel ``web``."""

    def send(self, message: Message) -> Delivery:
        """Publish; never fails."""
        return Delivery(provider_id=message.outbox_id, final=True)
