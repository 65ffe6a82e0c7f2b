"""What the bot tells Telegram when its service starts: its commands, and where updates go.

You are here: before the first update. The list of commands is a courtesy; without the webhook nothing
would arrive, so that is asked for until it stands.
"""

from __future__ import annotations

import logging
from concurrent.futures import CancelledError

from telegram import BotCommand, BotCommandScopeAllPrivateChats
from telegram.error import InvalidToken, RetryAfter, TelegramError

from channels.telegram.api import BotApi, CountyBot, Line
from channels.telegram.failures import seconds_of
from channels.telegram.updates import KINDS
from intake.contracts import Text

log = logging.getLogger(__name__)

WEBHOOK_PATH = "/webhooks/telegram"
COMMANDS: tuple[tuple[str, Text], ...] = (
    ("new", Text("新投诉", "New complaint")),
    ("status", Text("查询进展", "How my case stands")),
    ("add", Text("补充情况", "Add to my case")),
    ("withdraw", Text("撤回投诉", "Withdraw my case")),
    ("lang", Text("切换语言", "Change language")),
    ("help", Text("帮助", "Help")),
    ("stop", Text("不再接收消息", "Stop messages")),
)
_PATIENCE = 30.0
_LONGEST_PAUSE = 60.0


async def set_commands(bot: CountyBot) -> None:
    """The menu beside the text field: Chinese for who reads Chinese, English for everybody else."""
    private = BotCommandScopeAllPrivateChats()
    try:
        await bot.set_my_commands([(name, said.en) for name, said in COMMANDS], scope=private)
        chinese = [BotCommand(name, said.zh) for name, said in COMMANDS]
        await bot.set_my_commands(chinese, scope=private, language_code="zh")
    except TelegramError as error:
        log.warning("telegram: the list of commands was not taken: %s", type(error).__name__)


async def open_for_polling(bot: CountyBot) -> None:
    """Take back a webhook that an earlier start may have set; what waits is kept."""
    try:
        await bot.delete_webhook(drop_pending_updates=False)
    except TelegramError as error:
        log.warning("telegram: an earlier webhook could not be taken back: %s", type(error).__name__)
    await set_commands(bot)


async def open_webhook(bot: CountyBot, address: str, secret: str) -> None:
    """Ask Telegram to bring updates to ``address`` with our secret; what waits is kept."""
    await bot.set_webhook(
        address, allowed_updates=list(KINDS), secret_token=secret, drop_pending_updates=False
    )
    await set_commands(bot)


class WebhookOpener:
    """Asks for the webhook until Telegram has it; run it on a thread of its own."""

    def __init__(self, api: BotApi, first_pause: float = 2.0) -> None:
        self._api = api
        self._line = Line(api)
        self._first_pause = first_pause

    def run(self) -> None:
        """Returns when the webhook stands, or after :meth:`stop`."""
        account, pause = self._api.account, self._first_pause
        address = account.public_url + WEBHOOK_PATH
        while not self._line.cut.is_set():
            try:
                self._line.ask(lambda bot: open_webhook(bot, address, account.webhook_secret), _PATIENCE)
            except CancelledError:
                return
            except TelegramError as error:
                log.error("telegram: the webhook at %s is not set: %s", address, _plainly(error))
                wait = seconds_of(error) if isinstance(error, RetryAfter) else pause
                self._line.cut.wait(wait)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                log.info("telegram: updates come to %s", address)
                return

    def stop(self) -> None:
        """Give up."""
        self._line.hang_up()


def _plainly(error: TelegramError) -> str:
    if isinstance(error, InvalidToken):
        return "the token is wrong or was revoked; check HUIYIN_TELEGRAM_TOKEN"
    return str(error)
