"""What the newer channels bring to the case page: recordings, their words, files that are not here, calls."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, update

from intake import schema
from intake.attention import CALLS, Attention
from intake.ids import new_id
from tests.web.staff.conftest import Hall

WAVE = b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 2000


def recorded(hall: Hall, **transcript: Any) -> tuple[str, str, str]:
    """A case with a recording and a row for its words; reference, submission, attachment."""
    reference = hall.mail(files={"call.wav": ("audio/wav", WAVE)})
    (file,) = hall.rows(schema.attachment)
    row = {"id": new_id(), "submission_id": file.submission_id, "attachment_id": file.id}
    row |= {"language": "zh-Hans", "state": "pending", "due_at": hall.clock(), "attempts": 0} | transcript
    with hall.running.services.store.write() as connection:
        connection.execute(insert(schema.transcript), [row])
    return reference, file.submission_id, file.id


def hide(hall: Hall, **columns: Any) -> None:
    """Change the one complainant's part in the case."""
    with hall.running.services.store.write() as connection:
        connection.execute(update(schema.participation).values(**columns))


def looks(hall: Hall) -> list[str]:
    """What was looked at."""
    return [row.what for row in hall.rows(schema.look)]


def test_a_recording_is_played_in_place_and_each_listening_is_logged(small_hall: Hall) -> None:
    reference, _, file = recorded(small_hall)
    clerk = small_hall.browser("clerk")
    page = clerk.get(f"/staff/cases/{reference}")
    assert f'<audio controls preload="none" src="/staff/attachments/{file}"' in page.text
    assert "media-src 'self'" in page.headers["Content-Security-Policy"]
    first = clerk.client.get(f"/staff/attachments/{file}", headers={"Range": "bytes=0-99"})
    kind = first.headers["Content-Type"]
    assert (first.status_code, kind, len(first.data)) == (206, "audio/wav", 100)
    rest = clerk.client.get(f"/staff/attachments/{file}", headers={"Range": "bytes=100-"})
    assert (rest.status_code, first.data + rest.data) == (206, WAVE)
    assert looks(small_hall) == ["recording"], "the pieces of one listening are one look"


@pytest.mark.parametrize("piece", ["bytes=1-", "bytes=-2000", "bytes= 0-", "bytes=44-,50-"])
def test_nobody_listens_unseen_by_asking_for_the_middle(small_hall: Hall, piece: str) -> None:
    _, _, file = recorded(small_hall)
    for name in ("clerk", "leader"):
        small_hall.browser(name).client.get(f"/staff/attachments/{file}", headers={"Range": piece})
    assert looks(small_hall) == ["recording", "recording"]


@pytest.mark.parametrize("how", ["confidential", "anonymous"])
def test_a_voice_is_for_those_who_may_know_whose_it_is(small_hall: Hall, how: str) -> None:
    reference, _, file = recorded(small_hall)
    handler = small_hall.browser("handler")
    assert handler.get(f"/staff/attachments/{file}").status_code == 200
    hide(small_hall, **{how: True})
    assert handler.get(f"/staff/attachments/{file}").status_code == 404
    page = handler.get(f"/staff/cases/{reference}").text
    assert "the office keeps the voice to itself" in page
    assert "<audio" not in page
    assert small_hall.browser("clerk").get(f"/staff/attachments/{file}").status_code == 200
    assert looks(small_hall) == ["recording", "recording"]


def test_strangers_to_the_case_hear_nothing(small_hall: Hall) -> None:
    _, _, file = recorded(small_hall)
    assert small_hall.browser("roads").get(f"/staff/attachments/{file}").status_code == 404
    assert looks(small_hall) == []


def test_staff_correct_what_a_machine_wrote_down(hall: Hall) -> None:
    reference, submission, _ = recorded(hall, state="done", engine="sample")
    clerk = hall.browser("clerk")
    assert "Written down by a machine" in clerk.get(f"/staff/cases/{reference}").text
    answer = hall.say(clerk, reference, "transcribe", submission_id=submission, text="水管漏水三天了")
    assert answer.status_code == 303
    page = clerk.get(f"/staff/cases/{reference}").text
    assert "水管漏水三天了" in page
    assert "Written down by a colleague" in page
    (row,) = hall.rows(schema.submission)
    assert row.body == "水管漏水三天了"
    empty = hall.say(clerk, reference, "transcribe", submission_id=submission, text=" ")
    assert empty.status_code == 422
    assert hall.say(clerk, reference, "transcribe", submission_id="nobody", text="x").status_code == 404


def test_a_bureau_reads_the_words_and_does_not_write_them(small_hall: Hall) -> None:
    reference, submission, _ = recorded(small_hall)
    handler = small_hall.browser("handler")
    assert "Write down what is said" not in handler.get(f"/staff/cases/{reference}").text
    answer = small_hall.say(handler, reference, "transcribe", submission_id=submission, text="x")
    assert answer.status_code == 403


def test_files_that_are_not_here_are_named_with_the_reason(small_hall: Hall) -> None:
    reference = small_hall.mail()
    (message,) = small_hall.rows(schema.submission)
    base = {"submission_id": message.id, "channel": "sms", "media_type": "image/jpeg"}
    base |= {"due_at": small_hall.clock(), "attempts": 1, "error": None}
    rows = [
        base | {"id": new_id(), "source": "a", "filename": "one.jpg", "state": "pending"},
        base | {"id": new_id(), "source": "b", "filename": "two.jpg", "state": "parked", "error": "too big"},
        base | {"id": new_id(), "source": "c", "filename": "three.jpg", "state": "done"},
    ]
    with small_hall.running.services.store.write() as connection:
        connection.execute(insert(schema.remote_file), rows)
    page = small_hall.browser("clerk").get(f"/staff/cases/{reference}").text
    assert "Still being fetched: one.jpg" in page
    assert "Could not be fetched: two.jpg" in page
    assert "too big" in page
    assert "three.jpg" not in page


@pytest.mark.parametrize("kind", list(Attention))
def test_each_call_says_what_must_be_done(small_hall: Hall, kind: Attention) -> None:
    reference = small_hall.mail()
    now = small_hall.clock()
    small_hall.put(reference, attention=str(kind), attention_since=now, action="look", responsible="office")
    clerk = small_hall.browser("clerk")
    tab = "returned" if kind is Attention.RETURNED else "look"
    listed = clerk.get(f"/staff?tab={tab}").text
    assert CALLS[kind].name.en in listed
    assert CALLS[kind].duty.en in listed
    assert f"the office must {CALLS[kind].duty.en}" in clerk.get(f"/staff/cases/{reference}").text
    chinese = clerk.client.get(f"/staff/cases/{reference}?lang=zh-Hans").text
    assert CALLS[kind].duty.zh in chinese
    assert "verb-attend" in chinese or kind is Attention.RETURNED


def test_who_left_no_name_is_anonymous_and_not_protected(small_hall: Hall) -> None:
    reference = small_hall.form(text="水管漏水", anonymous=True)
    page = small_hall.browser("clerk").get(f"/staff/cases/{reference}").text
    assert ">Anonymous<" in page
    assert "Identity protected" not in page


def test_who_left_a_way_to_reply_is_both(small_hall: Hall) -> None:
    reference = small_hall.form(text="水管漏水", anonymous=True, email="bao@citizen.example")
    page = small_hall.browser("clerk").get(f"/staff/cases/{reference}").text
    assert ">Anonymous<" in page
    assert "Identity protected" in page


def test_what_nobody_wrote_down_is_not_called_a_machines_words(small_hall: Hall) -> None:
    reference, _, _ = recorded(small_hall, state="done", engine=None)
    page = small_hall.browser("clerk").get(f"/staff/cases/{reference}").text
    assert "录音还没有人听写" in page or "Nobody has written the recording down yet" in page
    assert "机器听写" not in page
    assert "Written down by a machine" not in page
