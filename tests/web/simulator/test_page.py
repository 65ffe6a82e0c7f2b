"""The page: who may see it, what it holds, and what it refuses."""

from __future__ import annotations

import contextlib
import dataclasses
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.support.county import Running
from tests.web.simulator.conftest import SID, TOKEN
from tests.web.simulator.stand_in import Served, Visitor, until
from web.app import create_app
from web.services import Services
from web.simulator.mailbox import read_mail
from web.simulator.segments import segments
from web.simulator.sound import Subtitles, as_wav, frames_of, hum, seconds_of
from web.simulator.stage import LANDLINE, PHONES
from web.simulator.twiml import BrokenTwiml, read_twiml

LOCAL = {"Host": "localhost"}


class TestPresence:
    """There only for a newcomer on this very machine."""

    def test_absent_with_real_accounts(self, light: Running, services: Services) -> None:
        for absent in (light.services, dataclasses.replace(services, simulator=False)):
            client = create_app(absent).test_client()
            assert client.get("/simulator", headers=LOCAL).status_code == 404
            assert client.post("/simulator/telegram/bot1:a/getMe", headers=LOCAL).status_code == 404
            assert "/simulator" not in client.get("/", headers=LOCAL).text

    def test_linked_from_the_first_page(self, app: Flask) -> None:
        assert 'href="/simulator"' in app.test_client().get("/", headers=LOCAL).text

    @pytest.mark.parametrize(
        ("host", "peer", "status"),
        [
            ("localhost:8000", "127.0.0.1", 200),
            ("127.0.0.1:8000", "127.0.0.1", 200),
            ("127.9.9.9", "127.0.0.1", 200),
            ("[::1]:8000", "::1", 200),
            ("complaints.gaoyao.example", "127.0.0.1", 403),  # the public address: whoever comes by it
            ("rebound.example", "127.0.0.1", 403),
            ("localhost.rebound.example", "127.0.0.1", 403),
            ("192.0.2.7", "127.0.0.1", 403),
            ("localhost", "192.0.2.7", 403),
        ],
    )
    @pytest.mark.parametrize(
        "path",
        ["/simulator", "/simulator/state", f"/simulator/twilio/2010-04-01/Accounts/{SID}/Messages.json"],
    )
    def test_only_this_machine_by_its_own_name(
        self, app: Flask, path: str, host: str, peer: str, status: int
    ) -> None:
        client = app.test_client()
        options: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": peer}, "auth": (SID, TOKEN)}
        assert client.get(path, headers={"Host": host}, **options).status_code == status

    def test_not_through_a_proxy(self, app: Flask) -> None:
        headers = {**LOCAL, "X-Forwarded-For": "192.0.2.7"}
        for stray in ({"Via": "1.1 proxy.example"}, {"X-Forwarded-Host": "county.example"}):
            assert app.test_client().get("/simulator", headers=LOCAL | stray).status_code == 403
        bare = {"SERVER_PROTOCOL": "HTTP/1.0"}  # nginx that was told no headers
        assert app.test_client().get("/simulator", headers=LOCAL, environ_overrides=bare).status_code == 403
        assert app.test_client().get("/simulator", headers=headers).status_code == 403

    def test_the_microphone_is_allowed_here_alone(self, app: Flask) -> None:
        client = app.test_client()
        assert "microphone=(self)" in client.get("/simulator", headers=LOCAL).headers["Permissions-Policy"]
        assert "microphone=()" in client.get("/", headers=LOCAL).headers["Permissions-Policy"]


class TestForms:
    """Each deed is refused in one sentence, or done."""

    @pytest.mark.parametrize("path", ["text", "dial", "call/CA1", "pace", "chat", "mail"])
    def test_forgery_is_refused(self, served: Served, visitor: Visitor, path: str) -> None:
        answer = visitor.session.post(
            f"{visitor.url}/{path}", data={"phone": PHONES[0], "body": "x"}, timeout=9
        )
        assert answer.status_code == 400
        assert visitor.items("text") == []

    @pytest.mark.parametrize(
        ("path", "fields"),
        [
            ("text", {"phone": PHONES[0], "body": "  "}),
            ("text", {"phone": PHONES[0], "body": "x" * 1601}),
            ("text", {"phone": "+12025550199", "body": "x"}),
            ("text", {}),
            ("dial", {"phone": ""}),
            ("call/CA1", {"kind": "key", "value": "1"}),
            ("chat", {"chat": "1", "text": "x"}),
            ("chat", {"chat": "x", "text": "x"}),
            ("chat", {"chat": "700100001", "text": ""}),
            ("chat", {"chat": "700100001", "what": "place", "latitude": "nan", "longitude": "0"}),
            ("chat", {"chat": "700100001", "what": "place", "latitude": "91", "longitude": "0"}),
            ("chat", {"chat": "700100001", "what": "edit", "number": "1", "text": "x"}),
            ("chat", {"chat": "700100001", "what": "voice"}),
            ("mail", {"sender": "someone@real.test", "body": "x"}),
            ("mail", {"sender": "a@b.example\r\nBcc: c@d.example", "body": "x"}),
            ("mail", {"sender": "a@b.example", "body": ""}),
        ],
    )
    def test_what_cannot_be_done_is_said(self, visitor: Visitor, path: str, fields: dict[str, str]) -> None:
        answer = visitor.do(path, **fields)
        assert answer.status_code == 400
        assert answer.json()["error"]
        assert visitor.state()["items"] == []

    def test_a_text_works_without_scripts(self, visitor: Visitor) -> None:
        page = visitor.session.get(f"{visitor.url}?phone={PHONES[1]}", timeout=9).text
        assert f'name="phone" value="{PHONES[1]}"' in page
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        fields = {"csrf_token": token, "phone": PHONES[1], "body": "<b>路灯</b>"}
        after = visitor.session.post(f"{visitor.url}/text", data=fields, timeout=9)
        assert after.url.endswith(f"/simulator?phone=%2B{PHONES[1][1:]}")
        assert "&lt;b&gt;路灯&lt;/b&gt;" in after.text

    def test_a_web_page_is_never_shown_as_one(self, visitor: Visitor) -> None:
        html = [("files", ("x.jpg", b"<script>alert(1)</script>", "text/html"))]
        visitor.do("text", html, phone=PHONES[0], body="")
        key = visitor.items("text")[0]["media"][0]["key"]
        answer = visitor.session.get(f"{visitor.url}/file/{key}", timeout=9)
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"

    def test_state_is_asked_for_what_changed(self, visitor: Visitor) -> None:
        visitor.do("chat", chat="700100001", text="一")
        version = visitor.state()["version"]
        address = f"{visitor.url}/state?since={version}"
        assert visitor.session.get(address, timeout=9).json()["items"] == []
        restarted = visitor.session.get(f"{visitor.url}/state?since={version + 99}", timeout=9).json()
        assert (restarted["fresh"], len(restarted["items"])) == (True, 1)


class _Keeps:
    """An SMTP handler that keeps what came."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.got.append(envelope)
        return "250 OK"


def mail_of(body: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = "回音 <complaints@gaoyao.example>"
    mail["To"] = "citizen-a@mail.example"
    mail["Reply-To"] = "complaints+t0ken@gaoyao.example"
    mail["Subject"] = "【26-000001-9】已受理"
    mail["Message-ID"] = "<1@gaoyao.example>"
    mail.set_content(body)
    return mail.as_bytes()


class TestMailbox:
    """What the service wrote is shown; a reply goes through real SMTP."""

    def test_mails_are_shown_and_answered(self, visitor: Visitor, services: Services) -> None:
        folder = services.outgoing_mail
        assert folder is not None
        folder.mkdir()
        (folder / "m1.eml").write_bytes(mail_of("您好，<b>编号</b> https://x.example/r"))
        (folder / "m2.part").write_bytes(b"half")
        (shown,) = until(lambda: visitor.state()["mails"], "the mail is shown")
        assert (shown["to"], shown["bureau"]) == ("citizen-a@mail.example", False)
        assert (shown["id"], shown["subject"]) == ("m1", "【26-000001-9】已受理")
        assert shown["text"] == "您好，<b>编号</b> https://x.example/r"
        kept = _Keeps()
        listener = Controller(
            kept, hostname="127.0.0.1", port=services.smtp_port, server_hostname="mx.example"
        )
        listener.start()
        try:
            assert visitor.do("mail", sender="citizen-a@mail.example", body="补充", reply="m1").ok
            (envelope,) = until(lambda: kept.got, "the mail arrives")
        finally:
            listener.stop()
        assert envelope.rcpt_tos == ["complaints+t0ken@gaoyao.example"]
        assert b"In-Reply-To: <1@gaoyao.example>" in (envelope.content or b"")
        until(lambda: visitor.items("sent_mail")[0]["status"] == "sent", "it says so")

    def test_a_listener_that_is_away_is_said(self, visitor: Visitor) -> None:
        assert visitor.do("mail", sender="citizen-a@mail.example", subject="路灯", body="坏了").ok
        until(lambda: visitor.items("sent_mail")[0]["status"] == "failed", "it says so")

    @given(st.binary(max_size=400))
    def test_any_bytes_are_a_mail(self, raw: bytes) -> None:
        assert isinstance(read_mail(raw)["text"], str)


class TestPieces:
    """Counting, sound and reading TwiML."""

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("", 1),
            ("a" * 160, 1),
            ("a" * 161, 2),
            ("[" * 80, 1),
            ("[" * 81, 2),
            ("灯" * 70, 1),
            ("灯" * 71, 2),
            ("😀" * 35, 1),
            ("😀" * 36, 2),
            ("a" * 306, 2),
            ("a" * 307, 3),
            ("灯" * 134, 2),
            ("灯" * 135, 3),
        ],
    )
    def test_parts(self, text: str, parts: int) -> None:
        assert segments(text) == parts

    def test_what_was_typed_is_a_sound_as_long_as_saying_it(self) -> None:
        frames = hum("路灯坏了一个星期没有人管")
        assert frames_of(as_wav(frames)) == frames
        assert seconds_of(frames) == 3

    @given(st.text(max_size=60).map(str.strip), st.sampled_from(["zh-Hans", "yue", "en"]))
    def test_typed_words_are_written_down_in_any_language(self, words: str, language: str) -> None:
        words = words.replace("\0", "").strip()
        wave = as_wav(hum("路灯"), words)
        assert frames_of(wave) == hum("路灯")
        assert int.from_bytes(wave[4:8], "little") == len(wave) - 8
        said = Subtitles().transcribe(wave, "audio/wav", language)
        assert (said.text if said else "") == words

    @given(st.binary(max_size=200))
    def test_other_sounds_are_not_understood(self, raw: bytes) -> None:
        assert Subtitles().transcribe(raw, "audio/wav", "en") is None
        Subtitles().transcribe(raw + b"INFOICMT" + raw[:3], "audio/wav", "en")

    @given(st.text(max_size=300))
    def test_twiml_is_read_or_refused(self, text: str) -> None:
        with contextlib.suppress(BrokenTwiml):
            assert all(verb.name for verb in read_twiml(text.encode("utf-8", "surrogatepass")))

    def test_the_landline_is_one_of_the_phones(self) -> None:
        assert LANDLINE in PHONES


def test_nothing_is_written_beside_the_folder(services: Services, tmp_path: Path) -> None:
    create_app(services)
    assert not (tmp_path / "outgoing-mail").exists()
