"""What a person said in their chat: a table a clerk could read, then the odd and the hostile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.telegram.reading import MAX_RAW, read
from channels.telegram.updates import submission
from intake.contracts import Automatic, Contact, Reading, UnreadableSubmission
from tests.channels.telegram.bot_api import message
from tests.support.clock import SetClock


def reading(**said: Any) -> Reading:
    """Of a message with these fields; "text" only when given."""
    update = message(1, **{"text": said.pop("text", ""), **said})
    if not update["message"]["text"]:
        del update["message"]["text"]
    return of(update)


def of(update: dict[str, Any]) -> Reading:
    entry = submission(update, "100200300", SetClock()(), "polling")
    assert entry is not None
    return read(entry.raw, entry.envelope)


def test_a_text() -> None:
    said = reading(text="示例路的路灯坏了。\n三天没人修。")
    assert said.body == "示例路的路灯坏了。\n三天没人修。"
    assert said.subject == "示例路的路灯坏了"
    assert said.sender_name == "三 样张"
    assert said.contacts == (Contact("telegram", "700", verified=True),)
    assert said.confidential
    assert not said.anonymous
    assert said.automatic is Automatic.NONE


ENGLISH = {"id": 700, "is_bot": False, "first_name": "Sam", "language_code": "en"}
TAIWAN = {"id": 700, "is_bot": False, "first_name": "三", "language_code": "zh-TW"}
LANGUAGES = [
    # text, the app's language, what we answer in
    ("The street lamp is broken", "zh-hans", "en"),
    ("路灯坏了", "en", "zh-Hans"),
    ("路燈壞了沒人來", "en", "zh-Hant"),
    ("2", "en", "en"),
    ("2", "zh-hant", "zh-Hant"),
    ("👍", "zh-hans", "zh-Hans"),
    ("/help", "zh-hans", "zh-Hans"),
    ("/help", "en-GB", "en"),
    ("/help", "pt", "en"),
    ("/help", "", "zh-Hans"),
]


@pytest.mark.parametrize(("text", "app", "language"), LANGUAGES)
def test_languages(text: str, app: str, language: str) -> None:
    person = {"id": 700, "first_name": "三", "language_code": app}
    assert reading(text=text, **{"from": person}).language == language


@pytest.mark.parametrize(
    ("text", "wordless"),
    [
        ("路灯坏了", False),
        ("/add 还有", False),
        ("/status", True),
        ("/start abc", True),
        ("👍", True),
        ("2", True),
    ],
)
def test_what_the_person_wrote_themselves(text: str, wordless: bool) -> None:
    assert reading(text=text).wordless is wordless


COMMANDS = [
    # typed, heard in a Chinese app, heard in an English app
    ("/new", "新投诉", "new"),
    ("/status", "查询", "status"),
    ("/status@GaoyaoSampleBot 26-004217-5", "查询 26-004217-5", "status 26-004217-5"),
    ("/add 还有一件事", "补充 还有一件事", "add 还有一件事"),
    ("/WITHDRAW", "撤回", "withdraw"),
    ("/help", "帮助", "help"),
    ("/stop", "退订", "stop"),
    ("/start", "恢复", "start"),
    ("/start ref_77", "恢复", "start"),
    ("/lang", "English", "中文"),
    ("/nonsense", "/nonsense", "/nonsense"),
    ("/ 3号楼", "/ 3号楼", "/ 3号楼"),
]


@pytest.mark.parametrize(("typed", "chinese", "english"), COMMANDS)
def test_commands_become_words(typed: str, chinese: str, english: str) -> None:
    assert reading(text=typed).body == chinese
    assert reading(text=typed, **{"from": ENGLISH}).body == english


FILES = [
    # field of the message, and the file that is fetched
    (
        {"document": {"file_id": "D1", "file_name": "../../证据.pdf", "mime_type": "application/pdf"}},
        ("D1", "证据.pdf", "application/pdf"),
    ),
    ({"voice": {"file_id": "V1", "mime_type": "audio/ogg"}}, ("V1", "voice.ogg", "audio/ogg")),
    ({"audio": {"file_id": "A1", "file_name": "a\u202e3pm.exe"}}, ("A1", "a3pm.exe", "audio/mpeg")),
    ({"video": {"file_id": "M1", "mime_type": "video/mp4"}}, ("M1", "video.mp4", "video/mp4")),
    ({"video_note": {"file_id": "N1"}}, ("N1", "video-message.mp4", "video/mp4")),
    (
        {"animation": {"file_id": "G1"}, "document": {"file_id": "G1", "file_name": "x.mp4"}},
        ("G1", "animation.mp4", "video/mp4"),
    ),
]


@pytest.mark.parametrize(("said", "file"), FILES)
def test_files_are_fetched_later(said: dict[str, Any], file: tuple[str, str, str]) -> None:
    found = reading(**said)
    assert [(f.source, f.filename, f.media_type) for f in found.remote] == [file]
    assert found.body == ""


def size(name: str, side: int, weight: int) -> dict[str, Any]:
    return {"file_id": name, "width": side, "height": side, "file_size": weight}


def test_of_a_photo_the_largest_that_a_bot_may_fetch() -> None:
    found = reading(
        photo=[size("small", 90, 900), size("big", 1280, 200_000), size("huge", 9000, 30_000_000)],
        caption="门口积水",
    )
    assert [file.source for file in found.remote] == ["big"]
    assert found.body == "门口积水"


def test_a_file_too_large_is_said() -> None:
    found = reading(video={"file_id": "M", "file_size": 60 * 1024 * 1024})
    assert found.remote == ()
    assert found.body == "（一个文件超过20MB，Telegram不允许转交）"
    assert found.problems


def test_parts_of_an_album_say_so() -> None:
    one = reading(photo=[size("a", 9, 9)], media_group_id="13370001", caption="三张照片")
    two = reading(photo=[size("b", 9, 9)], media_group_id="13370001")
    assert one.album == two.album == "700:13370001"


NOTES = [
    # field of the message, the line in the body
    (
        {"location": {"latitude": 23.025, "longitude": 112.46}},
        "（位置：23.025000, 112.460000）",
        "23.025000, 112.460000",
    ),
    (
        {
            "venue": {
                "location": {"latitude": 1, "longitude": 2.5},
                "title": "样例公园",
                "address": "示例路1号",
            }
        },
        "（位置：样例公园 示例路1号 1.000000, 2.500000）",
        "样例公园 示例路1号",
    ),
    ({"contact": {"first_name": "四", "phone_number": "+12025550123"}}, "（一张名片：四 +12025550123）", ""),
    ({"sticker": {"file_id": "S", "emoji": "😡"}}, "😡", ""),
    ({"sticker": {"file_id": "S"}}, "（表情贴纸）", ""),
    ({"poll": {"question": "修不修？"}}, "（一个投票：修不修？）", ""),
    ({"dice": {"value": 6}}, "（一个骰子表情）", ""),
    ({"something_new": {"x": 1}}, "（一条我们读不出的消息）", ""),
    ({"location": {"latitude": 999, "longitude": 2}}, "（一条我们读不出的消息）", ""),
]


@pytest.mark.parametrize(("said", "body", "place"), NOTES)
def test_things_are_said_in_words(said: dict[str, Any], body: str, place: str) -> None:
    found = reading(**said)
    assert (found.body, found.place) == (body, place)


def test_changed_text_is_marked_and_points_to_what_it_was() -> None:
    update = message(2, "路灯坏了五天")
    update["edited_message"] = update.pop("message")
    found = of(update)
    assert found.body == "（修改后的文字）\n路灯坏了五天"
    assert found.thread == ("700/5002",)


def test_a_button_is_a_choice_without_words() -> None:
    found = of(
        {
            "update_id": 3,
            "callback_query": {
                "id": "9",
                "from": ENGLISH,
                "data": "2:0198c0ffee",
                "message": {"message_id": 8, "chat": {"id": 700, "type": "private"}},
            },
        }
    )
    assert (found.choice, found.body, found.thread, found.language) == ("2", "", ("0198c0ffee",), "en")


def test_a_reply_names_what_it_answers() -> None:
    asked = {
        "message_id": 8,
        "text": "请问在哪里？",
        "reply_markup": {"inline_keyboard": [[{"text": "跳过", "callback_data": "skip:0198beef"}]]},
    }
    found = reading(text="示例路口", reply_to_message=asked)
    assert found.thread == ("0198beef", "700/8")
    assert found.quoted == "请问在哪里？"
    assert found.body == "示例路口"


def test_a_forwarded_message_says_from_whom() -> None:
    origin = {"type": "hidden_user", "sender_user_name": "四", "date": 1}
    assert reading(text="明天停水", forward_origin=origin).body == "（转发自：四）\n明天停水"


@pytest.mark.parametrize(("status", "word"), [("kicked", "退订"), ("member", "恢复")])
def test_blocking_the_bot_is_a_stop_that_nobody_answers(status: str, word: str) -> None:
    found = of(
        {
            "update_id": 4,
            "my_chat_member": {
                "chat": {"id": 700, "type": "private"},
                "from": {"id": 700, "first_name": "三", "language_code": "zh-hans"},
                "new_chat_member": {"status": status},
            },
        }
    )
    assert found.body == word
    assert found.automatic is Automatic.REPLY


def test_another_bot_gets_no_automatic_reply() -> None:
    assert reading(text="hello", **{"from": {"id": 1, "is_bot": True}}).automatic is Automatic.BULK


# ---------------------------------------------------------------- the odd and the hostile


UNREADABLE = [
    b"",
    b"not json",
    b"[]",
    b"7",
    b'{"update_id":1}',
    b"[" * 200_000,
    b'{"message":{"chat":{"id":1,"type":"private"}}' + b" " * MAX_RAW + b"}",
    b'{"update_id":1,"poll_answer":{"chat":{"id":1}}}',
]


@pytest.mark.parametrize("raw", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_is_no_update_is_for_a_person_to_look_at(raw: bytes) -> None:
    with pytest.raises(UnreadableSubmission):
        read(raw, {})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    *("text", "caption", "photo", "document", "voice", "location", "venue", "contact", "sticker", "poll"),
    *("media_group_id", "reply_to_message", "forward_origin", "quote", "from", "message_id", "animation"),
)


@given(st.dictionaries(st.sampled_from(FIELDS), JUNK, max_size=6), st.booleans())
def test_no_field_is_trusted_to_be_of_its_kind(fields: dict[str, Any], changed: bool) -> None:
    said = {"chat": {"id": 700, "type": "private"}, "message_id": 1, **fields}
    raw = json.dumps({"update_id": 1, "edited_message" if changed else "message": said}).encode()
    found = read(raw, {})
    assert found.contacts[0].value == "700"
    for text in (found.body, found.subject, found.sender_name, found.quoted, found.place):
        text.encode("utf-8")
        assert "\x00" not in text


@pytest.mark.parametrize(
    "noted", ["pinned_message", "message_auto_delete_timer_changed", "chat_background_set"]
)
def test_what_telegram_notes_in_the_chat_is_nothing_that_was_said(noted: str) -> None:
    """Somebody pins a message or sets a timer: that opens no case and gets no reply."""
    understood = reading(**{noted: {"x": 1}})
    assert (understood.body, understood.automatic) == ("", Automatic.REPLY)
