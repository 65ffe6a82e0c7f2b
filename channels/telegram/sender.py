"""How word goes back by Telegram. You are here: outbox → **sender** → Bot API → the person's chat.

Plain text without markup, so that nothing needs escaping. The Bot API has no key against double sending:
a message whose answer was lost (a timeout, our own death) is sent again. What can be known is used: the
parts of a long message that were taken are remembered in this process and are not repeated.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import timedelta

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import RetryAfter, TelegramError

from channels.telegram.api import BotApi, CountyBot
from channels.telegram.failures import failure, seconds_of
from channels.telegram.pacing import Pace
from channels.telegram.splitting import split
from intake.clock import Clock
from intake.contracts import Choice, Delivery, DeliveryFailed, Message

_PATIENCE = 15.0  # seconds for one part
_SHORT_WAIT = 1.5  # seconds that the other letters of a batch may be kept waiting
_MOST_PARTS = 40
_MOST_REMEMBERED = 1_000
_CALLBACK_BYTES = 64
_ROW_WIDTH = 18  # columns of button labels that fit side by side on a narrow phone


class TelegramSender:
    """Sends through ``api``. ``clock`` is the outbox's; ``sleep`` waits seconds."""

    def __init__(
        self,
        api: BotApi,
        clock: Clock,
        pace: Pace | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api = api
        self._clock = clock
        self._pace = pace or Pace()
        self._sleep = sleep
        self._taken: OrderedDict[str, list[int]] = OrderedDict()

    def send(self, message: Message) -> Delivery:
        """Send all parts; the last one carries the buttons and names the delivery ``chat/message``."""
        chat = _chat(message.to)
        parts = split(message.text)
        if not parts[0]:
            raise DeliveryFailed("there is nothing to say in this message", permanent=True)
        if len(parts) > _MOST_PARTS:
            raise DeliveryFailed(f"the text is too long for Telegram ({len(parts)} messages)", permanent=True)
        taken = self._taken.pop(message.outbox_id, [])
        try:
            while len(taken) < len(parts):
                last = len(taken) == len(parts) - 1
                buttons = keyboard(message.choices, message.outbox_id) if last else None
                taken.append(self._send(chat, parts[len(taken)], buttons))
        except DeliveryFailed as error:
            if taken and not error.permanent:
                self._remember(message.outbox_id, taken)
            raise
        note = f"{len(parts)} parts" if len(parts) > 1 else ""
        return Delivery(f"{chat}/{taken[-1]}", final=True, note=note)

    def _send(self, chat: int, text: str, buttons: InlineKeyboardMarkup | None) -> int:
        self._keep_pace(chat)
        try:
            return self._api.call(lambda bot: _say(bot, chat, text, buttons), _PATIENCE)
        except TelegramError as error:
            if isinstance(error, RetryAfter):
                self._pace.hold(str(chat), seconds_of(error))
            raise failure(error, self._clock) from None

    def _keep_pace(self, chat: int) -> None:
        """Wait a moment when that is enough; a longer rest goes back to the outbox."""
        while wait := self._pace.wait_for_chat(str(chat)):
            if wait > _SHORT_WAIT:
                again = self._clock() + timedelta(seconds=wait)
                raise DeliveryFailed("this chat gets no more just now", permanent=False, again_at=again)
            self._sleep(wait)
        while wait := self._pace.wait_for_all():
            self._sleep(wait)

    def _remember(self, outbox_id: str, taken: list[int]) -> None:
        self._taken[outbox_id] = taken
        while len(self._taken) > _MOST_REMEMBERED:
            self._taken.popitem(last=False)


async def _say(bot: CountyBot, chat: int, text: str, buttons: InlineKeyboardMarkup | None) -> int:
    """The number that the message got."""
    plain = LinkPreviewOptions(is_disabled=True)
    return (await bot.send_message(chat, text, reply_markup=buttons, link_preview_options=plain)).message_id


def _chat(address: str) -> int:
    try:
        return int(address)
    except ValueError:
        raise DeliveryFailed(f"“{address[:40]}” is not a Telegram chat", permanent=True) from None


def keyboard(choices: Sequence[Choice], outbox_id: str) -> InlineKeyboardMarkup | None:
    """The choices as buttons, up to three a row; a press comes back as ``<key>:<outbox id>``."""
    rows: list[list[InlineKeyboardButton]] = []
    width = 0
    for choice in choices:
        answer = f"{choice.key}:{outbox_id}"
        if len(answer.encode()) > _CALLBACK_BYTES:
            raise DeliveryFailed(f"the button “{choice.label}” answers with too long a key", permanent=True)
        columns = _columns(choice.label) + 2
        if not rows or len(rows[-1]) == 3 or width + columns > _ROW_WIDTH * 2:
            rows.append([])
            width = 0
        rows[-1].append(InlineKeyboardButton(choice.label, callback_data=answer))
        width += columns
    return InlineKeyboardMarkup(rows) if rows else None


def _columns(label: str) -> int:
    return sum(1 if character.isascii() else 2 for character in label)
