"""Somebody with nothing but a postal address: acknowledged, answered, posted, returned, found again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from channels.letter.reading import LetterForm
from channels.letter.reading import submission as letter_submission
from channels.paper.content import letter_from
from channels.paper.letter import letters_pdf
from channels.paper.words import Letterhead
from intake import schema
from intake.ids import new_id
from intake.lifecycle import Role
from intake.people import Actor
from intake.print_lists import PrintLists
from intake.print_queue import File, PrintQueue
from intake.references import reference_of
from intake.refusals import Refused
from intake.verbs import Accept, Answer, Ask, Assign, Close, Readdress
from tests.support.rehearsal import CLERK, Rehearsal, handler_of

DESK = Actor(Role.DESK, "desk-1", "Front desk")
ADDRESS = "示例省示例市示例区示例街道示例路18号2栋301室, 526100"
MOVED_TO = "示例省示例市示例区示例镇新街5号, 526101"


class PostRoom:
    """The print queue of a rehearsed county, as a front desk uses it."""

    def __init__(self, county: Rehearsal) -> None:
        self.county = county
        self.queue: PrintQueue = county.system.print_queue
        self.lists = PrintLists(county.system.store)

    def letter(self, text: str = "示例路的路灯坏了三个月。", **more: Any) -> str:
        """A letter that the desk confirmed; returns its reference."""
        form = LetterForm(text=text, name="示例甲", address=ADDRESS, **more)
        receipt = self.county.system.inbox.accept(
            letter_submission(form, new_id(), self.county.clock(), (), {})
        )
        self.county.settle()
        s, c = schema.submission, schema.complaint
        query = select(c.c.number).join(s, s.c.complaint_id == c.c.id).where(s.c.id == receipt.submission_id)
        with self.county.system.store.read() as connection:
            number = connection.execute(query).scalar_one()
        return reference_of(number)

    def waiting(self) -> list[tuple[str, str]]:
        """What waits: (reference, template)."""
        return [(reference_of(row.number), row.template) for row in self.lists.waiting(DESK)]

    def fetched(self) -> File:
        """Everything that waits, gathered and fetched for the first time."""
        batch = self.queue.gather(DESK, [row.outbox_id for row in self.lists.waiting(DESK)], "gb")
        assert batch is not None
        file = self.queue.fetch(batch, DESK, 0)
        assert file is not None
        return file

    def pdf(self, file: File) -> bytes:
        office = self.county.system.county.office
        head = Letterhead(office.name, office.postal, office.phone, office.mail)
        return letters_pdf(
            [
                letter_from(s.pages, s.name, s.address, head, envelope=file.envelope, copy=s.copy)
                for s in file.sheets
            ]
        )

    def post(self, file: File, number: str = "") -> None:
        """Printed, and posted today."""
        self.queue.printed(file.batch_id, DESK)
        ids = [sheet.outbox_id for sheet in file.sheets]
        assert self.queue.posted(ids, DESK, self.today, dict.fromkeys(ids, number)) == len(ids)

    @property
    def today(self) -> str:
        return self.queue.today().isoformat()


@pytest.fixture
def room(county: Rehearsal) -> PostRoom:
    """Nothing waits yet."""
    return PostRoom(county)


def answered(room: PostRoom, reference: str) -> None:
    county = room.county
    county.say(reference, CLERK, Assign("urban_management"))
    county.say(reference, handler_of("urban_management"), Accept())
    county.say(reference, handler_of("urban_management"), Answer("路灯昨天已经修好，谢谢您写信来。"))


def test_from_the_letter_to_the_answer_in_the_hand(room: PostRoom) -> None:
    county = room.county
    reference = room.letter()
    assert room.waiting() == [(reference, "acknowledgement")]
    first = room.fetched()
    assert room.pdf(first).startswith(b"%PDF-")
    assert first.sheets[0].pages["reference"] == reference
    assert first.sheets[0].pages["code"] in first.sheets[0].pages["text"]
    room.post(first)

    answered(room, reference)
    assert room.waiting() == [(reference, "answer")], "that it was accepted is worth no stamp"
    with pytest.raises(Refused, match="on its way"):
        county.say(reference, CLERK, Close("resolved"))
    letter = room.fetched()
    room.queue.printed(letter.batch_id, DESK)
    with pytest.raises(Refused, match="on its way"):
        county.say(reference, CLERK, Close("resolved"))
    room.post(letter, "XA123456789CN")

    [sheet] = letter.sheets
    room.queue.came_back(sheet.outbox_id, DESK, room.today, "moved", "迁移新址不明")
    assert county.case(reference).attention == "undelivered"
    with pytest.raises(Refused, match="not reached"):
        county.say(reference, CLERK, Close("resolved"))

    [part] = county.dossier(reference).participations
    for _twice in range(2):
        county.say(reference, DESK, Readdress(part.id, "postal", MOVED_TO))
    assert county.case(reference).attention is None
    assert room.waiting() == [(reference, "answer")]
    again = room.fetched()
    assert again.sheets[0].address == MOVED_TO
    assert again.sheets[0].pages["text"] == sheet.pages["text"]
    room.post(again)
    assert county.say(reference, CLERK, Close("resolved")) == "closed"
    assert room.waiting() == [], "the letter with the answer asked for the rating already"
    county.assert_sound()


def test_history_tells_what_the_post_did_but_no_address(room: PostRoom) -> None:
    reference = room.letter()
    file = room.fetched()
    room.post(file, "XA1")
    room.queue.came_back(file.sheets[0].outbox_id, DESK, room.today, "unknown")
    [part] = room.county.dossier(reference).participations
    room.county.say(reference, DESK, Readdress(part.id, "postal", MOVED_TO))
    events = room.county.dossier(reference).events
    told = [(e.kind, e.data.get("posted_on") or e.data.get("why") or e.data.get("again")) for e in events]
    assert told[-4:] == [
        ("printed", None),
        ("delivered", room.today),
        ("bounced", "unknown"),
        ("readdressed", ["acknowledgement"]),
    ]
    words = repr([event.data for event in events])
    assert "示例街道" not in words
    assert "新街5号" not in words


def test_an_answer_that_comes_back_after_closing_calls_the_office(room: PostRoom) -> None:
    reference = room.letter()
    room.post(room.fetched())
    answered(room, reference)
    file = room.fetched()
    room.post(file)
    room.county.say(reference, CLERK, Close("resolved"))
    room.queue.came_back(file.sheets[0].outbox_id, DESK, room.today, "unclaimed")
    assert room.county.case(reference).attention == "undelivered"
    room.county.assert_sound()
    [part] = room.county.dossier(reference).participations
    room.county.say(reference, DESK, Readdress(part.id, "email", "Found@Citizen.example"))
    assert [mail["To"] for mail in room.county.new_mail()][-1] == "示例甲 <found@citizen.example>"
    room.county.assert_sound()


def test_a_question_that_needs_no_reply_any_more_is_not_printed(room: PostRoom) -> None:
    reference = room.letter()
    room.post(room.fetched())
    room.county.say(reference, CLERK, Assign("urban_management"))
    room.county.say(reference, handler_of("urban_management"), Ask("哪一盏路灯？"))
    room.county.say(reference, handler_of("urban_management"), Answer("已经找到并修好。"))
    assert [template for _, template in room.waiting()] == ["question", "answer"]
    file = room.fetched()
    assert [row.template for row in room.lists.letters(DESK, file.batch_id)] == ["answer"]
    assert room.waiting() == []
    room.county.assert_sound()


def test_a_wrong_address_is_mended_before_anything_is_printed(room: PostRoom) -> None:
    reference = room.letter()
    [part] = room.county.dossier(reference).participations
    room.county.say(reference, DESK, Readdress(part.id, "postal", MOVED_TO))
    assert room.waiting() == [(reference, "acknowledgement")], "one letter, not two"
    assert room.fetched().sheets[0].address == MOVED_TO
