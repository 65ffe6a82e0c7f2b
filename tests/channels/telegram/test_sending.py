"""Word goes back by Telegram: in parts, with buttons, within the limits, through every refusal."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.telegram.api import BotApi
from channels.telegram.pacing import CHAT_BURST, PER_SECOND, Pace
from channels.telegram.sender import TelegramSender
from channels.telegram.splitting import MAX_UNITS, split, units
from intake.contracts import Choice, DeliveryFailed, Message
from intake.ids import new_id
from tests.channels.telegram.bot_api import (
    BAD_GATEWAY,
    CONFLICT,
    FORBIDDEN,
    TOKEN,
    UNAUTHORIZED,
    BotApiServer,
    Said,
    retry_after,
)
from tests.channels.telegram.conftest import account
from tests.support.clock import SetClock

RATING = (Choice("1", "满意"), Choice("2", "基本满意"), Choice("3", "不满意"))


def letter(text: str = "您的投诉已收到。", to: str = "700", choices: tuple[Choice, ...] = ()) -> Message:
    return Message(new_id(), "telegram", to, "", "", text, "zh-Hans", choices=choices)


@pytest.fixture
def sender(api: BotApi) -> TelegramSender:
    return TelegramSender(api, SetClock())


def test_a_text_arrives_as_it_was_written(sender: TelegramSender, server: BotApiServer) -> None:
    delivery = sender.send(letter("第一行 <b>不是标记</b> *也不是* _这也_\n第二行"))
    (call,) = server.called("sendMessage")
    assert call["text"] == "第一行 <b>不是标记</b> *也不是* _这也_\n第二行"
    assert call["chat_id"] == "700"
    assert "parse_mode" not in call
    assert (delivery.provider_id, delivery.final) == ("700/1", True)


def test_choices_are_buttons_that_answer_with_key_and_outbox_id(
    sender: TelegramSender, server: BotApiServer
) -> None:
    message = letter(choices=RATING)
    sender.send(message)
    rows = json.loads(server.called("sendMessage")[0]["reply_markup"])["inline_keyboard"]
    buttons = [button for row in rows for button in row]
    assert [b["text"] for b in buttons] == ["满意", "基本满意", "不满意"]
    assert [b["callback_data"] for b in buttons] == [f"{n}:{message.outbox_id}" for n in "123"]
    assert all(len(b["callback_data"].encode()) <= 64 for b in buttons)
    assert all(len(row) <= 3 for row in rows)


def test_a_key_that_does_not_fit_a_button_is_refused(sender: TelegramSender, server: BotApiServer) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        sender.send(letter(choices=(Choice("k" * 40, "选"),)))
    assert failed.value.permanent
    assert server.called("sendMessage") == []


def test_a_long_text_comes_in_parts_and_the_last_has_the_buttons(
    sender: TelegramSender, server: BotApiServer
) -> None:
    text = "\n".join(f"第{n}段：" + "情况说明。" * 60 for n in range(25))
    sender.send(letter(text, choices=RATING))
    calls = server.called("sendMessage")
    assert len(calls) == 2
    assert all(units(call["text"]) <= MAX_UNITS for call in calls)
    assert [("reply_markup" in call) for call in calls] == [False, True]
    assert "\n".join(call["text"] for call in calls) == text


def test_a_retry_goes_on_where_the_first_try_broke_off(sender: TelegramSender, server: BotApiServer) -> None:
    message = letter("一二三四。" * 1200)
    server.script["sendMessage"].extend([Said(result=sent(1)), BAD_GATEWAY])
    with pytest.raises(DeliveryFailed):
        sender.send(message)
    sender.send(message)
    texts = [call["text"] for call in server.called("sendMessage")]
    first, failed, again = texts
    assert failed == again
    assert first + again == message.text


def sent(number: int) -> dict[str, object]:
    return {"message_id": number, "date": 1, "chat": {"id": 700, "type": "private"}}


REFUSALS = [
    # what Telegram says, for good?, and what the timeline says
    (FORBIDDEN, True, "blocked the bot"),
    (Said(403, description="Forbidden: user is deactivated"), True, "left Telegram"),
    (Said(400, description="Bad Request: chat not found"), True, "Chat not found"),
    (Said(400, description="Bad Request: message is too long"), True, "too long"),
    (UNAUTHORIZED, False, "HUIYIN_TELEGRAM_TOKEN"),
    (Said(404, description="Not Found"), False, "HUIYIN_TELEGRAM_TOKEN"),
    (CONFLICT, False, "another program"),
    (BAD_GATEWAY, False, "could not be reached"),
    (Said(500, description="Internal Server Error"), False, "could not be reached"),
    (Said(200, raw=b"not json"), False, "Telegram"),
    (Said(200, raw=b'{"ok":true}'), False, "Telegram"),
    (Said(200, raw=b'{"ok":true,"result":true}'), False, "Telegram"),
]


@pytest.mark.parametrize(("said", "permanent", "because"), REFUSALS)
def test_a_refusal_says_whether_to_try_again(
    said: Said, permanent: bool, because: str, sender: TelegramSender, server: BotApiServer
) -> None:
    server.script["sendMessage"].append(said)
    with pytest.raises(DeliveryFailed) as failed:
        sender.send(letter())
    assert failed.value.permanent is permanent
    assert because in failed.value.reason
    assert TOKEN not in failed.value.reason


def test_a_flood_wait_is_kept_to_the_second_and_then_it_goes(server: BotApiServer, api: BotApi) -> None:
    clock = SetClock()
    sender = TelegramSender(api, clock)
    server.script["sendMessage"].append(retry_after(7))
    for _ in range(2):  # the second is not even asked
        with pytest.raises(DeliveryFailed) as failed:
            sender.send(letter())
        assert failed.value.again_at is not None
        assert clock() + timedelta(seconds=6) < failed.value.again_at <= clock() + timedelta(seconds=7)
        assert not failed.value.permanent
    assert len(server.called("sendMessage")) == 1
    sender.send(letter(to="701"))  # another chat need not wait


def test_nobody_listens(api: BotApi, server: BotApiServer) -> None:
    away = BotApi(account("http://127.0.0.1:9"))
    try:
        with pytest.raises(DeliveryFailed) as failed:
            TelegramSender(away, SetClock()).send(letter())
    finally:
        away.close()
    assert not failed.value.permanent


@pytest.mark.parametrize("to", ["", "someone@citizen.example", "12x"])
def test_what_is_no_chat_is_refused_at_once(to: str, sender: TelegramSender) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        sender.send(letter(to=to))
    assert failed.value.permanent


def test_no_log_line_carries_the_token(
    sender: TelegramSender, server: BotApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        sender.send(letter())
        server.script["sendMessage"].append(BAD_GATEWAY)
        with pytest.raises(DeliveryFailed):
            sender.send(letter())
    assert TOKEN.partition(":")[2] not in caplog.text


# ---------------------------------------------------------------- pace


class Seconds:
    """A monotonic clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_chat_hears_a_short_burst_and_then_one_a_second() -> None:
    clock = Seconds()
    pace = Pace(clock)
    burst = [pace.wait_for_chat("700") for _ in range(int(CHAT_BURST) + 1)]
    assert burst == [0.0, 0.0, 0.0, 1.0]
    assert pace.wait_for_chat("701") == 0.0
    clock.sleep(1.0)
    assert pace.wait_for_chat("700") == 0.0
    assert pace.wait_for_chat("700") == 1.0


def test_all_chats_together_stay_under_thirty_a_second() -> None:
    clock = Seconds()
    pace = Pace(clock)
    for _ in range(int(PER_SECOND) * 10):
        while wait := pace.wait_for_all():
            clock.sleep(wait)
    assert clock.now >= 9.0 - 1e-6


# ---------------------------------------------------------------- splitting


@given(st.text(alphabet=st.sampled_from("好 a。\n😀，é\u200d👩"), max_size=400), st.integers(4, 60))
@example("👩\u200d👩\u200d👩" * 30, 7)
def test_nothing_is_lost_and_no_part_is_too_long(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_parts_end_where_sentences_end() -> None:
    text = "这是第一句话。" * 900
    parts = split(text)
    assert len(parts) == 2
    assert all(part.endswith("。") for part in parts)
