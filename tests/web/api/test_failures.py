"""Every failure is JSON: one clear sentence in the caller's language, and nothing of our insides."""

from __future__ import annotations

from typing import Any

import pytest

from intake.contracts import StorageUnavailable, Text
from intake.references import reference_of
from tests.support.worked import County
from tests.web.api.conftest import Api
from tests.web.api.shapes import fits
from web.api.callers import Pace
from web.api.errors import ApiError
from web.api.questions import cursor_of

BAD_QUESTIONS = [
    # path, the parameter to blame
    ("/complaints?state=lost", "state"),
    ("/complaints?state=triage,lost", "state"),
    ("/complaints?limit=0", "limit"),
    ("/complaints?limit=201", "limit"),
    ("/complaints?limit=ten", "limit"),
    ("/complaints?limit=٣", "limit"),
    ("/complaints?limit=" + "9" * 5000, "limit"),
    ("/complaints?cursor=zzz", "cursor"),
    ("/complaints?cursor=å", "cursor"),
    (f"/complaints?cursor={cursor_of('9' * 40)}", "cursor"),
    (f"/submissions?cursor={cursor_of(5)}", "cursor"),
    ("/complaints?q=" + "公" * 201, "q"),
    ("/complaints?q=a%00b", "q"),
    ("/complaints?bureau=%00", "bureau"),
    ("/submissions?external_id=a%00", "external_id"),
    ("/complaints?status=closed", "status"),
    ("/complaints?q=a&q=b", "q"),
    ("/submissions?state=closed", "state"),
    ("/complaints?lang=fr", "lang"),
]


def test_a_wrong_parameter_is_named(api: Api) -> None:
    for path, field in BAD_QUESTIONS:
        response = api.get(path)
        assert response.status_code == 400, path
        error = response.get_json()
        fits("Error", error)
        assert error["error"]["field"] == field
        assert field in error["error"]["message"]


def test_sentences_follow_the_callers_language(api: Api) -> None:
    zh, en = (api.get(f"/complaints?limit=0&lang={lang}").get_json()["error"] for lang in ("zh", "en"))
    assert zh["message"] == "参数 limit 应是 1 到 200 之间的整数。"
    assert en["message"] == "“limit” must be a whole number from 1 to 200."


def test_without_a_good_token_nothing_is_told(api: Api) -> None:
    wrong = ["", "Basic YTpi", "Bearer", "Bearer ", "Bearer hy_wrong", "Bearer " + "x" * 9000, "Bearer é"]
    for headers in ({}, *({"Authorization": sent} for sent in wrong)):
        for path in ("/complaints", "/complaints/26-000001-1", "/submissions"):
            response = api.get(path, "", **headers)
            assert response.status_code == 401
            assert response.headers["WWW-Authenticate"].startswith("Bearer ")
            fits("Error", response.get_json())


def test_a_revoked_token_is_no_token(api: Api, county: County) -> None:
    assert api.get("/complaints").status_code == 200
    county.sql("UPDATE api_token SET revoked_at = created_at")
    assert api.get("/complaints").status_code == 401


def test_an_unknown_address_is_json_too(api: Api) -> None:
    for path in ("/nothing", "/complaints/26-000001-1/verbs", "/complaints/a/b/c", "/verbs/assign"):
        response = api.get(path)
        assert response.status_code == 404
        fits("Error", response.get_json())


def test_a_wrong_method_says_which_are_right(api: Api) -> None:
    for method, path, allowed in (
        ("DELETE", "/complaints", "GET, POST"),
        ("PUT", "/complaints/26-000001-1", "GET"),
        ("GET", "/complaints/26-000001-1/verbs/note", "POST"),
        ("POST", "/openapi.json", "GET"),
    ):
        response = api.app.test_client().open(f"/api/v1{path}", method=method)
        assert (response.status_code, response.headers["Allow"]) == (405, allowed)
        fits("Error", response.get_json())


def test_an_absent_database_is_a_temporary_failure(
    api: Api, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.token("clerk")

    def away(*_: Any, **__: Any) -> Any:
        raise StorageUnavailable("secret path /var/lib")

    reference = county.case()
    for owner, name, path in (
        (county.archive, "cases", "/complaints"),
        (county.archive, "dossier", f"/complaints/{reference}"),
        (county.accounts, "bearer", "/submissions"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(type(owner), name, away)
            response = api.get(path, "clerk")
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert "secret" not in response.get_data(as_text=True)
        fits("Error", response.get_json())


def test_a_look_that_cannot_be_logged_shows_nothing(
    api: Api, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = county.case()
    token = api.token("clerk")
    assert token
    county.sql("ALTER TABLE look RENAME TO look_away")
    response = api.get(f"/complaints/{reference}", "clerk")
    assert response.status_code in (500, 503)
    assert "li@citizen.example" not in response.get_data(as_text=True)
    assert "look" not in response.get_data(as_text=True)
    fits("Error", response.get_json())


def test_one_caller_cannot_slow_everybody_down() -> None:
    now = [0.0]
    pace = Pace(rate=2, burst=3, clock=lambda: now[0])
    for _ in range(3):
        pace.take("busy")
    with pytest.raises(ApiError) as caught:
        pace.take("busy")
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (429, "1")
    assert isinstance(caught.value.message, Text)
    pace.take("somebody else")
    now[0] = 1.0
    pace.take("busy")
    pace.take("busy")
    with pytest.raises(ApiError):
        pace.take("busy")


def test_references_are_forgiven_their_dashes(api: Api, county: County) -> None:
    reference = county.case()
    bare = reference.replace("-", "")
    assert api.get(f"/complaints/{bare}").get_json()["reference"] == reference
    number = county.row(reference).number
    wrong = reference_of(number)[:-1] + str((int(reference[-1]) + 1) % 10)
    assert api.get(f"/complaints/{wrong}").status_code == 404
