"""Puts a received mail into the intake queue and says what the peer is to hear.

One task per mail, independent of the connection it came on: a peer that hangs up, or a time limit
that runs out, never cancels a commit halfway. What was stored but never acknowledged is sent again
by the peer and recognised by its dedupe key.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from channels.email.body import Room
from channels.email.paths import masked
from intake.clock import Clock
from intake.contracts import Json, Receipt, StorageUnavailable, Submission

log = logging.getLogger(__name__)

Accept = Callable[[Submission], Awaitable[Receipt]]
"""Resolves only once the submission is durably committed; raises StorageUnavailable."""

Observe = Callable[[str], None]
"""Counts an event by name, for metrics."""

TRY_LATER = "451 4.3.0 Not stored, please try again later"
LARGE = 256 * 1024
"""From this size on (bytes) a mail is hashed beside the loop: 30 MiB would stop it for 60 ms."""


class MailIdentity(Protocol):
    """What ``channels.email.identity.identify`` returns."""

    @property
    def message_id(self) -> str:
        """The Message-ID without angle brackets."""
        ...

    @property
    def dedupe_key(self) -> str:
        """The same for every copy of the same mail to the same recipients."""
        ...


Identify = Callable[[bytes, Sequence[str]], MailIdentity]


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One message as it came: raw bytes, and what was said about it around them.

    ``room`` is how many bytes of the shared room it holds until it is stored.
    """

    raw: bytes
    envelope: Json
    room: int


Answered = Callable[[str, bool], None]
"""Called in the loop with the reply for the peer and whether the mail is stored."""


class Deposit:
    """Hands mails to ``accept``; keeps the tasks alive until each is done."""

    def __init__(
        self, accept: Accept, identify: Identify, clock: Clock, room: Room, observe: Observe
    ) -> None:
        self._accept = accept
        self._identify = identify
        self._clock = clock
        self._room = room
        self._observe = observe
        self.under_way: set[asyncio.Task[tuple[str, bool]]] = set()

    def start(self, loop: asyncio.AbstractEventLoop, mail: ReceivedMail, answered: Answered) -> None:
        """Begin storing ``mail``; ``answered`` is called exactly once, whatever happens."""
        task = loop.create_task(self._store(loop, mail))
        self.under_way.add(task)

        def finished(done: asyncio.Task[tuple[str, bool]]) -> None:
            self.under_way.discard(done)
            self._room.give_back(mail.room)
            answered(*((TRY_LATER, False) if done.cancelled() else done.result()))

        task.add_done_callback(finished)

    async def _store(self, loop: asyncio.AbstractEventLoop, mail: ReceivedMail) -> tuple[str, bool]:
        begun = time.monotonic()
        try:
            receipt = await self._accept(await self._submission(loop, mail))
        except StorageUnavailable as error:
            self._observe("storage_unavailable")
            log.warning("mail not stored, peer told to try again: %s", error)
            return TRY_LATER, False
        except Exception:
            # The peer hears nothing of our insides; aiosmtpd would send a permanent 500 with the text.
            self._observe("accept_failed")
            log.exception("mail not stored for an unexpected reason, peer told to try again")
            return TRY_LATER, False
        self._observe("duplicate" if receipt.duplicate else "accepted")
        if log.isEnabledFor(logging.INFO):
            _log_stored(mail, receipt, time.monotonic() - begun)
        return f"250 2.0.0 Stored as {receipt.submission_id}", True

    async def _submission(self, loop: asyncio.AbstractEventLoop, mail: ReceivedMail) -> Submission:
        received_at = self._clock()
        recipients = mail.envelope["rcpt_to"]
        if len(mail.raw) < LARGE:
            identity = self._identify(mail.raw, recipients)
        else:
            identity = await loop.run_in_executor(None, self._identify, mail.raw, recipients)
        return Submission(
            channel="email",
            external_id=identity.message_id,
            dedupe_key=identity.dedupe_key,
            received_at=received_at,
            raw=mail.raw,
            envelope=mail.envelope,
        )


def _log_stored(mail: ReceivedMail, receipt: Receipt, seconds: float) -> None:
    said = mail.envelope
    log.info(
        "mail stored submission=%s duplicate=%s bytes=%d from=%s to=%s peer=%s ms=%.1f",
        receipt.submission_id,
        receipt.duplicate,
        said["size"],
        masked(said["mail_from"]),
        ",".join(masked(address) for address in said["rcpt_to"]),
        said["peer"],
        seconds * 1000,
    )
