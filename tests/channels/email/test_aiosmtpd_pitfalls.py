"""Why ``wire`` and ``protocol`` override so much: the same dialogue with bare aiosmtpd and with ours.

When a new aiosmtpd makes a line here fail in its first half, that override may go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.channels.email.smtp_peer import Peer, Running, Shelf, running


class Failing:
    """A handler whose storage fails when the message says so."""

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if b"fail" in envelope.content:
            raise RuntimeError("secret detail")
        return "250 OK"


@pytest.fixture
def bare() -> Iterator[Peer]:
    """A peer of bare aiosmtpd."""
    controller = Controller(Failing(), hostname="127.0.0.1", port=0, server_hostname="mx.gaoyao.example")
    controller.port = _free_port()
    controller.start()
    peer = Peer(controller.port)
    yield peer
    peer.close()
    controller.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_failure_is_temporary_and_says_nothing(bare: Peer) -> None:
    assert bare.deliver(b"fail\r\n.\r\n") == "500 Error: (RuntimeError) secret detail"
    with running(Shelf(fail=RuntimeError("secret detail"))) as run:
        assert run.peer().deliver(b"fail\r\n.\r\n") == "451 4.3.0 Not stored, please try again later"


def test_long_lines_are_taken(bare: Peer, run: Running) -> None:
    wire = b"x" * 5000 + b"\r\n.\r\n"
    assert bare.deliver(wire).startswith("500 Line too long")
    assert run.peer().deliver(wire).startswith("250")


def test_a_bare_line_feed_starts_no_command(bare: Peer, run: Running) -> None:
    peer = run.peer()
    for one in (bare, peer):
        one.send(b"EHLO a\n")
    assert bare.reply().startswith("250")
    assert peer.reply().startswith("521")


def test_auth_is_not_there(bare: Peer, run: Running) -> None:
    peer = run.peer()
    for one in (bare, peer):
        one.ask("EHLO a")
    assert bare.ask("AUTH PLAIN AGEAYg==").startswith("538")
    assert peer.ask("AUTH PLAIN AGEAYg==").startswith("500 5.5.1")


def test_a_connection_inspects_nothing_and_asks_no_name(
    run: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_dear(*arguments: object) -> object:
        raise AssertionError("once per connection is too often")

    monkeypatch.setattr("inspect.getmembers", too_dear)
    monkeypatch.setattr("socket.getfqdn", too_dear)
    assert run.peer().deliver(b"hello\r\n.\r\n").startswith("250")
    with pytest.raises(AssertionError):
        SMTP(Failing())
