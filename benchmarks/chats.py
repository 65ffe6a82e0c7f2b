"""Updates as Telegram's webhook delivers them, made beforehand. https://core.telegram.org/bots/api#update"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

PATH = "/webhooks/telegram"
_KEY = "a-key-for-measuring-that-nobody-else-uses"
SETTINGS = {
    "HUIYIN_TELEGRAM_TOKEN": "100200300:a-token-for-measuring",
    "HUIYIN_TELEGRAM_MODE": "webhook",
    "HUIYIN_TELEGRAM_BASE_URL": "http://127.0.0.1:9",  # nobody is there
    "HUIYIN_SECRET_KEY": _KEY,
    "HUIYIN_PUBLIC_URL": "https://huiyin.example",
}
"""The bot that the service under test is set up with."""


def requests(count: int, stamp: int) -> Iterator[bytes]:
    """``count`` whole HTTP requests, each with an update of its own and the secret that the bot agreed on."""
    secret = hmac.new(_KEY.encode(), b"telegram-webhook", hashlib.sha256).hexdigest()
    for update in updates(count, stamp):
        body = json.dumps(update).encode()
        yield (
            f"POST {PATH} HTTP/1.1\r\nHost: huiyin.example\r\nAccept-Encoding: gzip, deflate\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\n\r\n"
        ).encode() + body


def updates(count: int, stamp: int) -> Iterator[dict[str, Any]]:
    """``count`` texts out of a hundred chats."""
    for number in range(count):
        who = 5_000_000_000 + number % 100
        name = {"id": who, "first_name": "路人", "username": f"sample_{who}"}
        yield {
            "update_id": stamp * 1_000_000 + number,
            "message": {
                "message_id": number + 1,
                "date": 1_790_000_000 + number,
                "from": {**name, "is_bot": False, "language_code": "zh-hans"},
                "chat": {**name, "type": "private"},
                "text": f"河西路第{number}号路灯坏了三天，晚上看不见路，请派人来修。",
            },
        }
