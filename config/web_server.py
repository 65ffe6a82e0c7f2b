"""The web role: waitress in a loop of our own, left cleanly, with room for all who want to speak."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterable
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

from config.express import Channel, Lane
from config.settings import cannot_listen
from config.wiring import System
from web.express import webhooks_of

MOST_CONNECTIONS = 4000  # of browsers at once, where the system allows as many files
_LAST_ANSWERS = 5  # seconds for requests being answered when the service stops


class WebRole:
    """The pages. Listens on every address that the host's name has."""

    def __init__(self, system: System) -> None:
        settings, self._room = system.settings, most_connections()
        self._sockets: dict[int, Any] = {}
        app = system.web()
        self._lane = Lane(webhooks_of(app), system.inbox, self._wake)
        try:
            create_server(
                app,
                map=self._sockets,
                _dispatcher=self._lane,
                host=settings.web_host,
                port=settings.web_port,
                threads=settings.web_threads,
                ident="huiyin",
                max_request_body_size=64 * 1024 * 1024,
                channel_timeout=60,
                connection_limit=self._room,
                clear_untrusted_proxy_headers=False,  # nobody here trusts them, but /metrics notes them
            )
        except (OSError, ValueError) as error:  # waitress says ValueError of a host that nobody knows
            raise cannot_listen(error, settings.web_host, settings.web_port, "WEB") from error
        for server in self._all(BaseWSGIServer):
            server.channel_class = Channel
        self._lane.set_thread_count(settings.web_threads)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="web", daemon=True)
        self._thread.start()

    def _all(self, kind: type[Any]) -> list[Any]:
        """The open sockets of one kind: listening servers, or callers."""
        return [socket for socket in list(self._sockets.values()) if isinstance(socket, kind)]

    def _wake(self) -> None:
        """Make the loop come round; any listener's trigger will do."""
        self._all(BaseWSGIServer)[0].pull_trigger()

    def _turn(self, patience: float) -> None:
        """Read and write what can be, then answer what has been stored."""
        wasyncore.loop(timeout=patience, map=self._sockets, count=1, use_poll=True)
        self._lane.run_callbacks()

    def _serve(self) -> None:
        """Serve until told to stop; then answer what was asked, for a few seconds at most."""
        while not self._stopping.is_set():
            _make_room(self._all(HTTPChannel), self._room * 3 // 4)
            self._turn(0.5)
        self._lane.leave(_LAST_ANSWERS)
        until = time.monotonic() + _LAST_ANSWERS
        while time.monotonic() < until and (
            self._lane.waiting or any(c.total_outbufs_len for c in self._all(HTTPChannel))
        ):
            self._turn(0.1)
        self._lane.close()
        for server in self._all(BaseWSGIServer):
            server.close()
        wasyncore.close_all(self._sockets)

    def stop(self) -> None:
        """Take no more requests; those being answered are finished."""
        self._stopping.set()
        self._wake()
        self._thread.join(3 * _LAST_ANSWERS)


def most_connections() -> int:
    """How many connections the web holds: half of the files this process may open, others need some."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST_CONNECTIONS if allowed < 0 else max(100, min(MOST_CONNECTIONS, allowed // 2))


def _make_room(callers: Iterable[Any], most: int) -> None:
    """Hang up on those who have been silent longest, so that silence cannot shut the door for others."""
    callers = list(callers)
    if len(callers) <= most:
        return
    idle = [caller for caller in callers if not caller.requests]
    idle.sort(key=lambda caller: caller.last_activity)
    for caller in idle[: len(callers) - most]:
        caller.will_close = True
