"""``POST /webhooks/telegram``: one update a call. You are here: Telegram → **webhook** → intake.

The core knows no web framework, so that a quicker server may carry it. 200 is said only when the raw update
is on disk; anything else makes Telegram bring it again (core.telegram.org/bots/api#setwebhook).
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from channels.telegram.account import TelegramAccount
from channels.telegram.updates import part, submission, update_id
from intake.clock import Clock
from intake.contracts import Receipt, StorageUnavailable, Submission
from web.services import Services

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MAX_BODY = 512 * 1024
"""Bytes of one update; real ones have a few thousand."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON text; "" for none."""

    status: int
    body: str = ""


class TelegramWebhook:
    """Checks, stores, answers. Without a webhook secret (we poll) there is nothing here."""

    def __init__(
        self, account: TelegramAccount | None, accept: Callable[[Submission], Receipt], clock: Clock
    ) -> None:
        self._account = account if account is not None and account.webhook_secret else None
        self._accept = accept
        self._clock = clock

    def receive(self, secret: str, body: bytes) -> Answer:
        """``secret`` is the header's value; ``body`` at most ``MAX_BODY`` bytes, or one more: then refused."""
        read = self.understand(secret, body)
        if isinstance(read, Answer):
            return read
        entry, thanks = read
        try:
            self._accept(entry)
        except StorageUnavailable:
            return Answer(503)
        return thanks

    def understand(self, secret: str, body: bytes) -> tuple[Submission, Answer] | Answer:
        """What to accept and what to say then, or the refusal; for servers that wait in their own way."""
        account = self._account
        if account is None:
            return Answer(404)
        if not hmac.compare_digest(secret.encode("utf-8", "replace"), account.webhook_secret.encode()):
            log.warning("telegram: a call of the webhook without the right secret was refused")
            return Answer(403)
        if len(body) > MAX_BODY:
            log.error("telegram: an update of more than %d bytes was refused", MAX_BODY)
            return Answer(413)
        update = _parsed(body)
        if update is None:
            return Answer(400)
        entry = submission(update, account.bot_id, self._clock(), "webhook")
        return Answer(200) if entry is None else (entry, _thanks(update))


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) and update_id(update) is not None else None


def _thanks(update: dict[str, Any]) -> Answer:
    """An answer may name one method to call: a pressed button stops spinning without another request."""
    pressed = part(update, "callback_query").get("id")
    if not isinstance(pressed, str):
        return Answer(200)
    return Answer(200, json.dumps({"method": "answerCallbackQuery", "callback_query_id": pressed}))


def blueprint(services: Services) -> Blueprint:
    """``/webhooks/telegram``."""
    core = TelegramWebhook(services.telegram, services.inbox.accept, services.clock)
    pages = Blueprint("telegram_webhook", __name__)

    @pages.post("/webhooks/telegram", endpoint="receive")
    def receive() -> Response:
        body = request.stream.read(MAX_BODY + 1)
        answer = core.receive(request.headers.get(SECRET_HEADER, ""), body)
        return Response(answer.body, answer.status, content_type="application/json")

    return pages
