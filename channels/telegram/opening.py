"""What the bot tells Telegram once, when its service starts: its commands, and where updates go.

You are here: before the first update. All of it may fail and is tried again at the next start, except the
webhook, without which nothing would arrive.
"""

from __future__ import annotations

import logging

from telegram import BotCommand, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from channels.telegram.api import BotApi
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


def set_commands(api: BotApi) -> None:
    """The menu beside the text field, Chinese for who reads Chinese, English for everybody else."""
    private = BotCommandScopeAllPrivateChats()
    english = [BotCommand(name, said.en) for name, said in COMMANDS]
    chinese = [BotCommand(name, said.zh) for name, said in COMMANDS]
    try:
        api.call(lambda bot: bot.set_my_commands(english, scope=private))
        api.call(lambda bot: bot.set_my_commands(chinese, scope=private, language_code="zh"))
    except TelegramError as error:
        log.warning("telegram: the list of commands was not taken: %s", error)


def open_for_polling(api: BotApi) -> None:
    """Take back a webhook that an earlier start may have set; what waits is kept."""
    try:
        api.call(lambda bot: bot.delete_webhook(drop_pending_updates=False))
    except TelegramError as error:
        log.warning("telegram: an earlier webhook could not be taken back: %s", error)


def open_webhook(api: BotApi) -> None:
    """Ask Telegram to call our webhook, with our secret; raises ``TelegramError``."""
    account = api.account
    address = account.public_url + WEBHOOK_PATH
    api.call(
        lambda bot: bot.set_webhook(
            address,
            allowed_updates=list(KINDS),
            secret_token=account.webhook_secret,
            drop_pending_updates=False,
        )
    )
    log.info("telegram: updates come to %s", address)
