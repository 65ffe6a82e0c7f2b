"""Many who connect and say nothing do not shut the door for others."""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config import web_server
from tests.support.service import Service, serving

_SLOW = b"POST /complain HTTP/1.1\r\nHost: huiyin.example\r\nContent-Length: 100000\r\n\r\ntext="


@pytest.fixture
def files() -> Iterator[None]:
    """Room for the sockets of both sides, whatever the shell allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("said", [b"", _SLOW], ids=["silent", "slow"])
def test_silent_callers_make_room(files: None, tmp_path: Path, said: bytes) -> None:
    service = Service(tmp_path, roles="web")
    with serving(service), ExitStack() as held:
        for _n in range(web_server.most_connections() + 100):
            caller = held.enter_context(socket.create_connection(("127.0.0.1", service.web_port), 10))
            caller.sendall(said)
        assert service.is_ready()


def test_an_address_may_hold_chinese_as_it_is_typed(tmp_path: Path) -> None:
    service = Service(tmp_path, roles="web")
    with serving(service), socket.create_connection(("127.0.0.1", service.web_port), 10) as caller:
        path = "/lang?to=en&next=/track?reference=路灯"
        caller.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert caller.recv(4096).startswith(b"HTTP/1.1 30")


def test_a_host_name_with_two_addresses_is_served_and_left_cleanly(tmp_path: Path) -> None:
    service = Service(tmp_path, roles="web", environment={"HUIYIN_WEB_HOST": "localhost"})
    with serving(service):
        assert service.is_ready()
        service.interrupt()
        assert service.wait() == 0


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (b"GET / HTTP/1.1\r\nX-Long: ".ljust(256 * 1024, b"x"), b"431"),
        (b"POST /complain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000000\r\n\r\n", b"413"),
        (b"POST /complain HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", b"400"),
    ],
    ids=["long headers", "a body too large", "an unknown coding", "no length at all"],
)
def test_what_is_out_of_bounds_is_refused_at_once(tmp_path: Path, said: bytes, heard: bytes) -> None:
    service = Service(tmp_path, roles="web")
    with serving(service), socket.create_connection(("127.0.0.1", service.web_port), 10) as caller:
        caller.sendall(said)
        assert caller.recv(4096).split()[1] == heard
        assert service.is_ready()
