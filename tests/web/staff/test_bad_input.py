"""What no browser sends of itself: characters and cursors that a database refuses. Never a 500."""

from __future__ import annotations

import pytest

from intake import schema
from tests.web.staff.conftest import Hall

NUL = "a\0b"
CURSORS = (
    "0001-01-01T00:00:00+23:59~1",
    "9999-12-31T23:59:59-23:59~1",
    "999999999999999999",
    "9" * 99,
    "%00",
    "～",
)


@pytest.mark.parametrize("cursor", CURSORS)
def test_a_cursor_nobody_gave_out_starts_anew(hall: Hall, cursor: str) -> None:
    reference = hall.mail()
    clerk, handler = hall.browser("clerk"), hall.browser("handler")
    for tab in ("tab=late", "tab=look", "tab=all", "q=停水"):
        assert clerk.get(f"/staff?{tab}&cursor={cursor}").status_code == 200
        assert handler.get(f"/bureau?{tab}&cursor={cursor}").status_code == 200
    assert clerk.get(f"/staff/parked?cursor={cursor}").status_code == 200
    assert reference in clerk.get("/staff?tab=all").text


def test_nul_in_an_address_is_no_page(hall: Hall) -> None:
    clerk = hall.browser("clerk")
    for path in ("/staff/submissions/%00/raw", "/staff/attachments/%00", "/rate/%00", "/staff/cases/%00"):
        assert clerk.get(path).status_code == 404, path


def test_nul_in_a_form_is_left_out(hall: Hall) -> None:
    reference = hall.mail()
    clerk, admin = hall.browser("clerk"), hall.browser("admin")
    assert hall.browser().sign_in(NUL).status_code == 401
    assert hall.say(clerk, reference, "classify", category=NUL, urgency="urgent").status_code == 303
    assert hall.case(reference).category == "ab"
    named = {"username": "nul", "role": "clerk", "name": NUL}
    assert admin.post("/staff/users", named).status_code == 200
    hall.put(reference, state="closed")
    (part,) = hall.rows(schema.participation)
    rating = {"value": "satisfied", "text": NUL}
    assert hall.browser().post(f"/rate/{part.token}", rating).status_code == 303
    assert hall.case(reference).feedback_text == "ab"


def test_a_form_whose_session_has_gone_shows_what_was_typed(small_hall: Hall) -> None:
    reference, clerk = small_hall.mail(), small_hall.browser("clerk")
    answer = clerk.post(f"/staff/cases/{reference}/answer", {"text": "<b>An hour's work"}, token=False)
    assert answer.status_code == 400
    assert "&lt;b&gt;An hour&#39;s work" in answer.text


def test_a_password_is_as_long_as_what_is_compared(small_hall: Hall) -> None:
    clerk = small_hall.browser("clerk")
    for length, status in ((1001, 422), (1000, 303)):
        changed = clerk.post("/staff/account", {"old": "correct horse battery", "new": "x" * length})
        assert changed.status_code == status
    assert small_hall.browser().sign_in("clerk", "x" * 1000).status_code == 303
