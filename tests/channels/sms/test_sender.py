"""Sending texts through Twilio's own client: whole, once, in time, and with a verdict when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from channels.sms.sender import TextSender
from channels.twilio.account import TwilioAccount
from channels.twilio.client import addressed
from intake.contracts import DeliveryFailed, Message
from tests.support.clock import SetClock
from tests.support.texting import ACCOUNT, OURS, PUBLIC, THEIRS
from tests.support.twilio_api import TwilioApi

LONG = "东门路灯坏了三天没人修，晚上很黑。我们已经派人去看了！" * 100


def text(
    clock: SetClock, words: str = "已收到。", channel: str = "sms", retry: bool = False, to: str = THEIRS
) -> Message:
    return Message(
        outbox_id="0123456789abcdef",
        channel=channel,
        to=to,
        to_name="",
        subject="",
        text=words,
        language="zh-Hans",
        created_at=clock(),
        retry=retry,
    )


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    """Stands in Twilio's place."""
    with TwilioApi().open() as opened:
        yield opened


@pytest.fixture
def sender(api: TwilioApi, clock: SetClock) -> TextSender:
    """Sends there."""
    return TextSender(replace(ACCOUNT, base_url=api.url), clock, timeout=2.0)


def test_a_text(sender: TextSender, api: TwilioApi, clock: SetClock) -> None:
    delivery = sender.send(text(clock))
    assert (delivery.provider_id, delivery.final, delivery.note) == (api.messages[0]["sid"], False, "")
    assert api.posted == [
        {
            "To": THEIRS,
            "From": OURS,
            "Body": "已收到。",
            "StatusCallback": f"{PUBLIC}/webhooks/twilio/status?id=0123456789abcdef",
        }
    ]


def test_whatsapp(sender: TextSender, api: TwilioApi, clock: SetClock) -> None:
    sender.send(text(clock, channel="whatsapp"))
    assert (api.posted[0]["To"], api.posted[0]["From"]) == (f"whatsapp:{THEIRS}", f"whatsapp:{OURS}")


def test_a_messaging_service_may_be_the_sender(api: TwilioApi, clock: SetClock) -> None:
    account = replace(ACCOUNT, base_url=api.url, number="MG" + "1" * 32)
    TextSender(account, clock).send(text(clock))
    assert api.posted[0]["MessagingServiceSid"] == account.number
    assert "From" not in api.posted[0]


def test_a_long_answer_arrives_whole(sender: TextSender, api: TwilioApi, clock: SetClock) -> None:
    delivery = sender.send(text(clock, LONG))
    count = len(api.posted)
    assert count > 1
    assert "".join(posted["Body"].split(" ", 1)[1] for posted in api.posted) == LONG
    asked = [parse_qs(urlsplit(posted["StatusCallback"]).query) for posted in api.posted]
    assert [(a["part"], a["of"]) for a in asked] == [([str(n)], [str(count)]) for n in range(1, count + 1)]
    assert delivery.provider_id == api.messages[0]["sid"]
    assert all(message["sid"] in delivery.note for message in api.messages)


def test_a_lost_answer_sends_nothing_twice(sender: TextSender, api: TwilioApi, clock: SetClock) -> None:
    api.lose = 1
    with pytest.raises(DeliveryFailed) as failed:
        sender.send(text(clock, LONG))
    assert not failed.value.permanent
    delivery = sender.send(text(clock, LONG, retry=True))
    bodies = [posted["Body"] for posted in api.posted]
    assert len(set(bodies)) == len(bodies)
    assert delivery.provider_id == api.messages[0]["sid"]
    assert sender.send(text(clock, LONG, retry=True)).provider_id == delivery.provider_id
    assert len(api.posted) == len(bodies)


def test_what_was_said_before_or_did_not_arrive_is_said_again(
    sender: TextSender, api: TwilioApi, clock: SetClock
) -> None:
    same = {"to": THEIRS, "body": "已收到。"}
    api.add(clock() - timedelta(hours=1), direction="outbound-api", status="delivered", **same)
    api.add(clock(), direction="outbound-api", status="undelivered", **same)
    api.add(clock(), direction="inbound", **same)
    sender.send(text(clock, retry=True))
    assert len(api.posted) == 1


@pytest.mark.parametrize(
    ("status", "code", "permanent", "other_way", "waits"),
    [
        (400, 21610, True, "", False),
        (400, 21614, True, "phone", False),
        (429, 20429, False, "", True),
        (401, 20003, False, "", False),
        (403, 0, False, "", False),
        (500, 0, False, "", False),
        (400, 77777, True, "", False),
    ],
)
def test_a_refusal_is_judged(
    sender: TextSender,
    api: TwilioApi,
    clock: SetClock,
    status: int,
    code: int,
    permanent: bool,
    other_way: str,
    waits: bool,
) -> None:
    api.refuse = (status, code)
    with pytest.raises(DeliveryFailed) as failed:
        sender.send(text(clock))
    error = failed.value
    assert (error.permanent, error.other_way, error.again_at is not None) == (permanent, other_way, waits)
    assert ACCOUNT.token not in error.reason


@pytest.mark.parametrize(("status", "waits"), [(401, False), (429, True), (503, False)])
def test_a_list_that_is_refused_is_judged_too(
    sender: TextSender, api: TwilioApi, clock: SetClock, status: int, waits: bool
) -> None:
    api.refuse_lists = status
    with pytest.raises(DeliveryFailed) as failed:
        sender.send(text(clock, retry=True))
    assert not failed.value.permanent
    assert (failed.value.again_at is not None) is waits
    assert not api.posted


@pytest.mark.parametrize("to", ["", "12025550123", "+1 202", "a@b.example", "+1;+1", "whatsapp:+12025550123"])
def test_an_address_that_is_no_number(sender: TextSender, api: TwilioApi, clock: SetClock, to: str) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        sender.send(text(clock, to=to))
    assert failed.value.permanent
    assert not api.posted


def test_nothing_to_say_and_too_much(sender: TextSender, api: TwilioApi, clock: SetClock) -> None:
    for words in (" \n", "字" * 40_000):
        with pytest.raises(DeliveryFailed) as failed:
            sender.send(text(clock, words))
        assert failed.value.permanent
    assert not api.posted


def test_nobody_there_is_no_ones_fault(clock: SetClock, port: int) -> None:
    sender = TextSender(replace(ACCOUNT, base_url=f"http://127.0.0.1:{port}"), clock)
    with pytest.raises(DeliveryFailed, match="could not be reached") as failed:
        sender.send(text(clock))
    assert not failed.value.permanent


def test_credentials_stay_with_twilio(clock: SetClock) -> None:
    for elsewhere in (
        "https://api.twilio.com.evil.example/x",
        "http://api.twilio.com/x",
        "https://x@api.twilio.com/",
    ):
        with pytest.raises(ValueError, match="not sent to"):
            addressed(ACCOUNT, elsewhere)
    assert addressed(ACCOUNT, "https://api.twilio.com/x") == "https://api.twilio.com/x"


def test_a_token_is_not_shown() -> None:
    assert ACCOUNT.token not in repr(TwilioAccount(sid="AC", token=ACCOUNT.token, number="", public_url=""))
