"""The kiosk without its script: who may open it, what it takes, what it answers, what no cookie knows."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from intake import schema
from intake.contracts import StorageUnavailable
from intake.inbox import Inbox
from tests.web.staff.conftest import Hall

TEXT = "供水公司停水三天"
FIELDS = {"text": TEXT, "identity": "confidential", "language": "zh-Hans", "key": "k" * 24}
PROOF = {"X-Huiyin-Kiosk": "1", "Accept-Language": "en"}


def tablet(hall: Hall) -> FlaskClient:
    """A tablet that the desk handed over."""
    desk = hall.browser("desk")
    answer = desk.post("/staff/visits/kiosk")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kiosk")
    return desk.client


def send(client: FlaskClient, headers: Any = PROOF, **fields: str) -> Any:
    return client.post("/kiosk", data=FIELDS | fields, headers=headers)


def test_closed_until_the_desk_hands_it_over(small_hall: Hall) -> None:
    stranger = small_hall.app.test_client()
    assert stranger.get("/kiosk").status_code == 403
    assert send(stranger).status_code == 403
    assert small_hall.browser("handler").post("/staff/visits/kiosk").status_code == 403
    assert small_hall.rows(schema.submission) == []


def test_handing_over_signs_out_and_leaves_one_cookie(small_hall: Hall) -> None:
    client = tablet(small_hall)
    assert client.get("/staff").status_code == 303, "nobody is signed in any more"
    page = client.get("/kiosk", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers
    assert "/staff" not in page.text, "no way out to the staff's pages"
    assert "csrf_token" not in page.text
    cookie = client.get_cookie("huiyin_kiosk", path="/kiosk")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Strict", "/kiosk")


def test_the_desk_calls_a_tablet_back(small_hall: Hall) -> None:
    lost, kept = tablet(small_hall), tablet(small_hall)
    desk = small_hall.browser("clerk")
    page = desk.get("/staff/visits").text
    assert page.count("Call it back") == 2
    assert "handed over by Sample desk" in page
    screen = lost.get("/kiosk", headers={"Accept-Language": "en"}).text
    shown = re.search(r"Tablet ([0-9A-F]{4})<", screen)
    assert shown, "the tablet says which one it is"
    end = next(path for path in re.findall(r"/staff/visits/kiosk/\w+/end", page) if f"/{shown[1]}" in path)
    assert small_hall.browser("handler").post(end).status_code == 403
    assert lost.get("/kiosk").status_code == 200
    assert desk.post(end).status_code == 303
    assert lost.get("/kiosk").status_code == 403
    refused = send(lost)
    assert refused.status_code == 403
    assert "no longer switched on" in refused.json["notice"]
    assert kept.get("/kiosk").status_code == 200
    assert send(kept).status_code == 200
    assert desk.get("/staff/visits").text.count("Call it back") == 1
    assert "was no kiosk any more" in desk.get(desk.post(end).headers["Location"]).text


def test_every_field_keeps_quiet(small_hall: Hall) -> None:
    text = tablet(small_hall).get("/kiosk").text
    for field in (
        "text",
        "place",
        "when",
        "name-0",
        "phone-0",
        "email-0",
        "postal-0",
        "interpreter",
        "present",
    ):
        element = text.split(f'id="{field}"')[1].split(">")[0]
        assert 'autocomplete="off"' in element, field
    assert "<noscript>" in text
    assert 'type="file"' not in text
    assert "number-0" not in text, "papers are for the desk"


def test_a_visit_is_registered_and_no_cookie_knows_it(hall: Hall) -> None:
    client = tablet(hall)
    answer = send(client, **{"name-0": "孙样本", "phone-0": "+1 202-555-0141", "needs": "large_print"})
    hall.running.register()
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    (part,) = hall.rows(schema.participation)
    assert part.code in answer.json["slip"]
    assert (part.name, part.large_print) == ("孙样本", True)
    (submission,) = hall.rows(schema.submission)
    assert submission.details["entered_at"] == "kiosk"
    assert submission.envelope == {}, "not even which tablet"


def test_sent_twice_is_one(small_hall: Hall) -> None:
    client = tablet(small_hall)
    first, second = send(client), send(client)
    small_hall.running.register()
    assert first.json["slip"] == second.json["slip"]
    assert len(small_hall.rows(schema.complaint)) == 1


@pytest.mark.parametrize("headers", [{}, {"X-Huiyin-Kiosk": ""}, {"X-Huiyin-Kiosk": "2"}])
def test_a_form_of_another_site_is_refused(small_hall: Hall, headers: dict[str, str]) -> None:
    assert send(tablet(small_hall), headers).status_code == 403
    assert small_hall.rows(schema.submission) == []


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", '["name",1].x', "x" * 3000])
def test_forged_tablets(small_hall: Hall, cookie: str) -> None:
    client = small_hall.app.test_client()
    client.set_cookie("huiyin_kiosk", cookie, path="/kiosk")
    assert client.get("/kiosk").status_code == 403


def test_over_in_the_evening(small_hall: Hall) -> None:
    client = tablet(small_hall)
    small_hall.clock.advance(timedelta(hours=11))
    assert client.get("/kiosk").status_code == 200
    small_hall.clock.advance(timedelta(hours=2))
    assert client.get("/kiosk").status_code == 403


def test_a_busy_tablet_slows_down_alone(small_hall: Hall) -> None:
    one, other = tablet(small_hall), tablet(small_hall)
    statuses = [send(one, key=f"{n:024d}").status_code for n in range(31)]
    assert statuses == [200] * 30 + [429]
    assert send(other, key="m" * 24).status_code == 200


def test_what_is_wrong_is_said_at_its_field(small_hall: Hall) -> None:
    client = tablet(small_hall)
    answer = send(client, text=" ", **{"phone-0": "abc"})
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"text", "phone-0"}


def test_no_number_is_taken_even_if_sent(small_hall: Hall) -> None:
    send(tablet(small_hall), **{"document-0": "passport", "number-0": "E00000000", "urgent": "yes"})
    small_hall.running.register()
    assert small_hall.rows(schema.identity_document) == []
    (row,) = small_hall.rows(schema.raw_message)
    assert b"E0000" not in row.content


def test_storage_away(small_hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StorageUnavailable("no disk")

    client = tablet(small_hall)
    monkeypatch.setattr(Inbox, "accept", away)
    answer = send(client)
    assert answer.status_code == 503
    assert "cannot store" in answer.json["notice"]


@pytest.mark.parametrize(
    ("page", "text", "expected"),
    [
        ("zh-Hans", TEXT, "zh-Hans"),
        ("en", "The street lamp in Sample Road is broken.", "en"),
        ("en", TEXT, "zh-Hans"),  # clearly the other script
        ("zh-Hans", "The street lamp in Sample Road is broken.", "en"),
        ("zh-Hans", "LED-100W", "zh-Hans"),  # letters, and not many
        ("en", "陈", "en"),
        ("zh-Hant", TEXT, "zh-Hant"),  # the same script
        ("en", "110", "en"),
    ],
)
def test_the_answer_is_in_the_language_of_the_page(
    small_hall: Hall, page: str, text: str, expected: str
) -> None:
    assert send(tablet(small_hall), text=text, language=page).status_code == 200
    small_hall.running.register()
    (part,) = small_hall.rows(schema.participation)
    assert part.language == expected
