"""The postman: takes due messages out of the outbox, words them, and hands them to their channel.

Times, logs and records the outcome for every channel alike; a sender only makes the call. A message may
be handed over twice when a process dies between sending and recording, so its id stays the same.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from jinja2 import TemplateError

from channels.wording import Wording
from intake.clock import Clock
from intake.contracts import DeliveryFailed, Message, Sender
from intake.notes import without_addresses
from intake.outbox import Letter, Outbox, Result, refused, taken
from intake.references import reference_of

log = logging.getLogger(__name__)

BATCH = 20
_WRITE_DOWN_AFTER = 1.0  # seconds


class Postman:
    """Drains the outbox through the senders. As many as you like."""

    def __init__(
        self, outbox: Outbox, senders: Mapping[str, Sender], wording: Wording, domain: str, clock: Clock
    ) -> None:
        self._outbox = outbox
        self._senders = senders
        self._wording = wording
        self._domain = domain
        self._clock = clock

    def work(self, limit: int = BATCH) -> int:
        """Send up to ``limit`` due messages; returns how many were taken (0: nothing is due).

        What was sent is written down together, at least once a second: a transaction each would cost
        more than the sending, and a crash may send again what the last second sent.
        """
        letters = self._outbox.claim(self._clock(), limit)
        results: list[Result] = []
        since = time.monotonic()
        for letter in letters:
            results.append(self._send(letter))
            if time.monotonic() - since > _WRITE_DOWN_AFTER:
                self._outbox.record(results, self._clock())
                results, since = [], time.monotonic()
        if results:
            self._outbox.record(results, self._clock())
        return len(letters)

    def _send(self, letter: Letter) -> Result:
        row, started = letter.row, time.monotonic()
        try:
            message = self._message(letter)
            sender = self._senders.get(row.channel)
            if sender is None:
                raise DeliveryFailed(f"no channel “{row.channel}” is set up here", permanent=True)
            delivery = sender.send(message)
        except DeliveryFailed as error:
            why = without_addresses(error.reason, row.address)
            log.warning("postman: %s by %s not sent: %s", row.template, row.channel, why)
            return refused(
                row,
                error.reason,
                permanent=error.permanent,
                again_at=error.again_at,
                other_way=error.other_way,
            )
        except TemplateError as error:
            log.exception("postman: %s cannot be worded", row.template)
            return refused(row, f"wording: {error}", permanent=True)
        except Exception as error:  # a sender's surprise must not stop the others' post
            log.exception("postman: %s by %s failed", row.template, row.channel)
            return refused(row, type(error).__name__, permanent=False)
        log.info(
            "postman: %s by %s in %.0f ms", row.template, row.channel, (time.monotonic() - started) * 1e3
        )
        return taken(row, delivery, message.subject, message.text)

    def _message(self, letter: Letter) -> Message:
        row, part = letter.row, letter.participation
        worded = self._wording.word(letter)
        return Message(
            outbox_id=row.id,
            channel=row.channel,
            to=row.address,
            to_name=row.name,
            subject=worded.subject,
            text=worded.text,
            language=row.language,
            reply_token=part.token if part else None,
            message_id=f"{row.id}@{self._domain}",
            thread=tuple(i if "@" in i else f"{i}@{self._domain}" for i in letter.thread),
            automatic=row.template != "answer",
            template=row.template,
            choices=worded.choices,
            created_at=row.created_at,
            retry=row.attempts > 1,
            reference=reference_of(letter.number) if letter.case else "",
            code=part.code if part else "",
            large_print=bool(part and part.large_print),
        )
