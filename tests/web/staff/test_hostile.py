"""What strangers send is shown as text and handed out as files; nothing of it runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import schema
from tests.web.staff.conftest import Hall
from web.staff.files import content_disposition

SCRIPT = "<script>alert(1)</script>"
IMAGE = "\"><img src=x onerror=alert(1)>'"


def test_markup_in_every_text_is_text(hall: Hall) -> None:
    reference = hall.mail(
        f"{SCRIPT} subject",
        f"{IMAGE} 供水公司 {SCRIPT}\n\n> {SCRIPT} quoted",
        files={f"{SCRIPT}.html": ("text/html", SCRIPT.encode()), f"{IMAGE}.png": ("image/png", b"x")},
    )
    clerk = hall.browser("clerk")
    hall.say(clerk, reference, "note", text=f"{SCRIPT} note")
    hall.say(clerk, reference, "answer", text=f"{IMAGE} answer")
    pages = [
        clerk.get(f"/staff/cases/{reference}"),
        clerk.post(f"/staff/cases/{reference}/look"),
        clerk.get("/staff?tab=all"),
        clerk.get(f"/staff?q={SCRIPT}"),
        clerk.get("/staff?tab=" + SCRIPT),
        hall.say(clerk, reference, "note", text=f" {IMAGE}", version=0),
    ]
    for page in pages:
        assert SCRIPT not in page.text
        assert "<img src=x" not in page.text
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; note" in pages[0].text


def test_files_cannot_run(hall: Hall) -> None:
    files = {
        "page.html": ("text/html", SCRIPT.encode()),
        "drawing.svg": ("image/svg+xml", b"<svg onload='alert(1)'/>"),
        "photo.png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    }
    hall.mail(files=files)
    clerk = hall.browser("clerk")
    for row in hall.rows(schema.attachment):
        answer = clerk.get(f"/staff/attachments/{row.id}")
        headers = answer.headers
        assert answer.data == files[row.filename][1]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["Content-Disposition"].startswith("attachment")
        assert answer.mimetype == "application/octet-stream", "pictures are shown written anew, never as sent"
        download = clerk.get(f"/staff/attachments/{row.id}?download=1")
        assert download.headers["Content-Disposition"].startswith("attachment")
    assert clerk.get(f"/staff/attachments/{'0' * 32}").status_code == 404
    assert clerk.get("/staff/attachments/..%2f..%2fetc").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        'a"; filename=evil.exe',
        "a\r\nSet-Cookie: x=1",
        "../../etc/passwd",
        "证明.pdf",
        "\u202egpj.exe",
        "",
        ". .",
    ],
)
def test_hostile_names_stay_inside_their_header(small_hall: Hall, name: str) -> None:
    small_hall.mail(files={"x.bin": ("application/octet-stream", b"x")})
    (row,) = small_hall.rows(schema.attachment)
    with small_hall.running.services.store.write() as connection:
        connection.execute(schema.attachment.update().values(filename=name))
    answer = small_hall.browser("clerk").get(f"/staff/attachments/{row.id}")
    assert answer.status_code == 200
    header = answer.headers["Content-Disposition"]
    assert header.count('"') == 2
    assert "Set-Cookie" not in answer.headers or "x=1" not in answer.headers["Set-Cookie"]


@given(st.text())
def test_any_name_makes_one_clean_header(name: str) -> None:
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert header.startswith('attachment; filename="')
    assert '""' not in header


@pytest.mark.parametrize(
    "path",
    [
        "/staff?cursor=x&tab=late",
        "/staff?cursor=2026-01-01T00:00:00~9&tab=late",
        "/staff?cursor=2026-01-01T00:00:00%2B00:00~99999999999999999999999&tab=late",
        "/staff?tab=all&cursor=999999999999999999999",
        "/staff?tab=all&cursor=²",
        "/staff?tab=all&state=nonsense&bureau=%00&channel=%00",
        "/staff?q=%00%ed%a0%80",
        "/staff?q=" + "a" * 5000,
        "/staff?q=\"'%20OR%201=1%20--%20*%20(",
        "/staff/parked?cursor=%00",
    ],
)
def test_strange_addresses_get_a_page(hall: Hall, path: str) -> None:
    assert hall.browser("clerk").get(path).status_code == 200
