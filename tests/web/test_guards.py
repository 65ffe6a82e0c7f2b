"""What every answer carries, where links may lead, what errors tell, who may see the queues."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from intake.lifecycle import Role
from intake.migrate import migrate
from intake.store import Store
from tests.support.county import Running
from tests.support.databases import Databases
from tests.web.browser import Browser
from web.app import create_app
from web.citizen.pace import Pace
from web.security import local_path


@pytest.fixture
def app(light: Running) -> Flask:
    """The pages on SQLite."""
    return create_app(light.services)


@pytest.mark.parametrize("path", ["/", "/complain", "/track", "/nothing", "/healthz"])
def test_headers(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("path", ["/", "/complain", "/track", "/nothing"])
def test_pages_keep_the_policy_themselves(app: Flask, path: str) -> None:
    text = app.test_client().get(path).text
    assert "<style" not in text
    assert "<script" not in text
    assert " style=" not in text
    assert " onclick" not in text


@pytest.mark.parametrize("path", ["/", "/complain", "/track"])
def test_ids_are_unique_and_every_field_has_its_label(app: Flask, path: str) -> None:
    browser = Browser(app)
    text = browser.get(path).text
    assert sorted(set(browser.ids)) == sorted(browser.ids)
    for form in browser.forms:
        for name in browser.form(form):
            if name not in ("csrf_token", "key", "about", "identity", "kept"):
                assert f'for="{name}"' in text, name


def test_cookies(app: Flask, light: Running) -> None:
    client = app.test_client()
    client.get("/complain")
    client.get("/lang?to=en")
    for name in ("huiyin", "lang"):
        cookie = client.get_cookie(name)
        assert cookie is not None
        assert cookie.http_only
        assert cookie.same_site == "Lax"


def test_secure_cookies_come_with_strict_transport(light: Running) -> None:
    app = create_app(replace(light.services, secure_cookies=True))
    client = app.test_client()
    answer = client.get("/complain", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("/track", "/track"),
        ("/track?reference=26-000001-9", "/track?reference=26-000001-9"),
        ("/complain?lang=en&a=b", "/complain?a=b"),
        (None, "/"),
        ("", "/"),
        ("track", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\\..\\b", "/"),
        ("/" + "a" * 3000, "/"),
    ],
)
def test_the_language_switch_stays_on_this_server(app: Flask, target: str | None, leads: str) -> None:
    query = {"to": "en"} | ({"next": target} if target is not None else {})
    answer = app.test_client().get("/lang", query_string=query)
    assert answer.status_code == 303
    assert answer.headers["Location"] == leads


def test_local_paths_keep_their_fallback() -> None:
    assert local_path("http://x.example", "/staff") == "/staff"


def test_the_switch_holds(app: Flask) -> None:
    browser = Browser(app, "zh-CN")
    browser.get("/lang?to=en&next=/track")
    assert "Enter the reference" in browser.text
    browser.get("/lang?to=zh-Hant&next=/track")
    assert "請填寫給您的受理編號" in browser.text
    assert 'lang="zh-Hant"' in browser.answer.text


class TestErrors:
    """Civil, in the reader's language, and silent about our insides."""

    @pytest.mark.parametrize(
        ("language", "sentence"), [("en", "There is no such page."), ("zh-CN", "没有这个页面。")]
    )
    def test_not_found(self, app: Flask, language: str, sentence: str) -> None:
        browser = Browser(app, language)
        browser.get("/nothing/here")
        assert browser.answer.status_code == 404
        assert sentence in browser.text

    def test_wrong_method(self, app: Flask) -> None:
        answer = app.test_client().delete("/", headers={"Accept-Language": "en"})
        assert answer.status_code in (400, 405)

    @pytest.mark.parametrize(("error", "status"), [(ValueError("secret"), 500), (None, 503)])
    def test_insides_stay_inside(
        self,
        app: Flask,
        light: Running,
        monkeypatch: pytest.MonkeyPatch,
        error: Exception | None,
        status: int,
    ) -> None:
        raised = error or OperationalError("SELECT secret", {}, Exception("secret"))

        def broken(*_args: object) -> None:
            raise raised

        browser = Browser(app)
        browser.get("/track")
        monkeypatch.setattr(type(light.services.tracking), "by_code", broken)
        browser.send("/track", {"reference": "26-000001-9", "code": "000000"})
        assert browser.answer.status_code == status
        assert "secret" not in browser.answer.text
        assert ("Retry-After" in browser.answer.headers) == (status == 503)

    @pytest.mark.parametrize("path", ["/api/nothing", "/webhooks/nothing"])
    def test_programs_get_json(self, app: Flask, path: str) -> None:
        answer = app.test_client().get(path, headers={"Accept-Language": "en"})
        assert answer.status_code == 404
        assert answer.json is not None
        assert set(answer.json["error"]) == {"code", "message", "field"}
        assert answer.json["error"]["code"] == "not_found"


class TestHealth:
    """``/healthz``, ``/readyz``, ``/metrics``."""

    def test_ready_only_when_migrated(self, databases: Databases, light: Running) -> None:
        store = Store(databases.empty())
        client = create_app(replace(light.services, store=store)).test_client()
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        migrate(store)
        assert client.get("/readyz").status_code == 200
        store.close()

    @pytest.mark.parametrize(
        ("peer", "headers", "status"),
        [
            ("127.0.0.1", {}, 200),
            ("::1", {}, 200),
            ("203.0.113.7", {}, 403),
            ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 403),
            ("203.0.113.7", {"X-Forwarded-For": "127.0.0.1"}, 403),
            ("203.0.113.7", {"Authorization": "Bearer wrong"}, 403),
        ],
    )
    def test_metrics_are_for_this_machine(
        self, app: Flask, peer: str, headers: dict[str, str], status: int
    ) -> None:
        answer = app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})
        assert answer.status_code == status

    def test_metrics_with_a_token_of_the_office(self, app: Flask, light: Running) -> None:
        accounts = light.services.accounts
        for role, bureau, status in ((Role.READER, None, 200), (Role.HANDLER, "water", 403)):
            token = accounts.create_token("monitor", role, bureau)
            answer = app.test_client().get(
                "/metrics",
                headers={"Authorization": f"Bearer {token}"},
                environ_base={"REMOTE_ADDR": "203.0.113.7"},
            )
            assert answer.status_code == status

    def test_metrics_count_what_waits(self, app: Flask, light: Running) -> None:
        browser = Browser(app)
        browser.get("/complain")
        browser.send("/complain", {"text": "Somebody must mend the lamp."})
        text = app.test_client().get("/metrics").text
        assert 'huiyin_submission_rows{state="pending"} 1.0' in text
        light.register()
        text = app.test_client().get("/metrics").text
        assert 'huiyin_submission_rows{state="pending"} 0.0' in text
        assert 'huiyin_outbox_rows{state="pending"}' in text


class TestPace:
    """The soft brake."""

    def test_it_counts_within_its_window(self) -> None:
        now = [0.0]
        pace = Pace(2, 10.0, lambda: now[0])
        assert [pace.allows("a") for _ in range(3)] == [True, True, False]
        assert pace.allows("b")
        now[0] = 10.0
        assert pace.allows("a")

    def test_nobody_is_never_too_often(self) -> None:
        pace = Pace(1, 10.0)
        assert all(pace.allows(None) for _ in range(5))

    def test_it_stays_small(self) -> None:
        pace = Pace(1, 10.0)
        for n in range(10_050):
            pace.allows(str(n))
        assert pace.allows("0")
        assert not pace.allows("10049")
