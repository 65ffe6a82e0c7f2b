"""All calls to the Bot API: one library ``Bot`` on its own thread. You are here: under poller and sender.

The library is asynchronous and the rest of the service is not, so the bot lives on a private event loop
and callers wait for their answer. The token stands in every address; nothing that leaves this module,
neither an error nor a log line, may carry it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as WaitedTooLong
from typing import Any, TypeVar

import httpx
import telegram
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from channels.telegram.account import TelegramAccount

log = logging.getLogger(__name__)

T = TypeVar("T")

API = "https://api.telegram.org"
_PATIENCE = 20.0  # seconds that one call may take in all
_LOUD = {"httpx": logging.WARNING, "httpcore": logging.WARNING, "telegram": logging.INFO}
"""httpx logs whole addresses at INFO, token included; the library logs what citizens wrote at DEBUG."""


_NO_ANSWER = (
    httpx.HTTPError,
    *(OSError, ValueError, TypeError, AttributeError, LookupError, RuntimeError),
)
"""What the libraries raise when something else than the Bot API answers."""


class CountyBot(telegram.Bot):
    """The library's bot, and what it does not offer: answers as they came, unknown fields included."""

    async def raw_updates(
        self, offset: int | None, limit: int, wait: float, kinds: Sequence[str]
    ) -> list[Any]:
        """``getUpdates`` as parsed JSON; the server holds the request up to ``wait`` seconds."""
        asked = {"offset": offset, "limit": limit, "timeout": int(wait), "allowed_updates": list(kinds)}
        answer = await self._post("getUpdates", asked, read_timeout=wait + _PATIENCE / 2)
        return answer if isinstance(answer, list) else []

    async def raw_file(self, file_id: str) -> dict[str, Any]:
        """``getFile`` as parsed JSON. The library's own looks at our disk for the path it is told."""
        answer = await self._post("getFile", {"file_id": file_id})
        return answer if isinstance(answer, dict) else {}


class BotApi:
    """One bot, thread-safe. Its thread starts with the first call and ends with :meth:`close`."""

    def __init__(self, account: TelegramAccount) -> None:
        self.account = account
        self.base_url = account.base_url or API
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        for name, level in _LOUD.items():
            logger = logging.getLogger(name)
            logger.setLevel(max(level, logger.level))
        self._requests = (self._connections(8), self._connections(1))
        self._bot = CountyBot(
            account.token,
            base_url=f"{self.base_url}/bot",
            base_file_url=f"{self.base_url}/file/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
        )

    def _connections(self, count: int) -> HTTPXRequest:
        # a proxy named in the environment is for reaching Telegram, not for a server of our own
        own = {"trust_env": not self.account.base_url}
        return HTTPXRequest(connection_pool_size=count, read_timeout=10, pool_timeout=5, httpx_kwargs=own)

    def call(self, work: Callable[[CountyBot], Awaitable[T]], patience: float = _PATIENCE) -> T:
        """The answer to ``work(bot)``; raises the library's ``TelegramError`` without the token in it.

        After ``patience`` seconds it is given up as ``TimedOut``: the call may have arrived all the same.
        """
        waiting = self.begin(work, patience)
        try:
            return waiting.result(patience + 5)
        except WaitedTooLong:
            waiting.cancel()
            raise TimedOut from None

    def begin(self, work: Callable[[CountyBot], Awaitable[T]], patience: float = _PATIENCE) -> Future[T]:
        """The same without waiting; cancel what it returns to give up."""
        with self._lock:
            if self._closed:
                raise NetworkError("the line to Telegram is closed")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._run, args=(self._loop,), daemon=True)
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(self._guarded(work, patience), self._loop)

    async def _guarded(self, work: Callable[[CountyBot], Awaitable[T]], patience: float) -> T:
        try:
            async with asyncio.timeout(patience):
                return await work(self._bot)
        except TimeoutError:
            raise TimedOut from None
        except TelegramError as error:
            error.message = self.redacted(error.message)
            raise error.with_traceback(None) from None
        except _NO_ANSWER as error:
            raise NetworkError(self.redacted(f"{type(error).__name__}: {error}")) from None

    def redacted(self, text: str) -> str:
        """``text`` without the token, nor the secret half of it."""
        secret = self.account.token.partition(":")[2]
        text = text.replace(self.account.token, "…")
        return text.replace(secret, "…") if secret else text

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            for task in asyncio.all_tasks(loop):
                task.cancel()
                loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
            for request in self._requests:
                loop.run_until_complete(request.shutdown())
            loop.close()

    def close(self) -> None:
        """Give up what is in flight and let the connections go."""
        with self._lock:
            self._closed = True
            loop, thread = self._loop, self._thread
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)


class Line:
    """One caller's calls, one after the other, which another thread may break off for good."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._waiting: Future[Any] | None = None
        self.cut = threading.Event()

    def ask(self, work: Callable[[CountyBot], Awaitable[T]], patience: float) -> T:
        """As :meth:`BotApi.call`; raises ``CancelledError`` once :meth:`hang_up` was called."""
        with self._lock:
            if self.cut.is_set():
                raise CancelledError
            waiting = self._api.begin(work, patience)
            self._waiting = waiting
        try:
            return waiting.result(patience + 5)
        except WaitedTooLong:
            waiting.cancel()
            raise TimedOut from None

    def hang_up(self) -> None:
        """Break off what is waited for, and let nothing more be asked."""
        self.cut.set()
        with self._lock:
            if self._waiting is not None:
                self._waiting.cancel()
