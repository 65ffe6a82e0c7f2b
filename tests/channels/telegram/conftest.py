"""A Bot API on loopback, a bot that speaks to it, and a place to store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from channels.telegram.account import TelegramAccount
from channels.telegram.api import BotApi
from intake.migrate import migrate
from intake.store import Store
from tests.channels.telegram.bot_api import TOKEN, BotApiServer


@pytest.fixture
def server() -> Iterator[BotApiServer]:
    """The Bot API."""
    with BotApiServer() as api:
        yield api


def account(url: str, *, token: str = TOKEN, secret: str = "") -> TelegramAccount:
    """A bot at ``url``."""
    return TelegramAccount(
        token=token, public_url="https://huiyin.example", base_url=url, webhook_secret=secret
    )


@pytest.fixture
def api(server: BotApiServer) -> Iterator[BotApi]:
    """Our line to it."""
    line = BotApi(account(server.url))
    yield line
    line.close()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty, migrated database, SQLite and PostgreSQL in turn."""
    opened = Store(database_url)
    migrate(opened)
    yield opened
    opened.close()
