"""One contract for both senders, and what a relay's answers mean."""

from __future__ import annotations

import email
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from channels.email.sender import FolderSender, MailSender, RelaySender
from intake.contracts import Delivery, DeliveryFailed, Message, Sender
from tests.channels.email.test_compose import MESSAGE, OFFICE, noon

# ------------------------------------------------------------------ a real relay


@dataclass
class RelayHandler:
    """Keeps what it takes; answers what ``says`` tells it to at a step."""

    says: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    connections: int = 0
    hang_up_after: int | None = None
    encrypted: list[bool] = field(default_factory=list)

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses if "hello" not in self.says else [self.says["hello"]]

    async def handle_HELO(self, server: Any, session: Any, envelope: Any, hostname: str) -> str:
        session.host_name = hostname
        return self.says.get("hello", "250 relay.example")

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if "mail" in self.says:
            return self.says["mail"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if "rcpt" in self.says:
            return self.says["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if "data" in self.says:
            return self.says["data"]
        self.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        self.encrypted.append(session.ssl is not None)
        if self.hang_up_after is not None and len(self.taken) >= self.hang_up_after:
            self.hang_up_after = None
            server.loop.call_later(0.01, server.transport.close)
        return "250 2.0.0 queued as 4711"


class Relay:
    """A real aiosmtpd server and a sender that uses it."""

    def __init__(self, *, smtputf8: bool = True, tls: ssl.SSLContext | None = None) -> None:
        self.handler = RelayHandler()
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = int(one.getsockname()[1])
        self.controller = Controller(
            self.handler,
            hostname="127.0.0.1",
            port=self.port,
            server_hostname="relay.example",
            enable_SMTPUTF8=smtputf8,
            tls_context=tls,
        )
        self.controller.start()
        self.sender = RelaySender(
            "127.0.0.1", self.port, *OFFICE, noon, hostname="mx.gaoyao.example", timeout=5
        )

    def close(self) -> None:
        self.sender.close()
        self.controller.stop()


@pytest.fixture
def relay() -> Iterator[Relay]:
    one = Relay()
    yield one
    one.close()


@dataclass
class Case:
    """A sender under contract, and how to see what it has sent."""

    sender: MailSender
    sent: Callable[[], list[bytes]]


@pytest.fixture(params=["relay", "folder"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    if request.param == "folder":
        folder = tmp_path / "mail" / "out"
        return Case(
            FolderSender(folder, *OFFICE, noon),
            lambda: [one.read_bytes() for one in sorted(folder.glob("*"))],
        )
    one: Relay = request.getfixturevalue("relay")
    return Case(one.sender, lambda: [content for _, _, content in one.handler.taken])


# ------------------------------------------------------------------ the contract


def test_it_is_a_sender(case: Case) -> None:
    sender: Sender = case.sender
    assert isinstance(sender.send(MESSAGE), Delivery)


def test_a_message_goes_out_whole(case: Case) -> None:
    delivery = case.sender.send(MESSAGE)
    assert (delivery.provider_id, delivery.final) == ("out.1@gaoyao.example", False)
    (raw,) = case.sent()
    assert email.message_from_bytes(raw)["Message-ID"] == "<out.1@gaoyao.example>"
    assert raw.endswith(b"\r\n")


def test_dots_at_line_starts_arrive(case: Case) -> None:
    case.sender.send(replace(MESSAGE, text=".\n..\n.end\n"))
    assert case.sent()[0].endswith(b"\r\n\r\n.\r\n..\r\n.end\r\n")


def test_several_messages_are_several_mails(case: Case) -> None:
    for number in range(5):
        case.sender.send(replace(MESSAGE, outbox_id=f"row-{number}", message_id=f"m{number}@gaoyao.example"))
    ids = [email.message_from_bytes(raw)["Message-ID"] for raw in case.sent()]
    assert ids == [f"<m{number}@gaoyao.example>" for number in range(5)]


def test_threads_may_share_it(case: Case) -> None:
    def send(number: int) -> None:
        case.sender.send(replace(MESSAGE, outbox_id=f"row-{number}", message_id=f"m{number}@gaoyao.example"))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    ids = {email.message_from_bytes(raw)["Message-ID"] for raw in case.sent()}
    assert ids == {f"<m{number}@gaoyao.example>" for number in range(8)}
    assert len(case.sent()) == 8


@pytest.mark.parametrize("to", ["", "li", "li@home.example\r\nDATA", "li@home.example>", "a@b, c@d.example"])
def test_no_address_fails_for_good_and_sends_nothing(case: Case, to: str) -> None:
    with pytest.raises(DeliveryFailed) as failure:
        case.sender.send(replace(MESSAGE, to=to))
    assert failure.value.permanent
    assert "is not an e-mail address" in failure.value.reason
    assert case.sent() == []


def test_a_wrong_own_address_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"The address mail is sent from is wrong: 'office' is not"):
        FolderSender(tmp_path, "Office", "office", noon)


# ------------------------------------------------------------------ folder


def test_a_retry_overwrites_its_own_file(tmp_path: Path) -> None:
    sender = FolderSender(tmp_path, *OFFICE, noon)
    assert sender.send(MESSAGE) == sender.send(MESSAGE)
    assert [one.name for one in tmp_path.iterdir()] == [f"{MESSAGE.outbox_id}.eml"]


@pytest.mark.parametrize("outbox_id", ["../../etc/passwd", "a/b", ".", "", "投诉", "x" * 500])
def test_no_id_leaves_the_folder(tmp_path: Path, outbox_id: str) -> None:
    folder = tmp_path / "out"
    FolderSender(folder, *OFFICE, noon).send(replace(MESSAGE, outbox_id=outbox_id))
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    assert [one.suffix for one in folder.iterdir()] == [".eml"]


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DeliveryFailed, match="could not be written") as failure:
        FolderSender(tmp_path / "file" / "out", *OFFICE, noon).send(MESSAGE)
    assert not failure.value.permanent


# ------------------------------------------------------------------ relay


def test_the_envelope_sender_brings_bounces_back_to_the_case(relay: Relay) -> None:
    relay.sender.send(MESSAGE)
    relay.sender.send(replace(MESSAGE, reply_token=None))
    assert [(sender, to) for sender, to, _ in relay.handler.taken] == [
        ("complaints+k7Xq@gaoyao.example", ["li@home.example"]),
        ("complaints@gaoyao.example", ["li@home.example"]),
    ]


ANSWERS = [
    # step     the relay says                     for good?
    ("hello", "421 4.3.2 restarting",             False),
    ("hello", "554 5.7.1 go away",                False),
    ("mail",  "451 4.3.0 later",                  False),
    ("mail",  "421 4.3.2 restarting",             False),
    ("mail",  "530 5.7.0 authenticate first",     False),
    ("mail",  "550 5.7.1 sender refused",         False),
    ("rcpt",  "450 4.2.0 greylisted",             False),
    ("rcpt",  "452 4.2.2 mailbox full",           False),
    ("rcpt",  "550 5.1.1 no such user",           True),
    ("rcpt",  "553 5.1.3 bad address",            True),
    ("data",  "451 4.7.1 later",                  False),
    ("data",  "552 5.3.4 too big",                True),
    ("data",  "554 5.7.1 looks like spam",        True),
]  # fmt: skip


@pytest.mark.parametrize(("step", "answer", "permanent"), ANSWERS)
def test_what_the_relay_answers(relay: Relay, step: str, answer: str, permanent: bool) -> None:
    relay.handler.says[step] = answer
    with pytest.raises(DeliveryFailed) as failure:
        relay.sender.send(MESSAGE)
    assert failure.value.permanent is permanent
    if step != "hello":
        assert answer[4:] in failure.value.reason
    relay.handler.says.clear()
    relay.sender.send(MESSAGE)
    assert len(relay.handler.taken) == 1


def test_the_connection_is_kept(relay: Relay) -> None:
    for _ in range(5):
        relay.sender.send(MESSAGE)
    assert relay.handler.connections == 1
    assert len(relay.handler.taken) == 5


def test_a_kept_connection_that_died_is_opened_anew(relay: Relay) -> None:
    relay.handler.hang_up_after = 1
    relay.sender.send(MESSAGE)
    threading.Event().wait(0.1)
    relay.sender.send(MESSAGE)
    assert relay.handler.connections == 2
    assert len(relay.handler.taken) == 2


def test_nobody_listening_is_tried_again() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        sender = RelaySender("127.0.0.1", one.getsockname()[1], *OFFICE, noon, hostname="mx.gaoyao.example")
        with pytest.raises(DeliveryFailed, match="could not be reached") as failure:
            sender.send(MESSAGE)
    assert not failure.value.permanent


@contextmanager
def scripted(*answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A relay that says one answer after another, whatever it hears; then nothing."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            with peer, suppress(ConnectionResetError):
                for answer in answers:
                    peer.sendall(answer)
                    heard.append(peer.recv(65536))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join(5)


def test_an_answer_lost_after_the_mail_was_given_is_not_sent_twice_at_once() -> None:
    with scripted(b"220 a\r\n", b"250 a\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n") as (port, heard):
        sender = RelaySender("127.0.0.1", port, *OFFICE, noon, hostname="mx.gaoyao.example", timeout=2)
        with pytest.raises(DeliveryFailed) as failure:
            sender.send(MESSAGE)
    assert not failure.value.permanent
    assert len(heard) == 5
    assert heard[0] == b"ehlo mx.gaoyao.example\r\n"


@pytest.mark.parametrize(
    "greeting", [b"421 4.3.2 full\r\n", b"554 5.3.2 no service\r\n", b"\xff\xfe\r\n", b"220 " + b"x" * 20000]
)
def test_a_relay_that_does_not_greet_is_tried_again(greeting: bytes) -> None:
    with scripted(greeting) as (port, _):
        sender = RelaySender("127.0.0.1", port, *OFFICE, noon, hostname="mx.gaoyao.example", timeout=2)
        with pytest.raises(DeliveryFailed) as failure:
            sender.send(MESSAGE)
    assert not failure.value.permanent


def test_a_silent_relay_has_a_time_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        sender = RelaySender("127.0.0.1", port, *OFFICE, noon, hostname="mx.gaoyao.example", timeout=0.2)
        with pytest.raises(DeliveryFailed) as failure:
            sender.send(MESSAGE)
    assert not failure.value.permanent


def test_required_tls_is_insisted_on(relay: Relay) -> None:
    sender = RelaySender(
        "127.0.0.1", relay.port, *OFFICE, noon, hostname="mx.gaoyao.example", timeout=5, require_tls=True
    )
    with pytest.raises(DeliveryFailed, match="STARTTLS") as failure:
        sender.send(MESSAGE)
    assert not failure.value.permanent
    assert relay.handler.taken == []


def test_tls_is_used_and_verified_when_required_and_left_out_at_home(certificate: Path) -> None:
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate)
    relay = Relay(tls=serving)
    unknown, known = ssl.create_default_context(), ssl.create_default_context(cafile=str(certificate))

    def sender(tls: ssl.SSLContext, required: bool) -> RelaySender:
        return RelaySender(
            "localhost",
            relay.port,
            *OFFICE,
            noon,
            hostname="mx.gaoyao.example",
            tls=tls,
            require_tls=required,
            timeout=5,
        )

    try:
        sender(known, True).send(MESSAGE)
        sender(unknown, False).send(MESSAGE)
        assert relay.handler.encrypted == [True, False]
        with pytest.raises(DeliveryFailed, match="certificate") as failure:
            sender(unknown, True).send(MESSAGE)
        assert not failure.value.permanent
    finally:
        relay.close()


def test_addresses_outside_ascii_need_a_relay_that_can(relay: Relay) -> None:
    chinese: Message = replace(MESSAGE, to="李@home.example")
    relay.sender.send(chinese)
    assert relay.handler.taken[0][1] == ["李@home.example"]
    old = Relay(smtputf8=False)
    try:
        with pytest.raises(DeliveryFailed) as failure:
            old.sender.send(chinese)
        assert failure.value.permanent
    finally:
        old.close()
