"""Files on the case page: pictures and papers shown made anew, films played, viruses kept locked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from intake import schema
from intake.files.inspection import InspectionWorker
from intake.looks import looks_at
from tests.intake.files import samples
from tests.support.county import PlainChaser, SmallDirectory, WordRouter
from tests.web.staff.conftest import Hall
from web.app import create_app

Image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
FILM = b"\0\0\0\x18ftypmp42" + b"\0" * 3000


@contextmanager
def inspecting(hall: Hall, folder: Path) -> Iterator[InspectionWorker]:
    """A worker over the hall's own store and storage."""
    from channels.table import way_back
    from intake.desk import Policies

    services = hall.running.services
    policies = Policies(WordRouter(), PlainChaser(), SmallDirectory(), way_back)
    worker = InspectionWorker(
        services.store, services.blobs, policies, hall.clock, "inspector", scratch=folder
    )
    yield worker
    worker.close()


@pytest.fixture
def inspected(small_hall: Hall, tmp_path: Path) -> Callable[..., tuple[str, Any]]:
    """Sends a mail with one file and lets it be inspected; the case's reference and the attachment's row."""

    def send(name: str, kind: str, content: bytes) -> tuple[str, Any]:
        reference = small_hall.mail(files={name: (kind, content)})
        with inspecting(small_hall, tmp_path) as worker:
            while worker.work():
                continue
        (row,) = small_hall.rows(schema.attachment)
        return reference, row

    return send


def photo() -> bytes:
    """A photograph that knows where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Maker of telephones"
    out = BytesIO()
    Image.new("RGB", (400, 300), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_photo_is_shown_anew_and_kept_as_it_came(small_hall: Hall, inspected: Any) -> None:
    reference, row = inspected("photo.jpg", "image/jpeg", photo())
    clerk = small_hall.browser("clerk")
    page = clerk.get(f"/staff/cases/{reference}").text
    assert f'src="/staff/attachments/{row.id}/pages/1"' in page
    shown = clerk.get(f"/staff/attachments/{row.id}/pages/1")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert b"Maker" not in shown.data
    original = clerk.get(f"/staff/attachments/{row.id}?download=1")
    assert original.data == photo()
    assert original.headers["Content-Disposition"].startswith("attachment")
    for number in (0, 2, 99999999):
        assert clerk.get(f"/staff/attachments/{row.id}/pages/{number}").status_code == 404


def test_every_page_of_a_paper_is_a_picture(small_hall: Hall, inspected: Any) -> None:
    pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
    reference, row = inspected("letter.pdf", "application/pdf", samples.pdf(3, catalog=samples.SCRIPT))
    clerk = small_hall.browser("clerk")
    page = clerk.get(f"/staff/cases/{reference}").text
    assert page.count(f"/staff/attachments/{row.id}/pages/3") == 1
    assert "only pictures of its pages are shown" in page or "只显示各页的图片" in page
    assert clerk.get(f"/staff/attachments/{row.id}/pages/3").status_code == 200


def test_a_film_is_played_in_pieces(small_hall: Hall, inspected: Any) -> None:
    reference, row = inspected("film.bin", "application/octet-stream", FILM)
    clerk = small_hall.browser("clerk")
    assert (
        f'<video controls preload="none" src="/staff/attachments/{row.id}"'
        in clerk.get(f"/staff/cases/{reference}").text
    )
    piece = clerk.client.get(f"/staff/attachments/{row.id}", headers={"Range": "bytes=100-199"})
    assert (piece.status_code, piece.mimetype, piece.data) == (206, "video/mp4", FILM[100:200])
    assert piece.headers["Content-Range"] == f"bytes 100-199/{len(FILM)}"
    beyond = clerk.client.get(f"/staff/attachments/{row.id}", headers={"Range": "bytes=9999999-"})
    assert beyond.status_code == 416


def test_a_recording_by_another_name_is_still_a_voice(small_hall: Hall, inspected: Any) -> None:
    """The content tells that it is a voice; its sender's word "octet-stream" does not open it to a bureau."""
    _, row = inspected("notes.bin", "application/octet-stream", b"RIFF\x24\0\0\0WAVEfmt " + bytes(500))
    with small_hall.running.services.store.write() as connection:
        connection.execute(update(schema.participation).values(confidential=True))
    assert small_hall.browser("handler").get(f"/staff/attachments/{row.id}").status_code == 404
    assert small_hall.browser("clerk").get(f"/staff/attachments/{row.id}").status_code == 200
    services = small_hall.running.services
    (case,) = small_hall.rows(schema.complaint)
    assert [look.what for look in looks_at(services.store, case.id)] == ["recording"]


@pytest.mark.parametrize(
    ("content", "english", "chinese"),
    [
        (samples.zipped(), "an archive with other files inside", "这是压缩包"),
        (samples.png(30_000, 30_000), "larger than any camera takes", "大得不像照片"),
        (samples.ENCRYPTED, "Locked with a password", "文件设有密码"),
    ],
)
def test_what_is_not_shown_says_why_in_both_languages(
    small_hall: Hall, inspected: Any, content: bytes, english: str, chinese: str
) -> None:
    reference, row = inspected("letter.pdf", "application/pdf", content)
    clerk = small_hall.browser("clerk")
    pages = [clerk.get(f"/staff/cases/{reference}?lang={language}").text for language in ("en", "zh-Hans")]
    assert english in pages[0]
    assert chinese in pages[1]
    assert all('<img class="thumb"' not in page for page in pages)
    assert clerk.get(f"/staff/attachments/{row.id}/pages/1").status_code == 404
    assert clerk.get(f"/staff/attachments/{row.id}?download=1").data == content


def test_a_virus_is_never_handed_out(small_hall: Hall, inspected: Any) -> None:
    reference, row = inspected("photo.jpg", "image/jpeg", photo())
    infected = {"verdict": "infected", "reason": "virus", "preview_sha256": None, "scanned_by": "ClamAV"}
    with small_hall.running.services.store.write() as connection:
        connection.execute(update(schema.inspection).values(**infected))
    clerk = small_hall.browser("clerk")
    assert "?download=1" not in clerk.get(f"/staff/cases/{reference}").text
    for path in ("", "?download=1"):
        assert clerk.get(f"/staff/attachments/{row.id}{path}").status_code == 403
    assert clerk.get(f"/staff/attachments/{row.id}/pages/1").status_code == 404


def test_where_a_scanner_is_set_the_original_waits_for_it_and_the_preview_does_not(
    small_hall: Hall, inspected: Any
) -> None:
    _, row = inspected("photo.jpg", "image/jpeg", photo())
    scanned = replace(small_hall.running.services, scans=True)
    hall = replace(small_hall, app=create_app(scanned))
    clerk = hall.browser("clerk")
    assert clerk.get(f"/staff/attachments/{row.id}?download=1").status_code == 403
    assert clerk.get(f"/staff/attachments/{row.id}/pages/1").status_code == 200
    with scanned.store.write() as connection:
        connection.execute(update(schema.inspection).values(scanned_by="ClamAV 1.4"))
    assert clerk.get(f"/staff/attachments/{row.id}?download=1").status_code == 200
