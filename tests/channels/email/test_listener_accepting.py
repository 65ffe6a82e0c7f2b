"""Promise 1 at the socket: 250 means stored, and nothing else does."""

from __future__ import annotations

import asyncio
import logging
import smtplib

import pytest

from intake.contracts import StorageUnavailable
from tests.channels.email.smtp_peer import NOON, OURS, Running, Shelf, running, wait_for

MAIL = b"Subject: street lamp\r\n\r\nDark since Monday.\r\n"


def test_a_mail_is_handed_in_as_it_came(run: Running) -> None:
    peer = run.peer()
    peer.ready_for_data("Complaints+K7xq@Gaoyao.Example")
    peer.send(MAIL + b".\r\n")
    assert peer.reply().startswith("250 2.0.0 Stored as id-")
    (kept,) = run.shelf.stored
    assert (kept.channel, kept.raw, kept.received_at) == ("email", MAIL, NOON)
    assert kept.external_id == kept.dedupe_key[:12]
    assert kept.envelope == {
        "mail_from": "li@home.example",
        "rcpt_to": ["Complaints+K7xq@Gaoyao.Example"],
        "peer": "127.0.0.1",
        "helo": "peer.example",
        "smtputf8": False,
        "size": len(MAIL),
    }
    assert run.shelf.events["accepted"] == 1


def test_no_250_before_the_commit() -> None:
    shelf = Shelf(gate=asyncio.Event())
    with running(shelf) as run:
        peer = run.peer()
        peer.ready_for_data()
        peer.send(MAIL + b".\r\n")
        peer.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            peer.socket.recv(1)
        run.open_gate()
        peer.socket.settimeout(5)
        assert peer.socket.recv(100).startswith(b"250 ")


@pytest.mark.parametrize(
    "failure",
    [
        StorageUnavailable("disk /var/lib/huiyin is full"),
        RuntimeError("secret detail"),
        TimeoutError("secret detail"),
        KeyError("secret detail"),
        asyncio.CancelledError(),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_failures_are_temporary_tell_nothing_and_leave_the_connection_usable(failure: BaseException) -> None:
    shelf = Shelf(fail=failure)  # type: ignore[arg-type]
    with running(shelf) as run:
        peer = run.peer()
        assert peer.deliver(MAIL + b".\r\n") == "451 4.3.0 Not stored, please try again later"
        shelf.fail = None
        assert peer.deliver(MAIL + b".\r\n").startswith("250 ")
        assert len(shelf.stored) == 1


def test_a_commit_outlives_its_peer() -> None:
    shelf = Shelf(gate=asyncio.Event())
    with running(shelf) as run:
        peer = run.peer()
        peer.ready_for_data()
        peer.send(MAIL + b".\r\n")
        assert wait_for(lambda: shelf.entered == 1)
        peer.socket.shutdown(2)
        peer.close()
        run.peer()  # the loop has seen the hang-up by the time it greets somebody else
        run.open_gate()
        assert wait_for(lambda: len(shelf.stored) == 1)
        shelf.gate = None
        assert run.peer().deliver(MAIL + b".\r\n").startswith("250 ")
        assert len(shelf.stored) == 1
        assert shelf.events["duplicate"] == 1


def test_a_commit_outlives_its_time_limit() -> None:
    shelf = Shelf(gate=asyncio.Event())
    with running(shelf, accept_timeout=0.2) as run:
        peer = run.peer()
        assert peer.deliver(MAIL + b".\r\n") == "451 4.3.0 Not stored, please try again later"
        assert shelf.events["accept_timeout"] == 1
        assert run.listener.bytes_in_flight > 0
        run.open_gate()
        assert wait_for(lambda: len(shelf.stored) == 1 and run.listener.bytes_in_flight == 0)
        assert peer.ask("NOOP") == "250 2.0.0 OK"  # and the late answer was not sent as a second one


def test_a_group_commit_may_answer_many_at_once() -> None:
    shelf = Shelf(gate=asyncio.Event())
    with running(shelf) as run:
        peers = [run.peer() for _ in range(30)]
        for number, peer in enumerate(peers):
            peer.ready_for_data()
            peer.send(b"number %d\r\n.\r\nMAIL FROM:<>\r\nRSET\r\n" % number)
        assert wait_for(lambda: shelf.entered == 30)
        run.open_gate()
        for peer in peers:
            assert [peer.reply()[:3] for _ in range(3)] == ["250", "250", "250"]
        assert len(shelf.stored) == 30


def test_many_mails_on_one_connection(run: Running) -> None:
    peer = run.peer()
    for number in range(50):
        assert peer.deliver(b"%d\r\n.\r\n" % number).startswith("250")
    assert [one.raw for one in run.shelf.stored] == [b"%d\r\n" % number for number in range(50)]


def test_smtplib_delivers(run: Running) -> None:
    with smtplib.SMTP("127.0.0.1", run.listener.port, "peer.example") as client:
        refused = client.sendmail("li@home.example", [OURS, "mayor@gaoyao.example"], MAIL + b".dot\r\n")
    assert refused == {"mayor@gaoyao.example": (550, b"5.1.1 No such mailbox here")}
    assert [one.raw for one in run.shelf.stored] == [MAIL + b".dot\r\n"]


def test_half_closed_peer_still_hears_its_answer(run: Running) -> None:
    peer = run.peer()
    peer.send(b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<%b>\r\nDATA\r\nhello\r\n.\r\n" % OURS.encode())
    peer.socket.shutdown(1)
    answers = [peer.reply()[:3] for _ in range(5)]
    assert answers == ["250", "250", "250", "354", "250"]
    assert peer.is_closed()


def test_log_line_names_nobody_and_quotes_nothing(run: Running, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert run.peer().deliver(MAIL + b".\r\n").startswith("250")
    (line,) = [one.getMessage() for one in caplog.records if one.name == "channels.email.deposit"]
    assert line.startswith("mail stored submission=id-")
    assert "from=l***@home.example to=c***@gaoyao.example" in line
    assert not any("Monday" in one.getMessage() or "li@home" in one.getMessage() for one in caplog.records)


def test_a_large_mail_is_hashed_beside_the_loop_and_stored(run: Running) -> None:
    wire = b"x" * 3_000_000 + b"\r\n"
    assert run.peer().deliver(wire + b".\r\n").startswith("250")
    assert run.shelf.stored[0].raw == wire


# ------------------------------------------------------------------ stopping


def test_stop_lets_the_mail_in_flight_finish_and_tells_the_rest() -> None:
    import threading

    shelf = Shelf(gate=asyncio.Event())
    with running(shelf) as run:
        idle, busy = run.peer(), run.peer()
        busy.ready_for_data()
        busy.send(MAIL + b".\r\n")
        assert wait_for(lambda: shelf.entered == 1)
        stopping = threading.Thread(target=run.listener.stop, args=(5.0,))
        stopping.start()
        assert idle.reply().startswith("421 4.3.2")
        assert idle.is_closed()
        run.open_gate()
        assert busy.reply().startswith("250 ")
        assert busy.reply().startswith("421 4.3.2")
        stopping.join(5)
        assert not stopping.is_alive()
        with pytest.raises(ConnectionRefusedError):
            run.peer()


def test_stop_cuts_a_dawdler_short_after_the_grace() -> None:
    with running() as run:
        peer = run.peer()
        peer.ready_for_data()
        peer.send(b"half a mail")
        run.listener.stop(grace=0.1)
        assert peer.reply().startswith("421 4.3.2")
        assert peer.is_closed()
        assert run.listener.bytes_in_flight == 0


def test_a_taken_port_is_said_plainly(run: Running) -> None:
    with (
        pytest.raises(OSError, match=rf"cannot bind 127.0.0.1 port {run.listener.port} .*choose another"),
        running(port=run.listener.port),
    ):
        pass
