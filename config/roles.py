"""The roles a process can play: web, mail, telegram, worker, clock. Each starts, and stops cleanly."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from config.jobs import start_clock
from config.settings import cannot_listen
from config.wiring import System
from intake.contracts import StorageUnavailable

log = logging.getLogger(__name__)

_LOOK_FOR_DEAD = 5.0  # seconds between looks whether a neighbour died with work in hand
_POST_UNDER_PRESSURE = 0.5  # seconds between batches of post while many wait to be registered
_LATER_UNDER_PRESSURE = 2.0  # the same for what clerks see later: companions, inspected files
_IDLE = 0.15  # seconds between looks into an empty queue
_IDLE_FILES = 1.0  # the same where nobody waits on the line
_IDLE_FOLDER = 2.0  # between looks into the scanner's folder


class Role(Protocol):
    """Something that runs until it is stopped."""

    def stop(self) -> None:
        """Finish what is in flight, then return."""
        ...


class MailRole:
    """The SMTP listener."""

    def __init__(self, system: System) -> None:
        self._listener = system.listener()
        try:
            self._listener.start()
        except OSError as error:
            settings = system.settings
            raise cannot_listen(error, settings.smtp_host, settings.smtp_port, "SMTP") from error

    def stop(self) -> None:
        """Let mails in flight be stored, then leave."""
        self._listener.stop(grace=10.0)


class WorkRole:
    """Registers what came in, takes word out, fetches files, has recordings written down and letters read.

    A loop and a thread each: a slow provider keeps nobody else waiting.
    """

    def __init__(self, system: System) -> None:
        self._stopping = threading.Event()
        self._awake = threading.Event()
        self._system = system
        self._looked_at = time.monotonic()
        system.wake = self._awake.set
        system.release_dead()
        registrar = system.registrar()

        def after_registering(work: Callable[[], int], pause: float) -> Callable[[], int]:
            """``work`` that waits a little for those who are not registered yet, but never for long."""

            def patient() -> int:
                if registrar.pressed:
                    self._stopping.wait(pause)
                return work()

            return patient

        fetching, transcripts = system.fetch_worker(), system.transcript_worker()
        self._inspection = system.inspection_worker()
        folder, pages = system.letter_folder(), system.letter_worker()
        post = after_registering(system.postman().work, _POST_UNDER_PRESSURE)
        inspection = after_registering(self._inspection.work, _LATER_UNDER_PRESSURE)
        matching = after_registering(system.match_worker().work, _LATER_UNDER_PRESSURE)
        loops: tuple[tuple[str, Callable[[], int], threading.Event | None, float], ...] = (
            ("registrar", registrar.work, self._awake, _IDLE),
            ("postman", post, None, _IDLE),
            ("fetching", fetching.work, None, _IDLE_FILES),
            ("transcripts", transcripts.work, None, _IDLE_FILES),
            ("inspection", inspection, None, _IDLE_FILES),
            ("letters", folder.work, None, _IDLE_FOLDER),
            ("pages", pages.work, None, _IDLE_FILES),
            ("matching", matching, None, _IDLE_FILES),
        )
        self._threads = [threading.Thread(target=self._loop, args=loop, daemon=True) for loop in loops]
        for thread in self._threads:
            thread.start()

    def _loop(self, name: str, work: Callable[[], int], awake: threading.Event | None, idle: float) -> None:
        """Work while there is any; look again soon when there is none or the database is away."""
        while not self._stopping.is_set():
            try:
                if work() or (awake is not None and self._inherit()):
                    continue
                pause = idle
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
        self._inspection.close()
        self._system.letter_reader.close()


class ClockRole:
    """APScheduler's ticks."""

    def __init__(self, system: System) -> None:
        self._scheduler = start_clock(system)

    def stop(self) -> None:
        """Wait for the tick in hand."""
        self._scheduler.shutdown(wait=True)


def _web(system: System) -> Role:
    from config.web_server import WebRole  # a worker needs no waitress

    return WebRole(system)


def _telegram(system: System) -> Role:
    from config.telegram_role import TelegramRole  # nobody else needs the library's polling

    return TelegramRole(system)


_BUILDERS: dict[str, Callable[[System], Role]] = {
    "worker": WorkRole,
    "mail": MailRole,
    "web": _web,
    "telegram": _telegram,
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
