"""The roles a process can play: web, mail, telegram, worker, clock. Each starts, and stops cleanly."""

from __future__ import annotations

import logging
import resource
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from config.jobs import start_clock
from config.settings import InvalidSetting
from config.wiring import System
from intake.contracts import StorageUnavailable
from intake.registrar import BATCH as FULL_BATCH

log = logging.getLogger(__name__)

ROLES = ("web", "mail", "telegram", "worker", "clock")
MOST_CONNECTIONS = 4000  # of browsers at once, where the system allows as many files
_LAST_ANSWERS = 5.0  # seconds for requests being answered when the service stops
_LOOK_FOR_DEAD = 5.0  # seconds between looks whether a neighbour died with work in hand
_POST_UNDER_PRESSURE = 0.5  # seconds between batches of post while many wait to be registered
_IDLE = 0.15  # seconds between looks into an empty queue


class Role(Protocol):
    """Something that runs until it is stopped."""

    def stop(self) -> None:
        """Finish what is in flight, then return."""
        ...


class WebRole:
    """The pages, on waitress, in a loop of our own so that it can be left cleanly."""

    def __init__(self, system: System) -> None:
        from waitress.server import create_server

        settings, self._room = system.settings, most_connections()
        try:
            self._server: Any = create_server(
                system.web(),
                host=settings.web_host,
                port=settings.web_port,
                threads=settings.web_threads,
                ident="huiyin",
                max_request_body_size=64 * 1024 * 1024,
                channel_timeout=60,
                connection_limit=self._room,
                clear_untrusted_proxy_headers=False,  # nobody here trusts them, but /metrics notes them,
            )
        except (OSError, ValueError) as error:  # waitress says ValueError of a host that nobody knows
            why = getattr(error, "strerror", None) or error
            raise InvalidSetting(
                f"The web cannot bind {settings.web_host} port {settings.web_port} ({why}); "
                "free that port or set HUIYIN_WEB_PORT, or mend HUIYIN_WEB_HOST."
            ) from error
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="web", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        """Serve until told to stop; then answer what was asked, for a few seconds at most."""
        from waitress import wasyncore

        server, sockets = self._server, self._server._map
        while not self._stopping.is_set():
            _make_room(server.active_channels, self._room * 3 // 4)
            wasyncore.loop(timeout=0.5, map=sockets, count=1, use_poll=True)
        server.task_dispatcher.shutdown(cancel_pending=False, timeout=_LAST_ANSWERS)
        until = time.monotonic() + _LAST_ANSWERS
        while time.monotonic() < until and any(c.total_outbufs_len for c in server.active_channels.values()):
            wasyncore.loop(timeout=0.1, map=sockets, count=1, use_poll=True)
        server.close()
        wasyncore.close_all(sockets)

    def stop(self) -> None:
        """Take no more requests; those being answered are finished."""
        self._stopping.set()
        self._server.pull_trigger()
        self._thread.join(3 * _LAST_ANSWERS)


def most_connections() -> int:
    """How many connections the web holds: half of the files this process may open, others need some."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST_CONNECTIONS if allowed < 0 else max(100, min(MOST_CONNECTIONS, allowed // 2))


def _make_room(channels: Mapping[int, Any], most: int) -> None:
    """Hang up on those who have been silent longest, so that silence cannot shut the door for others."""
    if len(channels) <= most:
        return
    idle = [channel for channel in list(channels.values()) if not channel.requests]
    idle.sort(key=lambda channel: channel.last_activity)
    for channel in idle[: len(channels) - most]:
        channel.will_close = True


class MailRole:
    """The SMTP listener."""

    def __init__(self, system: System) -> None:
        self._listener = system.listener()
        try:
            self._listener.start()
        except OSError as error:
            raise InvalidSetting(f"{error.strerror or error} Or set HUIYIN_SMTP_PORT.") from error

    def stop(self) -> None:
        """Let mails in flight be stored, then leave."""
        self._listener.stop(grace=10.0)


class WorkRole:
    """Registers what came in and takes word out: two loops on two threads."""

    def __init__(self, system: System) -> None:
        self._stopping = threading.Event()
        self._awake = threading.Event()
        self._system = system
        self._looked_at = time.monotonic()
        system.wake = self._awake.set
        system.release_dead()
        registrar, postman = system.registrar(), system.postman()
        pressed = threading.Event()

        def register() -> int:
            taken = registrar.work()
            if taken >= FULL_BATCH:
                pressed.set()
            else:
                pressed.clear()
            return taken

        def deliver() -> int:
            """Post waits a little for those who are not registered yet, but never for long."""
            if pressed.is_set():
                self._stopping.wait(_POST_UNDER_PRESSURE)
            return postman.work()

        self._threads = [
            threading.Thread(target=self._loop, args=("registrar", register, self._awake), daemon=True),
            threading.Thread(target=self._loop, args=("postman", deliver, None), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _loop(self, name: str, work: Callable[[], int], awake: threading.Event | None) -> None:
        """Work while there is any; look again soon when there is none or the database is away."""
        while not self._stopping.is_set():
            try:
                if work() or (awake is not None and self._inherit()):
                    continue
                pause = _IDLE
            except StorageUnavailable as error:
                log.warning("%s waits for the database: %s", name, error)
                pause = 1.0
            except Exception:
                log.exception("%s failed; it goes on", name)
                pause = 1.0
            if awake is None:
                self._stopping.wait(pause)
            else:
                awake.wait(pause)
                awake.clear()

    def _inherit(self) -> bool:
        """Having nothing of our own to do, take back what a dead neighbour holds, before its lease ends."""
        if time.monotonic() - self._looked_at < _LOOK_FOR_DEAD:
            return False
        self._looked_at = time.monotonic()
        return self._system.release_dead() > 0

    def stop(self) -> None:
        """Finish the batch in hand, then return."""
        self._stopping.set()
        self._awake.set()
        for thread in self._threads:
            thread.join(30)


class ClockRole:
    """APScheduler's ticks."""

    def __init__(self, system: System) -> None:
        self._scheduler = start_clock(system)

    def stop(self) -> None:
        """Wait for the tick in hand."""
        self._scheduler.shutdown(wait=True)


_BUILDERS: dict[str, Callable[[System], Role]] = {
    "worker": WorkRole,
    "mail": MailRole,
    "web": WebRole,
    "clock": ClockRole,
}


def start_roles(system: System, names: Sequence[str]) -> list[Role]:
    """Start the named roles; when one cannot start, those that did are stopped again."""
    started: list[Role] = []
    try:
        for name, build in _BUILDERS.items():
            if name in names:
                started.append(build(system))
    except BaseException:
        stop_roles(started)
        raise
    return started


def stop_roles(roles: Sequence[Role]) -> None:
    """Stop in reverse order: first what lets work in, last what works it off."""
    for role in reversed(roles):
        role.stop()
