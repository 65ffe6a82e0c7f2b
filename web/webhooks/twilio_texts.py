"""Twilio's calls about texts: ``/webhooks/twilio/sms`` and ``/webhooks/twilio/status``.

Both exist only while an account is set (the simulator's counts): nobody else signs.
"""

from __future__ import annotations

from flask import Blueprint, Response

from channels.sms.receiving import TextWebhook
from channels.twilio.signature import Signatures
from channels.twilio.statuses import StatusWebhook
from web.services import Services
from web.webhooks.calls import response, twilio_call


def text_webhook(services: Services) -> TextWebhook | None:
    """What takes texts in, free of Flask; None while no account is set."""
    if services.twilio is None:
        return None
    signatures = Signatures(services.twilio, services.twilio_signatures)
    return TextWebhook(signatures, services.inbox.accept, services.clock)


def blueprint(services: Services) -> Blueprint:
    """The two addresses."""
    pages = Blueprint("twilio_texts", __name__)
    texts = text_webhook(services)
    if texts is not None:

        def sms() -> Response:
            return response(texts.receive(twilio_call()))

        pages.add_url_rule("/webhooks/twilio/sms", "sms", sms, methods=["POST"])
    if services.twilio is not None and services.deliveries is not None:
        signatures = Signatures(services.twilio, services.twilio_signatures)
        statuses = StatusWebhook(signatures, services.deliveries, services.clock)

        def status() -> Response:
            return response(statuses.receive(twilio_call()))

        pages.add_url_rule("/webhooks/twilio/status", "status", status, methods=["POST"])
    return pages
