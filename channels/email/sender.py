"""How word goes back by mail: through an SMTP relay, or as .eml files where none is set.

You are here: outbox → **sender** → relay → citizen. The base class composes, times and logs; a
subclass only hands the bytes over. The envelope sender is the plus-address of the case, so that
bounces come back to it (RFC 3834 section 3.3, RFC 3464).
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import os
import re
import smtplib
import ssl
import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from channels.email.compose import canonical_address, compose, message_id, reply_address
from channels.email.headers import one_line
from channels.email.paths import masked
from intake.clock import Clock
from intake.contracts import Delivery, DeliveryFailed, Message
from intake.disk import sync

log = logging.getLogger(__name__)

RELAY_TIMEOUT = 30.0  # seconds for any one answer of the relay
KEPT_OPEN = 60.0  # seconds a connection may lie idle before it is opened anew

PERMANENT_AT = {"hello": False, "mail": False, "rcpt": True, "data": True}
"""Whether a 5xx at this step is about the mail (True) or about how the relay is set up (False)."""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A composed mail and its envelope."""

    outbox_id: str
    mail_from: str
    rcpt_to: str
    content: bytes


class MailSender(ABC):
    """Implements :class:`intake.contracts.Sender`."""

    def __init__(self, from_name: str, from_address: str, clock: Clock) -> None:
        self._from_name = from_name
        try:
            self._from_address = canonical_address(from_address)
        except DeliveryFailed as error:
            raise ValueError(f"The address mail is sent from is wrong: {error.reason}.") from error
        self._clock = clock

    def send(self, message: Message) -> Delivery:
        """Send once; :class:`DeliveryFailed` says whether trying again helps."""
        begun = time.monotonic()
        outcome = "sent"
        try:
            content = compose(message, self._from_name, self._from_address, self._clock)
            mail = OutgoingMail(
                outbox_id=message.outbox_id,
                mail_from=reply_address(message, self._from_address),
                rcpt_to=canonical_address(message.to),
                content=content,
            )
            note = self._hand_over(mail)
            return Delivery(provider_id=message_id(message, self._from_address), final=False, note=note)
        except DeliveryFailed as failure:
            outcome = "failed for good" if failure.permanent else "failed for now"
            raise
        finally:
            log.info(
                "mail %s outbox=%s to=%s ms=%.0f",
                outcome,
                one_line(message.outbox_id)[:60],
                masked(one_line(message.to)[:120]),
                (time.monotonic() - begun) * 1000,
            )

    @abstractmethod
    def _hand_over(self, mail: OutgoingMail) -> str:
        """Give ``mail`` away; return a note on it, or raise :class:`DeliveryFailed`."""


class FolderSender(MailSender):
    """Writes each mail as ``<outbox_id>.eml``; a retry overwrites its own file."""

    def __init__(self, folder: Path, from_name: str, from_address: str, clock: Clock) -> None:
        super().__init__(from_name, from_address, clock)
        self._folder = folder

    def _hand_over(self, mail: OutgoingMail) -> str:
        target = self._folder / f"{_file_name(mail.outbox_id)}.eml"
        partial = target.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(mail.content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
            sync(self._folder)
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            reason = f"the mail could not be written to {self._folder}: {error.strerror}"
            raise DeliveryFailed(reason, permanent=False) from error
        return f"written to {target}"


def _file_name(outbox_id: str) -> str:
    """A safe name that is different for different ids."""
    name = re.sub(r"[^A-Za-z0-9-]", lambda match: f"_{ord(match[0]):x}_", outbox_id) or "_"
    return name if len(name) <= 120 else hashlib.sha256(outbox_id.encode("utf-8", "replace")).hexdigest()


class RelaySender(MailSender):
    """Hands mails to a relay over one connection, which is kept open between them.

    May be called from several threads; they take turns. With ``tls`` set, STARTTLS is used when the
    relay offers it (but not on the loopback), and insisted on everywhere with ``require_tls``.
    """

    def __init__(
        self,
        host: str,
        port: int,
        from_name: str,
        from_address: str,
        clock: Clock,
        *,
        hostname: str,
        tls: ssl.SSLContext | None = None,
        require_tls: bool = False,
        timeout: float = RELAY_TIMEOUT,
    ) -> None:
        super().__init__(from_name, from_address, clock)
        self._host = host
        self._port = port
        self._hostname = hostname
        self._tls = tls
        self._require_tls = require_tls
        self._timeout = timeout
        self._turn = threading.Lock()
        self._connection: smtplib.SMTP | None = None
        self._used_at = 0.0

    def close(self) -> None:
        """Say goodbye to the relay; the next send connects again."""
        with self._turn:
            if self._connection is not None:
                with suppress(OSError, smtplib.SMTPException):
                    self._connection.quit()
            self._forget()

    def _hand_over(self, mail: OutgoingMail) -> str:
        with self._turn:
            if self._connection is not None and time.monotonic() - self._used_at > KEPT_OPEN:
                self._forget()
            kept = self._connection is not None
            try:
                return self._converse(mail)
            except _Unheard as failure:
                self._forget()
                if not kept:
                    raise failure.as_failure() from failure
            try:  # the relay had closed a kept connection before it heard of this mail: once anew
                return self._converse(mail)
            except _Unheard as failure:
                self._forget()
                raise failure.as_failure() from failure

    def _converse(self, mail: OutgoingMail) -> str:
        connection = self._connection or self._connect()
        self._used_at = time.monotonic()
        options = ["SMTPUTF8", "BODY=8BITMIME"] if not (mail.mail_from + mail.rcpt_to).isascii() else []
        if options and not connection.has_extn("smtputf8"):
            raise DeliveryFailed("the relay cannot send to addresses outside ASCII", permanent=True)
        try:
            self._expect("mail", *connection.mail(mail.mail_from, options))
            self._expect("rcpt", *connection.rcpt(mail.rcpt_to))
        except (OSError, smtplib.SMTPException) as error:
            raise _Unheard(error) from error
        try:
            # From here on a lost answer may mean a mail that was taken: no second try of our own.
            return self._expect("data", *connection.data(mail.content))
        except smtplib.SMTPResponseException as error:
            return self._expect("data", error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            self._forget()
            raise _Unheard(error).as_failure() from error

    def _connect(self) -> smtplib.SMTP:
        connection: smtplib.SMTP | None = None
        try:
            # The name is given: smtplib would look up our own, which can block on DNS. The host is
            # given here and not to ``connect``, or ``starttls`` would verify the name "".
            connection = smtplib.SMTP(
                self._host, self._port, local_hostname=self._hostname, timeout=self._timeout
            )
            connection.ehlo_or_helo_if_needed()
            self._secure(connection)
        except (OSError, smtplib.SMTPException) as error:
            if connection is not None:
                connection.close()
            raise _Unheard(error) from error
        except DeliveryFailed:
            if connection is not None:
                connection.close()
            raise
        self._connection = connection
        return connection

    def _secure(self, connection: smtplib.SMTP) -> None:
        if not self._require_tls and _stays_on_this_machine(connection):
            return  # nothing to protect; a relay at home has a certificate nobody signed
        if self._tls is not None and connection.has_extn("starttls"):
            self._expect("hello", *connection.starttls(context=self._tls))
            connection.ehlo()
        elif self._require_tls:
            raise DeliveryFailed("the mail relay does not offer STARTTLS, which is required", permanent=False)

    def _expect(self, step: str, code: int, text: bytes | str) -> str:
        said = one_line(text if isinstance(text, str) else text.decode("utf-8", "replace"))[:200]
        if 200 <= code < 300:
            return f"{code} {said}"
        if code == 421:  # going away, as it does with a connection that was kept too long
            self._forget()
            if step in ("mail", "rcpt"):
                raise _Unheard(smtplib.SMTPResponseException(code, said))
        elif self._connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._connection.rset()
        permanent = 500 <= code < 600 and PERMANENT_AT[step]
        raise DeliveryFailed(f"the mail relay answered {code} {said}", permanent=permanent)

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _stays_on_this_machine(connection: smtplib.SMTP) -> bool:
    assert connection.sock is not None
    return ipaddress.ip_address(connection.sock.getpeername()[0].partition("%")[0]).is_loopback


class _Unheard(Exception):
    """The relay was not reached, or went away before the mail was given to it."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self._cause = cause

    def as_failure(self) -> DeliveryFailed:
        said = one_line(str(self._cause))[:200] or type(self._cause).__name__
        return DeliveryFailed(f"the mail relay could not be reached: {said}", permanent=False)
