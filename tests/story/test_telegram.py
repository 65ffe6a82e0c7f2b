"""Stories by Telegram: the real poller before an emulated Bot API, from /start to the pressed button."""

from __future__ import annotations

import itertools
import json
from typing import Any

from sqlalchemy import select

from intake import schema
from intake.verbs import Close
from tests.channels.telegram.bot_api import FORBIDDEN, Said, message
from tests.support.rehearsal import CLERK
from tests.support.town import Town, reference_in, silence

CHAT = 700
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
_NUMBERS = itertools.count(1)


def write(town: Town, text: str, **more: Any) -> list[dict[str, str]]:
    """Somebody writes; returns what the bot says."""
    return town.updates(message(next(_NUMBERS), text, chat=CHAT, **more))


def heard(town: Town) -> str:
    """A complaint; returns its reference."""
    (said,) = write(town, "西江路的路灯坏了好几盏，一片漆黑")
    return reference_in(said["text"])


def keeps(town: Town, name: str, content: bytes) -> None:
    """The provider has a file; it is asked for next."""
    found = {"file_id": name, "file_unique_id": name, "file_path": name, "file_size": len(content)}
    town.bot.script["getFile"].append(Said(result=found))

    def give(handler: Any) -> None:
        handler._reply(200, content)

    town.bot.files[name] = give


def files_of(town: Town, reference: str) -> list[str]:
    """The media types of all that was fetched for a case."""
    files = town.dossier(reference).attachments.values()
    return sorted(file.media_type for each in files for file in each)


def photo(name: str) -> list[dict[str, Any]]:
    """One picture of a message."""
    return [{"file_id": name, "file_unique_id": name, "width": 90, "height": 90, "file_size": 48}]


def test_from_start_to_the_pressed_button(town: Town) -> None:
    (said,) = write(town, "/start")
    assert "恢复" not in said["text"]
    assert "想反映什么" in said["text"]
    reference = heard(town)
    assert reference in write(town, "/status")[0]["text"]
    town.answer(reference, "灯已修好。")
    assert town.dossier(reference).case.state == "answered"
    assert town.say(reference, CLERK, Close("resolved")) == "closed"
    asked = town.bot.called("sendMessage")[-1]
    buttons = json.loads(asked["reply_markup"])["inline_keyboard"]
    data = next(b["callback_data"] for row in buttons for b in row if b["callback_data"].startswith("1:"))
    number = town.bot._sent
    pressed = {
        "id": "q1",
        "from": {"id": CHAT, "is_bot": False, "first_name": "三", "language_code": "zh-hans"},
        "message": {"message_id": number, "date": 1_700_000_000, "chat": {"id": CHAT, "type": "private"}},
        "data": data,
    }
    (thanks,) = town.updates({"update_id": next(_NUMBERS), "callback_query": pressed})
    assert "谢谢" in thanks["text"]
    assert town.case(reference).feedback == "satisfied"
    assert town.bot.called("answerCallbackQuery")
    town.assert_sound()


def test_an_album_is_one_submission(town: Town) -> None:
    updates = []
    for n in range(3):
        keeps(town, f"p{n}.png", PNG + bytes([n]))
        more: dict[str, Any] = {"photo": photo(f"p{n}.png"), "media_group_id": "g1"}
        words = {"caption": "西江路垃圾成堆，没人清运"} if n == 0 else {}
        one = message(next(_NUMBERS), chat=CHAT, **more, **words)
        del one["message"]["text"]
        updates.append(one)
    (said,) = town.updates(*updates)
    reference = reference_in(said["text"])
    assert town.count(schema.complaint) == 1
    assert files_of(town, reference) == ["image/png"] * 3
    s = schema.submission.c
    with town.system.store.read() as connection:
        parts = connection.execute(select(s.became, s.part_of).order_by(s.id)).all()
    assert [became for became, _ in parts] == ["matter", "album", "album"]
    assert len({part for _, part in parts if part}) == 1
    town.assert_sound()


def test_voice_place_and_a_changed_message_join_the_case(town: Town) -> None:
    reference = heard(town)
    write(town, "0")
    keeps(town, "v.wav", silence())
    spoken = message(
        next(_NUMBERS), chat=CHAT, voice={"file_id": "v.wav", "file_unique_id": "v", "duration": 2}
    )
    place = message(next(_NUMBERS), chat=CHAT, location={"latitude": 23.02, "longitude": 112.46})
    for one in (spoken, place):
        del one["message"]["text"]
    town.updates(spoken, place)
    changed = message(next(_NUMBERS), "西江路的路灯坏了九盏，一片漆黑", chat=CHAT)
    town.updates({"update_id": changed["update_id"], "edited_message": changed["message"]})
    assert town.references() == [reference]
    assert files_of(town, reference) == ["audio/wav"]
    bodies = "\n".join(row.body or "" for row in town.dossier(reference).submissions)
    assert "23.02" in bodies
    assert "九盏" in bodies
    town.assert_sound()


ENGLISH_APP = {"id": CHAT, "is_bot": False, "first_name": "Sam", "language_code": "en"}
WORDLESS: list[dict[str, Any]] = [
    {"location": {"latitude": 23.02, "longitude": 112.46}},
    {"venue": {"location": {"latitude": 23.02, "longitude": 112.46}, "title": "Pier Street", "address": "9"}},
    {"sticker": {"file_id": "s", "file_unique_id": "s", "emoji": "👍"}},
    {"poll": {"id": "1", "question": "?", "options": []}},
    {"text": "/status"},
]


def test_what_has_no_words_is_answered_in_the_language_spoken_before(town: Town) -> None:
    """Somebody complains in Chinese on a telephone that is set to English."""
    (said,) = write(town, "西江路的路灯坏了好几盏，一片漆黑", **{"from": ENGLISH_APP})
    assert "编号" in said["text"]
    for found in WORDLESS:
        town.clock.advance(minutes=1)
        one = message(next(_NUMBERS), "", CHAT)
        one["message"] |= found | {"from": ENGLISH_APP}
        for answer in town.updates(one):
            assert any("\u4e00" <= sign <= "\u9fff" for sign in answer["text"]), (found, answer["text"])
            assert "Thank" not in answer["text"]
    with town.system.store.read() as connection:
        assert connection.execute(select(schema.conversation.c.language)).scalars().all() == ["zh-Hans"]


def test_a_first_message_without_words_is_answered_in_the_language_of_the_app(town: Town) -> None:
    (said,) = write(town, "/start", **{"from": ENGLISH_APP})
    assert said["text"].isascii() or "Huiyin" in said["text"] or "the" in said["text"]
    assert "投诉" not in said["text"]


def membership(town: Town, status: str) -> list[dict[str, str]]:
    """The person blocks the bot, or takes it back."""
    person = {"id": CHAT, "is_bot": False, "first_name": "三", "language_code": "zh-hans"}
    change = {
        "chat": {"id": CHAT, "type": "private"},
        "from": person,
        "date": 1_700_000_000,
        "old_chat_member": {"user": person, "status": "member"},
        "new_chat_member": {"user": person, "status": status},
    }
    return town.updates({"update_id": next(_NUMBERS), "my_chat_member": change})


def test_a_blocked_bot_puts_the_answer_on_the_offices_list(town: Town) -> None:
    reference = heard(town)
    town.bot.script["sendMessage"].extend([FORBIDDEN] * 2)
    town.answer(reference, "灯已修好。")
    sent = [row for row in town.outbox() if row.template == "answer"]
    assert [row.state for row in sent] == ["failed"]
    assert town.case(reference).attention == "undelivered"
    town.assert_sound()


def test_to_block_is_to_stop_and_makes_no_case(town: Town) -> None:
    reference = heard(town)
    assert membership(town, "kicked") == []
    assert town.references() == [reference]
    assert town.conversation(str(CHAT)).stopped_at is not None
    town.answer(reference, "灯已修好。")
    assert town.case(reference).attention == "undelivered"
    assert membership(town, "member") == []
    assert town.conversation(str(CHAT)).stopped_at is None
    assert "灯已修好" in write(town, "/status")[0]["text"]
    assert town.references() == [reference]
    town.assert_sound()


def test_what_nobody_can_read_still_gets_a_reference(town: Town) -> None:
    broken = message(next(_NUMBERS), "x", chat=CHAT)
    broken["message"]["text"] = "文" * 600_000
    (said,) = town.updates(broken)
    assert reference_in(said["text"]) in town.references()
    town.assert_sound()
