"""The connection under an SMTP conversation: aiosmtpd's protocol with its costs and leaks replaced.

Written against aiosmtpd 1.4.6 (a test pins the version and compares attributes). What is changed:

* ``__init__``: aiosmtpd inspects every member of itself and of the handler for each connection
  (0.45 ms) and resolves its own name; here one template is inspected per listener and copied.
* ``data_received``: input is answered in the very call that brings it, without a task, a
  StreamReader and a timer per connection.
* ``connection_made``, ``connection_lost``, ``eof_received``: caps, deadlines, and a mail being
  stored is not cancelled because its peer has gone.
* ``push``: replies gather and leave in one write (RFC 2920).
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast

from aiosmtpd.smtp import SMTP

from channels.email.body import Body, Room
from channels.email.deposit import TRY_LATER, Deposit, Observe
from channels.email.doorkeeper import Doorkeeper
from channels.email.paths import Mailboxes, Path
from channels.email.settings import ListenerSettings

log = logging.getLogger(__name__)

LONGEST_LINE = 2048  # a command line, bytes: four times RFC 5321's 512, for extensions and long names
HELD_WHILE_STORING = 65536  # bytes a peer may send ahead while its mail is being stored
LONGEST_BACKLOG = 65536  # bytes of replies a peer may leave unread
LEAVE_TIME = 5.0  # seconds to take the last reply before the connection is cut
_FOREIGN = re.compile(rb"(?:GET|POST|HEAD|PUT|OPTIONS|CONNECT|DELETE|TRACE|PATCH|PRI|Host:) ?", re.IGNORECASE)
_TLS_HELLO = b"\x16\x03"

NOT_IN_TIME = "421 4.4.2 Took too long, closing"
CLOSING_DOWN = "421 4.3.2 Service is closing, please try again later"
TOO_MANY = "421 4.7.0 Too many connections, please try again later"


class State(Enum):
    """What the next bytes from the peer are."""

    COMMAND = "commands"
    BODY = "the message"
    STORING = "kept until the message is stored"
    TLS = "a handshake"
    CLOSED = "ignored"


@dataclass(slots=True)
class Service:
    """What all conversations of one listener share."""

    settings: ListenerSettings
    mailboxes: Mailboxes
    doorkeeper: Doorkeeper
    room: Room
    deposit: Deposit
    observe: Observe
    template: dict[str, Any]
    conversations: set[Wire] = field(default_factory=set)
    leaving: bool = False


def make_template(settings: ListenerSettings, loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    """The attributes aiosmtpd's own ``__init__`` sets, found once instead of per connection."""
    made = SMTP(
        None,
        data_size_limit=settings.max_message_bytes,
        enable_SMTPUTF8=True,
        hostname=settings.hostname,
        ident="ESMTP",
        tls_context=settings.tls_context,
        loop=loop,
    )
    attributes = dict(vars(made))
    attributes.update(_smtp_methods={}, _auth_methods={}, _handle_hooks={})  # bound to the template
    return attributes


class Wire(SMTP):
    """The connection under a conversation: greeting, lines, replies, deadlines, farewell."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        # SMTP.__init__ is not called on purpose: its result is copied from the template.
        self.__dict__.update(service.template)
        asyncio.StreamReaderProtocol.__init__(
            self, asyncio.StreamReader(loop=loop), client_connected_cb=self._cb_client_connected, loop=loop
        )
        self._service = service
        self._limits = service.settings
        self._state = State.COMMAND
        self._inbound = b""
        self._replies: list[str] = []
        self._body: Body | None = None
        self._mail: Path | None = None  # its address is "" for the null sender, so it is not the flag
        self._ticket: object | None = None
        self._deadline = 0.0
        self._heard_at = 0.0
        self._bad = 0
        self._idle = 0
        self._spoke = False
        self._admitted = False
        self._ended = False
        self._peer = ""

    # ------------------------------------------------------------------ the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or turn away when too many are here already."""
        asyncio.StreamReaderProtocol.connection_made(self, cast(asyncio.Transport, transport))
        self.transport = transport
        self.session = self._create_session()
        peername = transport.get_extra_info("peername")
        self.session.peer = peername
        self._peer = str(peername[0]) if peername else "local"
        self._set_rset_state()
        self._service.conversations.add(self)
        self._heard_at = self.loop.time()
        self._deadline = self._heard_at + self._limits.command_timeout
        if self._service.leaving:
            self._dismiss(CLOSING_DOWN)
        elif not self._service.doorkeeper.admit(self._peer):
            self._service.observe("connection_refused")
            self._dismiss(TOO_MANY)
        else:
            self._admitted = True
            self._service.observe("connection")
            self._replies.append(f"220 {self.hostname} ESMTP")
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        """Tidy up. A mail being stored goes on being stored."""
        if self not in self._service.conversations:
            return
        self._service.conversations.discard(self)
        if self._admitted:
            self._service.doorkeeper.leave(self._peer)
        self._state = State.CLOSED
        self._ticket = None
        self._inbound = b""
        self._drop_body()
        if self._handler_coroutine is not None:  # a TLS handshake
            self._handler_coroutine.cancel()
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None

    def eof_received(self) -> bool | None:
        """The peer has said all it will; what it is still owed is answered first."""
        if self._state is State.STORING and self.session is not None and self.session.ssl is None:
            self._ended = True
            return True  # ``_settled`` closes after the reply
        self._close()
        return None

    def data_received(self, chunk: bytes) -> None:
        """Answer whatever is complete. One write for all replies: PIPELINING, RFC 2920."""
        self._heard_at = self.loop.time()
        self._inbound = self._inbound + chunk if self._inbound else chunk
        if self._state is State.STORING:
            if len(self._inbound) > HELD_WHILE_STORING:
                cast(asyncio.Transport, self.transport).pause_reading()
            return
        self._advance()

    def check_time(self, now: float) -> None:
        """Called by the listener's sweep: enforce deadlines (overall, and silence in DATA)."""
        silent = self._state is State.BODY and now - self._heard_at > self._limits.data_idle_timeout
        if now < self._deadline and not silent:
            return
        if self._state in (State.CLOSED, State.TLS):
            cast(asyncio.Transport, self.transport).abort()
        elif self._state is State.STORING:
            self._service.observe("accept_timeout")
            log.warning("mail not stored in time, peer told to try again")
            self._settled(TRY_LATER, False)
        else:
            self._service.observe("timeout")
            self._dismiss(NOT_IN_TIME)
            self._flush()

    def wind_down(self) -> None:
        """The service is closing: leave at once unless a mail is on its way."""
        if self._state is State.COMMAND and self._mail is None:
            self.cut_short()

    def cut_short(self) -> None:
        """The time of grace is over."""
        self._dismiss(CLOSING_DOWN)
        self._flush()

    # ------------------------------------------------------------------ bytes → commands → replies

    def _advance(self) -> None:
        while self._inbound:
            if self._state is State.BODY:
                self._read_body()
            elif self._state is not State.COMMAND:
                break
            else:
                line = self._next_line()
                if line is None:
                    break
                self._obey(line)
        self._flush()

    def _next_line(self) -> bytes | None:
        inbound = self._inbound
        if not self._spoke:
            self._spoke = True
            if inbound.startswith(_TLS_HELLO) or _FOREIGN.match(inbound):
                self._service.observe("foreign_protocol")
                self._dismiss("554 5.5.1 This port speaks SMTP")
                return None
        feed = inbound.find(b"\n")
        if feed > LONGEST_LINE or (feed < 0 and len(inbound) > LONGEST_LINE):
            self._dismiss("500 5.5.6 Command line too long, closing")
            return None
        if feed < 0:
            return None
        if inbound[feed - 1 : feed] != b"\r":
            # Answering it would let a bare LF start a command: smuggling. Postfix closes with 521 too.
            self._dismiss("521 5.5.2 Lines must end in <CR><LF>, closing")
            return None
        self._inbound = inbound[feed + 1 :]
        return inbound[: feed - 1]

    async def push(self, status: str | bytes) -> None:
        """aiosmtpd's way to reply; here replies gather until the input is worked off."""
        self._replies.append(status if isinstance(status, str) else status.decode())

    def _flush(self) -> None:
        if not self._replies or self.transport is None:
            return
        transport = cast(asyncio.Transport, self.transport)
        self._replies.append("")
        transport.write("\r\n".join(self._replies).encode())
        self._replies.clear()
        if self._state is State.CLOSED:
            transport.close()
        elif transport.get_write_buffer_size() > LONGEST_BACKLOG:
            transport.abort()

    def _dismiss(self, reply: str) -> None:
        """Say ``reply`` last and close."""
        if self._state is not State.CLOSED:
            self._replies.append(reply)
            self._close()

    def _close(self) -> None:
        self._state = State.CLOSED
        self._inbound = b""
        self._ticket = None
        self._drop_body()
        self._deadline = self.loop.time() + LEAVE_TIME
        if not self._replies and self.transport is not None:
            cast(asyncio.Transport, self.transport).close()

    def _drop_body(self) -> None:
        if self._body is not None:
            self._body.drop()
            self._body = None

    def _set_rset_state(self) -> None:
        self.envelope = self._create_envelope()
        self._mail = None

    # ------------------------------------------------------------------ what a conversation adds

    def _obey(self, line: bytes) -> None:
        raise NotImplementedError

    def _read_body(self) -> None:
        raise NotImplementedError

    def _settled(self, reply: str, stored: bool) -> None:
        raise NotImplementedError
