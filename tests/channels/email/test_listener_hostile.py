"""Smuggling, floods, slow peers and strangers: what aiosmtpd leaves open is shut here."""

from __future__ import annotations

import asyncio
import re
import resource
import socket
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.email.smtp_peer import OURS, Peer, Running, Shelf, running, wait_for

FRAGMENTS = [
    b"EHLO a\r\n", b"HELO a\r\n", b"MAIL FROM:<>\r\n", b"MAIL FROM:<a@b.example> SIZE=9\r\n", b"DATA\r\n",
    b"RCPT TO:<%b>\r\n" % OURS.encode(), b"RCPT TO:<>\r\n", b".\r\n", b"\r\n.\r\n", b"RSET\r\n",
    b"QUIT\r\n", b"\r", b"\n", b"\0", b"\xff\xfe", b" ", b"x" * 3000, b"VRFY\r\n", b"HELP \r\n",
    b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<%b>\r\nDATA\r\n" % OURS.encode(), b"STARTTLS\r\n", b"AUTH PLAIN\r\n",
]  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(script=st.lists(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(b"".join), max_size=4))
def test_whatever_is_said_gets_well_formed_answers(run: Running, script: list[bytes]) -> None:
    peer = Peer(run.listener.port, greet=False)
    try:
        for octets in script:
            peer.send(octets)
        peer.socket.shutdown(socket.SHUT_WR)
        replies = peer.file.read().split(b"\r\n")
    except OSError:  # closed on us while we spoke: allowed
        replies = [b"220 ", b""]
    finally:
        peer.close()
    assert replies[-1] == b""
    assert all(re.match(rb"[2345]\d\d[ -]", reply) for reply in replies[:-1])
    assert not any(reply.startswith(b"451") for reply in replies), "an accident inside"


# ------------------------------------------------------------------ where a message ends


@pytest.mark.parametrize(
    "false_end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"\r.\n", b"\0.\r\n"]
)
def test_smuggled_mail_stays_inside_the_first(run: Running, false_end: bytes) -> None:
    smuggled = b"MAIL FROM:<boss@gaoyao.example>\r\nRCPT TO:<%b>\r\nDATA\r\nforged\r\n" % OURS.encode()
    wire = b"first" + false_end + smuggled
    assert run.peer().deliver(wire + b".\r\n").startswith("250")
    (kept,) = run.shelf.stored
    assert kept.raw == wire.replace(b"\r\n.", b"\r\n")
    assert kept.envelope["mail_from"] == "li@home.example"


@pytest.mark.parametrize("line", [b"NOOP\n", b"EHLO a\nMAIL FROM:<a@b>\r\n", b"\n"])
def test_a_bare_line_feed_never_ends_a_command(run: Running, line: bytes) -> None:
    peer = run.peer()
    peer.send(line)
    assert peer.reply() == "521 5.5.2 Lines must end in <CR><LF>, closing"
    assert peer.is_closed()


def test_a_bare_carriage_return_never_ends_a_command(run: Running) -> None:
    peer = run.peer()
    assert peer.ask(b"EHLO a\rMAIL FROM:<a@b>").startswith("500 5.5.2")
    assert peer.ask("MAIL FROM:<a@b.example>").startswith("503")


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b".a\r\n.\r\n", b"a\r\n"),
        (b"a\r\n..\r\n...b\r\n.\r\n", b"a\r\n.\r\n..b\r\n"),
        (b"a\n..b\r\n.\r\n", b"a\n..b\r\n"),
        (b"\xff\xfe\x00\r\n.\r\n", b"\xff\xfe\x00\r\n"),
    ],
)
def test_dots_are_unstuffed(run: Running, wire: bytes, message: bytes) -> None:
    assert run.peer().deliver(wire).startswith("250")
    assert run.shelf.stored[0].raw == message


def test_an_end_that_comes_byte_by_byte(run: Running) -> None:
    peer = run.peer()
    peer.ready_for_data()
    for octet in b"ab\r\n..\r\n.\r\n":
        peer.send(bytes([octet]))
        time.sleep(0.002)
    assert peer.reply().startswith("250")
    assert run.shelf.stored[0].raw == b"ab\r\n.\r\n"


# ------------------------------------------------------------------ size


def test_megabytes_without_a_line_end_are_taken_up_to_the_limit(run: Running) -> None:
    wire = b"x" * 5_000_000 + b"\r\n"
    assert run.peer().deliver(wire + b".\r\n").startswith("250")
    assert run.shelf.stored[0].raw == wire


def test_too_much_is_refused_for_good_and_the_connection_lives() -> None:
    with running(max_message_bytes=100_000) as run:
        peer = run.peer()
        reply = peer.deliver(b"x" * 150_000 + b"\r\n.\r\n")
        assert reply == "552 5.3.4 Message is larger than 100000 bytes"
        assert peer.deliver(b"short\r\n.\r\n").startswith("250")
        assert run.listener.bytes_in_flight == 0
        assert run.shelf.events["too_big"] == 1


def test_a_flood_without_end_is_cut_and_never_held() -> None:
    flood = b"x" * 200_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with running(max_message_bytes=1_000_000) as run:
        peer = run.peer()
        peer.ready_for_data()
        with pytest.raises(ConnectionError):
            peer.send(flood)
        assert run.listener.bytes_in_flight == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # KiB


def test_size_announced_at_mail_is_refused_before_it_is_sent() -> None:
    with running(max_message_bytes=100_000) as run:
        peer = run.peer()
        assert "250-SIZE 100000" in peer.ask("EHLO a")
        assert peer.ask("MAIL FROM:<li@home.example> SIZE=100001").startswith("552 5.3.4")
        assert peer.ask("MAIL FROM:<li@home.example> SIZE=100000").startswith("250")


def test_all_messages_together_are_bounded() -> None:
    with running(max_message_bytes=100_000, max_in_flight_bytes=250_000) as run:
        holders = [run.peer() for _ in range(3)]
        for holder in holders:
            holder.ready_for_data()
            holder.send(b"x" * 90_000)
        for holder in holders:
            holder.send(b"\r\n.\r\n")
        replies = sorted(holder.reply()[:9] for holder in holders)
        assert replies == ["250 2.0.0", "250 2.0.0", "452 4.3.1"]
        assert run.listener.bytes_in_flight == 0


def test_no_room_is_said_at_mail_already() -> None:
    shelf = Shelf(gate=asyncio.Event())
    with running(shelf, max_message_bytes=100_000, max_in_flight_bytes=120_000) as run:
        holder = run.peer()
        holder.ready_for_data()
        holder.send(b"x" * 90_000 + b"\r\n.\r\n")
        assert wait_for(lambda: shelf.entered == 1)
        other = run.peer()
        other.ask("EHLO a")
        assert other.ask("MAIL FROM:<a@b.example> SIZE=50000").startswith("452 4.3.1")
        run.open_gate()
        assert holder.reply().startswith("250")
        assert other.ask("MAIL FROM:<a@b.example> SIZE=50000").startswith("250")


def test_sending_ahead_while_storing_is_bounded() -> None:
    shelf = Shelf(gate=asyncio.Event())
    with running(shelf) as run:
        peer = run.peer()
        peer.ready_for_data()
        peer.send(b"hello\r\n.\r\n")
        assert wait_for(lambda: shelf.entered == 1)
        peer.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):  # the listener stops reading, the kernel's buffers fill
            peer.send(b"NOOP\r\n" * 10_000_000)


# ------------------------------------------------------------------ slow, many, noisy


def test_a_command_dripping_in_has_one_deadline() -> None:
    with running(command_timeout=0.4) as run:
        peer = run.peer()
        begun = time.monotonic()
        with suppress(OSError):  # the listener has hung up
            while time.monotonic() - begun < 3:
                peer.send(b"E")
                time.sleep(0.05)
        assert time.monotonic() - begun < 2
        assert run.shelf.events["timeout"] == 1


def test_silence_is_ended_with_421() -> None:
    with running(command_timeout=0.3) as run:
        peer = run.peer()
        assert peer.reply() == "421 4.4.2 Took too long, closing"
        assert peer.is_closed()


def test_a_message_dripping_in_has_one_deadline() -> None:
    with running(data_timeout=0.4) as run:
        peer = run.peer()
        peer.ready_for_data()
        begun = time.monotonic()
        with suppress(OSError):  # the listener has hung up
            while time.monotonic() - begun < 3:
                peer.send(b"x")
                time.sleep(0.05)
        assert time.monotonic() - begun < 2
        assert run.listener.bytes_in_flight == 0


def test_silence_within_a_message_is_ended() -> None:
    with running(data_idle_timeout=0.3) as run:
        peer = run.peer()
        peer.ready_for_data()
        peer.send(b"half")
        assert peer.reply().startswith("421 4.4.2")


def test_connections_are_capped_per_peer_and_overall() -> None:
    with running(max_connections=3, max_connections_per_peer=2) as run:
        first, _ = run.peer(), run.peer()
        assert run.peer(greet=False).reply() == "421 4.7.0 Too many connections, please try again later"
        run.peer(source="127.0.0.2")
        assert run.peer(greet=False, source="127.0.0.3").reply().startswith("421 4.7.0")
        first.close()
        assert wait_for(lambda: _gets_in(run))


def _gets_in(run: Running) -> bool:
    return run.peer(greet=False).reply().startswith("220")


def test_too_many_bad_commands_close() -> None:
    with running(max_bad_commands=4) as run:
        peer = run.peer()
        replies = [peer.ask("BLAH")[:9] for _ in range(4)]
        assert replies == ["500 5.5.1"] * 3 + ["421 4.7.0"]
        assert peer.is_closed()


def test_trying_names_closes() -> None:
    with running(max_bad_commands=4) as run:
        peer = run.peer()
        peer.ask("EHLO a")
        peer.ask("MAIL FROM:<>")
        replies = [peer.ask(f"RCPT TO:<name{number}@gaoyao.example>")[:9] for number in range(4)]
        assert replies == ["550 5.1.1"] * 3 + ["421 4.7.0"]


def test_endless_small_talk_closes() -> None:
    with running(max_idle_commands=20, max_recipients=5) as run:
        peer = run.peer()
        peer.send(b"NOOP\r\n" * 40)
        replies = [peer.reply()[:3] for _ in range(26)]
        assert replies == ["250"] * 25 + ["421"]
        assert peer.is_closed()


def test_replies_nobody_reads_do_not_pile_up() -> None:
    with running(max_idle_commands=10_000_000, command_timeout=60.0) as run:
        peer = run.peer()
        peer.socket.settimeout(5)
        with pytest.raises(ConnectionError):
            peer.send(b"HELP\r\n" * 10_000_000)


@pytest.mark.parametrize(
    "opening",
    [
        b"GET / HTTP/1.1\r\nHost: mx\r\n\r\n",
        b"POST / HTTP/1.1\r\n\r\nMAIL FROM:<a@b>\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_other_protocols_are_shown_the_door(run: Running, opening: bytes) -> None:
    peer = run.peer()
    peer.send(opening)
    assert peer.reply() == "554 5.5.1 This port speaks SMTP"
    assert peer.is_closed()


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\xfd",
        b"\xe6\x8a\x95\xe8\xaf\x89",
        b"MAIL FROM:<\xff@b>",
        b"EHLO a\x00b",
        b"EHLO \x1b[2J",
        b"",
        b" ",
        b"NO OP",
    ],
)
def test_garbage_is_answered_civilly(run: Running, line: bytes) -> None:
    peer = run.peer()
    assert peer.ask(line)[:9] in ("500 5.5.1", "500 5.5.2")
    assert peer.ask("NOOP") == "250 2.0.0 OK"


def test_an_endless_command_line_closes(run: Running) -> None:
    peer = run.peer()
    peer.send(b"EHLO " + b"a" * 4000)
    assert peer.reply().startswith("500 5.5.6")
    assert peer.is_closed()


def test_a_thousand_hang_ups_leave_nothing_behind(run: Running) -> None:
    for number in range(1000):
        stranger = socket.create_connection(("127.0.0.1", run.listener.port))
        if number % 2:
            stranger.send(b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<%b>\r\nDATA\r\nhalf" % OURS.encode())
        stranger.close()
    assert wait_for(lambda: run.listener.bytes_in_flight == 0)
    assert wait_for(lambda: _gets_in(run))
    assert not run.shelf.stored


def test_nagle_is_off(run: Running) -> None:
    """asyncio sets TCP_NODELAY by itself; a reply that waits 40 ms for an ACK would show here."""
    peer = Peer(run.listener.port)
    peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    begun = time.perf_counter()
    for number in range(10):
        peer.deliver(b"%d\r\n.\r\n" % number)
    assert time.perf_counter() - begun < 1
    peer.close()
