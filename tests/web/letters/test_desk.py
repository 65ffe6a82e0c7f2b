"""Letters on the pages: uploaded, listed, taken, typed, confirmed, discarded; and who may see what."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import MultiDict

from config.letters import suggestions
from intake import schema
from intake.contracts import Json
from intake.letters import LetterWorker
from intake.references import reference_of
from routing.router import load_router
from tests.support.scans import KnowingReader, line, png
from tests.web.staff.conftest import Browser, Hall

ZONE = ZoneInfo("Asia/Shanghai")
GAOYAO = Path(__file__).parents[3] / "config" / "gaoyao"
Words = KnowingReader | dict[bytes, Any] | None
TEXT = "西江路的路灯坏了两个星期，请派人来修。"


def upload(browser: Browser, *files: tuple[str, bytes], **fields: str) -> Any:
    sent: MultiDict[str, Any] = MultiDict([("csrf_token", browser.token()), *fields.items()])
    for name, content in files:
        sent.add("files", (BytesIO(content), name))
    return browser.client.post("/staff/letters", data=sent, headers={"Accept-Language": "en"})


class FindingReader(KnowingReader):
    """Suggests what the engine's reader suggests."""

    def fields(self, pages: Sequence[Sequence[Json]]) -> Json:
        return suggestions(pages, router=load_router(GAOYAO))


def read_all(hall: Hall, words: Words = None) -> None:
    services = hall.running.services
    reader = words if isinstance(words, KnowingReader) else KnowingReader(words)
    worker = LetterWorker(services.store, services.blobs, reader, hall.clock, "test")
    while worker.work():
        pass


def taken(hall: Hall, browser: Browser, words: Words = None) -> tuple[str, dict[str, str]]:
    """A letter in front of the browser's person: its path, and the fields as the desk begins."""
    assert upload(browser, ("scan.png", png(len(hall.rows(schema.letter)) + 1))).status_code == 303
    read_all(hall, words)
    path = browser.post("/staff/letters/next").headers["Location"]
    page = browser.get(path).text
    mark = re.search(r'name="mark" value="([0-9a-f]{32})"', page)
    assert mark, page
    day = re.search(r'name="received_on"[^>]*value="([^"]*)"', page)
    assert day, page
    fields = {
        "mark": mark[1],
        "text": TEXT,
        "name": "示例甲",
        "address": "高要区示例路1号",
        "identity": "named",
    }
    return path, fields | {"received_on": day[1], "answer_by": "postal", "language": "zh-Hans"}


def test_from_the_scan_to_the_case(hall: Hall) -> None:
    desk = hall.browser("desk")
    path, fields = taken(hall, desk)
    answer = desk.post(f"{path}/confirm", fields)
    assert answer.status_code == 303
    slip = desk.get(answer.headers["Location"]).text
    found = re.search(r"26-\d{6}-\d", slip)
    assert found
    assert re.search(r"<dd>\d{6}</dd>", slip), "the code is shown at once"
    hall.running.register()
    [submission] = hall.rows(schema.submission)
    assert (submission.channel, submission.state) == ("letter", "done")
    assert submission.details == {"pages": 1, "received_on": fields["received_on"]}
    [attachment] = hall.rows(schema.attachment)
    assert attachment.filename == "scan.png"
    [part] = hall.rows(schema.participation)
    assert "高要区示例路1号" in hall.browser("clerk").post(f"/staff/cases/{found[0]}/look").text
    assert part.complaint_id == hall.case(found[0]).id
    again = desk.post(f"{path}/confirm", fields)
    assert again.status_code == 303
    assert len(hall.rows(schema.submission)) == 1


def test_a_friday_letter_entered_on_monday(small_hall: Hall) -> None:
    small_hall.clock.set(datetime(2026, 3, 9, 9, 0, tzinfo=ZONE))  # Monday
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk)
    desk.post(f"{path}/confirm", fields | {"received_on": "2026-03-06"})  # Friday
    small_hall.running.register()
    [case] = small_hall.rows(schema.complaint)
    assert case.received_at == datetime(2026, 3, 6, 0, 0, tzinfo=ZONE)
    assert case.answer_due_at == datetime(2026, 3, 21, 0, 0, tzinfo=ZONE)  # of this county: 15 days


def test_scanned_on_friday_and_entered_on_monday(small_hall: Hall) -> None:
    friday = datetime(2026, 3, 6, 16, 45, tzinfo=ZONE)
    small_hall.clock.set(friday)
    path, fields = taken(small_hall, small_hall.browser("desk"))
    small_hall.clock.set(datetime(2026, 3, 9, 9, 0, tzinfo=ZONE))
    desk = small_hall.browser("desk")
    desk.post(f"{path}/confirm", fields)
    small_hall.running.register()
    [case] = small_hall.rows(schema.complaint)
    assert case.received_at == friday


def test_what_was_read_stands_in_the_form_with_its_place(small_hall: Hall) -> None:
    words = {png(1): [line("路灯坏了。", 0.1, [(0, 2)]), line("投诉人：示例甲", 0.2)]}
    desk = small_hall.browser("desk")
    path, _fields = taken(small_hall, desk, words)
    page = desk.get(path).text
    assert "路灯坏了。" in page
    assert "<mark>路灯</mark>坏了。" in page
    assert 'value="示例甲"' in page
    assert "read on page 1, line 2" in page


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": " "}, "text"),
        ({"name": ""}, "name"),
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"answer_by": "email"}, "answer_by"),
        ({"received_on": ""}, "received_on"),
        ({"received_on": "2031-01-01"}, "received_on"),
        ({"received_on": "1999-01-01"}, "received_on"),
        ({"letter_date": "yesterday"}, "letter_date"),
        ({"about": "nowhere"}, "about"),
        ({"identity": "x"}, "name"),
    ],
)
def test_a_wrong_field_keeps_all_that_was_typed(
    small_hall: Hall, changed: dict[str, str], field: str
) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk)
    answer = desk.post(f"{path}/confirm", fields | {"subject": "路灯"} | changed)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert 'value="路灯"' in answer.text
    assert small_hall.rows(schema.submission) == []


def test_an_anonymous_letter_needs_no_name(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk)
    given = fields | {"identity": "anonymous", "name": "", "address": ""}
    assert desk.post(f"{path}/confirm", given).status_code == 303


@pytest.mark.parametrize("identity", ["confidential", "anonymous"])
@pytest.mark.parametrize("signed", ["投诉人：示例 甲", "Tel. 202-555-0123", "me@citizen.example"])
def test_a_secret_letters_text_does_not_tell_who_wrote(small_hall: Hall, identity: str, signed: str) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk)
    fields |= {"identity": identity, "phone": "+1 202 555 0123", "email": "Me@Citizen.example"}
    refused = desk.post(f"{path}/confirm", fields | {"text": f"{TEXT}\n{signed}"})
    assert refused.status_code == 422
    assert "still tells who wrote" in refused.text
    assert signed in refused.text, "what was typed is kept"
    assert small_hall.rows(schema.complaint) == []
    assert desk.post(f"{path}/confirm", fields).status_code == 303


SIGNED = [
    line("尊敬的领导：", 0.1),
    line("我叫示例甲，西江路的路灯坏了两个星期。", 0.2),
    line("投诉人：示例甲", 0.3),
]


def shown(page: str, field: str) -> str:
    """What a line, a list or a text area of the desk holds."""
    found = (
        re.search(rf'<textarea[^>]* id="{field}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
        or re.search(rf'<select[^>]* id="{field}".*?value="([^"]*)" selected', page, re.DOTALL)
        or re.search(rf'<input[^>]* id="{field}"[^>]*?(?: value="([^"]*)")', page)
    )
    assert found, field
    return found[1]


def test_a_letter_is_confidential_and_its_text_begins_without_who_wrote(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk, {png(1): SIGNED})
    page = desk.get(path).text
    assert shown(page, "identity") == "confidential"
    assert shown(page, "name") == "示例甲"
    text = shown(page, "text")
    assert text.splitlines() == [
        "尊敬的领导：",
        "我叫〔姓名〕，西江路的路灯坏了两个星期。",
        "投诉人：〔姓名〕",
    ]
    assert 'placeholder="西江路的路灯坏了两个星期"' in page, "the title that is offered tells nobody's name"
    assert "Letters are confidential unless they say otherwise" in page
    sent = fields | {"identity": "confidential", "text": text, "phone": "+12025550123"}
    assert desk.post(f"{path}/confirm", sent).status_code == 303
    small_hall.running.register()
    [case] = small_hall.rows(schema.complaint)
    assert case.subject == "西江路的路灯坏了两个星期"
    [part] = small_hall.rows(schema.participation)
    assert part.confidential


def test_a_letter_that_allows_it_is_named(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    lines = [*SIGNED[:3], line("不需要为我保密。", 0.5)]
    path, _fields = taken(small_hall, desk, {png(1): lines})
    page = desk.get(path).text
    assert shown(page, "identity") == "named"
    assert "The letter says: “不需要为我保密”" in page
    assert "投诉人：示例甲" in shown(page, "text")


WAYS = (
    # what the scan tells, how the answer goes
    (("地址：示例市高要区文明路18号", "电话：13800000001"), "postal"),
    (("邮箱：me@citizen.example", "电话：13800000001"), "phone"),
    (("邮箱：me@citizen.example",), "email"),
    ((), "postal"),
)


@pytest.mark.parametrize(("told", "way"), WAYS)
def test_the_answer_goes_a_way_that_is_known(small_hall: Hall, told: tuple[str, ...], way: str) -> None:
    desk = small_hall.browser("desk")
    lines = [line("路灯坏了。", 0.1), *(line(words, 0.2 + 0.1 * n) for n, words in enumerate(told))]
    path, _fields = taken(small_hall, desk, FindingReader({png(1): lines}))
    assert shown(desk.get(path).text, "answer_by") == way


def test_a_confidential_letters_address_over_two_lines_is_left_out_whole(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    lines = [
        line("我的通信地址：示例省示例市高要区南岸街道文明路", 0.1),
        line("18号3栋502房，邮政编码526100。", 0.14),
    ]
    path, fields = taken(small_hall, desk, FindingReader({png(1): lines}))
    page = desk.get(path).text
    assert shown(page, "address") == "示例省示例市高要区南岸街道文明路18号3栋502房, 526100"
    assert shown(page, "text") == "我的通信地址：〔住址〕。"
    sent = fields | {"identity": "confidential", "address": shown(page, "address")}
    refused = desk.post(f"{path}/confirm", sent | {"text": f"{TEXT}\n18号3栋502房，邮政编码526100。"})
    assert refused.status_code == 422
    assert "still tells who wrote" in refused.text
    assert desk.post(f"{path}/confirm", sent | {"text": "文明路的路灯坏了。"}).status_code == 303


@pytest.mark.parametrize(
    ("language", "words"), [("en", "This cannot be undone"), ("zh-CN", "永远不能办理本件，而且无法撤回")]
)
def test_the_desk_says_what_naming_the_accused_office_means(
    small_hall: Hall, language: str, words: str
) -> None:
    desk = small_hall.browser("desk")
    path, _fields = taken(small_hall, desk)
    page = desk.client.get(path, headers={"Accept-Language": language}).text
    hint = re.search(r'id="about-hint"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert hint
    assert words in hint[1]


def test_the_page_can_ask_beforehand_what_would_be_refused(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk)
    sent = fields | {"identity": "confidential", "text": f"{TEXT}\n投诉人：示例甲", "answer_by": "email"}
    sent |= {"csrf_token": desk.token()}
    answer = desk.client.post(
        f"{path}/save", data=sent, headers={"X-Draft": "check", "Accept-Language": "en"}
    )
    told = json.loads(answer.data)
    assert told["saved"]
    assert told["telling"]
    assert set(told["errors"]) == {"text", "answer_by"}
    answer = desk.client.post(f"{path}/save", data=sent | fields, headers={"X-Draft": "check"})
    good = json.loads(answer.data)
    assert (good["errors"], good["telling"]) == ({}, False)
    assert small_hall.rows(schema.submission) == []


def test_one_press_leaves_out_who_wrote(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk)
    sent = fields | {"identity": "confidential", "text": f"{TEXT}\n投诉人：示例甲", "subject": "示例甲的信"}
    refused = desk.post(f"{path}/confirm", sent)
    assert refused.status_code == 422
    assert 'id="subject-error"' in refused.text
    assert "/leave-out" in refused.text
    assert desk.post(f"{path}/leave-out", sent).status_code == 303
    page = desk.get(path).text
    assert shown(page, "text") == f"{TEXT}\n投诉人：〔姓名〕"
    assert shown(page, "subject") == "〔姓名〕的信"
    mended = sent | {"text": shown(page, "text"), "subject": shown(page, "subject")}
    assert desk.post(f"{path}/confirm", mended).status_code == 303


def test_a_second_confirmation_with_other_words_says_that_they_were_not_taken(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk)
    assert desk.post(f"{path}/confirm", fields).status_code == 303
    quiet = desk.get(desk.post(f"{path}/confirm", fields).headers["Location"]).text
    assert "were not taken" not in quiet
    told = desk.get(desk.post(f"{path}/confirm", fields | {"text": "改过的话。"}).headers["Location"]).text
    assert "the changes made since were not taken" in told
    assert len(small_hall.rows(schema.submission)) == 1


def test_two_scans_are_put_together_at_the_desk(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    words = {
        png(1): SIGNED,
        png(2): [line("地址：高要区示例路1号", 0.1)],
        png(9): [line("附：已拨打三次电话。", 0.2)],
    }
    path, fields = taken(small_hall, desk, words)
    assert upload(desk, ("back.png", png(9))).status_code == 303
    read_all(small_hall, words)
    page = desk.get(path).text
    other = re.search(r'<option value="([0-9a-f]{32})">back\.png', page)
    assert other, page
    sent = fields | {"identity": "confidential", "text": "手写的前半。", "address": ""}
    assert desk.post(f"{path}/join", sent | {"other": "nonsense"}).status_code == 422
    answer = desk.post(f"{path}/join", sent | {"other": other[1]})
    assert answer.status_code == 303
    whole = desk.get(answer.headers["Location"]).text
    assert shown(whole, "text") == "手写的前半。\n\n附：已拨打三次电话。"
    assert whole.count('<figure class="sheet"') == 2
    assert "put together with another scan" in desk.get("/staff/letters?list=discarded").text


def test_two_people_never_have_the_same_letter(small_hall: Hall) -> None:
    desk, clerk = small_hall.browser("desk"), small_hall.browser("clerk")
    path, _fields = taken(small_hall, desk)
    assert clerk.post("/staff/letters/next").headers["Location"] == "/staff/letters"
    page = clerk.get(path).text
    assert "is entering this letter" in page
    assert "data-desk" not in page
    for file in ("pages/1", "files/0"):
        assert desk.get(f"{path}/{file}").status_code == 200
        assert clerk.get(f"{path}/{file}").status_code == 404, "who wrote stands on the picture"


def test_a_stale_page_is_told_and_keeps_its_text(small_hall: Hall) -> None:
    desk, clerk = small_hall.browser("desk"), small_hall.browser("clerk")
    path, fields = taken(small_hall, desk)
    small_hall.clock.advance(minutes=11)
    assert clerk.post("/staff/letters/next").headers["Location"] == path
    for act in ("confirm", "save", "give-back", "discard"):
        answer = desk.post(f"{path}/{act}", fields | {"reason": "blank"})
        assert answer.status_code == 409, act
        assert TEXT in answer.text
        assert 'src="/staff/letters/' not in answer.text
    assert small_hall.rows(schema.submission) == []


def test_a_mistake_on_a_stale_page_tells_nothing_of_the_letter(small_hall: Hall) -> None:
    """Its answer carried the mark and the pages of whoever had the letter by then."""
    first, second = small_hall.browser("desk"), small_hall.browser("clerk")
    path, fields = taken(small_hall, first, {png(1): [line("只有收信人可以看", 100)]})
    first.post(f"{path}/give-back", fields)
    second.post(f"{path}/take")
    [letter] = small_hall.rows(schema.letter)
    for browser in (first, small_hall.browser("admin")):
        answer = browser.post(f"{path}/confirm", fields | {"text": " "})
        assert answer.status_code == 409
        assert letter.taken_mark not in answer.text
        assert "只有收信人可以看" not in answer.text
    forged = first.post(f"{path}/confirm", fields | {"mark": letter.taken_mark})
    assert (forged.status_code, small_hall.rows(schema.submission)) == (409, [])


def test_a_mistake_after_it_was_entered_opens_nothing(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk, {png(1): [line("只有收信人可以看", 100)]})
    desk.post(f"{path}/confirm", fields)
    for browser in (desk, small_hall.browser("clerk")):
        answer = browser.post(f"{path}/confirm", fields | {"text": " "})
        assert answer.status_code == 409
        assert "只有收信人可以看" not in answer.text


def test_drafts_are_kept_while_typing(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk)
    sent = {**fields, "text": "写到一半", "csrf_token": desk.token()}
    answer = desk.client.post(f"{path}/save", data=sent, headers={"X-Draft": "yes"})
    assert answer.json == {"saved": True, "title": "写到一半"}
    assert "写到一半" in desk.get(path).text
    assert desk.post(f"{path}/give-back", {**fields, "text": "写到一半了"}).status_code == 303
    other = small_hall.browser("clerk")
    assert "写到一半了" in other.get(other.post("/staff/letters/next").headers["Location"]).text


def test_not_a_complaint(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk)
    assert desk.post(f"{path}/discard", fields).status_code == 422
    assert desk.post(f"{path}/discard", fields | {"reason": "other"}).status_code == 422
    assert desk.post(f"{path}/discard", fields | {"reason": "other", "words": "贺卡"}).status_code == 303
    assert "Another reason: 贺卡" in desk.get("/staff/letters?list=discarded").text
    assert "Another reason" in desk.get(path).text
    desk.post(f"{path}/bring-back")
    assert desk.post("/staff/letters/next").headers["Location"] == path


def test_uploads_are_one_letter_or_many(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    upload(desk, ("1.png", png(1)), ("2.png", png(2)))
    assert len(small_hall.rows(schema.letter)) == 1
    upload(desk, ("3.png", png(3)), ("4.png", png(4)), letters="each")
    assert len(small_hall.rows(schema.letter)) == 3
    upload(desk, ("1.png", png(1)), ("2.png", png(2)))
    assert len(small_hall.rows(schema.letter)) == 3
    assert "had been scanned before" in desk.get("/staff/letters").text


@pytest.mark.parametrize(
    "files", [[], [("x.pdf", b"PK\x03\x04")], [("1.png", png(1)), ("evil.html", b"<script>")]]
)
def test_what_is_no_scan_is_refused_with_a_sentence(small_hall: Hall, files: list[tuple[str, bytes]]) -> None:
    answer = upload(small_hall.browser("desk"), *files)
    assert answer.status_code == 422
    assert 'id="files-error"' in answer.text
    assert small_hall.rows(schema.letter) == []


def test_the_scan_of_an_entered_letter_is_a_logged_look(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk)
    desk.post(f"{path}/confirm", fields)
    small_hall.running.register()
    assert small_hall.rows(schema.look) == []
    small_hall.clock.advance(minutes=5)
    assert small_hall.browser("clerk").get(f"{path}/pages/1").status_code == 200
    [look] = small_hall.rows(schema.look)
    assert (look.what, look.actor["name"]) == ("letter", "Sample clerk")
    assert small_hall.browser("handler").get(f"{path}/pages/1").status_code == 403


@pytest.mark.parametrize(("identity", "status"), [("named", 200), ("confidential", 404)])
def test_the_bureau_sees_the_scan_only_when_it_may_know_who_wrote(
    small_hall: Hall, identity: str, status: int
) -> None:
    desk = small_hall.browser("desk")
    path, fields = taken(small_hall, desk)
    desk.post(f"{path}/confirm", fields | {"identity": identity, "text": "供水公司停水三天。"})
    small_hall.running.register()
    [attachment] = small_hall.rows(schema.attachment)
    [case] = small_hall.rows(schema.complaint)
    small_hall.put(reference_of(case.number), bureau="water", state="assigned")
    handler = small_hall.browser("handler")
    page = handler.get(f"/staff/cases/{reference_of(case.number)}")
    assert page.status_code == 200
    assert ("A scanned letter" in page.text) == (status == 404)
    assert handler.get(f"/staff/attachments/{attachment.id}?download=1").status_code == status
    assert [look.what for look in small_hall.rows(schema.look)] == ["letter"] * (status == 200)


def test_files_are_only_handed_out(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    path, _fields = taken(small_hall, desk)
    file, picture = desk.get(f"{path}/files/0"), desk.get(f"{path}/pages/1")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert picture.mimetype == "image/png"
    assert "no-store" not in picture.headers["Cache-Control"]
    for odd in ("pages/9", "files/9", "pages/x"):
        assert desk.get(f"{path}/{odd}").status_code == 404


@pytest.mark.parametrize("place", ["pages/2", "pages/99999999999999999999", "files/99999999999999999999"])
def test_places_that_are_not_there(small_hall: Hall, place: str) -> None:
    desk = small_hall.browser("desk")
    path, _fields = taken(small_hall, desk)
    assert desk.get(f"{path}/{place}").status_code == 404


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
def test_pages_keep_the_policy_and_label_every_field(small_hall: Hall, language: str) -> None:
    desk = small_hall.browser("desk")
    path, _fields = taken(small_hall, desk)
    for where in ("/staff/letters", "/staff/letters?list=entered", path):
        page = desk.client.get(where, headers={"Accept-Language": language}).text
        assert "<style" not in page
        assert " style=" not in page
        assert not re.search(r"<script(?! src=)", page)
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert sorted(set(ids)) == sorted(ids)
        for field in re.findall(r'<(?:input|textarea|select)[^>]*\sid="([^"]+)"', page):
            assert f'for="{field}"' in page, field
