"""Telegram's updates in the express lane: what is handed in, and what Telegram hears."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from channels.telegram.account import TelegramAccount
from intake.contracts import Receipt, Submission
from web.express import Answer, HandIn
from web.webhooks.express import ExpressUpdates
from web.webhooks.telegram import SECRET_HEADER, TelegramWebhook

ACCOUNT = TelegramAccount(
    token="100200300:sample", public_url="https://huiyin.example", webhook_secret="agreed"
)
CHAT = {"id": 5_000_000_001, "type": "private", "first_name": "路人"}
MESSAGE = {"message_id": 1, "date": 1_790_000_000, "from": CHAT, "chat": CHAT, "text": "路灯坏了"}


def prepared(update: object, secret: str = "agreed") -> HandIn | Answer:
    def accept(submission: Submission) -> Receipt:
        raise AssertionError("preparing stores nothing")

    webhook = ExpressUpdates(TelegramWebhook(ACCOUNT, accept, lambda: datetime.now(UTC)))
    return webhook.prepare(json.dumps(update).encode(), {SECRET_HEADER: secret}, "/webhooks/telegram")


def test_a_message_is_handed_in() -> None:
    found = prepared({"update_id": 7, "message": MESSAGE})
    assert isinstance(found, HandIn)
    assert (found.submission.channel, found.submission.external_id) == ("telegram", "7")
    assert found.answer == Answer(200, "application/json", b"")


def test_a_pressed_button_is_told_in_the_answer() -> None:
    pressed = {"id": "42", "from": CHAT, "message": MESSAGE, "data": "rate:1"}
    found = prepared({"update_id": 8, "callback_query": pressed})
    assert isinstance(found, HandIn)
    assert json.loads(found.answer.body) == {"method": "answerCallbackQuery", "callback_query_id": "42"}


@pytest.mark.parametrize(
    ("update", "secret", "status"),
    [
        ({"update_id": 7, "message": MESSAGE}, "guessed", 403),
        ({"update_id": 7, "message": MESSAGE}, "", 403),
        ("no update", "agreed", 400),
        ({"update_id": 7, "channel_post": MESSAGE}, "agreed", 200),
    ],
    ids=["wrong secret", "no secret", "no update", "nobody's complaint"],
)
def test_the_rest_is_answered_at_once(update: object, secret: str, status: int) -> None:
    found = prepared(update, secret)
    assert isinstance(found, Answer)
    assert found.status == status
