"""The commands as a table, STARTTLS, and the version of aiosmtpd all this is written against."""

from __future__ import annotations

import asyncio
import ssl
from importlib.metadata import version
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from channels.email.protocol import _COMMANDS, Conversation
from channels.email.settings import ListenerSettings
from tests.channels.email.smtp_peer import OURS, SETTINGS, Running, running

DIALOGUES = [
    # what is tried            what is said … and the start of the last answer
    ("mail before hello", ["MAIL FROM:<a@b.example>"], "503 5.5.1"),
    ("recipient before mail", ["EHLO a", f"RCPT TO:<{OURS}>"], "503 5.5.1"),
    ("message before mail", ["EHLO a", "DATA"], "503 5.5.1"),
    ("message to nobody", ["EHLO a", "MAIL FROM:<a@b.example>", "DATA"], "554 5.5.1"),
    ("null sender", ["EHLO a", "MAIL FROM:<>", f"RCPT TO:<{OURS}>"], "250 2.1.5"),
    ("second mail", ["EHLO a", "MAIL FROM:<>", "MAIL FROM:<>"], "503 5.5.1"),
    ("mail after reset", ["EHLO a", "MAIL FROM:<>", "RSET", "MAIL FROM:<>"], "250 2.1.0"),
    ("mail after hello again", ["EHLO a", "MAIL FROM:<>", "HELO a", "MAIL FROM:<>"], "250 2.1.0"),
    ("any case", ["ehlo a", "mail from:<a@b.example>", "rcpt to:<COMPLAINTS@Gaoyao.Example>"], "250 2.1.5"),
    ("token", ["EHLO a", "MAIL FROM:<>", "RCPT TO:<complaints+k7@gaoyao.example>"], "250 2.1.5"),
    ("postmaster", ["EHLO a", "MAIL FROM:<>", "RCPT TO:<PostMaster@gaoyao.example>"], "250 2.1.5"),
    ("bare postmaster", ["EHLO a", "MAIL FROM:<>", "RCPT TO:<Postmaster>"], "250 2.1.5"),
    ("unknown recipient", ["EHLO a", "MAIL FROM:<>", "RCPT TO:<mayor@gaoyao.example>"], "550 5.1.1"),
    ("relaying", ["EHLO a", "MAIL FROM:<>", "RCPT TO:<li@home.example>"], "550 5.7.1"),
    ("percent relaying", ["EHLO a", "MAIL FROM:<>", "RCPT TO:<li%home.example@gaoyao.example>"], "550 5.1.1"),
    ("source route", ["EHLO a", "MAIL FROM:<>", f"RCPT TO:<@home.example:{OURS}>"], "250 2.1.5"),
    ("null recipient", ["EHLO a", "MAIL FROM:<>", "RCPT TO:<>"], "501 5.1.3"),
    ("no sender", ["EHLO a", "MAIL FROM:"], "501 5.1.7"),
    ("malformed sender", ["EHLO a", "MAIL FROM:<a b@c>"], "501 5.1.7"),
    ("8-bit body", ["EHLO a", "MAIL FROM:<a@b.example> BODY=8BITMIME"], "250 2.1.0"),
    ("binary body", ["EHLO a", "MAIL FROM:<a@b.example> BODY=BINARYMIME"], "501 5.5.4"),
    ("unicode address", ["EHLO a", "MAIL FROM:<李@例子.example> SMTPUTF8"], "250 2.1.0"),
    ("unicode address unannounced", ["EHLO a", "MAIL FROM:<李@例子.example>"], "553 5.6.7"),
    ("unknown parameter", ["EHLO a", "MAIL FROM:<a@b.example> FUN=1"], "555 5.5.4"),
    ("odd size", ["EHLO a", "MAIL FROM:<a@b.example> SIZE=١٢"], "501 5.5.4"),
    ("huge size", ["EHLO a", "MAIL FROM:<a@b.example> SIZE=" + "9" * 20], "552 5.3.4"),
    ("vrfy", ["VRFY complaints"], "252 2.1.5"),
    ("expn", ["EXPN staff"], "502 5.5.1"),
    ("help", ["HELP"], "214 2.0.0"),
    ("auth", ["EHLO a", "AUTH PLAIN AGEAYg=="], "500 5.5.1"),
    ("chunking", ["EHLO a", "BDAT 5 LAST"], "500 5.5.1"),
    ("tls without certificate", ["EHLO a", "STARTTLS"], "502 5.5.1"),
    ("hello without name", ["EHLO"], "501 5.5.4"),
    ("old hello", ["HELO a"], "250 mx.gaoyao.example"),
    ("quit", ["QUIT"], "221 2.0.0"),
]


@pytest.mark.parametrize(
    ("said", "answer"), [row[1:] for row in DIALOGUES], ids=[row[0] for row in DIALOGUES]
)
def test_dialogues(run: Running, said: list[str], answer: str) -> None:
    peer = run.peer()
    replies = [peer.ask(line) for line in said]
    assert replies[-1].startswith(answer), replies


def test_everything_announced_is_true(run: Running) -> None:
    assert run.peer().ask("EHLO a").splitlines() == [
        "250-mx.gaoyao.example",
        "250-SIZE 31457280",
        "250-8BITMIME",
        "250-SMTPUTF8",
        "250-PIPELINING",
        "250 ENHANCEDSTATUSCODES",
    ]


def test_recipients_are_counted() -> None:
    with running(max_recipients=2) as run:
        peer = run.peer()
        peer.ask("EHLO a")
        peer.ask("MAIL FROM:<>")
        replies = [peer.ask(f"RCPT TO:<complaints+{number}@gaoyao.example>")[:9] for number in range(3)]
        assert replies == ["250 2.1.5", "250 2.1.5", "452 4.5.3"]


def test_pipelined_group_is_answered_in_order(run: Running) -> None:
    peer = run.peer()
    peer.ask("EHLO a")
    mail = b"MAIL FROM:<>\r\nRCPT TO:<%b>\r\nRCPT TO:<x@y.example>\r\nDATA\r\n" % OURS.encode()
    peer.send(mail)
    assert [peer.reply()[:3] for _ in range(4)] == ["250", "250", "550", "354"]
    peer.send(b"one\r\n.\r\n" + mail + b"two\r\n.\r\nQUIT\r\n")
    assert [peer.reply()[:3] for _ in range(7)] == ["250", "250", "250", "550", "354", "250", "221"]
    assert [one.raw for one in run.shelf.stored] == [b"one\r\n", b"two\r\n"]


# ------------------------------------------------------------------ STARTTLS


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def secured(run: Running, certificate: Path, injected: bytes = b"") -> ssl.SSLSocket:
    """A connection after STARTTLS; ``injected`` is sent in plaintext behind the command."""
    peer = run.peer()
    assert "250-STARTTLS" in peer.ask("EHLO a")
    peer.send(b"STARTTLS\r\n" + injected)
    assert peer.reply() == "220 2.0.0 Ready for TLS"
    context = ssl.create_default_context(cafile=str(certificate))
    return context.wrap_socket(peer.socket, server_hostname="mx.gaoyao.example")


def talk(tls: ssl.SSLSocket, octets: bytes) -> bytes:
    tls.sendall(octets)
    return tls.recv(4096)


def test_a_mail_over_starttls(certificate: Path) -> None:
    with running(tls_context=server_context(certificate)) as run, secured(run, certificate) as tls:
        assert talk(tls, b"MAIL FROM:<>\r\n").startswith(b"503")  # what was said before is forgotten
        hello = talk(tls, b"EHLO a\r\n")
        assert b"PIPELINING" in hello
        assert b"STARTTLS" not in hello
        assert talk(tls, b"STARTTLS\r\n").startswith(b"502")
        assert talk(tls, b"MAIL FROM:<>\r\n").startswith(b"250")
        assert talk(tls, b"RCPT TO:<%b>\r\n" % OURS.encode()).startswith(b"250")
        assert talk(tls, b"DATA\r\n").startswith(b"354")
        assert talk(tls, b"secret\r\n.\r\n").startswith(b"250")
        assert talk(tls, b"QUIT\r\n").startswith(b"221")
        assert [one.raw for one in run.shelf.stored] == [b"secret\r\n"]
        assert run.shelf.events["tls"] == 1


def test_plaintext_behind_starttls_is_thrown_away(certificate: Path) -> None:
    injected = b"EHLO evil\r\nMAIL FROM:<evil@b.example>\r\n"
    with running(tls_context=server_context(certificate)) as run, secured(run, certificate, injected) as tls:
        assert talk(tls, b"NOOP\r\n") == b"250 2.0.0 OK\r\n"
        assert talk(tls, b"MAIL FROM:<>\r\n").startswith(b"503")


@pytest.mark.parametrize("hello", [b"", b"this is no handshake\r\n"])
def test_a_failed_handshake_frees_its_place(certificate: Path, hello: bytes) -> None:
    with running(tls_context=server_context(certificate), max_connections=1, command_timeout=0.5) as run:
        peer = run.peer()
        peer.ask("STARTTLS")
        peer.send(hello)
        assert peer.is_closed()
        assert run.peer(greet=True).ask("NOOP").startswith("250")


# ------------------------------------------------------------------ aiosmtpd, and settings


def test_written_against_this_aiosmtpd() -> None:
    """Read wire.py and protocol.py against the new version before changing this line."""
    assert version("aiosmtpd") == "1.4.6"


def test_no_attribute_of_aiosmtpd_is_missing() -> None:
    """SMTP.__init__ is skipped; whatever it sets must be there all the same."""
    from channels.email.wire import make_template

    loop = asyncio.new_event_loop()
    try:
        template = make_template(SETTINGS, loop)
        assert template.keys() >= vars(SMTP(None, hostname="mx.gaoyao.example", loop=loop)).keys()
        assert template["hostname"] == "mx.gaoyao.example"
        assert template["_auth_methods"] == {}
    finally:
        loop.close()


def test_every_command_of_aiosmtpd_is_decided_on() -> None:
    theirs = {name.removeprefix("smtp_") for name in dir(SMTP) if name.startswith("smtp_")}
    assert theirs - {name.decode() for name in _COMMANDS} == {"AUTH"}
    for name in _COMMANDS:
        assert f"smtp_{name.decode()}" in vars(Conversation)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"hostname": " "}, "needs a host name"),
        ({"recipients": frozenset()}, "takes mail for nobody"),
        ({"recipients": frozenset({"A@b.example"})}, "'A@b.example': write it"),
        ({"recipients": frozenset({"nobody"})}, "local@domain"),
        ({"max_in_flight_bytes": 10}, "raise it"),
    ],
)
def test_settings_that_cannot_work_say_so(changes: dict[str, object], sentence: str) -> None:
    given = {
        "host": "127.0.0.1",
        "port": 0,
        "hostname": "mx.gaoyao.example",
        "recipients": SETTINGS.recipients,
    }
    with pytest.raises(ValueError, match=sentence):
        ListenerSettings(**(given | changes))  # type: ignore[arg-type]
