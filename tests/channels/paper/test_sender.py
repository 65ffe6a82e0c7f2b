"""From the outbox into the print queue, and from there onto paper."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from channels.paper.content import letter_from
from channels.paper.letter import letter_pdf
from channels.paper.sender import LetterSender
from intake.contracts import DeliveryFailed, Json, Message, StorageUnavailable
from tests.channels.paper.printed import everything, qr_codes, read
from tests.channels.paper.samples import CODE, OFFICE, REFERENCE, TRACK, WORDS

MESSAGE = Message(
    outbox_id="m1",
    channel="letter",
    to="123456 示例县示例路18号",
    to_name="甲示例",
    subject=f"您的投诉有答复了 [{REFERENCE}]",
    text=WORDS["zh-Hans"],
    language="zh-Hans",
    created_at=datetime(2026, 11, 21, 17, 0, tzinfo=UTC),  # 22 November, 01:00 in the office
    reference=REFERENCE,
    code=CODE,
)


class Drawer:
    """A print queue in memory."""

    def __init__(self) -> None:
        self.waiting: dict[str, str] = {}
        self.full = False

    def put(self, outbox_id: str, pages: Json) -> None:
        if self.full:
            raise StorageUnavailable("disk full")
        self.waiting.setdefault(outbox_id, json.dumps(pages))


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def sender(drawer: Drawer) -> LetterSender:
    return LetterSender(
        drawer,
        envelope="din",
        public_url="https://complaints.county.example",
        zone=ZoneInfo("Asia/Shanghai"),
        clock=lambda: datetime(2026, 12, 1, tzinfo=UTC),
    )


def test_a_message_becomes_the_letter_that_is_printed(drawer: Drawer, sender: LetterSender) -> None:
    delivery = sender.send(MESSAGE)
    assert (delivery.provider_id, delivery.final) == ("m1", False)
    pages = json.loads(drawer.waiting["m1"])
    letter = letter_from(pages, MESSAGE.to_name, MESSAGE.to, OFFICE, envelope="din", copy=1)
    file = letter_pdf(letter)
    found = everything(read(file))
    for part in (WORDS["zh-Hans"], "甲示例收", "2026年11月22日", CODE, "重印Reprint1"):
        assert "".join(part.split()) in found
    assert qr_codes(file) == [TRACK]


def test_large_print_is_asked_for_once(drawer: Drawer, sender: LetterSender) -> None:
    sender.send(MESSAGE)
    sender.send(replace(MESSAGE, outbox_id="m2", large_print=True))
    asked = [
        letter_from(json.loads(p), "甲", "示例路1号", OFFICE, envelope="gb").large
        for p in drawer.waiting.values()
    ]
    assert asked == [False, True]


def test_sending_again_is_the_same_letter(drawer: Drawer, sender: LetterSender) -> None:
    first = sender.send(MESSAGE)
    again = sender.send(replace(MESSAGE, retry=True))
    assert first.provider_id == again.provider_id
    assert list(drawer.waiting) == ["m1"]


def test_what_waits_does_not_say_who_it_is_for(drawer: Drawer, sender: LetterSender) -> None:
    sender.send(replace(MESSAGE, text="答复如下。"))
    assert "甲示例" not in drawer.waiting["m1"]
    assert "示例路" not in json.loads(drawer.waiting["m1"])["text"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"to": ""}, "no postal address"),
        ({"to": "某" * 300}, "too long"),
        ({"text": " \n"}, "empty"),
    ],
)
def test_what_cannot_be_printed_goes_back_to_a_person(
    drawer: Drawer, sender: LetterSender, wrong: dict[str, str], says: str
) -> None:
    with pytest.raises(DeliveryFailed, match=says) as caught:
        sender.send(replace(MESSAGE, **wrong))  # type: ignore[arg-type]
    assert caught.value.permanent
    assert not drawer.waiting


def test_a_queue_that_cannot_store_is_tried_again(drawer: Drawer, sender: LetterSender) -> None:
    drawer.full = True
    with pytest.raises(DeliveryFailed) as caught:
        sender.send(MESSAGE)
    assert not caught.value.permanent


def test_what_is_no_letter_of_ours_is_refused() -> None:
    with pytest.raises(KeyError):
        letter_from({"text": "x"}, "甲", "示例路1号", OFFICE, envelope="gb")
