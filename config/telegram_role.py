"""The role ``telegram``: it reads what people wrote to the bot, or has Telegram bring it to the webhook."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from channels.telegram.courtesy import Courtesy
from channels.telegram.opening import WebhookOpener, open_for_polling
from channels.telegram.poller import Poller
from intake.bookmarks import Bookmarks

if TYPE_CHECKING:
    from channels.telegram.api import BotApi
    from config.wiring import System

log = logging.getLogger(__name__)

_PATIENCE = 15.0  # seconds for a commit in hand


class TelegramRole:
    """One thread, when there is a bot; nothing at all when there is none."""

    def __init__(self, system: System) -> None:
        self._work: Poller | WebhookOpener | None = None
        api = system.telegram_api
        if api is None:
            return
        self._work = WebhookOpener(api) if api.account.webhook_secret else _poller(system, api)
        self._thread = threading.Thread(target=self._work.run, name="telegram", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Break off a waiting request; finish what is being stored."""
        if self._work is None:
            return
        self._work.stop()
        self._thread.join(_PATIENCE)
        if self._thread.is_alive():
            log.warning("telegram: still storing; what was not stored will be brought again")


def _poller(system: System, api: BotApi) -> Poller:
    return Poller(
        api,
        system.inbox.accept_together,
        Bookmarks(system.store),
        system.owner.name,
        system.clock,
        prepare=open_for_polling,
        after=Courtesy(api).show,
    )
