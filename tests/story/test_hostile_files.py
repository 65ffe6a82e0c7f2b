"""What an outsider may lay behind the address of a picture or a recording, and what becomes of it here."""

from __future__ import annotations

import gzip

import pytest
from sqlalchemy import select

from intake import schema
from tests.channels.phone.line import ACCOUNT
from tests.channels.twilio.hostile import Reply, endless, file, redirect, status
from tests.support.town import Town, reference_in

PLACE = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT.sid}/Messages/MM1/Media/ME1"
TEXT = "我们这里的路灯坏了好几盏，一片漆黑"
BOMB = b"PK\x03\x04" + gzip.compress(b"\0" * 1_000_000)

HOSTILE: dict[str, tuple[Reply, str]] = {
    # what lies there, and what the office reads about it
    "60 MB": (endless(60 * 1024 * 1024), "larger than 20 MB"),
    "60 MB, as it says": (file(b"\xff\xd8\xff", Content_Length=str(60 * 1024 * 1024)), "larger than 20 MB"),
    "zip bomb": (file(BOMB, "application/zip"), "not kept"),
    "packed on the way": (file(gzip.compress(b"\0" * 1_000_000), Content_Encoding="gzip"), "packed"),
    "into this machine": (redirect("https://127.0.0.1/staff"), "private network"),
    "a name of this machine": (redirect("https://localhost/staff"), "private network"),
    "unprotected": (redirect("http://203.0.113.9/x"), "unprotected"),
    "round and round": (redirect(PLACE.removeprefix("https://api.twilio.com")), "on and on"),
    "never there": (status(404), "answered 404"),
    "gone": (status(410), "answered 410"),
    "empty": (file(b""), "empty"),
}


def texted(town: Town, reply: Reply) -> str:
    """A text with a picture behind which ``reply`` waits; the reference. Long enough for every try."""
    town.carrier.replies["ME1"] = reply
    said = town.text(TEXT, NumMedia="1", MediaUrl0=PLACE, MediaContentType0="image/jpeg")
    for _ in range(10):
        town.wait(hours=1)
    return reference_in(said[0])


def fetched(town: Town) -> tuple[str, str]:
    """State of the one file, and why."""
    with town.system.store.read() as connection:
        row = connection.execute(select(schema.remote_file)).one()
    return row.state, row.error or ""


@pytest.mark.parametrize("case", HOSTILE)
def test_what_cannot_be_had_is_work_for_a_person(town: Town, case: str) -> None:
    reply, why = HOSTILE[case]
    reference = texted(town, reply)
    state, error = fetched(town)
    assert state == "parked"
    assert why in error
    assert town.case(reference).attention == "unfetched"
    assert not any(town.dossier(reference).attachments.values())
    town.assert_sound()


@pytest.mark.parametrize("claimed", ["image/jpeg", "audio/wav"])
def test_a_page_under_another_name_is_kept_as_what_it_is(town: Town, claimed: str) -> None:
    reference = texted(town, file(b"<!DOCTYPE html><script>alert(1)</script>", claimed))
    assert fetched(town) == ("done", "")
    [[kept]] = town.dossier(reference).attachments.values()
    assert (kept.media_type, kept.filename.rpartition(".")[2]) == ("text/html", "html")
    town.assert_sound()


def test_a_recording_that_is_none(town: Town) -> None:
    line = town.line().dial().press("1").press("1")
    recording = line.recording(seconds=4)
    town.carrier.replies[recording["RecordingSid"] + ".wav"] = endless(60 * 1024 * 1024)
    town.carrier.replies[recording["RecordingSid"]] = endless(60 * 1024 * 1024)
    line.report_recording(recording)
    line.hang_up()
    town.settle()
    (reference,) = town.references()
    assert fetched(town)[0] == "parked"
    assert town.case(reference).attention == "unfetched"
    town.assert_sound()
