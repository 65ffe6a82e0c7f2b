"""Who gets in: the guard over every address, signing in and out, what a cookie is worth."""

from __future__ import annotations

import re

import pytest

from intake import schema
from intake.lifecycle import BUREAU, Role
from tests.web.staff.conftest import PASSWORD, Hall
from web.staff.access import ACCESS, IDLE_SECONDS, PUBLIC, STAFF

OPEN_TO_ALL = re.compile(
    r"api\.(index|openapi|nowhere)|citizen\..*|health\..*|static|staff\.sign_in|telegram_webhook\..*|twilio_\w+\..*"
)
"""Endpoints that need no sign-in; citizens' pages ask for a code of their own."""
BEARER = re.compile(r"api\..*")
KIOSK = re.compile(r"kiosk\..*")
"""Open to a tablet that the desk handed over, and to nobody else; there is no person to sign in."""


def filled(rule: str) -> str:
    return re.sub(r"<[^>]+>", "0" * 32, rule)


def test_every_address_asks_who_is_there(small_hall: Hall) -> None:
    stranger = small_hall.browser()
    token = stranger.token()
    asked = 0
    for rule in small_hall.app.url_map.iter_rules():
        if OPEN_TO_ALL.fullmatch(rule.endpoint):
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            data = {"csrf_token": token} if method == "POST" else None
            answer = stranger.client.open(filled(rule.rule), method=method, data=data)
            if BEARER.fullmatch(rule.endpoint):  # 405: the address exists, the method does nothing at all
                assert answer.status_code in (401, 405), rule
            elif KIOSK.fullmatch(rule.endpoint):
                assert answer.status_code == 403, rule
            else:
                assert answer.status_code == 303, rule
                assert answer.headers["Location"].startswith("/staff/login"), rule
            asked += 1
    assert asked >= len(ACCESS) - 1


GUARDED = ("staff", "printing", "letters")


def test_the_table_names_every_page_and_nothing_else(small_hall: Hall) -> None:
    pages = {
        rule.endpoint
        for rule in small_hall.app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in GUARDED
    }
    assert pages == set(ACCESS)
    assert {page for page, who in ACCESS.items() if who is PUBLIC} == {"staff.sign_in"}


@pytest.mark.parametrize("role", sorted(STAFF))
def test_pages_open_to_the_roles_of_the_table(small_hall: Hall, role: Role) -> None:
    browser = small_hall.browser(role)
    for endpoint, path in {
        "staff.worklist": "/staff",
        "staff.parked": "/staff/parked",
        "staff.bureau_worklist": "/bureau",
        "staff.users": "/staff/users",
        "staff.account": "/staff/account",
    }.items():
        status = browser.get(path).status_code
        assert (status == 200) == (role in ACCESS[endpoint]), (path, status)


def test_each_lands_where_their_work_is(small_hall: Hall) -> None:
    for role in STAFF:
        landed = small_hall.browser().sign_in(role).headers["Location"]
        assert landed == ("/bureau" if role in BUREAU else "/staff")
        assert small_hall.browser(role).get(landed).status_code == 200
    assert small_hall.browser("handler").get("/staff").headers["Location"] == "/bureau"
    assert small_hall.browser("clerk").get("/bureau").headers["Location"] == "/staff"


def test_signing_in_leads_back_and_never_away(small_hall: Hall) -> None:
    there = small_hall.browser().get("/staff/cases/26-000001-9?x=1").headers["Location"]
    assert there == "/staff/login?next=/staff/cases/26-000001-9?x%3D1"
    back = small_hall.browser().sign_in("clerk", onward="?next=/staff/parked")
    assert back.headers["Location"] == "/staff/parked"
    for trap in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        assert small_hall.browser().sign_in("clerk", onward=f"?next={trap}").headers["Location"] == "/staff"


def test_wrong_passwords_are_slowed_down_and_tell_nothing(hall: Hall) -> None:
    browser = hall.browser()
    known = browser.sign_in("clerk", "wrong password")
    unknown = browser.sign_in("nobody", "wrong password")
    assert known.status_code == unknown.status_code == 401
    assert "User name or password is wrong" in known.text
    for _attempt in range(9):
        browser.sign_in("clerk", "wrong password")
    throttled = browser.sign_in("clerk", PASSWORD)
    assert throttled.status_code == 429
    assert "quarter of an hour" in throttled.text
    hall.clock.advance(minutes=16)
    assert browser.sign_in("clerk", PASSWORD).status_code == 303


def test_a_planted_session_does_not_survive_signing_in(small_hall: Hall) -> None:
    browser = small_hall.browser()
    with browser.client.session_transaction() as planted:
        planted["staff"], planted["left"] = "someone", "behind"
    browser.sign_in("clerk")
    with browser.client.session_transaction() as session:
        assert session["staff"] == small_hall.people["clerk"]
        assert "left" not in session


def test_signing_out_makes_copied_cookies_worthless(hall: Hall) -> None:
    browser = hall.browser("clerk")
    copied = browser.client.get_cookie("huiyin")
    assert copied is not None
    assert copied.http_only
    assert copied.same_site == "Lax"
    assert browser.get("/staff/logout").status_code == 405
    assert browser.post("/staff/logout").headers["Location"] == "/staff/login"
    browser.client.set_cookie("huiyin", copied.value)
    assert browser.get("/staff").status_code == 303


def test_idle_for_eight_hours(small_hall: Hall) -> None:
    browser = small_hall.browser("clerk")
    for _hour in range(3):
        small_hall.clock.advance(seconds=IDLE_SECONDS - 1)
        assert browser.get("/staff").status_code == 200
    small_hall.clock.advance(seconds=IDLE_SECONDS + 1)
    assert browser.get("/staff").status_code == 303


def test_a_disabled_account_is_out_at_once(hall: Hall) -> None:
    clerk, admin = hall.browser("clerk"), hall.browser("admin")
    page = f"/staff/users/{hall.people['clerk']}"
    assert admin.post(page, {"do": "disable"}).status_code == 303
    assert clerk.get("/staff").status_code == 303
    assert hall.browser().sign_in("clerk").status_code == 401
    admin.post(page, {"do": "enable"})
    assert hall.browser().sign_in("clerk").status_code == 303


def test_accounts_are_added_with_a_password_shown_once(hall: Hall) -> None:
    admin = hall.browser("admin")
    added = admin.post("/staff/users", {"username": "New.One", "role": "handler", "bureau": "roads"})
    password = re.search(r"password\">([a-z0-9-]+)<", added.text)
    assert password
    assert password[1] not in admin.get("/staff/users").text
    assert hall.browser().sign_in("new.one", password[1]).headers["Location"] == "/bureau"
    for wrong, why in (
        ({"username": "new.one", "role": "clerk"}, "already"),
        ({"username": "!", "role": "clerk"}, "cannot be a user name"),
        ({"username": "other", "role": "handler"}, "needs a bureau"),
        ({"username": "other", "role": "handler", "bureau": "moon"}, "no bureau"),
        ({"username": "other", "role": "reader"}, "is not a role"),
    ):
        refused = admin.post("/staff/users", wrong)
        assert refused.status_code == 422
        assert why in refused.text
    own = admin.post(f"/staff/users/{hall.people['admin']}", {"do": "disable"})
    assert "cannot disable your own" in own.text


def test_a_changed_password_ends_the_other_sessions(hall: Hall) -> None:
    here, there = hall.browser("clerk"), hall.browser("clerk")
    wrong = here.post("/staff/account", {"old": "not this one", "new": "a new long password"})
    assert "present password is wrong" in wrong.text
    short = here.post("/staff/account", {"old": PASSWORD, "new": "short"})
    assert "too short" in short.text
    changed = here.post("/staff/account", {"old": PASSWORD, "new": "a new long password"})
    assert changed.status_code == 303
    assert here.get("/staff").status_code == 200
    assert there.get("/staff").status_code == 303
    assert hall.browser().sign_in("clerk", "a new long password").status_code == 303


@pytest.mark.parametrize("path", ["/staff/login", "/staff/logout", "/staff/account", "/staff/users"])
def test_a_form_without_its_token_does_nothing(small_hall: Hall, path: str) -> None:
    browser = small_hall.browser("admin")
    before = small_hall.rows(schema.staff)
    refused = browser.post(path, {"username": "x", "old": PASSWORD, "new": "y" * 12}, token=False)
    assert refused.status_code == 400
    assert small_hall.rows(schema.staff) == before
