"""The chat: python-telegram-bot's own Bot against the emulated Bot API."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
import requests
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken

from tests.web.simulator.conftest import BOT
from tests.web.simulator.stand_in import PUBLIC, Served, StandIn, Visitor, until
from web.simulator.stage import CHATS

CHAT = next(iter(CHATS))
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
T = TypeVar("T")


def run(served: Served, token: str, work: Callable[[Bot], Awaitable[T]]) -> T:
    base = f"{served.url}/simulator/telegram"

    async def together() -> T:
        async with Bot(token, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot") as bot:
            return await work(bot)

    return asyncio.run(together())


def updates(served: Served, offset: int = 0) -> tuple[Update, ...]:
    return run(served, BOT, lambda bot: bot.get_updates(offset=offset, timeout=0))


def test_what_a_person_writes_is_fetched_until_confirmed(served: Served, visitor: Visitor) -> None:
    assert visitor.do("chat", chat=str(CHAT), text="/start").ok
    (update,) = updates(served)
    assert update.message is not None
    assert update.message.text == "/start"
    assert update.message.entities[0].type == "bot_command"
    assert update.message.chat.id == CHAT
    assert updates(served) == (update,)  # not confirmed yet
    assert updates(served, update.update_id + 1) == ()
    assert updates(served) == ()


def test_buttons_are_pressed_and_answered(served: Served, visitor: Visitor) -> None:
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("满意", callback_data="rate:1")]])
    sent = run(served, BOT, lambda bot: bot.send_message(CHAT, "办得怎么样？", reply_markup=keys))
    assert (
        visitor.do(
            "chat", chat=str(CHAT), what="press", number=str(sent.message_id), value="rate:9"
        ).status_code
        == 400
    )
    assert visitor.do("chat", chat=str(CHAT), what="press", number=str(sent.message_id), value="rate:1").ok
    (update,) = updates(served)
    query = update.callback_query
    assert query is not None
    assert query.data == "rate:1"
    assert query.message is not None
    assert query.message.message_id == sent.message_id
    assert run(served, BOT, lambda bot: bot.answer_callback_query(query.id, text="谢谢"))
    run(served, BOT, lambda bot: bot.edit_message_reply_markup(CHAT, sent.message_id))
    (shown,) = visitor.items("chat")
    assert (shown["answer"], shown["buttons"]) == ("谢谢", [])
    with pytest.raises(BadRequest, match="not modified"):
        run(served, BOT, lambda bot: bot.edit_message_reply_markup(CHAT, sent.message_id))


def test_an_album_its_files_and_a_place(served: Served, visitor: Visitor) -> None:
    pictures = [("files", (f"{n}.jpg", JPEG + bytes([n]), "image/jpeg")) for n in range(2)]
    assert visitor.do("chat", pictures, chat=str(CHAT), text="看图").ok
    assert visitor.do("chat", chat=str(CHAT), what="place", latitude="23.03", longitude="112.46").ok
    one, two, three = (update.message for update in updates(served))
    assert one is not None
    assert two is not None
    assert three is not None
    assert one.media_group_id == two.media_group_id is not None
    assert (one.caption, two.caption) == ("看图", None)
    assert three.location is not None

    async def download(bot: Bot) -> bytes:
        return bytes(await (await bot.get_file(one.photo[-1].file_id)).download_as_bytearray())

    assert run(served, BOT, download) == JPEG + b"\0"


def test_an_edited_message(served: Served, visitor: Visitor) -> None:
    visitor.do("chat", chat=str(CHAT), text="路灯")
    number = visitor.items("chat")[0]["number"]
    assert visitor.do("chat", chat=str(CHAT), what="edit", number=str(number), text="路灯坏了").ok
    edited = updates(served)[-1].edited_message
    assert edited is not None
    assert (edited.message_id, edited.text) == (number, "路灯坏了")


def test_a_blocked_bot_is_told(served: Served, visitor: Visitor) -> None:
    visitor.do("chat", chat=str(CHAT), what="block")
    (update,) = updates(served)
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="blocked by the user"):
        run(served, BOT, lambda bot: bot.send_message(CHAT, "x"))
    assert visitor.do("chat", chat=str(CHAT), text="x").status_code == 400
    visitor.do("chat", chat=str(CHAT), what="unblock")
    assert run(served, BOT, lambda bot: bot.send_message(CHAT, "x")).text == "x"


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda bot: bot.send_message(1, "x"), "chat not found"),
        (lambda bot: bot.send_message(CHAT, " "), "empty"),
        (lambda bot: bot.send_message(CHAT, "长" * 4097), "too long"),
        (lambda bot: bot.get_file("none"), "file_id"),
        (lambda bot: bot.set_webhook("https://192.0.2.1/"), "bad webhook"),
    ],
)
def test_refusals_are_telegrams(served: Served, work: Callable[[Bot], Awaitable[object]], words: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){words}"):
        run(served, BOT, work)


def test_a_wrong_token(served: Served) -> None:
    with pytest.raises(InvalidToken):
        run(served, "1:wrong", lambda bot: bot.get_me())


def test_the_webhook_gets_the_secret(served: Served, visitor: Visitor, webhooks: StandIn) -> None:
    address = f"{PUBLIC}/webhooks/telegram"
    run(served, BOT, lambda bot: bot.set_webhook(address, secret_token="s3cret"))
    with pytest.raises(Conflict):
        updates(served)
    visitor.do("chat", chat=str(CHAT), text="你好")
    (heard,) = until(lambda: webhooks.at("/webhooks/telegram"), "the update is carried")
    assert heard.secret == "s3cret"
    assert heard.update["message"]["text"] == "你好"
    run(served, BOT, lambda bot: bot.delete_webhook())
    assert until(lambda: updates(served) == (), "nothing is left")


def test_of_two_pollers_the_later_one_stays(served: Served) -> None:
    address = f"{served.url}/simulator/telegram/bot{BOT}/getUpdates"
    with ThreadPoolExecutor() as pool:
        first = pool.submit(requests.post, address, data={"timeout": 5}, timeout=20)
        time.sleep(0.5)
        second = requests.post(address, json={"timeout": 0}, timeout=20).json()
        refused = first.result().json()
    assert second == {"ok": True, "result": []}
    assert refused["error_code"] == 409
    assert "terminated by other getUpdates request" in refused["description"]


def test_commands_are_shown(served: Served, visitor: Visitor) -> None:
    run(served, BOT, lambda bot: bot.set_my_commands([BotCommand("new", "新投诉")]))
    english = [BotCommand("new", "New complaint")]
    run(served, BOT, lambda bot: bot.set_my_commands(english, language_code="en"))
    assert visitor.state()["commands"] == [{"command": "new", "description": "新投诉"}]
    assert visitor.state("en")["commands"] == [{"command": "new", "description": "New complaint"}]
