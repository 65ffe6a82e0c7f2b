"""Which webhooks take the express lane, and how each is asked there. See ``web/express.py``."""

from __future__ import annotations

from collections.abc import Mapping

from channels.sms.receiving import TextWebhook
from channels.twilio.webhook import TAKEN, Call
from intake.contracts import Submission
from web.express import Answer, ExpressWebhook, HandIn
from web.services import Services
from web.webhooks.telegram import SECRET_HEADER, TelegramWebhook
from web.webhooks.twilio_texts import text_webhook

_JSON = "application/json"


class ExpressTexts:
    """``POST /webhooks/twilio/sms``."""

    def __init__(self, webhook: TextWebhook) -> None:
        self._webhook = webhook

    def prepare(self, body: bytes, headers: Mapping[str, str], target: str) -> HandIn | Answer:
        """Check the signature; the text is a submission."""
        get = headers.get
        call = Call(
            target=target,
            body=body,
            signature=get("X-Twilio-Signature", ""),
            content_type=get("Content-Type", ""),
            scheme="http",
            host=get("Host", ""),
            forwarded_host=get("X-Forwarded-Host", ""),
            forwarded_proto=get("X-Forwarded-Proto", ""),
            algorithm=get("X-Twilio-Webhooks-Signature-Settings", ""),
        )
        read = self._webhook.understand(call)
        if isinstance(read, Submission):
            return HandIn(read, Answer(TAKEN.status, TAKEN.content_type, TAKEN.body))
        return Answer(read.status, read.content_type, read.body)


class ExpressUpdates:
    """``POST /webhooks/telegram``."""

    def __init__(self, webhook: TelegramWebhook) -> None:
        self._webhook = webhook

    def prepare(self, body: bytes, headers: Mapping[str, str], target: str) -> HandIn | Answer:
        """Check the secret; the update is a submission."""
        read = self._webhook.understand(headers.get(SECRET_HEADER, ""), body)
        if isinstance(read, tuple):
            submission, thanks = read
            return HandIn(submission, Answer(thanks.status, _JSON, thanks.body.encode()))
        return Answer(read.status, _JSON, read.body.encode())


def express_webhooks(services: Services) -> dict[str, ExpressWebhook]:
    """By path; those whose account is not set are left out."""
    webhooks: dict[str, ExpressWebhook] = {}
    texts = text_webhook(services)
    if texts is not None:
        webhooks["/webhooks/twilio/sms"] = ExpressTexts(texts)
    if services.telegram is not None and services.telegram.webhook_secret:
        updates = TelegramWebhook(services.telegram, services.inbox.accept, services.clock)
        webhooks["/webhooks/telegram"] = ExpressUpdates(updates)
    return webhooks
