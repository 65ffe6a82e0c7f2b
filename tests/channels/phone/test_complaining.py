"""Calling to complain: heard at once, kept whatever happens, and told the reference."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from channels.phone import reading
from channels.phone.switchboard import missed
from channels.wording.speech import Speech
from intake import schema
from intake.contracts import StorageUnavailable, Submission
from intake.fetching import _language
from intake.tracking import Tracking
from tests.channels.phone.conftest import CalledCounty
from tests.channels.phone.line import CALLER
from tests.channels.phone.test_asking import complained, digits

LANGUAGES = ("zh-Hans", "yue", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_complaint_is_kept_and_its_reference_said_twice(county: CalledCounty, language: str) -> None:
    line = county.speaking(language)
    assert line.at == "menu"
    assert line.press("1").at == "complain"
    line.speak(42)
    (row,) = county.submissions()
    reference = f"{row.reserved_number // 10**8:02d}-{row.reserved_number % 10**8:06d}"
    assert line.heard.count(Speech(language).digits(reference.split("-")[1])) == 2
    assert line.heard.count(Speech(language).digits(row.reserved_code)) == 2
    assert line.at == "kept"
    read = reading.read(row.content, {})
    assert read.contacts[0].value == CALLER
    assert (read.confidential, read.anonymous) == (True, False)
    assert "42" in read.body
    assert read.remote[0].source.endswith(f"/Recordings/{row.external_id}.wav")
    county.running.register()
    with county.store.read() as connection:
        assert connection.execute(select(schema.complaint.c.channel)).scalar_one() == "phone"


def test_the_language_is_asked_once_and_remembered(county: CalledCounty) -> None:
    county.speaking("yue").hang_up()
    line = county.line().dial()
    assert line.at == "menu"
    assert "要投訴" in line.heard
    assert line.press("*").at == "language"
    assert "complaint" in line.press("3").heard
    assert "complaint" in county.line().dial().heard


def test_hanging_up_in_the_middle_keeps_what_was_said_once(county: CalledCounty) -> None:
    line = county.speaking("en").press("1")
    fields = line.recording()
    record = line.last
    line.step(line.attribute("Record", "action"), Digits="hangup", **fields)
    assert line.over
    line.last = record
    line.report_recording(fields)
    assert line.status == 200
    line.hang_up()
    assert len(county.submissions()) == 1


def test_only_the_report_comes(county: CalledCounty) -> None:
    line = county.speaking("yue").press("1")
    line.report_recording(line.recording())
    line.hang_up()
    (row,) = county.submissions()
    said = json.loads(row.content)
    assert (said["from"], said["language"], row.reserved_number is not None) == (CALLER, "yue", True)


def test_both_reports_make_the_same_raw_message(county: CalledCounty) -> None:
    texts = []
    for way in ("step", "report"):
        line = county.speaking("en").press("1")
        fields = line.recording(sid=f"RE{way}")
        if way == "step":
            line.step(line.attribute("Record", "action"), Digits="#", **fields)
        else:
            line.report_recording(fields)
        said = json.loads(county.submissions()[-1].content)
        texts.append({name: said[name] for name in ("kind", "from", "language")})
    assert texts[0] == texts[1]


def test_a_long_complaint_goes_on_in_pieces_of_one_case(county: CalledCounty) -> None:
    line = county.speaking("en").press("1").speak(600)
    assert line.at == "complain"
    line.speak(30)
    assert line.at == "kept"
    line.press("1").speak(12)  # and something more
    county.running.register()
    rows = county.submissions()
    assert len(rows) == 3
    assert len({row.complaint_id for row in rows}) == 1
    assert [row.reserved_number is not None for row in rows] == [True, False, False]


def test_another_complaint_in_the_same_call_is_another_case(county: CalledCounty) -> None:
    line = county.speaking("en").press("1").speak().press("9").press("1").speak()
    assert line.at == "kept"
    county.running.register()
    assert len({row.complaint_id for row in county.submissions()}) == 2


def test_silence_is_said_so_twice_and_ends(light: CalledCounty) -> None:
    line = light.speaking("en").press("1")
    for _ in range(2):
        assert "did not hear" in line.silence().heard
        assert line.at == "complain"
    assert line.silence().over
    assert light.submissions() == []


def test_a_hidden_number_complains_without_a_name(light: CalledCounty) -> None:
    line = light.speaking("en", caller="anonymous").press("1").speak()
    assert "write down" in line.heard
    read = reading.read(light.submissions()[0].content, {})
    assert (read.contacts, read.anonymous) == ((), True)


def test_a_hidden_caller_finds_the_answer_with_reference_and_code(light: CalledCounty) -> None:
    reference, code = complained(light, "anonymous")
    light.running.register()
    found = Tracking(light.store).by_code(reference, code)
    assert found is not None
    assert found.case is not None  # no longer "being registered"
    line = light.speaking("en", "anonymous").press("2").press(digits(reference)).press(code)
    assert "We received it on" in line.heard


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_recording_is_written_down_in_the_language_it_is_spoken_in(
    light: CalledCounty, language: str
) -> None:
    light.speaking(language).press("1").speak()
    light.running.register()
    with light.store.read() as connection:
        assert _language(connection, light.submissions()[0].id) == language


def test_a_first_call_is_greeted_by_name(light: CalledCounty) -> None:
    assert "Sample County Complaint Centre" in light.line().dial().press("3").heard


def test_a_landline_is_not_promised_a_text(light: CalledCounty) -> None:
    assert "write down" in light.speaking("en", caller="+862085550123").press("1").speak().heard


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_kept_is_not_said_to_be(
    light: CalledCounty, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = light.speaking(language).press("1")

    def refuse(submission: Submission, timeout: float = 30.0) -> None:
        raise StorageUnavailable("the disk is full")

    monkeypatch.setattr(light.exchange.inbox, "accept", refuse)
    fields, record = line.recording(), line.last
    line.step(line.attribute("Record", "action"), Digits="#", **fields)
    assert (line.status, line.over) == (200, True)
    assert "has not been kept" in line.heard
    assert "还没能记下" in line.heard
    line.last = record
    line.report_recording(fields)
    assert line.status == 503
    monkeypatch.undo()
    line.speak(sid=fields["RecordingSid"])  # the same step, once storage is back
    assert line.at == "kept"
    assert len(light.submissions()) == 1


def test_the_providers_transcript_is_handed_on(light: CalledCounty) -> None:
    line = light.speaking("en").press("1")
    address = line.attribute("Record", "transcribeCallback")
    fields = {"TranscriptionText": "The bus did not stop.", "TranscriptionStatus": "completed"}
    line.post(address, RecordingSid="RE1", RecordingUrl="https://api.twilio.com/RE1", **fields)
    assert light.dictated == [("RE1", "The bus did not stop.", "twilio")]
    assert light.speaking("yue").press("1").attribute("Record", "transcribe") == ""


def test_a_recording_of_a_call_that_began_while_storage_was_away(light: CalledCounty) -> None:
    line = light.line()
    line.step("/webhooks/twilio/voice?step=complain&turn=3", Digits="#", **line.recording())
    assert line.at == "language"
    assert len(light.submissions()) == 1


def test_a_recording_that_no_report_told_of(light: CalledCounty) -> None:
    line = light.speaking("yue").press("1")
    ends = {"From": CALLER, "To": "+12025550118", "Direction": "inbound", "CallSid": line.sid}
    fields = line.recording()
    found = missed(light.exchange.calls, ends | fields, light.clock())
    assert found is not None
    light.exchange.inbox.accept(found)
    line.step(line.attribute("Record", "action"), Digits="#", **fields)  # the report comes after all
    (row,) = light.submissions()
    assert json.loads(row.content)["language"] == "yue"
    assert row.reserved_number is not None
    assert missed(light.exchange.calls, ends, light.clock()) is None
    assert missed(light.exchange.calls, fields, light.clock()) is None
