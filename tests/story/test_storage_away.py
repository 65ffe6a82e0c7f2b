"""Storage that fails for long is nobody's fault: no message is set aside or lost for it."""

from __future__ import annotations

from sqlalchemy import select

from intake import schema
from tests.support import mails
from tests.support.rehearsal import Rehearsal


def test_a_broken_attachment_disk_delays_and_parks_nothing(county: Rehearsal) -> None:
    complaint = mails.letter("The lamp on the picture is broken.", subject="Street lamp")
    complaint.add_attachment(b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "image", "png", filename="lamp.png")
    place = county.folder.with_name("blobs")
    place.write_text("This is no folder, so nothing can be stored in it.")
    county.receive(complaint)
    for _ in range(12):  # longer than the attempts that a message has
        county.clock.advance(minutes=1)
        county.settle()
    with county.system.store.read() as connection:
        (row,) = connection.execute(select(schema.submission)).all()
    assert row.state == "pending"
    assert row.error.startswith("storage: ")
    assert county.references() == []
    place.unlink()
    county.clock.advance(minutes=1)
    county.settle()
    (reference,) = county.references()
    ((picture,),) = county.dossier(reference).attachments.values()
    assert (picture.filename, picture.size) == ("lamp.png", 72)
    assert county.case(reference).received_at < county.clock(), "its clock started at receipt"
    county.assert_sound()
