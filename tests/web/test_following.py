"""Following a case: who may look, what they see, what they can say; opening a page never changes a thing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from intake import schema
from intake.contracts import StorageUnavailable
from intake.lifecycle import Role
from intake.people import Actor
from intake.references import parse_reference
from intake.verbs import Accept, Answer, Ask, Assign, Close, Note, Verb
from tests.support.clock import SetClock
from tests.support.county import Running
from tests.web.browser import Browser
from tests.web.test_complaining import PNG, complain, rows
from web.app import create_app

CLERK = Actor(Role.CLERK, "c1", "Front Office")


@pytest.fixture
def case(browser: Browser, running: Running) -> tuple[str, str]:
    """Reference and code of a registered case, opened in ``browser``."""
    given = complain(browser, subject="No water")
    running.register()
    return given


def say(running: Running, reference: str, *verbs: Verb) -> None:
    for verb in verbs:
        running.services.office.perform(reference, CLERK, verb)


def publish(running: Running) -> None:
    """What the postman does for the page: whatever is said there has arrived."""
    with running.services.store.write() as connection:
        connection.execute(schema.outbox.update().values(state="delivered"))


def _away(*_: Any, **__: Any) -> Any:
    raise StorageUnavailable("disk full")


def close(running: Running, reference: str) -> str:
    """Answer and close; returns the token of the rating link."""
    say(running, reference, Assign("water"), Accept(), Answer("The pipe is mended."))
    publish(running)
    say(running, reference, Close("resolved"))
    with running.services.store.read() as connection:
        return str(connection.execute(select(schema.participation.c.token)).scalar_one())


def stranger(app: Flask, peer: str = "198.51.100.9") -> Browser:
    return Browser(app, peer=peer)


class TestWhoMayLook:
    """Only with reference and code; guessing is slow and learns nothing."""

    def test_reference_and_code_open_the_case(self, app: Flask, case: tuple[str, str]) -> None:
        other = stranger(app)
        other.get("/track")
        other.send(
            "/track", {"reference": case[0].replace("-", " "), "code": f" {case[1][:3]} {case[1][3:]}"}
        )
        assert other.answer.request.path == "/track"
        assert "No water" in other.text
        other.get("/track")
        assert "No water" in other.text

    def test_a_wrong_reference_and_a_wrong_code_sound_alike(self, app: Flask, case: tuple[str, str]) -> None:
        other = stranger(app)
        wrong_code = f"{(int(case[1]) + 1) % 1_000_000:06d}"
        said = set()
        for reference, code in ((case[0], wrong_code), ("26-999999-9", case[1]), ("nonsense", "1")):
            other.get("/track")
            other.send("/track", {"reference": reference, "code": code})
            assert other.answer.status_code == 422
            said.add(other.text)
            assert "No water" not in other.text
        assert len(said) == 1

    def test_guessing_at_one_case_is_stopped_for_everybody(self, app: Flask, case: tuple[str, str]) -> None:
        for guess in range(10):
            other = stranger(app, f"198.51.100.{guess + 1}")
            other.get("/track")
            other.send("/track", {"reference": case[0], "code": f"{guess:06d}"})
        other = stranger(app)
        other.get("/track")
        other.send("/track", {"reference": case[0], "code": case[1]})
        assert other.answer.status_code == 429
        assert "Wait a few minutes" in other.text

    def test_the_brake_lets_go(self, app: Flask, case: tuple[str, str], clock: SetClock) -> None:
        for _ in range(10):
            other = stranger(app)
            other.get("/track")
            other.send("/track", {"reference": case[0], "code": "x1"})
        clock.advance(minutes=16)
        other.get("/track")
        other.send("/track", {"reference": case[0], "code": case[1]})
        assert "No water" in other.text

    def test_right_tries_do_not_count(self, app: Flask, case: tuple[str, str]) -> None:
        other = stranger(app)
        for _ in range(12):
            other.get("/track?reference=26-999999-9")
            other.send("/track", {"reference": case[0], "code": case[1]})
            assert "No water" in other.text

    def test_the_browser_forgets_when_told_and_after_two_hours(
        self, browser: Browser, case: tuple[str, str], clock: SetClock
    ) -> None:
        browser.get("/track")
        assert "No water" in browser.text
        clock.advance(hours=3)
        browser.get("/track")
        assert "No water" not in browser.text
        browser.send("/track", {"reference": case[0], "code": case[1]})
        browser.send("/track/leave")
        assert "No water" not in browser.text
        browser.get("/complain/thanks")
        assert case[1] not in browser.text

    def test_a_link_in_a_letter_fills_in_the_reference(self, app: Flask, case: tuple[str, str]) -> None:
        other = stranger(app)
        other.get(f"/track?reference={case[0]}")
        assert other.form("/track")["reference"] == case[0]
        assert "No water" not in other.text


class TestWhatTheySee:
    """The case in plain words."""

    def test_it_says_so_while_it_waits_to_be_registered(self, browser: Browser) -> None:
        reference, _code = complain(browser)
        browser.get("/track")
        assert f"Your complaint {reference} is being registered" in browser.text

    def test_the_whole_story(self, browser: Browser, running: Running, case: tuple[str, str]) -> None:
        say(running, case[0], Assign("water"), Note("a secret among colleagues"), Accept())
        browser.get("/track")
        for words in ("Handed to: Water Company", "Water Company has taken it up", "17 March 2026"):
            assert words in browser.text
        assert "secret" not in browser.text
        say(running, case[0], Answer("The pipe is mended."))
        browser.get("/track")
        assert browser.text.count("The pipe is mended.") == 1

    def test_in_chinese(self, app: Flask, running: Running) -> None:
        browser = Browser(app, "zh-CN")
        reference, _code = complain(browser, subject="停水")
        running.register()
        say(running, reference, Assign("water"))
        browser.get("/track")
        for words in ("已交办：供水公司", "2026年3月2日 09:00", "答复期限", "2026年3月17日"):
            assert words in browser.text


class TestWhatTheySay:
    """Adding, answering a question, taking back, rating."""

    def test_a_question_is_answered_on_the_page(
        self, browser: Browser, running: Running, case: tuple[str, str], clock: SetClock
    ) -> None:
        say(running, case[0], Assign("water"), Accept(), Ask("Which street is it?"))
        browser.get("/track")
        assert "Which street is it?" in browser.text
        clock.advance(hours=1)
        browser.send("/track/add", {"text": "East Street 7", "files": [("meter.png", PNG)]})
        assert "Thank you, we have it" in browser.text
        running.register()
        (row,) = rows(running, schema.complaint)
        assert row.state == "in_progress"
        browser.get("/track")
        assert "East Street 7" in browser.text
        assert "meter.png" in browser.text

    def test_the_same_addition_twice_is_once(
        self, browser: Browser, running: Running, case: tuple[str, str]
    ) -> None:
        browser.get("/track")
        pairs = [*browser.form("/track/add").items()]
        pairs = [*(pair for pair in pairs if pair[0] != "text"), ("text", "one more thing")]
        for _ in range(2):
            browser.post("/track/add", list(pairs))
        running.register()
        assert len(rows(running)) == 2
        assert len(rows(running, schema.complaint)) == 1

    def test_other_words_after_going_back_are_another_addition(
        self, browser: Browser, running: Running, case: tuple[str, str]
    ) -> None:
        browser.get("/track")
        pairs = [*browser.form("/track/add").items(multi=True)]
        for text in ("First the cellar.", "Then the attic."):
            filled = [(name, text if name == "text" else value) for name, value in pairs]
            assert "we have it" in browser.post("/track/add", filled).text
        running.register()
        shown = browser.get("/track").text
        assert "First the cellar." in shown
        assert "Then the attic." in shown

    def test_an_addition_that_cannot_be_stored_is_shown_again(
        self, light: Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browser = Browser(create_app(light.services))
        complain(browser, subject="No water")
        light.register()
        browser.get("/track")
        monkeypatch.setattr(type(light.services.inbox), "accept", _away)
        answer = browser.send("/track/add", {"text": "Hours of <work>"})
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers
        assert "Hours of &lt;work&gt;" in answer.text

    def test_an_empty_addition_is_asked_for_again(self, browser: Browser, case: tuple[str, str]) -> None:
        browser.get("/track")
        browser.send("/track/add", {"text": " "})
        assert browser.answer.status_code == 422
        assert browser.text.count("Write something, or choose a file.") == 2

    def test_taking_it_back(self, browser: Browser, running: Running, case: tuple[str, str]) -> None:
        browser.get("/track")
        browser.send("/track/withdraw", {"reason": "solved by itself"})
        assert "You took this complaint back" in browser.text
        assert "/track/withdraw" not in browser.forms
        (row,) = rows(running, schema.complaint)
        assert (row.attention, row.state) == ("withdrawn", "triage")

    def test_rating_on_the_page(self, browser: Browser, running: Running, case: tuple[str, str]) -> None:
        close(running, case[0])
        browser.get("/track")
        assert "The matter was solved." in browser.text
        browser.send("/track/rate", {"value": "satisfied", "text": "quick"})
        assert "You said: Satisfied" in browser.text

    def test_without_the_case_open_nothing_is_said(self, app: Flask, case: tuple[str, str]) -> None:
        other = stranger(app)
        other.get("/track")
        token = other.form("/track")["csrf_token"]
        for path in ("/track/add", "/track/withdraw", "/track/rate"):
            other.post(path, [("csrf_token", token), ("text", "my words"), ("value", "satisfied")])
            assert other.answer.status_code == 403
            assert "my words" in other.text


class TestTheLink:
    """``/rate/<token>``."""

    def test_opening_never_rates(self, app: Flask, running: Running, case: tuple[str, str]) -> None:
        other, token = stranger(app), close(running, case[0])
        for _ in range(3):
            other.get(f"/rate/{token}")
            assert "No water" in other.text
        assert other.client.head(f"/rate/{token}").status_code == 200
        (row,) = rows(running, schema.complaint)
        assert row.feedback is None

    @pytest.mark.parametrize(
        "headers",
        [{"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"X-Moz": "prefetch"}],
    )
    def test_a_prefetch_never_rates(
        self, app: Flask, running: Running, case: tuple[str, str], headers: dict[str, str]
    ) -> None:
        token = close(running, case[0])
        for query in ("", "?value=satisfied", "?value=dissatisfied&text=x"):
            assert app.test_client().get(f"/rate/{token}{query}", headers=headers).status_code == 200
        (row,) = rows(running, schema.complaint)
        assert row.feedback is None

    def test_a_scanner_that_sends_every_form_presses_no_button(
        self, app: Flask, running: Running, case: tuple[str, str]
    ) -> None:
        """With the token of the page and all its fields, but not the one that only a pressed button adds."""
        other, token = stranger(app), close(running, case[0])
        other.get(f"/rate/{token}")
        other.send(f"/rate/{token}")
        assert app.test_client().post(f"/rate/{token}", data={"value": "satisfied"}).status_code == 400
        (row,) = rows(running, schema.complaint)
        assert row.feedback is None

    @pytest.mark.parametrize("value", ["satisfied", "basically_satisfied", "dissatisfied"])
    def test_pressing_rates_once(
        self, app: Flask, running: Running, case: tuple[str, str], value: str
    ) -> None:
        other, token = stranger(app), close(running, case[0])
        other.get(f"/rate/{token}")
        for _ in range(2):
            other.send(f"/rate/{token}", {"value": value, "text": "so it was"})
        (row,) = rows(running, schema.complaint)
        assert (row.feedback, row.feedback_text) == (value, "so it was")
        assert [e.kind for e in rows(running, schema.event)].count("rated") == 1
        assert (row.attention == "dissatisfied") == (value == "dissatisfied")

    def test_not_before_it_is_closed(self, app: Flask, running: Running, case: tuple[str, str]) -> None:
        with running.services.store.read() as connection:
            token = connection.execute(select(schema.participation.c.token)).scalar_one()
        other = stranger(app)
        other.get(f"/rate/{token}")
        assert "not closed yet" in other.text
        assert f"/rate/{token}" not in other.forms

    @pytest.mark.parametrize("token", ["a" * 24, "x", "a" * 500])
    def test_an_unknown_token_is_a_civil_page(self, light: Running, token: str) -> None:
        other = stranger(create_app(light.services))
        other.get(f"/rate/{token}")
        assert other.answer.status_code == 404
        assert "There is no such page" in other.text


def test_references_are_forgiving(app: Flask, case: tuple[str, str]) -> None:
    full_width = case[0].translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
    assert parse_reference(full_width) == case[0]
    other: Any = stranger(app)
    other.get("/track")
    other.send(
        "/track",
        {
            "reference": full_width,
            "code": case[1].translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        },
    )
    assert "No water" in other.text
