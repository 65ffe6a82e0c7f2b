"""Asking how a case stands, rating it, asking for a person."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from channels.phone import reading
from channels.wording.speech import Speech
from intake import schema
from intake.contracts import Contact, UnreadableSubmission
from intake.lifecycle import Role
from intake.people import Actor
from intake.references import number_from, reference_of
from intake.verbs import Accept, Answer, Assign, Close
from tests.channels.phone.conftest import PERSON, CalledCounty, a_day
from tests.channels.phone.line import ACCOUNT, CALLER
from web.app import create_app

STRANGER = "+12025550177"
CLERK = Actor(Role.LEADER, "l1", "主任")
LANGUAGES = ("zh-Hans", "yue", "en")


def complained(county: CalledCounty, caller: str = CALLER) -> tuple[str, str]:
    """A case that this number complained about; its reference and code."""
    line = county.speaking("en", caller).press("1").speak()
    line.hang_up()
    county.running.register()
    row = county.submissions()[-1]
    return reference_of(row.reserved_number), row.reserved_code


def digits(reference: str) -> str:
    return reference.replace("-", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_cases_are_read_at_once(county: CalledCounty, language: str) -> None:
    reference, _code = complained(county)
    line = county.speaking(language).press("2")
    assert line.at == "told"
    assert Speech(language).digits(reference.split("-")[1]) in line.heard


def test_the_answer_is_read_out(light: CalledCounty) -> None:
    reference, _code = complained(light)
    office = light.running.services.office
    for verb in (Assign("roads"), Accept(), Answer("路已经修好了。" * 900)):
        office.perform(reference, CLERK, verb)
    line = light.speaking("zh-Hans").press("2")
    assert line.heard.count("路已经修好了。") == 900  # nothing is cut, no sentence longer than allowed


def test_a_stranger_needs_reference_and_code(county: CalledCounty) -> None:
    reference, code = complained(county)
    line = county.speaking("en", STRANGER).press("2")
    assert line.at == "reference"
    assert line.press(digits(reference)).at == "code"
    assert line.press(code).at == "told"
    assert Speech("en").digits(reference.split("-")[1]) in line.heard


def test_a_slip_of_a_digit_is_said_kindly_and_three_end_the_call(light: CalledCounty) -> None:
    reference, _code = complained(light)
    typed = digits(reference)
    wrong = typed[:-1] + str((int(typed[-1]) + 1) % 10)
    line = light.speaking("en", STRANGER).press("2")
    for _ in range(2):
        assert "does not seem right" in line.press(wrong).heard
        assert line.at == "reference"
    assert line.press(wrong).over


def test_wrong_reference_and_wrong_code_sound_the_same(light: CalledCounty) -> None:
    reference, code = complained(light)
    nobodys = reference_of(number_from(reference) + 7)
    heard = []
    for typed, key in ((reference, f"{(int(code) + 1) % 10**6:06d}"), (nobodys, code)):
        line = light.speaking("en", STRANGER).press("2").press(digits(typed))
        assert line.at == "code"
        heard.append((line.heard, line.press(key).heard))
    assert heard[0] == heard[1]
    assert "do not fit" in heard[0][1]


def test_guessing_is_slowed_down(light: CalledCounty) -> None:
    reference, code = complained(light)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for number in range(3):
        light.speaking("en", f"+1202555018{number}").press("2").press(digits(reference)).press(wrong)
    line = light.speaking("en", STRANGER).press("2").press(digits(reference)).press(code)
    assert "tried too often" in line.heard
    assert line.at == "menu"


def test_a_hidden_number_has_no_own_cases(light: CalledCounty) -> None:
    complained(light)
    assert light.speaking("en", "anonymous").press("2").at == "reference"
    assert light.speaking("en", "+266696687").press("2").at == "reference"  # ANONYMOUS on the keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_closed_case_is_rated(county: CalledCounty, language: str) -> None:
    """A fresh case is asked for its rating by reference; whoever rates may say a sentence."""
    reference, _code = complained(county)
    office = county.running.services.office
    for verb in (Assign("roads"), Accept(), Answer("路已经修好了。")):
        office.perform(reference, CLERK, verb)
    _let_the_answer_arrive(county)
    office.perform(reference, CLERK, Close("resolved"))
    line = county.speaking(language).press("3")
    assert line.at == "rating"
    assert line.press("3").at == "remark"
    assert line.speak(5).at == "rated"
    with county.store.read() as connection:
        row = connection.execute(select(schema.complaint)).one()
    assert (row.feedback, row.attention) == ("dissatisfied", "dissatisfied")
    county.running.register()
    rows = county.submissions()
    assert [row.complaint_id for row in rows] == [rows[0].complaint_id] * 2
    assert county.speaking(language).press("3").at == "reference"  # nothing more to rate


def _let_the_answer_arrive(county: CalledCounty) -> None:
    o = schema.outbox
    with county.store.write() as connection:
        connection.execute(o.update().values(state="delivered"))


def test_an_open_case_is_not_rated(light: CalledCounty) -> None:
    reference, code = complained(light)
    line = light.speaking("en").press("3").press(digits(reference))
    assert "not closed yet" in line.heard
    stranger = light.speaking("en", STRANGER).press("3").press(digits(reference)).press(code)
    assert "not closed yet" in stranger.heard


# ---------------------------------------------------------------- a person


def test_the_office_is_rung_during_its_hours(light: CalledCounty) -> None:
    line = light.speaking("en").press("0")
    dialled = line.tree.find("Dial")
    assert dialled is not None
    assert dialled.text == PERSON
    line.step(line.attribute("Dial", "action"), DialCallStatus="completed")
    assert line.over
    assert light.submissions() == []


@pytest.mark.parametrize(
    ("now", "spoken_zh"),
    [
        (a_day(2026, 3, 2, 20), "3月3日星期二上午9点"),  # Monday evening
        (a_day(2026, 3, 3, 0, 30), "3月3日星期二上午9点"),  # the same night, after midnight
        (a_day(2026, 3, 2, 13), "3月3日星期二上午9点"),  # the lunch break
        (a_day(2026, 3, 6, 18), "3月9日星期一上午9点"),  # Friday evening
        (a_day(2026, 3, 7, 10), "3月9日星期一上午9点"),  # Saturday
    ],
)
def test_after_hours_a_call_back_is_promised(light: CalledCounty, now: object, spoken_zh: str) -> None:
    light.clock.set(now)  # type: ignore[arg-type]
    line = light.speaking("zh-Hans").press("0")
    assert spoken_zh in line.heard
    assert line.over
    (row,) = light.submissions()
    read = reading.read(row.content, {})
    assert read.attention == "call_back"
    assert read.contacts == (Contact("phone", CALLER, verified=True),)


def test_nobody_picks_up(county: CalledCounty) -> None:
    line = county.speaking("yue").press("0")
    line.step(line.attribute("Dial", "action"), DialCallStatus="no-answer")
    assert "3月3號星期二朝早9點" in line.heard
    assert len(county.submissions()) == 1


def test_a_call_back_joins_the_open_case(light: CalledCounty) -> None:
    complained(light)
    light.clock.set(a_day(2026, 3, 2, 20))
    light.speaking("en").press("0")
    light.running.register()
    rows = light.submissions()
    assert rows[0].complaint_id == rows[1].complaint_id


@pytest.mark.parametrize("caller", ["anonymous", "+266696687", "", "sip:a@b.example", ACCOUNT.number])
def test_a_hidden_number_is_promised_nothing(light: CalledCounty, caller: str) -> None:
    light.clock.set(a_day(2026, 3, 2, 20))
    line = light.speaking("en", caller).press("0")
    assert "hidden" in line.heard
    assert line.at == "menu"
    assert light.submissions() == []


def test_an_office_without_a_telephone_is_open_all_the_same(light: CalledCounty) -> None:
    light.app = create_app(
        replace(light.running.services, twilio=ACCOUNT, exchange=replace(light.exchange, person=""))
    )
    line = light.speaking("en").press("0")
    assert "nobody can take your call" in line.heard
    assert "Nobody is in the office" not in line.heard


# ---------------------------------------------------------------- the reader


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"kind":"complaint"}',
        b'{"kind":"complaint","recording":{"sid":"RE1","url":"x","seconds":"1"}}',
        b'{"kind":"complaint","recording":{"sid":"RE1","url":"http://x \\ud800","seconds":1}}',
        b'{"kind":"complaint","recording":{"sid":"RE\\u0000","url":"http://x","seconds":1}}',
        b'{"kind":"call_back"}',
        b'{"kind":"call_back","back_at":"soon"}',
        b"[" * 70_000,
        b"[" * 30_000,
    ],
)
def test_what_no_call_left_is_parked(raw: bytes) -> None:
    with pytest.raises(UnreadableSubmission):
        reading.read(raw, {})


def test_a_forged_sender_is_no_contact() -> None:
    said = {"kind": "call_back", "back_at": "2026-03-03T09:00:00+08:00", "from": "nobody", "language": "en"}
    assert reading.read(json.dumps(said).encode(), {}).contacts == ()
