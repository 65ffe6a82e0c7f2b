"""Texts and calls: signed webhooks on the way in, the official library on the way out."""

from __future__ import annotations

import io
import wave
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.web.simulator.conftest import NUMBER, SID, TOKEN
from tests.web.simulator.stand_in import PUBLIC, Served, StandIn, Visitor, until
from web.simulator.stage import LANDLINE, PHONES

PHONE = PHONES[0]
VOICE, STATUS = "/webhooks/twilio/voice", "/webhooks/twilio/call-status"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)


class _Here:
    """The library's HTTP client, pointed at the simulator."""

    def __init__(self, base: str) -> None:
        self._base, self._http = base, TwilioHttpClient()
        self._http.session.trust_env = False

    def request(self, method: str, url: str, *rest: Any, **options: Any) -> Any:
        return self._http.request(method, url.replace("https://api.twilio.com", self._base), *rest, **options)


@pytest.fixture
def client(served: Served) -> Client:
    """The official library."""
    return Client(SID, TOKEN, http_client=_Here(f"{served.url}/simulator/twilio"))


class TestTextsIn:
    """A person writes: the webhook hears it as from Twilio."""

    def test_a_text_is_signed_over_the_public_address(self, visitor: Visitor, webhooks: StandIn) -> None:
        assert visitor.do("text", phone=PHONE, body="路灯坏了一周 & more=1").ok
        (heard,) = until(lambda: webhooks.at("/webhooks/twilio/sms"), "the webhook hears it")
        assert heard.signed
        assert heard.fields["Body"] == "路灯坏了一周 & more=1"
        assert (heard.fields["From"], heard.fields["To"]) == (PHONE, NUMBER)
        assert heard.fields["MessageSid"].startswith("SM")
        assert heard.fields["FromCity"] == ""
        until(lambda: visitor.items("text")[0]["status"] == "received", "it has arrived")

    def test_a_picture_can_be_fetched_with_the_account_only(
        self, visitor: Visitor, webhooks: StandIn
    ) -> None:
        assert visitor.do("text", [("files", ("lamp.png", PNG, "image/png"))], phone=PHONE, body="").ok
        (heard,) = until(lambda: webhooks.at("/webhooks/twilio/sms"), "the webhook hears it")
        assert heard.fields["NumMedia"] == "1"
        assert heard.fields["MediaContentType0"] == "image/png"
        address = heard.fields["MediaUrl0"]
        assert requests.get(address, timeout=9).status_code == 401
        assert requests.get(address, auth=(SID, "wrong"), timeout=9).status_code == 401
        assert requests.get(address, auth=(SID, TOKEN), timeout=9).content == PNG

    def test_an_answer_in_twiml_is_a_text(self, visitor: Visitor, webhooks: StandIn) -> None:
        webhooks.answers["/webhooks/twilio/sms"] = "<Response><Message>收到</Message></Response>"
        visitor.do("text", phone=PHONE, body="你好")
        until(lambda: [t for t in visitor.items("text") if t["body"] == "收到"], "the answer is shown")

    def test_a_webhook_that_fails_is_shown(self, visitor: Visitor, webhooks: StandIn) -> None:
        webhooks.status = 503
        visitor.do("text", phone=PHONE, body="你好")
        until(lambda: visitor.items("text")[0]["status"] == "failed", "it is shown as failed")

    def test_the_landline_cannot_text(self, visitor: Visitor) -> None:
        assert visitor.do("text", phone=LANDLINE, body="你好").status_code == 400


class TestTextsOut:
    """The service writes with the official library."""

    def test_reports_come_forwards(self, client: Client, visitor: Visitor, webhooks: StandIn) -> None:
        sent = client.messages.create(
            to=PHONE, from_=NUMBER, body="回音：已受理", status_callback=f"{PUBLIC}{STATUS}?id=7"
        )
        assert sent.status == "queued"
        heard = until(lambda: len(webhooks.heard) == 2 and webhooks.heard, "two reports")
        assert [one.fields["MessageStatus"] for one in heard] == ["sent", "delivered"]
        assert all(one.signed and one.path == f"{STATUS}?id=7" for one in heard)
        assert {one.fields["MessageSid"] for one in heard} == {sent.sid}
        assert client.messages(str(sent.sid)).fetch().status == "delivered"
        assert visitor.items("text")[0]["body"] == "回音：已受理"

    def test_a_landline_takes_no_text(self, client: Client, webhooks: StandIn) -> None:
        client.messages.create(to=LANDLINE, from_=NUMBER, body="x", status_callback=f"{PUBLIC}{STATUS}")
        (heard,) = until(lambda: webhooks.at(STATUS), "the report")
        assert (heard.fields["MessageStatus"], heard.fields["ErrorCode"]) == ("undelivered", "30006")

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            ({"to": "12", "from_": NUMBER, "body": "x"}, 21211),
            ({"to": PHONE, "from_": "+12025550199", "body": "x"}, 21606),
            ({"to": PHONE, "from_": NUMBER, "body": ""}, 21602),
            ({"to": PHONE, "from_": NUMBER, "body": "x" * 1601}, 21617),
            (
                {"to": PHONE, "from_": NUMBER, "body": "x", "status_callback": "http://192.0.2.1/"},
                21609,
            ),
        ],
    )
    def test_refusals_are_twilios(self, client: Client, options: dict[str, str], code: int) -> None:
        with pytest.raises(TwilioRestException) as refused:
            client.messages.create(**options)
        assert (refused.value.status, refused.value.code) == (400, code)

    def test_who_said_stop_gets_nothing(self, client: Client, visitor: Visitor, webhooks: StandIn) -> None:
        visitor.do("text", phone=PHONE, body=" Stop ")
        until(lambda: webhooks.at("/webhooks/twilio/sms", Body="Stop"), "the service hears of it")
        with pytest.raises(TwilioRestException) as refused:
            client.messages.create(to=PHONE, from_=NUMBER, body="x")
        assert refused.value.code == 21610
        visitor.do("text", phone=PHONE, body="START")
        until(lambda: webhooks.at("/webhooks/twilio/sms", Body="START"), "the service hears of it")
        assert client.messages.create(to=PHONE, from_=NUMBER, body="x").sid

    def test_wrong_credentials(self, served: Served) -> None:
        stranger = Client(SID, "wrong", http_client=_Here(f"{served.url}/simulator/twilio"))
        with pytest.raises(TwilioRestException) as refused:
            stranger.messages.create(to=PHONE, from_=NUMBER, body="x")
        assert (refused.value.status, refused.value.code) == (401, 20003)

    def test_lists_are_paged_and_filtered(self, client: Client, visitor: Visitor) -> None:
        for number in range(5):
            client.messages.create(to=PHONES[number % 2], from_=NUMBER, body=str(number))
        everything = client.messages.list(page_size=2)
        assert [message.body for message in everything] == ["4", "3", "2", "1", "0"]
        assert [m.body for m in client.messages.list(to=PHONES[1])] == ["3", "1"]
        today = everything[0].date_created
        assert today is not None
        assert len(client.messages.list(date_sent_after=today)) == 5
        assert not client.messages.list(date_sent_before=today.replace(year=2001))


GREETING = f"""<?xml version="1.0" encoding="UTF-8"?><Response>
<Gather numDigits="1" action="{VOICE}?step=language" timeout="1">
<Say language="zh-CN">普通话请按1</Say></Gather>
<Redirect>{VOICE}</Redirect></Response>"""
RECORDING = f"""<Response><Say>Please speak.</Say>
<Record action="?step=kept" transcribe="true" transcribeCallback="{VOICE}?step=words" maxLength="120"/>
<Say>Nothing was heard.</Say></Response>"""


class TestCalls:
    """TwiML is played, and what the caller does goes to its addresses, signed."""

    def _call(self, visitor: Visitor) -> dict[str, Any]:
        calls: list[dict[str, Any]] = until(lambda: visitor.items("call"), "there is a call")
        return calls[-1]

    def _wait(self, visitor: Visitor, what: str) -> dict[str, Any]:
        def waits() -> bool:
            return (self._call(visitor)["waiting"] or {}).get("for") == what

        until(waits, f"the call waits for {what}")
        return self._call(visitor)

    def test_from_greeting_to_recording(self, client: Client, visitor: Visitor, webhooks: StandIn) -> None:
        webhooks.answers |= {
            VOICE: GREETING,
            f"{VOICE}?step=language": RECORDING,
            f"{VOICE}?step=kept": "<Response><Say>Thank you.</Say><Hangup/></Response>",
        }
        assert visitor.do("dial", phone=PHONE).ok
        call = self._wait(visitor, "keys")
        assert visitor.do("dial", phone=PHONE).status_code == 400  # it is in a call
        assert visitor.do(f"call/{call['id']}", kind="key", value="1").ok
        self._wait(visitor, "record")
        visitor.do(f"call/{call['id']}", kind="words", value="The lamp is broken since Monday.")
        visitor.do(f"call/{call['id']}", kind="key", value="#")
        until(lambda: self._call(visitor)["status"] == "completed", "the call is over")
        (first,) = webhooks.at(VOICE)
        (language,) = webhooks.at(f"{VOICE}?step=language")
        (kept,) = webhooks.at(f"{VOICE}?step=kept")
        (words,) = until(lambda: webhooks.at(f"{VOICE}?step=words"), "the transcript")
        (ended,) = until(lambda: webhooks.at(STATUS), "the status report")
        assert all(one.signed for one in webhooks.heard)
        assert first.fields["CallStatus"] == "ringing"
        assert (language.fields["Digits"], language.fields["CallStatus"]) == ("1", "in-progress")
        assert (kept.fields["Digits"], words.fields["TranscriptionStatus"]) == ("#", "completed")
        assert words.fields["TranscriptionText"] == "The lamp is broken since Monday."
        assert (ended.fields["CallStatus"], ended.fields["CallSid"]) == ("completed", call["id"])
        sound = requests.get(kept.fields["RecordingUrl"] + ".wav", auth=(SID, TOKEN), timeout=9)
        with wave.open(io.BytesIO(sound.content)) as file:
            assert file.getframerate() == 8000
            assert round(file.getnframes() / 8000) == int(kept.fields["RecordingDuration"])
        assert [r.sid for r in client.recordings.list(call_sid=call["id"])] == [kept.fields["RecordingSid"]]
        assert client.calls(call["id"]).fetch().status == "completed"
        assert [step["kind"] for step in self._call(visitor)["steps"]][:3] == ["say", "keys", "say"]

    def test_hanging_up_while_speaking_keeps_what_was_said(self, visitor: Visitor, webhooks: StandIn) -> None:
        webhooks.answers[VOICE] = RECORDING.replace("?step=kept", f"{VOICE}?step=kept")
        visitor.do("dial", phone=PHONE)
        call = self._wait(visitor, "record")
        visitor.do(f"call/{call['id']}", kind="words", value="路灯坏了")
        visitor.do(f"call/{call['id']}", kind="hang_up")
        (kept,) = until(lambda: webhooks.at(f"{VOICE}?step=kept"), "the action")
        assert (kept.fields["Digits"], kept.fields["CallStatus"]) == ("hangup", "completed")
        (words,) = until(lambda: webhooks.at(f"{VOICE}?step=words"), "the transcript")
        assert words.fields["TranscriptionStatus"] == "failed"  # Twilio understands English only

    def test_an_empty_recording_never_calls_action(self, visitor: Visitor, webhooks: StandIn) -> None:
        webhooks.answers[VOICE] = RECORDING
        visitor.do("dial", phone=PHONE)
        call = self._wait(visitor, "record")
        visitor.do(f"call/{call['id']}", kind="hang_up")
        until(lambda: webhooks.at(STATUS), "the status report")
        assert not webhooks.at(f"{VOICE}?step=kept")

    @pytest.mark.parametrize(
        ("done", "statuses"),
        [
            ("answer", ["initiated", "ringing", "in-progress", "completed"]),
            ("decline", ["initiated", "ringing", "no-answer"]),
        ],
    )
    def test_calls_out_ring(
        self, client: Client, visitor: Visitor, webhooks: StandIn, done: str, statuses: list[str]
    ) -> None:
        made = client.calls.create(
            to=LANDLINE,
            from_=NUMBER,
            twiml="<Response><Say>回音来电</Say></Response>",
            status_callback=PUBLIC + STATUS,
            status_callback_event=["initiated", "ringing", "answered", "completed"],
        )
        until(lambda: self._call(visitor)["status"] == "ringing", "it rings")
        assert visitor.do(f"call/{made.sid}", kind=done).ok
        until(lambda: len(webhooks.at(STATUS)) == len(statuses), "all reports")
        ordered = sorted(webhooks.at(STATUS), key=lambda one: int(one.fields["SequenceNumber"]))
        assert [one.fields["CallStatus"] for one in ordered] == statuses
        assert client.calls(str(made.sid)).fetch().status == statuses[-1]

    @pytest.mark.parametrize(
        "answer",
        [
            "<Response><Say>no end",
            '<!DOCTYPE r [<!ENTITY a "aaaa">]><Response><Say>&a;</Say></Response>',
            "<Other/>",
            "<Response>" + "<Pause/>" * 9000 + "</Response>",
        ],
    )
    def test_broken_twiml_ends_the_call_politely(
        self, visitor: Visitor, webhooks: StandIn, answer: str
    ) -> None:
        webhooks.answers[VOICE] = answer
        visitor.do("dial", phone=PHONE)
        until(lambda: self._call(visitor)["status"] == "failed", "it is over")
        assert "application error" in self._call(visitor)["steps"][-1]["text"]

    def test_a_redirect_to_elsewhere_is_not_followed(self, visitor: Visitor, webhooks: StandIn) -> None:
        webhooks.answers[VOICE] = "<Response><Redirect>http://192.0.2.1/x</Redirect></Response>"
        visitor.do("dial", phone=PHONE)
        until(lambda: self._call(visitor)["status"] == "completed", "it is over")
        assert "error" in [step["kind"] for step in self._call(visitor)["steps"]]

    def test_being_put_through_is_decided_on_the_page(self, visitor: Visitor, webhooks: StandIn) -> None:
        webhooks.answers[VOICE] = f'<Response><Dial action="{VOICE}?step=desk">+12025550177</Dial></Response>'
        visitor.do("dial", phone=PHONE)
        call = self._wait(visitor, "desk")
        visitor.do(f"call/{call['id']}", kind="desk", value="busy")
        (desk,) = until(lambda: webhooks.at(f"{VOICE}?step=desk"), "the action")
        assert desk.fields["DialCallStatus"] == "busy"
