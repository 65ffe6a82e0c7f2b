"""``POST /webhooks/telegram``: 200 only when the update is on disk, and only for who knows the secret."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask

from channels.telegram.account import TelegramAccount
from channels.telegram.updates import submission
from intake.contracts import Receipt, StorageUnavailable, Submission
from tests.channels.telegram.bot_api import TOKEN, message
from tests.support.clock import SetClock
from web.webhooks.telegram import MAX_BODY, SECRET_HEADER, TelegramWebhook

SECRET = "s" * 64


class Kept:
    """Takes submissions in; ``away`` storage refuses."""

    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.away = False

    def __call__(self, entry: Submission) -> Receipt:
        if self.away:
            raise StorageUnavailable("away")
        self.submissions.append(entry)
        return Receipt("s1", False)


@pytest.fixture
def kept() -> Kept:
    return Kept()


def webhook(accept: Callable[[Submission], Receipt], secret: str = SECRET) -> TelegramWebhook:
    bot = TelegramAccount(token=TOKEN, public_url="https://huiyin.example", webhook_secret=secret)
    return TelegramWebhook(bot, accept, SetClock())


UPDATE = json.dumps(message(5, "路灯坏了")).encode()


def test_an_update_is_kept_as_the_poller_would_keep_it(kept: Kept) -> None:
    assert webhook(kept).receive(SECRET, UPDATE).status == 200
    polled = submission(json.loads(UPDATE), "100200300", SetClock()(), "polling")
    (entry,) = kept.submissions
    assert polled is not None
    assert (entry.dedupe_key, entry.raw, entry.conversation) == (
        polled.dedupe_key,
        polled.raw,
        "telegram:700",
    )


REFUSED = [
    # secret, body, status
    ("", UPDATE, 403),
    ("s" * 63, UPDATE, 403),
    ("é\udcff", UPDATE, 403),
    (SECRET, b"", 400),
    (SECRET, b"[]", 400),
    (SECRET, b'{"message":{}}', 400),
    (SECRET, b'{"update_id":true}', 400),
    (SECRET, b"[" * 100_000, 400),
    (SECRET, b'{"update_id":' + b"9" * 5000 + b"}", 400),
    (SECRET, b" " * (MAX_BODY + 1), 413),
]


@pytest.mark.parametrize(("secret", "body", "status"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused(secret: str, body: bytes, status: int, kept: Kept) -> None:
    assert webhook(kept).receive(secret, body).status == status
    assert kept.submissions == []


def test_storage_away_is_not_a_promise(kept: Kept) -> None:
    kept.away = True
    assert webhook(kept).receive(SECRET, UPDATE).status == 503


def test_while_we_poll_there_is_no_webhook(kept: Kept) -> None:
    assert webhook(kept, secret="").receive("", UPDATE).status == 404
    assert TelegramWebhook(None, kept, SetClock()).receive("", UPDATE).status == 404


def test_a_group_is_thanked_and_not_kept(kept: Kept) -> None:
    said = message(6)
    said["message"]["chat"] = {"id": -1, "type": "group"}
    assert webhook(kept).receive(SECRET, json.dumps(said).encode()).status == 200
    assert kept.submissions == []


def test_a_pressed_button_is_acknowledged_in_the_answer(kept: Kept) -> None:
    pressed = {"id": "q7", "data": "1:x", "message": {"chat": {"id": 700, "type": "private"}}}
    answer = webhook(kept).receive(SECRET, json.dumps({"update_id": 1, "callback_query": pressed}).encode())
    assert json.loads(answer.body) == {"method": "answerCallbackQuery", "callback_query_id": "q7"}
    assert len(kept.submissions) == 1


def test_the_address_is_there_and_tells_nobody_anything(app: Flask) -> None:
    client = app.test_client()
    answer = client.post("/webhooks/telegram", data=UPDATE, headers={SECRET_HEADER: SECRET})
    assert (answer.status_code, answer.data) == (404, b"")
    assert client.get("/webhooks/telegram").status_code == 405
