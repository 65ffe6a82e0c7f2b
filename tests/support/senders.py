"""Senders that behave as mail servers do: what was not acknowledged is sent again, what was is not."""

from __future__ import annotations

import queue
import smtplib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.support import mails


@dataclass
class Senders:
    """``count`` connections that push ``how_many`` unique mails, through refusals and dead servers alike.

    Each mail goes to the next of ``ports`` in turn. ``acknowledged`` are the Message-IDs (without brackets)
    that got their 250; ``said`` every other reply. Leaving the context stops them.
    """

    ports: Sequence[int]
    how_many: int
    count: int = 4
    label: str = "m"
    acknowledged: list[str] = field(default_factory=list)
    attempts: int = 0
    said: set[str] = field(default_factory=set)
    _waiting: queue.SimpleQueue[int] = field(default_factory=queue.SimpleQueue)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        for serial in range(self.how_many):
            self._waiting.put(serial)
        for number in range(self.count):
            thread = threading.Thread(target=self._work, args=(number,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)

    def message_id(self, serial: int) -> str:
        """Of the mail with that number."""
        return f"{self.label}{serial}@citizen.example"

    def have(self, count: int) -> bool:
        """Whether ``count`` mails are acknowledged."""
        return len(self.acknowledged) >= count

    def done(self) -> bool:
        """Whether every mail was acknowledged."""
        return len(self.acknowledged) >= self.how_many

    def _work(self, number: int) -> None:
        peer: smtplib.SMTP | None = None
        turn = number
        while not self._stopping.is_set():
            try:
                serial = self._waiting.get(timeout=0.05)
            except queue.Empty:
                continue
            try:
                if peer is None:
                    turn += 1
                    port = self.ports[turn % len(self.ports)]
                    peer = smtplib.SMTP("127.0.0.1", port, local_hostname="mx.citizen.example", timeout=20)
                self._send(peer, serial)
            except (OSError, smtplib.SMTPException) as error:
                self._note(error)
                self._waiting.put(serial)  # a mail server keeps it and tries again
                if peer is not None:
                    peer.close()
                peer = None
                time.sleep(0.02)
        if peer is not None:
            peer.close()

    def _send(self, peer: smtplib.SMTP, serial: int) -> None:
        sender = f"citizen{serial}@citizen.example"
        mail = mails.letter(
            f"The street lamp number {serial} in Sample Road is broken.",
            subject=f"Street lamp {serial}",
            sender=sender,
            message_id=f"<{self.message_id(serial)}>",
        )
        self.attempts += 1
        peer.sendmail(sender, [mails.COUNTY], mail.as_bytes())
        self.acknowledged.append(self.message_id(serial))

    def _note(self, error: Exception) -> None:
        if isinstance(error, smtplib.SMTPResponseException):
            text = error.smtp_error
            self.said.add(f"{error.smtp_code} {text.decode() if isinstance(text, bytes) else text}")
