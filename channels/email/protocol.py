"""One SMTP conversation: the commands, and the message that DATA brings.

You are here: wire → lines → **commands** → body → deposit → 250. The ``smtp_*`` methods have
aiosmtpd's shape, but must finish without waiting, for they run in the call that brought the bytes.
What is changed against aiosmtpd 1.4.6:

* ``smtp_MAIL``, ``smtp_RCPT``: null sender, enhanced status codes (RFC 2034), linear parsing.
* ``smtp_DATA``: bounded, any line length, ended by <CRLF>.<CRLF> only (see ``body``).
* exceptions: 451 without our insides, where aiosmtpd sends a permanent 500 with the text.
* ``smtp_STARTTLS``: through ``loop.start_tls``; plaintext sent behind the command is thrown away.
* AUTH is not there at all, EXPN is closed, VRFY and HELP tell little.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, cast

from channels.email.body import Body, Refusal
from channels.email.deposit import TRY_LATER, ReceivedMail
from channels.email.paths import Path, parse_path
from channels.email.wire import State, Wire

log = logging.getLogger(__name__)

TOO_LARGE = "552 5.3.4 Message is larger than {} bytes"
LONGEST_NAME = 255  # of a host, RFC 5321 section 4.5.3.1.2
NO_ROOM = "452 4.3.1 Too much mail at once, please try again later"


class Conversation(Wire):
    """Talks with one peer."""

    def _obey(self, line: bytes) -> None:
        verb, _, rest = line.partition(b" ")
        method = _COMMANDS.get(verb.upper())
        if method is None:
            self._bad_command("500 5.5.1 Command not recognised")
            return
        try:
            text = rest.decode("utf-8").strip()
        except UnicodeDecodeError:
            self._bad_command("500 5.5.2 Not UTF-8")
            return
        if text and not text.isprintable():
            self._bad_command("500 5.5.2 Control characters in a command")
            return
        self._idle += 1
        if self._idle > self._limits.max_idle_commands + self._limits.max_recipients:
            self._dismiss("421 4.7.0 Too many commands without a mail, closing")
            return
        self._deadline = self._heard_at + self._limits.command_timeout
        self._run(method, text)

    def _run(self, method: _Command, text: str) -> None:
        command = method(self, text or None)
        waits = False
        try:
            with suppress(StopIteration):  # a coroutine that ran to its end
                command.send(None)
                waits = True
        except Exception:
            log.exception("an SMTP command failed, peer told to try again")
            self._set_rset_state()
            self._replies.append(TRY_LATER)
        if waits:
            command.close()
            raise RuntimeError("an SMTP command may not wait")
        if self._service.leaving:
            self.wind_down()

    def _bad_command(self, reply: str) -> None:
        self._service.observe("bad_command")
        self._bad += 1
        self._deadline = self._heard_at + self._limits.command_timeout
        if self._bad >= self._limits.max_bad_commands:
            self._dismiss("421 4.7.0 Too many errors, closing")
        else:
            self._replies.append(reply)

    # ------------------------------------------------------------------ the message

    def _read_body(self) -> None:
        body = cast(Body, self._body)
        chunk, self._inbound = self._inbound, b""
        rest = body.feed(chunk)
        if rest is not None:
            self._inbound = rest
            self._body_complete(body)
        elif body.hopeless:
            self._refuse_body(body)
            self._close()

    def _body_complete(self, body: Body) -> None:
        raw = body.content() if body.refusal is None else b""
        self._state = State.COMMAND
        self._deadline = self._heard_at + self._limits.command_timeout
        if body.refusal is not None:
            self._refuse_body(body)
            self._set_rset_state()
            return
        self._state = State.STORING
        self._deadline = self._heard_at + self._limits.accept_timeout
        self._body = None
        ticket = self._ticket = object()

        def answered(reply: str, stored: bool) -> None:
            if self._ticket is ticket:  # else the peer has gone, or was told to try again
                self._settled(reply, stored)

        mail = ReceivedMail(raw, self._said_around(len(raw)), body.release_to())
        self._service.deposit.start(self.loop, mail, answered)

    def _settled(self, reply: str, stored: bool) -> None:
        self._ticket = None
        self._state = State.COMMAND
        self._heard_at = self.loop.time()
        self._deadline = self._heard_at + self._limits.command_timeout
        if stored:
            self._idle = self._bad = 0
        self._set_rset_state()
        self._replies.append(reply)
        transport = cast(asyncio.Transport, self.transport)
        transport.resume_reading()
        if self._service.leaving:
            self.wind_down()
        self._advance()
        if self._ended and self._state is not State.STORING:
            self._close()

    def _said_around(self, size: int) -> dict[str, Any]:
        assert self.envelope is not None
        assert self.session is not None
        assert self._mail is not None
        return {
            "mail_from": self._mail.address,
            "rcpt_to": list(self.envelope.rcpt_tos),
            "peer": self._peer,
            "helo": self.session.host_name,
            "smtputf8": self.envelope.smtp_utf8,
            "size": size,
        }

    def _refuse_body(self, body: Body) -> None:
        if body.refusal is Refusal.TOO_BIG:
            self._service.observe("too_big")
            self._replies.append(TOO_LARGE.format(self._limits.max_message_bytes))
        else:
            self._service.observe("no_room")
            self._replies.append(NO_ROOM)
        self._drop_body()

    # ------------------------------------------------------------------ the commands

    async def smtp_HELO(self, hostname: str | None) -> None:
        """HELO."""
        if self._introduced(hostname, extended=False):
            self._replies.append(f"250 {self.hostname}")

    async def smtp_EHLO(self, hostname: str | None) -> None:
        """EHLO; everything announced here is true."""
        if self._introduced(hostname, extended=True):
            offers = [f"SIZE {self._limits.max_message_bytes}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
            if self._limits.tls_context is not None and self.session is not None and self.session.ssl is None:
                offers.append("STARTTLS")
            self._replies.append(f"250-{self.hostname}")
            self._replies.extend(f"250-{offer}" for offer in offers)
            self._replies.append("250 ENHANCEDSTATUSCODES")

    def _introduced(self, hostname: str | None, *, extended: bool) -> bool:
        if not hostname:
            self._bad_command("501 5.5.4 Say your host name")
            return False
        assert self.session is not None
        self._set_rset_state()
        self.session.extended_smtp = extended
        self.session.host_name = hostname[:LONGEST_NAME]
        return True

    async def smtp_MAIL(self, arg: str | None) -> None:
        """MAIL FROM, with SIZE, BODY and SMTPUTF8; ``<>`` is a sender like any other."""
        assert self.session is not None
        assert self.envelope is not None
        if not self.session.host_name:
            self._replies.append("503 5.5.1 Say EHLO first")
            return
        if self._mail is not None:
            self._replies.append("503 5.5.1 One MAIL at a time")
            return
        path = parse_path(arg[5:]) if arg and arg[:5].upper() == "FROM:" else None
        if path is None:
            self._bad_command("501 5.1.7 Syntax: MAIL FROM:<address>")
            return
        refusal = self._objection(path)
        if refusal:
            self._replies.append(refusal)
            return
        self._mail = path
        self.envelope.mail_from = path.address
        self.envelope.smtp_utf8 = "SMTPUTF8" in path.parameters
        self._replies.append("250 2.1.0 OK")

    def _objection(self, mail: Path) -> str | None:
        unknown = mail.parameters.keys() - {"SIZE", "BODY", "SMTPUTF8"}
        if unknown:
            return "555 5.5.4 Parameter not recognised"
        if mail.parameters.get("BODY", "7BIT") not in ("7BIT", "8BITMIME"):
            return "501 5.5.4 BODY is 7BIT or 8BITMIME"
        if mail.parameters.get("SMTPUTF8"):
            return "501 5.5.4 SMTPUTF8 takes no value"
        if not mail.address.isascii() and "SMTPUTF8" not in mail.parameters:
            return "553 5.6.7 Address needs SMTPUTF8"
        size = mail.parameters.get("SIZE")
        if size is None:
            return None
        if not (size.isascii() and size.isdigit() and len(size) <= 20):
            return "501 5.5.4 SIZE is a number"
        if int(size) > self._limits.max_message_bytes:
            self._service.observe("too_big")
            return TOO_LARGE.format(self._limits.max_message_bytes)
        if not self._service.room.has(int(size)):
            self._service.observe("no_room")
            return NO_ROOM
        return None

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RCPT TO: ours, or 550."""
        assert self.envelope is not None
        if self._mail is None:
            self._replies.append("503 5.5.1 Say MAIL first")
            return
        path = parse_path(arg[3:]) if arg and arg[:3].upper() == "TO:" else None
        if path is None or not path.address:
            self._bad_command("501 5.1.3 Syntax: RCPT TO:<address>")
        elif path.parameters:
            self._replies.append("555 5.5.4 Parameter not recognised")
        elif not self._service.mailboxes.takes(path.address):
            self._unknown_recipient(path.address)
        elif len(self.envelope.rcpt_tos) >= self._limits.max_recipients:
            self._replies.append("452 4.5.3 Too many recipients in one mail")
        else:
            self.envelope.rcpt_tos.append(path.address)
            self._replies.append("250 2.1.5 OK")

    def _unknown_recipient(self, address: str) -> None:
        self._service.observe("unknown_recipient")
        self._bad += 1
        if self._bad >= self._limits.max_bad_commands:  # somebody tries names
            self._dismiss("421 4.7.0 Too many errors, closing")
        elif self._service.mailboxes.knows_domain(address):
            self._replies.append("550 5.1.1 No such mailbox here")
        else:
            self._replies.append("550 5.7.1 We do not relay")

    async def smtp_DATA(self, arg: str | None) -> None:
        """DATA: from here on the peer's bytes are the message."""
        assert self.envelope is not None
        if self._mail is None:
            self._replies.append("503 5.5.1 Say MAIL first")
        elif not self.envelope.rcpt_tos:
            self._replies.append("554 5.5.1 No valid recipients")
        elif arg:
            self._bad_command("501 5.5.4 DATA takes no argument")
        else:
            self._body = Body(self._limits.max_message_bytes, self._service.room)
            self._state = State.BODY
            self._deadline = self._heard_at + self._limits.data_timeout
            self._replies.append("354 End with <CR><LF>.<CR><LF>")

    async def smtp_RSET(self, arg: str | None) -> None:
        """RSET."""
        self._set_rset_state()
        self._replies.append("250 2.0.0 OK")

    async def smtp_NOOP(self, arg: str | None) -> None:
        """NOOP."""
        self._replies.append("250 2.0.0 OK")

    async def smtp_QUIT(self, arg: str | None) -> None:
        """QUIT."""
        self._dismiss("221 2.0.0 Goodbye")

    async def smtp_VRFY(self, arg: str | None) -> None:
        """VRFY tells nothing (RFC 5321 section 7.3)."""
        self._replies.append("252 2.1.5 Send the mail and see" if arg else "501 5.5.4 Syntax: VRFY <address>")

    async def smtp_HELP(self, arg: str | None) -> None:
        """HELP, short."""
        self._replies.append("214 2.0.0 Commands: EHLO HELO MAIL RCPT DATA RSET NOOP VRFY QUIT")

    async def smtp_EXPN(self, arg: str | None) -> None:
        """EXPN is closed."""
        self._replies.append("502 5.5.1 EXPN is not offered")

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """STARTTLS (RFC 3207)."""
        assert self.session is not None
        if self._limits.tls_context is None or self.session.ssl is not None:
            self._replies.append("502 5.5.1 TLS is not offered")
        elif arg:
            self._bad_command("501 5.5.4 STARTTLS takes no argument")
        else:
            self._replies.append("220 2.0.0 Ready for TLS")
            self._flush()
            self._state = State.TLS
            self._inbound = b""  # sent behind the command in plaintext: an injection (RFC 3207 section 4)
            self._handler_coroutine = self.loop.create_task(self._shake_hands())

    async def _shake_hands(self) -> None:
        # aiosmtpd builds the stdlib's private SSLProtocol itself; loop.start_tls is the public way.
        assert self._limits.tls_context is not None
        assert self.session is not None
        plain = cast(asyncio.Transport, self.transport)
        try:
            limit = self._limits.command_timeout
            secured = await self.loop.start_tls(
                plain, self, self._limits.tls_context, server_side=True, ssl_handshake_timeout=limit
            )
        except (OSError, EOFError, asyncio.CancelledError) as error:
            log.info("TLS handshake failed: %s", type(error).__name__)
            plain.abort()
            self.connection_lost(None)
            return
        self._handler_coroutine = None
        if secured is None:  # the peer left during the handshake
            self.connection_lost(None)
            return
        self.transport = secured
        self._inbound = b""
        self.session = self._create_session()  # everything said before is forgotten: RFC 3207 section 4.2
        self.session.ssl = {"cipher": secured.get_extra_info("cipher")}
        self._set_rset_state()
        self._state = State.COMMAND
        self._heard_at = self.loop.time()
        self._deadline = self._heard_at + self._limits.command_timeout
        self._service.observe("tls")


_Command = Callable[[Conversation, "str | None"], Coroutine[Any, Any, None]]

_NAMES = ("HELO", "EHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "VRFY", "HELP", "EXPN", "STARTTLS")
_COMMANDS: dict[bytes, _Command] = {name.encode(): getattr(Conversation, f"smtp_{name}") for name in _NAMES}
