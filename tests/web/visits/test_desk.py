"""The front desk: who may open it, what it takes, what it hands out, what it never keeps."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from intake import schema
from intake.contracts import StorageUnavailable
from intake.inbox import Inbox
from intake.references import reference_of
from tests.web.staff.conftest import Browser, Hall
from tests.web.visits.numbers import card

KEY = "k" * 22
TEXT = "供水公司停水三天"
PLAIN = {"text": TEXT, "name-0": "赵示例", "identity": "confidential", "key": KEY, "language": "zh-Hans"}


def enter(desk: Browser, **fields: Any) -> Any:
    return desk.post("/staff/visits", PLAIN | fields)


def entered(hall: Hall, desk: Browser, **fields: Any) -> str:
    """A visit, registered; returns where its slip is."""
    answer = enter(desk, **fields)
    assert answer.status_code == 303, answer.text
    hall.running.register()
    return str(answer.headers["Location"])


def everything(hall: Hall) -> str:
    """Every value of every table."""
    return "\n".join(repr(tuple(row)) for table in schema.metadata.sorted_tables for row in hall.rows(table))


@pytest.mark.parametrize(
    ("who", "status"),
    [
        *(("", 303), ("desk", 200), ("clerk", 200), ("leader", 200), ("admin", 200)),
        *(("handler", 403), ("bureau_leader", 403)),
    ],
)
def test_who_may_enter_visits(small_hall: Hall, who: str, status: int) -> None:
    assert small_hall.browser(who).get("/staff/visits").status_code == status


def test_a_bureau_gets_no_form_with_what_the_desk_noted_of_a_document(hall: Hall) -> None:
    said = {"identity": "named", "document-0": "resident_id", "number-0": card()}
    entered(hall, hall.browser("desk"), **said)
    (submission,), (case,) = hall.rows(schema.submission), hall.rows(schema.complaint)
    (noted,) = hall.rows(schema.identity_document)
    address, page = f"/staff/submissions/{submission.id}/raw", f"/staff/cases/{reference_of(case.number)}"
    asked = {who: hall.browser(who) for who in ("desk", "clerk", "handler", "bureau_leader")}
    assert {who: one.get(address).status_code for who, one in asked.items()} == {
        **{"desk": 200, "clerk": 200},
        **{"handler": 404, "bureau_leader": 404},
    }
    assert noted.number_hash in asked["clerk"].get(address).text
    for who, one in asked.items():
        shown = one.post(f"{page}/look").text
        assert ("赵示例" in shown, TEXT in shown) == (True, True), who
        assert (address in shown, f"…{noted.last4}" in shown) == (who in ("desk", "clerk"),) * 2, who
        assert noted.number_hash not in shown


def test_a_plain_visit_becomes_a_case_and_a_slip(hall: Hall) -> None:
    desk = hall.browser("desk")
    slip = desk.get(entered(hall, desk)).text
    (submission,) = hall.rows(schema.submission)
    (part,) = hall.rows(schema.participation)
    (case,) = hall.rows(schema.complaint)
    assert (case.channel, case.bureau) == ("visit", "water")
    assert (part.channel, part.name, part.confidential) == ("web", "赵示例", True)
    assert submission.reserved_code == part.code
    assert part.code in slip
    assert "2026年3月17日前" in slip
    assert "By 17 March 2026" in slip
    assert f"/track?reference={slip.split('/track?reference=')[1][:11]}" in slip
    assert f"code={part.code}" not in slip, "the code is in no address"


@pytest.mark.parametrize("size", ["a5", "a6", "receipt"])
def test_the_slip_as_pdf(small_hall: Hall, size: str) -> None:
    desk = small_hall.browser("desk")
    answer = desk.get(f"{entered(small_hall, desk)}/slip.pdf?paper={size}")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Cache-Control"] == "no-store"


def test_sent_twice_is_one_and_other_words_are_another(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    assert entered(small_hall, desk) == entered(small_hall, desk)
    assert len(small_hall.rows(schema.complaint)) == 1
    entered(small_hall, desk, text="供水公司又停水了")
    assert len(small_hall.rows(schema.complaint)) == 2


def test_two_desks_at_once(small_hall: Hall) -> None:
    desk, clerk = small_hall.browser("desk"), small_hall.browser("clerk")
    first, second = entered(small_hall, desk), entered(small_hall, clerk, key="m" * 22)
    assert first != second
    assert desk.get(first).status_code == clerk.get(second).status_code == 200
    assert clerk.get(first).status_code == 404, "a code is for whoever stood at that desk"


def test_the_slip_is_gone_after_an_hour(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    slip = entered(small_hall, desk)
    small_hall.clock.advance(timedelta(hours=1, seconds=1))
    assert desk.get(slip).status_code == 404


@pytest.mark.parametrize("path", ["x", "0" * 36, "../raw", "%00"])
def test_slips_that_never_were(small_hall: Hall, path: str) -> None:
    assert small_hall.browser("desk").get(f"/staff/visits/{path}").status_code == 404


class TestNumbers:
    """The number of an identity card is nowhere, whatever happens."""

    def test_a_good_one(self, hall: Hall, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        desk, number = hall.browser("desk"), card()
        page = desk.get(entered(hall, desk, **{"document-0": "resident_id", "number-0": number})).text
        (document,) = hall.rows(schema.identity_document)
        assert (document.kind, document.last4) == ("resident_id", number[-4:])
        assert number not in page + everything(hall) + caplog.text
        left = [path for path in tmp_path.parent.rglob("*") if path.is_file()]
        assert not [path for path in left if number.encode() in path.read_bytes()]

    def test_a_wrong_one_is_refused_and_not_shown_again(self, small_hall: Hall) -> None:
        desk, number = small_hall.browser("desk"), card()
        bad = number[:10] + str((int(number[10]) + 1) % 10) + number[11:]
        answer = enter(desk, **{"document-0": "resident_id", "number-0": bad})
        assert answer.status_code == 422
        assert answer.text.count("its check digit does not fit") == 2, "in the summary and at the field"
        assert bad not in answer.text
        assert TEXT in answer.text
        assert small_hall.rows(schema.submission) == []

    def test_a_good_one_need_not_be_typed_again(self, small_hall: Hall) -> None:
        desk, number = small_hall.browser("desk"), card()
        given = {"document-0": "resident_id", "number-0": number, "phone-0": "12"}
        answer = enter(desk, **given)
        assert answer.status_code == 422
        assert number not in answer.text
        assert f"ends in {number[-4:]}" in answer.text
        note = answer.text.split('name="seen-0" value="')[1].split('"')[0]
        entered(small_hall, desk, **{"seen-0": note})
        (document,) = small_hall.rows(schema.identity_document)
        assert document.last4 == number[-4:]

    def test_a_forged_note_is_worth_nothing(self, small_hall: Hall) -> None:
        desk = small_hall.browser("desk")
        entered(small_hall, desk, **{"seen-0": '["resident_id","' + "0" * 64 + '","1234"].x'})
        assert small_hall.rows(schema.identity_document) == []

    def test_storage_away(self, small_hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_: object) -> None:
            raise StorageUnavailable("no disk")

        desk, number = small_hall.browser("desk"), card()
        monkeypatch.setattr(Inbox, "accept", away)
        answer = enter(desk, **{"document-0": "resident_id", "number-0": number})
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers
        assert TEXT in answer.text
        assert KEY in answer.text, "the same key: sent again it is the same visit"
        assert number not in answer.text

    def test_a_forged_form_shows_no_number(self, small_hall: Hall) -> None:
        desk, number = small_hall.browser("desk"), card()
        given = PLAIN | {"document-0": "resident_id", "number-0": number}
        answer = desk.post("/staff/visits", given, token=False)
        assert answer.status_code == 400
        assert number not in answer.text

    def test_anonymous_leaves_neither_name_nor_document(self, small_hall: Hall) -> None:
        desk = small_hall.browser("desk")
        given = {"identity": "anonymous", "document-0": "resident_id", "number-0": card()}
        entered(small_hall, desk, **given)
        assert small_hall.rows(schema.identity_document) == []
        assert "赵示例" not in everything(small_hall)


class TestGroups:
    """集体来访: one speaks, each who can be reached is answered."""

    GROUP: ClassVar[dict[str, str]] = {
        "name-0": "赵示例",
        "phone-0": "+1 202-555-0141",
        "name-1": "钱样本",
        "email-1": "Qian@citizen.example",
        "name-2": "孙样例",
        "speaker": "1",
        "present": "7",
    }

    def test_each_who_can_be_reached_has_a_code(self, hall: Hall) -> None:
        desk = hall.browser("desk")
        page = desk.get(entered(hall, desk, **self.GROUP)).text
        parts = {part.name: part for part in hall.rows(schema.participation)}
        assert set(parts) == {"赵示例", "钱样本"}, "the third hears of it from them"
        assert (parts["钱样本"].channel, parts["钱样本"].address) == ("email", "qian@citizen.example")
        assert parts["赵示例"].address == "+12025550141"
        assert len({part.code for part in parts.values()}) == 2
        assert parts["钱样本"].code in page, "the spokesman's"
        assert parts["赵示例"].code not in page
        assert "at most 5" in page, "seven came: a warning, not a refusal"
        (submission,) = hall.rows(schema.submission)
        assert submission.details["spokesman"] == "钱样本"
        assert submission.details["present"] == 7
        assert submission.details["visitors"] == "钱样本\n赵示例\n孙样例"

    def test_rows_are_added_without_a_script(self, small_hall: Hall) -> None:
        answer = enter(small_hall.browser("desk"), add="yes")
        assert answer.status_code == 200
        assert 'name="name-1"' in answer.text
        assert 'value="赵示例"' in answer.text
        assert small_hall.rows(schema.submission) == []

    def test_there_is_an_end_of_rows(self, small_hall: Hall) -> None:
        many = {f"name-{n}": f"n{n}" for n in range(40)}
        answer = enter(small_hall.browser("desk"), add="yes", **many)
        assert 'id="name-14"' in answer.text
        assert 'id="name-15"' not in answer.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": "  "}, "Write down what happened."),
        ({"text": "x" * 20_001}, "That is very long"),
        ({"phone-0": "abc"}, "This telephone number does not look right"),
        ({"email-0": "a@b"}, "This e-mail address does not look right"),
        ({"answer-0": "postal"}, "Enter where the answer is to go"),
        ({"present": "0"}, "How many people came?"),
        ({"present": "９"}, "How many people came?"),
        ({"present": "9" * 5000}, "How many people came?"),
        ({"bureau": "nowhere"}, "Choose a bureau from the list"),
        ({"bureau": "water"}, "Say whether the complaint is about this bureau"),
        ({"category": "x"}, "Choose a kind from the list"),
        ({"identity": "x"}, "Choose who may know"),
        ({"identity": "named", "name-0": ""}, "Enter a name"),
        ({"document-0": "x", "number-0": "1"}, "Choose the kind of document"),
    ],
)
def test_one_sentence_for_each_mistake(small_hall: Hall, fields: dict[str, str], sentence: str) -> None:
    answer = enter(small_hall.browser("desk"), **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert small_hall.rows(schema.submission) == []


def test_hostile_words_stay_words(small_hall: Hall) -> None:
    desk, bad = small_hall.browser("desk"), "<script>alert(1)</script>\u202e"
    page = enter(
        desk, **{"text": bad, "name-0": bad, "interpreter": bad, "phone-0": "x", "speaker": bad}
    ).text
    assert "<script>alert" not in page
    slip = entered(small_hall, desk, **{"text": bad, "name-0": bad, "interpreter": bad, "speaker": "99"})
    assert "<script>alert" not in desk.get(slip).text


def test_danger_and_urgency_outweigh_the_rules(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    entered(small_hall, desk, safety="yes")
    (case,) = small_hall.rows(schema.complaint)
    assert (case.urgency, case.attention) == ("urgent", "safety")


class TestWhatStaffSee:
    """The noted facts, in words; names and last four only where they belong."""

    FIELDS: ClassVar[dict[str, str]] = {
        **TestGroups.GROUP,
        "needs": "wheelchair",
        "interpreter": "粤语",
        "document-1": "resident_id",
        "number-1": card(),
    }

    def case_page(self, hall: Hall, who: str, *, look: bool = False) -> str:
        (case,) = hall.rows(schema.complaint)
        path = f"/staff/cases/{reference_of(case.number)}"
        browser = hall.browser(who)
        return str((browser.post(f"{path}/look") if look else browser.get(path)).text)

    def test_the_office(self, hall: Hall) -> None:
        entered(hall, hall.browser("desk"), **self.FIELDS)
        page = self.case_page(hall, "clerk")
        assert "Wheelchair" in page
        assert "粤语" in page
        assert "7; at most 5 may speak for them" in page
        assert "孙样例" not in page, "names are shown on purpose"
        assert f"…{card()[-4:]}" not in page
        shown = self.case_page(hall, "clerk", look=True)
        assert "孙样例" in shown
        assert "Spokesperson" in shown
        assert f"…{card()[-4:]}" in shown

    def test_a_bureau_learns_nothing_of_whom_the_office_protects(self, hall: Hall) -> None:
        words = f"{TEXT}，孙样例家也是"
        entered(hall, hall.browser("desk"), text=words, **self.FIELDS)
        page = self.case_page(hall, "handler")
        assert TEXT in page
        for secret in ("孙样例", "钱样本", "赵示例", "Wheelchair", "粤语", card()[-4:], "qian@citizen"):
            assert secret not in page, secret
        assert "＊＊＊家也是" in page
        listed = hall.browser("handler").get("/bureau?tab=all").text
        assert "孙样例" not in listed
        assert "孙样例" not in hall.browser("handler").get("/bureau?tab=all&q=孙样例").text.replace(
            'value="孙样例"', ""
        )

    def test_a_bureau_that_may_know_never_sees_the_last_four(self, small_hall: Hall) -> None:
        entered(small_hall, small_hall.browser("desk"), **self.FIELDS | {"identity": "named"})
        shown = self.case_page(small_hall, "handler", look=True)
        assert "孙样例" in shown
        assert f"…{card()[-4:]}" not in shown

    def test_in_chinese(self, small_hall: Hall) -> None:
        entered(small_hall, small_hall.browser("desk"), **self.FIELDS)
        client = small_hall.browser("clerk").client
        client.set_cookie("lang", "zh-Hans")
        (case,) = small_hall.rows(schema.complaint)
        page = client.get(f"/staff/cases/{reference_of(case.number)}").text
        for words in ("来访", "窗口登记", "坐轮椅", "代表不超过 5 人"):
            assert words in page, words


def test_the_raw_form_holds_no_number(small_hall: Hall) -> None:
    desk = small_hall.browser("desk")
    entered(small_hall, desk, **{"document-0": "passport", "number-0": "E00000000"})
    (row,) = small_hall.rows(schema.raw_message)
    raw = json.loads(row.content)
    assert raw["visitors"][0]["last4"] == "0000"
    assert "E00000000" not in row.content.decode()


@pytest.mark.parametrize(
    ("text", "chosen", "expected"),
    [
        (TEXT, "", "zh-Hans"),  # the clerk's page is English
        ("The street lamp in Sample Road is broken.", "", "en"),
        ("路燈壞了兩個星期，請派人來修。", "", "zh-Hant"),
        (TEXT, "en", "en"),
        (TEXT, "tlh", "zh-Hans"),
    ],
)
def test_the_answer_is_in_the_language_of_the_visitors_words_unless_chosen(
    small_hall: Hall, text: str, chosen: str, expected: str
) -> None:
    desk = small_hall.browser("desk")
    page = desk.get("/staff/visits").text.split('id="language"')[1].split("</select>")[0]
    assert "selected" not in page
    assert page.index("As the visitor") < page.index("English"), "it is what stands there first"
    entered(small_hall, desk, text=text, language=chosen)
    (case,) = small_hall.rows(schema.participation)
    assert case.language == expected


@pytest.mark.parametrize("large", [False, True])
def test_only_paper_that_holds_the_slip_is_offered(small_hall: Hall, large: bool) -> None:
    desk = small_hall.browser("desk")
    page = desk.get(entered(small_hall, desk, **({"needs": "large_print"} if large else {}))).text
    offered = [size for size in ("a6", "a5", "a4", "receipt") if f"paper={size}" in page]
    assert offered == (["a4", "receipt"] if large else ["a6", "a5", "a4", "receipt"])
    assert ("Large print needs A4" in page) == large
