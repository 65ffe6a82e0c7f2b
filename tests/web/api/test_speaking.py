"""Verbs over the API: the same door as the pages, refusals told by status."""

from __future__ import annotations

from typing import Any

from intake.lifecycle import LIFECYCLE
from tests.support.worked import County
from tests.web.api.conftest import Api
from tests.web.api.shapes import fits
from web.api.speaking import VERBS


def test_a_case_is_worked_from_triage_to_close(api: Api, county: County) -> None:
    reference = county.case(body="别的事情")
    steps = [
        (
            "clerk",
            "assign",
            {"bureau": "traffic", "supporting": ["health"], "reason": "职责所在"},
            "assigned",
        ),
        ("handler:traffic", "accept", {}, "in_progress"),
        ("handler:traffic", "note", {"text": "已联系"}, "in_progress"),
        ("handler:traffic", "ask", {"question": "哪一路车？"}, "awaiting_complainant"),
        ("handler:traffic", "answer", {"text": "已整改"}, "answered"),
        ("leader", "reopen", {"reason": "未整改"}, "assigned"),
        ("handler:traffic", "answer", {"text": "确已整改"}, "answered"),
    ]
    for who, verb, arguments, state in steps:
        response = api.post(f"/complaints/{reference}/verbs/{verb}", who, arguments)
        assert response.status_code == 200, response.get_data(as_text=True)
        done = response.get_json()
        fits("VerbDone", done)
        assert (done["reference"], done["state"]) == (reference, state)
    county.deliver()
    closed = api.post(f"/complaints/{reference}/verbs/close", "clerk", {"outcome": "resolved"})
    assert closed.get_json()["state"] == "closed"
    assert closed.get_json()["version"] == api.get(f"/complaints/{reference}").get_json()["version"]


def test_refusals_have_their_status_and_change_nothing(api: Api, county: County) -> None:
    reference = county.case()
    before = county.row(reference)
    table: list[tuple[str, str, Any, int, str]] = [
        # who, verb, arguments, status, code
        ("reader", "note", {"text": "x"}, 403, "forbidden"),
        ("handler:traffic", "assign", {"bureau": "health"}, 403, "forbidden"),
        ("handler:health", "note", {"text": "x"}, 404, "not_found"),
        ("clerk", "close", {"outcome": "resolved"}, 409, "wrong_state"),
        ("clerk", "grant_return", {}, 409, "not_returned"),
        ("clerk", "note", {"text": "x", "version": 99}, 409, "changed"),
        ("clerk", "note", {"text": "  "}, 422, "text_needed"),
        ("clerk", "assign", {"bureau": "moon"}, 422, "unknown_bureau"),
        ("clerk", "classify", {"urgency": "never"}, 422, "bad_urgency"),
        ("clerk", "explode", {}, 404, "unknown_verb"),
    ]
    for who, verb, arguments, status, code in table:
        response = api.post(f"/complaints/{reference}/verbs/{verb}", who, arguments)
        error = response.get_json()
        fits("Error", error)
        assert (response.status_code, error["error"]["code"]) == (status, code), verb
    assert county.row(reference) == before


def test_the_version_one_saw_is_accepted(api: Api, county: County) -> None:
    reference = county.case()
    version = api.get(f"/complaints/{reference}").get_json()["version"]
    said = api.post(f"/complaints/{reference}/verbs/note", "clerk", {"text": "看过", "version": version})
    assert said.get_json()["version"] == version + 1


BAD_ARGUMENTS = [
    # verb, arguments, field
    ("note", {}, "text"),
    ("note", {"text": 5}, "text"),
    ("note", {"text": None}, "text"),
    ("note", {"text": "a\x00b"}, "text"),
    ("note", {"text": "\ud800"}, "text"),
    ("note", {"text": "x" * 20_001}, "text"),
    ("note", {"text": "x", "version": True}, "version"),
    ("note", {"text": "x", "version": "1"}, "version"),
    ("note", {"text": "x", "txt": "x"}, "txt"),
    ("assign", {"bureau": "traffic", "supporting": "health"}, "supporting"),
    ("assign", {"bureau": "traffic", "supporting": [1]}, "supporting"),
    ("assign", {"bureau": "traffic", "supporting": ["health"] * 99}, "supporting"),
    ("note", [], "body"),
    ("note", "text", "body"),
]


def test_a_wrong_argument_is_named(api: Api) -> None:
    for verb, arguments, field in BAD_ARGUMENTS:
        response = api.post(f"/complaints/26-000001-8/verbs/{verb}", "clerk", arguments)
        error = response.get_json()
        fits("Error", error)
        assert (response.status_code, error["error"]["field"]) == (400, field)


def test_hostile_bodies_are_refused(api: Api) -> None:
    for content, kind, status in (
        (b"{", "application/json", 400),
        (b"\xff\xfe\xff", "application/json", 400),
        (b'{"text":' + b"[" * 60_000, "application/json", 400),
        (b'{"version":' + b"9" * 20_000 + b"}", "application/json", 400),
        (b"text=x", "application/x-www-form-urlencoded", 415),
        (b"x" * 200_000, "application/json", 413),
    ):
        response = api.app.test_client().post(
            "/api/v1/complaints/26-000001-8/verbs/note",
            data=content,
            content_type=kind,
            headers={"Authorization": f"Bearer {api.token('clerk')}"},
        )
        assert response.status_code == status
        fits("Error", response.get_json())


def test_every_verb_that_people_say_is_there() -> None:
    own = {
        "add",
        "chase",
        "deliver",
        "identify",
        "miss",
        "redirect",
        "reroute",
        "withhold",
    }  # said by workers and citizens
    paper = {"readdress"}  # names one complainant's place in the case, which only the pages show
    assert set(VERBS) == set(LIFECYCLE) - own - paper
