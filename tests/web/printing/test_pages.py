"""The print queue's pages: from what waits to the post and back, each click once."""

from __future__ import annotations

import io
from datetime import UTC

import pypdfium2
import pytest

from channels.paper.envelopes import ENVELOPES
from intake import schema
from intake.lifecycle import Role
from intake.people import Actor
from intake.verbs import Accept, Answer
from tests.support.county import COUNTY
from tests.web.printing.conftest import ADDRESS, Room
from web.printing.sheets import ENVELOPE_NAMES
from web.staff.labels import CAME_BACK


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_from_waiting_to_the_post(room: Room) -> None:
    desk = room.hall.browser("desk")
    assert "No letter waits for printing." in desk.get("/staff/printing").text
    reference = room.letter(large_print=True)
    page = desk.get("/staff/printing").text
    assert reference in page
    assert "large type" in page
    assert "示例街道" not in page, "addresses are shown on purpose only"

    path = room.batch(desk)
    assert "not fetched yet" in desk.get("/staff/printing").text
    file = desk.post(f"{path}/file", {"seen": "0"})
    assert (file.status_code, file.mimetype) == (200, "application/pdf")
    said = words_of(file.data)
    assert reference in said
    assert "示例甲" in said
    assert "重印" not in said

    desk.post(f"{path}/printed", {"how": "all"})
    row = room.printout()
    assert row.state == "printed"
    answer = desk.post(
        f"{path}/posted", {"on": "2026-03-02", "how": "numbered", f"number-{row.outbox_id}": "XA1CN"}
    )
    assert answer.status_code == 303
    row = room.printout()
    assert (row.state, row.posted_on, row.registered) == ("posted", "2026-03-02", "XA1CN")
    case = desk.get(f"/staff/cases/{reference}").text
    assert "Acknowledgement posted on 2 March 2026, registered as XA1CN" in case
    assert "示例街道" not in case
    [look] = room.hall.rows(schema.look)
    assert (look.what, look.actor["name"]) == ("address", "Sample desk")


def test_letters_to_one_person_lie_together_and_go_in_one_envelope(small_room: Room) -> None:
    first = small_room.letter()
    other = small_room.letter(address="示例省示例市示例区示例路9号")
    again = small_room.letter()  # the same person, on another matter
    desk = small_room.hall.browser("desk")
    page = desk.get("/staff/printing").text
    assert page.count("2 letters, one envelope") == 2
    path = small_room.batch(desk)
    said = words_of(desk.post(f"{path}/file", {"seen": "0"}).data)
    order = [said.index(reference) for reference in (first, again, other)]
    assert order == sorted(order), "one after the other, though another letter came between"
    assert "one envelope" not in said, "on the list, not on the letter"
    desk.post(f"{path}/printed", {"how": "all"})
    page = desk.get(path).text
    assert page.count("data-scan") == 2, "one field for each envelope"
    rows = {row.outbox_id: row for row in small_room.hall.rows(schema.printout)}
    lead = min(rows)
    small_room.hall.clock.advance(minutes=1)
    today = small_room.hall.running.services.print_queue.today().isoformat()
    desk.post(f"{path}/posted", {"on": today, "how": "numbered", f"number-{lead}": "XA7CN"})
    states = sorted(
        (row.state, row.registered) for row in small_room.hall.rows(schema.printout) if row.registered
    )
    assert states == [("posted", "XA7CN")] * 2


def test_two_people_at_one_address_have_an_envelope_each(small_room: Room) -> None:
    small_room.letter()
    small_room.letter(name="示例乙")
    assert "one envelope" not in small_room.hall.browser("desk").get("/staff/printing").text


def test_a_letter_in_the_queue_is_not_said_to_be_on_its_way(small_room: Room) -> None:
    reference = small_room.letter()
    hall, office = small_room.hall, small_room.hall.running.services.office
    office.perform(reference, Actor(Role.HANDLER, "h" * 32, "Sample Handler", "water"), Accept())
    office.perform(
        reference, Actor(Role.HANDLER, "h" * 32, "Sample Handler", "water"), Answer("水管修好了。")
    )
    small_room.settle()
    page = hall.browser("desk").get(f"/staff/cases/{reference}").text
    assert "Answer placed in the print queue" in page
    assert "Answer handed over" not in page


def test_a_further_file_is_marked_and_a_double_click_makes_none(small_room: Room) -> None:
    small_room.letter()
    desk = small_room.hall.browser("desk")
    path = small_room.batch(desk)
    desk.post(f"{path}/file", {"seen": "0"})
    twice = desk.post(f"{path}/file", {"seen": "0"})
    assert twice.status_code == 409
    assert "has just been made" in twice.text
    second = desk.post(f"{path}/file", {"seen": "1"})
    assert "重印 Reprint 1" in words_of(second.data)
    assert small_room.printout().copies == 2


def test_gathering_twice_is_once(small_room: Room) -> None:
    small_room.letter()
    desk, clerk = small_room.hall.browser("desk"), small_room.hall.browser("clerk")
    path = small_room.batch(desk)
    assert small_room.batch(desk) == path, "the second half of a double click leads to the first one's file"
    assert clerk.post("/staff/printing/gather").headers["Location"] == "/staff/printing"
    assert len(small_room.hall.rows(schema.print_batch)) == 1


def test_what_did_not_come_out_waits_again_and_is_marked(small_room: Room) -> None:
    small_room.letter()
    desk = small_room.hall.browser("desk")
    path = small_room.batch(desk)
    desk.post(f"{path}/file", {"seen": "0"})
    desk.post(f"{path}/printed", {"how": "all", "spoiled": small_room.printout().outbox_id})
    assert small_room.printout().state == "waiting"
    small_room.hall.clock.advance(minutes=2)
    path = small_room.batch(desk)
    assert "重印 Reprint 1" in words_of(desk.post(f"{path}/file", {"seen": "0"}).data)


def test_without_numbers_only_the_numbered_are_posted(small_room: Room) -> None:
    small_room.letter()
    desk = small_room.hall.browser("desk")
    path = small_room.batch(desk)
    desk.post(f"{path}/file", {"seen": "0"})
    desk.post(f"{path}/printed", {"how": "all"})
    desk.post(f"{path}/posted", {"on": "2026-03-02", "how": "numbered"})
    assert small_room.printout().state == "printed"
    for day in ("2026-03-03", "yesterday", ""):
        answer = desk.post(f"{path}/posted", {"on": day, "how": "all"})
        assert answer.status_code == 422
        assert "is no day for this" in answer.text
    desk.post(f"{path}/posted", {"on": "2026-03-01", "how": "all"})
    assert small_room.printout().state == "posted"


@pytest.mark.parametrize("how", ["reference", "number", "link"])
def test_a_returned_letter_is_found_by_what_stands_on_it(small_room: Room, how: str) -> None:
    reference = small_room.letter()
    desk = small_room.hall.browser("desk")
    small_room.posted(desk, "XA123CN")
    wanted = {
        "reference": reference,
        "number": "xa123cn",
        "link": f"http://localhost/track?reference={reference}",
    }[how]
    answer = desk.post(
        "/staff/printing/returned", {"wanted": wanted, "why": "moved", "on": "2026-03-02", "note": "无人"}
    )
    assert answer.status_code == 303
    assert small_room.hall.case(reference).attention == "undelivered"
    page = desk.get("/staff/printing").text
    assert "moved away · 无人" in page
    assert "came back on 2 March 2026: moved away" in desk.get(f"/staff/cases/{reference}").text


@pytest.mark.parametrize("how", ["number", "letter"])
def test_an_envelope_comes_back_with_all_its_letters(small_room: Room, how: str) -> None:
    references = [small_room.letter(), small_room.letter()]
    desk = small_room.hall.browser("desk")
    path = small_room.batch(desk)
    desk.post(f"{path}/file", {"seen": "0"})
    desk.post(f"{path}/printed", {"how": "all"})
    lead = min(row.outbox_id for row in small_room.hall.rows(schema.printout))
    number = "XA7CN" if how == "number" else ""
    desk.post(f"{path}/posted", {"on": "2026-03-02", "how": "all", f"number-{lead}": number})
    back = {"wanted": number or references[1], "why": "moved", "on": "2026-03-02"}
    assert desk.post("/staff/printing/returned", back).status_code == 303
    states = {row.state for row in small_room.hall.rows(schema.printout) if number or row.outbox_id != lead}
    assert states == {"came_back"}
    page = desk.get("/staff/printing").text
    assert [reference in page for reference in references] == [bool(number), True]


def test_a_wrong_return_says_what_to_do_and_keeps_what_was_typed(small_room: Room) -> None:
    reference = small_room.letter()
    desk = small_room.hall.browser("desk")
    nothing = desk.post("/staff/printing/returned", {"wanted": "26-000001-9", "why": "moved"})
    assert nothing.status_code == 422
    assert 'value="26-000001-9"' in nothing.text
    small_room.posted(desk)
    no_reason = desk.post("/staff/printing/returned", {"wanted": reference, "on": "2026-03-02"})
    assert no_reason.status_code == 422
    assert "choose why" in no_reason.text


def test_a_returned_letter_is_readdressed_and_waits_once(small_room: Room) -> None:
    reference = small_room.letter()
    desk = small_room.hall.browser("desk")
    first = small_room.posted(desk)
    desk.post("/staff/printing/returned", {"wanted": reference, "why": "moved", "on": "2026-03-02"})
    shown = desk.post(f"/staff/printing/letters/{first}")
    assert "示例街道" in shown.text
    assert [look.what for look in small_room.hall.rows(schema.look)][-1] == "address"
    bad = desk.post(f"/staff/printing/letters/{first}/address", {"kind": "postal", "value": "路"})
    assert bad.status_code == 422
    assert "incomplete" in bad.text
    for _twice in range(2):
        new = {"kind": "postal", "value": "示例省示例市示例镇新街5号"}
        assert desk.post(f"/staff/printing/letters/{first}/address", new).status_code == 303
        small_room.settle()
    assert len(small_room.queued()) == 1
    assert small_room.hall.case(reference).attention is None
    assert "said once more: Acknowledgement" in desk.get(f"/staff/cases/{reference}").text


def test_an_address_that_does_not_fit_is_shown_before_printing(small_room: Room) -> None:
    small_room.letter()
    small_room.put_address("很长的地名" * 60)
    desk = small_room.hall.browser("desk")
    page = desk.get("/staff/printing").text
    assert "too long for the envelope" in page
    assert desk.post("/staff/printing/gather").headers["Location"] == "/staff/printing"
    assert small_room.printout().state == "waiting"


def test_a_letter_can_be_taken_out_with_a_reason(small_room: Room) -> None:
    reference = small_room.letter()
    desk = small_room.hall.browser("desk")
    key = small_room.printout().outbox_id
    assert desk.post(f"/staff/printing/letters/{key}/cancel", {"reason": " "}).status_code == 422
    assert desk.post(f"/staff/printing/letters/{key}/cancel", {"reason": "当面给了"}).status_code == 303
    assert small_room.printout().state == "cancelled"
    assert "当面给了" in desk.get(f"/staff/cases/{reference}").text


@pytest.mark.parametrize("role", ["handler", "bureau_leader"])
def test_no_bureau_sees_letters(small_room: Room, role: str) -> None:
    small_room.letter()
    bureau = small_room.hall.browser(role)
    key = small_room.printout().outbox_id
    for path in ("/staff/printing", "/staff/printing/batches"):
        assert bureau.get(path).status_code == 403
    for path in ("gather", "returned", f"letters/{key}", f"letters/{key}/address", f"letters/{key}/cancel"):
        assert bureau.post(f"/staff/printing/{path}").status_code == 403
    assert small_room.printout().state == "waiting"


def test_strangers_ids_are_not_found(small_room: Room) -> None:
    desk = small_room.hall.browser("desk")
    for key in ("0" * 32, "x", "../x"):
        assert desk.get(f"/staff/printing/batches/{key}").status_code == 404
        assert desk.post(f"/staff/printing/letters/{key}").status_code == 404


def test_every_envelope_has_a_name_and_every_page_its_chinese(small_room: Room) -> None:
    assert set(ENVELOPE_NAMES) == set(ENVELOPES)
    small_room.letter()
    desk = small_room.hall.browser("desk")
    path = small_room.batch(desk)
    for page, words in (("/staff/printing", "等待打印的信件"), (path, "取文件")):
        assert words in desk.get(f"{page}?lang=zh-Hans").text
    assert set(CAME_BACK) >= {"moved", "unknown"}
    assert ADDRESS


def printed_batch(room: Room) -> str:
    """One letter that came out of the printer; the path of its file's page."""
    room.letter()
    desk = room.hall.browser("desk")
    path = room.batch(desk)
    desk.post(f"{path}/file", {"seen": "0"})
    desk.post(f"{path}/printed", {"how": "all"})
    return path


def test_nothing_posted_is_no_success_and_says_what_to_press(small_room: Room) -> None:
    path, desk = printed_batch(small_room), small_room.hall.browser("desk")
    answer = desk.post(f"{path}/posted", {"on": "2026-03-01", "how": "numbered"})
    assert answer.status_code == 422
    assert "press “Posted: all of them”" in answer.text
    assert "Posted: 0" not in answer.text
    assert 'value="2026-03-01"' in answer.text, "the day that was typed"
    assert small_room.printout().state == "printed"
    for _twice in range(2):
        answer = desk.post(f"{path}/posted", {"on": "2026-03-02", "how": "all"})
        assert answer.status_code == 303
        page = desk.get(path).text
        assert "Posted: 0" not in page
    assert "No letter of this file waits for the post any more." in page


def test_the_main_button_posts_all_and_no_step_is_left_out(small_room: Room) -> None:
    path, desk = printed_batch(small_room), small_room.hall.browser("desk")
    page = desk.get(path).text
    steps = [page.find(step) for step in ("1. Fetch", "2. Did it print?", "3. To the post")]
    assert -1 not in steps
    assert steps == sorted(steps)
    main = page.split('class="button" name="how"')[1].split("</button>")[0]
    assert "Posted: all of them" in main
    desk.post(
        f"{path}/posted",
        {"on": "2026-03-02", "how": "all", f"number-{small_room.printout().outbox_id}": "XA9CN"},
    )
    assert (small_room.printout().state, small_room.printout().registered) == ("posted", "XA9CN")


def test_a_file_is_called_after_the_countys_day(small_room: Room) -> None:
    small_room.hall.clock.advance(hours=16)  # 17:00 in UTC, 01:00 of the next day in the county
    small_room.letter()
    desk = small_room.hall.browser("desk")
    day = small_room.hall.clock().astimezone(COUNTY.zone)
    assert day.date() != small_room.hall.clock().astimezone(UTC).date()
    answer = desk.post(f"{small_room.batch(desk)}/file", {"seen": "0"})
    assert f"letters-{day:%Y%m%d}-" in answer.headers["Content-Disposition"]
