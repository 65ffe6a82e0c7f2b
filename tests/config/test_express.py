"""The express lane over real sockets: what a provider hears, and what is on disk by then."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from config.settings import load_settings
from config.web_server import WebRole
from config.wiring import System
from intake import schema
from intake.contracts import Submission
from tests.support.loopback import free_port
from web.express import MAX_BODY, Answer, HandIn, install, view, webhooks_of

PATH = "/webhooks/sample"


class Sample:
    """Takes anything that carries the right signature; ``spoilt`` is a fault in its own code."""

    def prepare(self, body: bytes, headers: Mapping[str, str], target: str) -> HandIn | Answer:
        if body == b"spoilt":
            raise LookupError("a fault in a webhook")
        if headers.get("x-sample-Signature") != "right":
            return Answer(403, "text/plain", b"wrong signature")
        key = sha256(body).hexdigest()
        submission = Submission("sms", key, key, datetime.now(UTC), body, envelope={"target": target})
        return HandIn(submission, Answer(200, "text/plain", b"taken"))


class Sampled(System):
    """The service with the sample beside its own webhooks."""

    def web(self) -> Flask:
        app = super().web()
        sample = Sample()
        install(app, {**webhooks_of(app), PATH: sample})
        app.add_url_rule(PATH, view_func=view(sample, self.inbox), endpoint="sample", methods=["POST"])
        app.config["WTF_CSRF_ENABLED"] = False
        return app


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HUIYIN_WEB_PORT", str(free_port()))
    system = Sampled(load_settings())
    yield system
    system.close()


@contextmanager
def serving(system: System) -> Iterator[int]:
    role = WebRole(system)
    try:
        yield system.settings.web_port
    finally:
        role.stop()


def post(port: int, body: bytes, **headers: str) -> tuple[int, bytes]:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"X-Sample-Signature": "right"} | {n.replace("_", "-"): v for n, v in headers.items()}
    caller.request("POST", PATH + "?from=%E8%B7%AF%E7%81%AF", body, headers)
    answer = caller.getresponse()
    said = answer.status, answer.read()
    caller.close()
    return said


def raw(port: int, *pieces: bytes, until: bytes = b"") -> bytes:
    """Everything the server says to ``pieces`` until it hangs up, or until it said ``until``."""
    with socket.create_connection(("127.0.0.1", port), 20) as caller:
        for piece in pieces:
            caller.sendall(piece)
            time.sleep(0.05)
        heard = b""
        while (piece := caller.recv(65536)) and not (until and until in heard + piece):
            heard += piece
    return heard + piece


def request(body: bytes, *lines: str, version: str = "1.1", length: bool = True) -> bytes:
    head = [f"POST {PATH} HTTP/{version}", "Host: localhost", "X-Sample-Signature: right", *lines]
    if length:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def stored(system: System) -> list[bytes]:
    with system.store.read() as connection:
        return [bytes(c) for c in connection.execute(select(schema.raw_message.c.content)).scalars()]


def test_it_is_on_disk_before_the_provider_hears_so_and_only_once(system: System) -> None:
    with serving(system) as port:
        assert post(port, b"the lamp is out") == (200, b"taken")
        assert stored(system) == [b"the lamp is out"]
        assert post(port, b"the lamp is out") == (200, b"taken")
        assert stored(system) == [b"the lamp is out"]
        with system.store.read() as connection:
            envelope = connection.execute(select(schema.submission.c.envelope)).scalar_one()
        assert envelope == {"target": f"{PATH}?from=%E8%B7%AF%E7%81%AF"}


def test_a_wrong_signature_is_refused_and_stores_nothing(system: System) -> None:
    with serving(system) as port:
        assert post(port, b"text", X_Sample_Signature="wrong") == (403, b"wrong signature")
    assert stored(system) == []


def test_storage_that_is_away_is_a_temporary_failure(system: System) -> None:
    with serving(system) as port:
        system.inbox.close()
        heard = raw(port, request(b"text", "Connection: close"))
        assert heard.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nRetry-After: 60\r\n" in heard
        assert b"inbox" not in heard.lower()
        assert b"Traceback" not in heard


def test_a_fault_in_a_webhook_hurts_nobody_else(system: System) -> None:
    with serving(system) as port:
        status, said = post(port, b"spoilt")
        assert status == 500
        assert b"LookupError" not in said
        assert post(port, b"text")[0] == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_other_methods_are_refused_as_everywhere(system: System, method: str) -> None:
    with serving(system) as port:
        caller = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        caller.request(method, PATH)
        assert caller.getresponse().status == 405
        caller.close()


def test_a_large_body_takes_the_ordinary_way(system: System) -> None:
    with serving(system) as port:
        assert post(port, b"x" * (MAX_BODY + 1))[0] == 200
    assert [len(content) for content in stored(system)] == [MAX_BODY + 1]


def test_requests_in_one_packet_are_answered_in_order(system: System) -> None:
    page = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serving(system) as port:
        heard = raw(
            port,
            request(b"one")
            + request(b"one")
            + page
            + request(b"spoilt")
            + request(b"two", "Connection: close"),
        )
    answers = [part.split(b"\r\n\r\n", 1) for part in heard.split(b"HTTP/1.1 ")[1:]]
    assert [head[:3] for head, _ in answers] == [b"200", b"200", b"200", b"500", b"200"]
    assert [said for _, said in answers][:3] == [b"taken", b"taken", b"ok\n"]
    assert sorted(stored(system)) == [b"one", b"two"]


@pytest.mark.parametrize(
    ("pieces", "begins"),
    [
        ((request(b"text", version="1.0"),), b"HTTP/1.0 200 "),
        ((request(b"text", "Connection: close"),), b"HTTP/1.1 200 "),
        ((request(b"text", "Connection: close")[:-2], b"xt"), b"HTTP/1.1 200 "),
        (
            (
                request(
                    b"4\r\ntext\r\n0\r\n\r\n", "Transfer-Encoding: chunked", "Connection: close", length=False
                ),
            ),
            b"HTTP/1.1 200 ",
        ),
        (
            (request(b"text", "Expect: 100-continue", "Connection: close")[:-4], b"text"),
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ",
        ),
    ],
    ids=["HTTP/1.0", "close", "slow body", "chunked", "asks first"],
)
def test_every_way_of_sending(system: System, pieces: tuple[bytes, ...], begins: bytes) -> None:
    with serving(system) as port:
        assert raw(port, *pieces).startswith(begins)
    assert stored(system) == [b"text"]


def test_who_leaves_early_is_stored_all_the_same(system: System) -> None:
    with serving(system) as port:
        for number in range(20):
            with socket.create_connection(("127.0.0.1", port), 20) as caller:
                caller.sendall(request(b"text %d" % number))
        assert post(port, b"after them")[0] == 200
        until = time.monotonic() + 20
        while len(stored(system)) < 21 and time.monotonic() < until:
            time.sleep(0.05)
    assert len(stored(system)) == 21


def test_stopping_in_the_middle_breaks_no_promise(system: System) -> None:
    """Whoever heard 200 is on disk; whoever is cut off can send again."""
    heard: list[bytes] = []
    port = system.settings.web_port

    def send(client: int) -> None:
        caller = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            for number in range(100_000):
                body = b"%d-%d" % (client, number)
                caller.request("POST", PATH, body, {"X-Sample-Signature": "right"})
                answer = caller.getresponse()
                answer.read()
                assert answer.status == 200
                heard.append(body)
        except (OSError, http.client.HTTPException):
            return
        finally:
            caller.close()

    role = WebRole(system)
    clients = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for client in clients:
        client.start()
    until = time.monotonic() + 20
    while len(heard) < 200 and time.monotonic() < until:
        time.sleep(0.01)
    begun = time.monotonic()
    role.stop()
    took = time.monotonic() - begun
    for client in clients:
        client.join(30)
    assert len(heard) >= 200
    assert set(heard) <= set(stored(system))
    assert took < 5, "nobody has to be waited for so long"
