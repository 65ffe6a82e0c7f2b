"""A conversation over a Bot API that nobody here wrote: heard, answered, and a button pressed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from channels.telegram.api import BotApi
from channels.telegram.courtesy import Courtesy
from channels.telegram.opening import open_for_polling
from channels.telegram.reading import read
from channels.telegram.sender import TelegramSender
from intake.contracts import Choice, Message
from intake.ids import new_id
from intake.inbox import Inbox
from intake.store import Store
from tests.channels.telegram.conftest import account
from tests.channels.telegram.emulator import Emulator, emulated, missing
from tests.channels.telegram.test_polling import ids, polling, stored
from tests.support.clock import SetClock
from tests.support.service import wait_until

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "never")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with emulated() as running:
        yield running


def test_heard_answered_and_rated(emulator: Emulator, store: Store) -> None:
    api, inbox = BotApi(account(emulator.url)), Inbox(store)
    before = len(emulator.said())
    try:
        with polling(api, inbox, store, prepare=open_for_polling, after=Courtesy(api).show):
            emulator.write("示例路的路灯坏了")
            wait_until(lambda: len(ids(store)) == 1, "the message is stored")
            outbox_id = new_id()
            sent = TelegramSender(api, SetClock()).send(
                Message(
                    outbox_id,
                    "telegram",
                    "700",
                    "",
                    "",
                    "请评价：",
                    "zh-Hans",
                    choices=(Choice("1", "满意"), Choice("3", "不满意")),
                )
            )
            (shown,) = emulator.said()[before:]
            buttons = [b for row in shown["reply_markup"]["inline_keyboard"] for b in row]
            emulator.press(buttons[0]["callback_data"], int(sent.provider_id.partition("/")[2]))
            wait_until(lambda: len(ids(store)) == 2, "the press is stored")
    finally:
        api.close()
        inbox.close()
    first, second = (read(json.dumps(update).encode(), {}) for _, update in stored(store))
    assert first.body == "示例路的路灯坏了"
    assert shown["text"] == "请评价："
    assert (second.choice, second.thread) == ("1", (outbox_id,))
