"""Fetches what people wrote to the bot. You are here: Telegram → **poller** → intake.

Telegram forgets an update as soon as it is asked for a later one. So: fetch, commit the raw updates and how
far we read in one transaction, and only then ask on (the library's own Updater asks first). Of many
processes one polls, by a lease on the bookmark; the others wait for it to end.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from channels.telegram import updates
from channels.telegram.api import BotApi, CountyBot, Line
from channels.telegram.failures import seconds_of
from intake.clock import Clock
from intake.contracts import Receipt, StorageUnavailable, Submission

log = logging.getLogger(__name__)

LIMIT = 100
"""Updates in one answer; the most that the Bot API gives."""
_PREPARE_PATIENCE = 30.0
_HELD = 0.5  # seconds; an empty answer that comes quicker was not held


class Bookmarks(Protocol):
    """How far was read and who reads on (``intake.bookmarks``)."""

    def take(self, name: str, owner: str, now: datetime, lease: timedelta) -> int | None:
        """The bookmark's value when the lease is ours now, else None."""
        ...

    def renew(self, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
        """Whether it is still ours, for another ``lease``."""
        ...

    def set(self, connection: Connection, name: str, owner: str, value: int) -> Any:
        """Move it, in the caller's transaction."""
        ...


class AcceptTogether(Protocol):
    """``Inbox.accept_together``: submissions and something beside them in one transaction."""

    def __call__(
        self, submissions: Sequence[Submission], also: Callable[[Connection], None]
    ) -> list[Receipt]:
        """Returns when all is durable; raises StorageUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long, in seconds. A neighbour takes over when a lease ends: at most ``lease`` after a death.

    A pause is shorter than the lease, so that whoever has it keeps it.
    """

    poll: float = 20.0
    lease: float = 45.0
    first_pause: float = 1.0
    longest_pause: float = 40.0
    wrong_token: float = 40.0
    neighbour: float = 5.0
    unheld: float = 0.5


class Poller:
    """One loop for one bot; run it on a thread of its own."""

    def __init__(
        self,
        api: BotApi,
        accept: AcceptTogether,
        bookmarks: Bookmarks,
        owner: str,
        clock: Clock,
        *,
        prepare: Callable[[CountyBot], Awaitable[None]] | None = None,
        after: Callable[[updates.Update], None] = lambda update: None,
        patience: Patience | None = None,
    ) -> None:
        """``prepare`` runs when the lease becomes ours; ``after`` hears of each committed update."""
        self._api = api
        self._accept = accept
        self._bookmarks = bookmarks
        self._owner = owner
        self._clock = clock
        self._prepare = prepare
        self._after = after
        self._patience = patience or Patience()
        self._name = f"telegram:{api.account.bot_id}"
        self._line = Line(api)
        self._ours = False
        self._offset: int | None = None
        self._failures = 0

    def run(self) -> None:
        """Poll until :meth:`stop`; whatever goes wrong is said once a round and tried again."""
        while not self._line.cut.is_set():
            pause = self._step()
            if pause:
                self._line.cut.wait(pause)
        self._give_up_lease()

    def stop(self) -> None:
        """Break off a waiting request; what is being committed is finished by :meth:`run`."""
        self._line.hang_up()

    def _step(self) -> float:
        """One round; seconds to rest before the next."""
        try:
            if not self._holds_lease():
                return self._patience.neighbour
            started = time.monotonic()
            came = self.round()
            self._failures = 0
            # a server that does not hold the request would be asked without end
            return 0.0 if came or time.monotonic() - started > _HELD else self._patience.unheld
        except CancelledError:
            return 0.0
        except TelegramError as error:
            return self._refused(error)
        except (StorageUnavailable, SQLAlchemyError, OSError) as error:
            log.warning("telegram: nothing is taken in, the database is away: %s", type(error).__name__)
        except Exception:
            log.exception("telegram: the poller failed; it goes on")
        return self._back_off()

    def _refused(self, error: TelegramError) -> float:
        """Say plainly what Telegram has against us; how long to leave it alone."""
        if isinstance(error, RetryAfter):
            return seconds_of(error)
        if isinstance(error, InvalidToken):
            log.error("telegram: the token is wrong or was revoked; check HUIYIN_TELEGRAM_TOKEN")
            return self._patience.wrong_token
        if isinstance(error, Conflict):
            log.error(
                "telegram: somebody else reads this bot's messages, another service or a webhook; "
                "only one may. Stop the other one, or give this service a bot of its own. (%s)",
                error,
            )
        else:
            log.warning("telegram: not reached: %s", error)
        return self._back_off()

    def _back_off(self) -> float:
        """Longer each time, and never the same for two processes."""
        self._failures += 1
        pause: float = self._patience.first_pause * 2 ** min(self._failures - 1, 10)
        return min(pause, self._patience.longest_pause) * random.uniform(0.5, 1.0)

    # ------------------------------------------------------------ the lease

    def _holds_lease(self) -> bool:
        lease = timedelta(seconds=self._patience.lease)
        if self._ours and self._bookmarks.renew(self._name, self._owner, self._clock(), lease):
            return True
        if self._ours:
            log.warning("telegram: a neighbour polls now")
            self._ours = False
        if self._bookmarks.take(self._name, self._owner, self._clock(), lease) is None:
            return False
        self._ours, self._offset = True, None
        log.info("telegram: polling")
        if self._prepare is not None:
            self._line.ask(self._prepare, _PREPARE_PATIENCE)
        return True

    def _give_up_lease(self) -> None:
        """A clean end: a neighbour need not wait for the lease to run out."""
        if not self._ours:
            return
        try:
            self._bookmarks.renew(self._name, self._owner, self._clock(), timedelta())
        except (StorageUnavailable, SQLAlchemyError, OSError):
            log.info("telegram: the lease was not given back; it ends by itself")

    # ------------------------------------------------------------ one round

    def round(self) -> int:
        """Fetch, commit; returns how many updates came.

        An offset is named only to confirm what this process has just committed. Naming an old one would
        lose messages: after a quiet week Telegram counts on from a random number, perhaps a lower one, and
        forgets whatever lies below the offset. What comes twice, the dedupe key knows.
        """
        came = [update for update in self._fetch() if self._is_update(update)]
        if not came:
            self._offset = None
            return 0
        following = max(update["update_id"] for update in came) + 1
        self._commit(came, following)
        self._offset = following
        for update in came:
            self._after(update)
        return len(came)

    def _commit(self, came: Sequence[updates.Update], following: int) -> None:
        now, bot_id = self._clock(), self._api.account.bot_id
        made = [updates.submission(update, bot_id, now, "polling") for update in came]
        ours = [one for one in made if one is not None]
        if len(ours) < len(made):
            log.info("telegram: %d update(s) from groups and the like are not kept", len(made) - len(ours))

        def also(connection: Connection) -> None:
            self._bookmarks.set(connection, self._name, self._owner, following)

        self._accept(ours, also)

    def _fetch(self) -> list[Any]:
        wait = self._patience.poll
        return self._line.ask(
            lambda bot: bot.raw_updates(self._offset, LIMIT, wait, updates.KINDS), wait + 15
        )

    @staticmethod
    def _is_update(update: object) -> bool:
        if updates.update_id(update) is not None:
            return True
        log.error("telegram: something came that is no update; it is left")
        return False
