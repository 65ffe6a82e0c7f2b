"""A partner's system hands in complaints: once each, however often it sends them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from channels import webform
from intake import schema
from intake.contracts import StorageUnavailable
from tests.support.worked import County
from tests.web.api.conftest import Api
from tests.web.api.shapes import fits

WHOLE = {
    "text": "公交车不停站",
    "subject": "公交",
    "bureau": "traffic",
    "place": "南岸街道",
    "name": "李一",
    "email": "Li@Citizen.example",
    "phone": "+1 202-555-0123",
    "confidential": True,
    "language": "zh-Hans",
}


def test_a_complaint_is_handed_in_once(api: Api, county: County) -> None:
    first = api.post("/complaints", "desk", WHOLE, Idempotency_Key="k-1")
    again = api.post("/complaints", "desk", WHOLE, Idempotency_Key="k-1")
    other = api.post("/complaints", "clerk", WHOLE, Idempotency_Key="k-1")  # another token's key
    assert [r.status_code for r in (first, again, other)] == [201, 200, 201]
    for response in (first, again, other):
        fits("HandedIn", response.get_json())
    assert again.get_json() == first.get_json() | {"duplicate": True}
    assert other.get_json()["reference"] != first.get_json()["reference"]
    reference = first.get_json()["reference"]
    county.register()
    found = api.get(f"/complaints/{reference}").get_json()
    assert (found["channel"], found["subject"], found["complainant"]["name"]) == ("web", "公交", "李一")
    assert found["body"].startswith("公交车不停站")
    assert found["submissions"][0]["external_id"] == "k-1"
    [listed] = api.get("/submissions?external_id=k-1&limit=1").get_json()["items"]
    assert listed["channel"] == "web"


def test_who_only_reads_or_belongs_to_a_bureau_hands_nothing_in(api: Api) -> None:
    for who in ("reader", "handler:traffic"):
        assert api.post("/complaints", who, WHOLE, Idempotency_Key="k").status_code == 403


def test_what_is_wrong_is_named(api: Api, county: County) -> None:
    table: list[tuple[Any, str, int, str]] = [
        # body, key, status, field
        ({"text": "x"}, "", 400, "Idempotency-Key"),
        ({"text": "x"}, "a b", 400, "Idempotency-Key"),
        ({"text": "x"}, "k" * 129, 400, "Idempotency-Key"),
        ({}, "k", 400, "text"),
        ({"text": " "}, "k", 422, "text"),
        ({"text": "x" * 20_001}, "k", 400, "text"),
        ({"text": "x", "anonymous": "yes"}, "k", 400, "anonymous"),
        ({"text": "x", "email": "nobody"}, "k", 422, "email"),
        ({"text": "x", "phone": "12"}, "k", 422, "phone"),
        ({"text": "x", "language": "fr"}, "k", 422, "language"),
        ({"text": "x", "token": "t"}, "k", 400, "token"),
    ]
    for body, key, status, field in table:
        response = api.post("/complaints", "desk", body, Idempotency_Key=key)
        error = response.get_json()
        fits("Error", error)
        assert (response.status_code, error["error"]["field"]) == (status, field), body
    unknown = api.post("/complaints", "desk", {"text": "x", "bureau": "moon"}, Idempotency_Key="k")
    assert (unknown.status_code, unknown.get_json()["error"]["code"]) == (422, "unknown_bureau")
    assert county.rows("SELECT id FROM submission") == []


def test_what_is_not_stored_is_not_promised(
    api: Api, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise StorageUnavailable("disk full")

    monkeypatch.setattr(type(county.inbox), "accept", away)
    response = api.post("/complaints", "desk", WHOLE, Idempotency_Key="k")
    assert response.status_code == 503
    assert "Retry-After" in response.headers


def test_the_form_is_the_channels_own(api: Api, county: County) -> None:
    api.post("/complaints", "desk", WHOLE, Idempotency_Key="k-1")
    [(raw,)] = county.ask(select(schema.raw_message.c.content))
    read = webform.read(raw, {})
    assert (read.sender_name, read.confidential, read.place) == ("李一", True, "南岸街道")


def test_a_key_is_not_used_for_two_complaints(api: Api, county: County) -> None:
    first = api.post("/complaints", "desk", WHOLE, Idempotency_Key="k-1")
    other = api.post("/complaints", "desk", {**WHOLE, "text": "另一件事"}, Idempotency_Key="k-1")
    fits("Error", other.get_json())
    assert (first.status_code, other.status_code) == (201, 422)
    assert other.get_json()["error"]["field"] == "Idempotency-Key"
    assert first.get_json()["code"] not in other.get_data(as_text=True)
    assert len(county.rows("SELECT id FROM submission")) == 1
