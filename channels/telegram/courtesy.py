"""Small signs that expect no reply: a pressed button stops spinning, a group hears that we cannot stay.

You are here: after the update is on disk. Nothing waits for these calls and nothing depends on them.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from typing import Any

from telegram.error import TelegramError

from channels.telegram.api import BotApi, CountyBot
from channels.telegram.updates import Update, joined_group, part

log = logging.getLogger(__name__)

_PATIENCE = 10.0
FAREWELL = (
    "我只在私聊里受理投诉，就不打扰各位了。请直接私信我。\n"
    "I can only help in a private chat, so I am leaving this group. Please write to me directly."
)


class Courtesy:
    """Best effort; thread-safe."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    def show(self, update: Update) -> None:
        """What good manners ask for after ``update``, begun and left to itself."""
        pressed, group = part(update, "callback_query"), joined_group(update)
        try:
            if isinstance(pressed.get("id"), str):
                self._begin(lambda bot: _acknowledge(bot, pressed))
            elif group is not None:
                self._begin(lambda bot: _leave(bot, group))
        except TelegramError as error:
            log.info("telegram: no sign given: %s", error)

    def _begin(self, work: Any) -> None:
        self._api.begin(work, _PATIENCE).add_done_callback(_note)


async def _acknowledge(bot: CountyBot, pressed: dict[str, Any]) -> None:
    """The button stops spinning; then the buttons go, for the question is answered."""
    await bot.answer_callback_query(pressed["id"])
    message = part(pressed, "message")
    chat, number = part(message, "chat").get("id"), message.get("message_id")
    if isinstance(chat, int) and isinstance(number, int) and message.get("date"):  # 0: too old to change
        await bot.edit_message_reply_markup(chat_id=chat, message_id=number, reply_markup=None)


async def _leave(bot: CountyBot, group: int) -> None:
    try:
        await bot.send_message(group, FAREWELL)
    finally:
        await bot.leave_chat(group)


def _note(done: Future[Any]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.info("telegram: a courtesy was not taken: %s", error)
