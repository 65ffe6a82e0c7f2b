"""The fence around loopback refuses what would leave the machine, and says so even when the code does not."""

from __future__ import annotations

import contextlib
import socket

import pytest

from tests.support.loopback import BeyondLoopback, free_port, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "", None, b"127.0.0.1"])
def test_what_stays_here(host: object) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "2001:db8::1", "0.0.0.0", "mail.gaoyao.example", "localhost.example"]
)
def test_what_leaves_or_might(host: object) -> None:
    assert not is_loopback(host)


def test_connecting_beyond_is_refused_and_remembered(outside_attempts: list[str]) -> None:
    with socket.socket() as out, pytest.raises(BeyondLoopback):
        out.connect(("192.0.2.1", 25))
    assert outside_attempts == ["socket.connect('192.0.2.1')"]
    outside_attempts.clear()


def test_swallowing_the_error_does_not_hide_it(outside_attempts: list[str]) -> None:
    with contextlib.suppress(OSError):
        socket.getaddrinfo("mail.gaoyao.example", 25)
    assert outside_attempts == ["socket.getaddrinfo('mail.gaoyao.example')"]
    outside_attempts.clear()


def test_listening_to_every_network_is_refused(outside_attempts: list[str]) -> None:
    with socket.socket() as out, pytest.raises(BeyondLoopback):
        out.bind(("", 0))
    outside_attempts.clear()


def test_loopback_works(port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", port)) as server,
        socket.create_connection(("127.0.0.1", port)) as client,
    ):
        accepted, _ = server.accept()
        with accepted:
            client.sendall(b"220")
            assert accepted.recv(3) == b"220"
    assert free_port("::1") > 0
