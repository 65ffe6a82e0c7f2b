"""Where mail comes in: an SMTP listener on its own thread, with its own event loop.

You are here: peer MTA → **listener** → ``accept`` (intake's group commit) → 250. Nothing is parsed
here; understanding the mail is a worker's job. ``Received:`` is not added: we are the last stop, and
what the peer said is kept beside the raw bytes in the submission's envelope.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

from channels.email.body import Room
from channels.email.deposit import Accept, Deposit, Identify, Observe
from channels.email.doorkeeper import Doorkeeper
from channels.email.paths import Mailboxes
from channels.email.protocol import Conversation
from channels.email.settings import ListenerSettings
from channels.email.wire import Service, make_template
from intake.clock import Clock

__all__ = ["Accept", "Identify", "Listener", "ListenerSettings", "Observe"]

log = logging.getLogger(__name__)

LAST_WORDS = 1.0  # seconds to send the closing 421 to those who are still here


def unobserved(event: str) -> None:
    """Count nothing."""


class Listener:
    """Takes mail on ``settings.host:port`` and hands it to ``accept``, which runs in our loop.

    ``start`` and ``stop`` may be called from any thread, each once.
    """

    def __init__(
        self,
        settings: ListenerSettings,
        accept: Accept,
        clock: Clock,
        identify: Identify,
        observe: Observe = unobserved,
    ) -> None:
        self._settings = settings
        self._room = Room(settings.max_in_flight_bytes)
        self._deposit = Deposit(accept, identify, clock, self._room, observe)
        self._observe = observe
        self._thread = threading.Thread(target=self._run, name="smtp-listener", daemon=True)
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing: asyncio.Event | None = None
        self._grace = 0.0
        self.port = settings.port

    def start(self) -> None:
        """Return once the port is bound; ``OSError`` says which address could not be."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self, grace: float = 10.0) -> None:
        """Take no more connections, let mails in flight finish for ``grace`` seconds, then leave."""
        if self._loop is None or self._closing is None or not self._thread.is_alive():
            return
        self._grace = grace
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    @property
    def bytes_in_flight(self) -> int:
        """Room held by mails being received or stored."""
        return self._room.held

    @property
    def serving(self) -> bool:
        """Whether the port is open and its thread alive."""
        return self._loop is not None and self._thread.is_alive()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            self._failure = error
            if self._ready.is_set():  # nobody waits in ``start`` any more
                log.exception("the mail listener has stopped for an unexpected reason")
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        settings = self._settings
        service = Service(
            settings=settings,
            mailboxes=Mailboxes(settings.recipients),
            doorkeeper=Doorkeeper(settings.max_connections, settings.max_connections_per_peer),
            room=self._room,
            deposit=self._deposit,
            observe=self._observe,
            template=make_template(settings, loop),
        )
        try:
            server = await loop.create_server(
                lambda: Conversation(service, loop), settings.host, settings.port, backlog=1024
            )
        except OSError as error:
            raise OSError(
                error.errno,
                f"The mail listener cannot bind {settings.host} port {settings.port} ({error.strerror}); "
                "free that port or choose another.",
            ) from error
        self.port = server.sockets[0].getsockname()[1]
        self._loop, self._closing = loop, asyncio.Event()
        sweep = loop.create_task(_sweep(service))
        self._ready.set()
        await self._closing.wait()
        server.close()
        await self._wind_down(service)
        sweep.cancel()

    async def _wind_down(self, service: Service) -> None:
        service.leaving = True
        for conversation in list(service.conversations):
            conversation.wind_down()
        deposit = service.deposit
        await _until(lambda: not service.conversations and not deposit.under_way, self._grace)
        for conversation in list(service.conversations):
            conversation.cut_short()
        await _until(lambda: not service.conversations, LAST_WORDS)
        if deposit.under_way:
            log.warning("stopped with %d mails not yet stored, to be sent again", len(deposit.under_way))


async def _sweep(service: Service) -> None:
    """Enforce all deadlines with one timer, instead of one per connection and command."""
    loop = asyncio.get_running_loop()
    s = service.settings
    shortest = min(s.command_timeout, s.data_timeout, s.data_idle_timeout, s.accept_timeout)
    while True:
        await asyncio.sleep(min(1.0, shortest / 4))
        now = loop.time()
        for conversation in list(service.conversations):
            conversation.check_time(now)


async def _until(done: Callable[[], bool], seconds: float) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not done() and loop.time() < end:
        await asyncio.sleep(0.01)
