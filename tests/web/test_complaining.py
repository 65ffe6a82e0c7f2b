"""Complaining on the page: durable before the reference is shown, never twice, never lost to its writer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from intake import schema
from intake.contracts import StorageUnavailable, Submission
from intake.references import parse_reference
from tests.support.county import Running
from tests.web.browser import Browser
from web.app import create_app

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
WORDS = "There has been no water since Monday. Nobody picks up the telephone."
_SLIP = re.compile(r"<dd>(\d\d-\d{6}-\d)</dd>.*?<dd>(\d{6})</dd>", re.DOTALL)


def slip(browser: Browser) -> tuple[str, str]:
    found = _SLIP.search(browser.answer.text)
    assert found, browser.text
    return found[1], found[2]


def complain(browser: Browser, **values: str) -> tuple[str, str]:
    browser.get("/complain")
    browser.send("/complain", {"text": WORDS, **values})
    return slip(browser)


def rows(running: Running, table: Any = schema.submission) -> list[Any]:
    with running.services.store.read() as connection:
        return list(connection.execute(select(table)))


def case_of(running: Running) -> Any:
    running.register()
    (case,) = rows(running, schema.complaint)
    return case


def test_the_slip_comes_after_the_commit(browser: Browser, running: Running) -> None:
    reference, code = complain(browser)
    assert parse_reference(reference) == reference
    (row,) = rows(running)
    assert (row.state, row.reserved_code) == ("pending", code)
    assert slip(browser) == (reference, code)
    browser.get("/complain/thanks")
    assert slip(browser) == (reference, code)


def test_everything_chosen_arrives(browser: Browser, running: Running) -> None:
    complain(
        browser,
        subject="No water",
        bureau="water",
        about="yes",
        category="delay",
        place="East Street",
        when="since Monday",
        identity="confidential",
        name="Zhang San",
        email="Zhang@Mail.Example",
        phone="0758 555 0123",
    )
    case = case_of(running)
    assert (case.subject, case.category) == ("No water", "delay")
    (part,) = rows(running, schema.participation)
    assert (part.channel, part.address) == ("email", "zhang@mail.example")
    assert (part.anonymous, part.confidential) == (False, True)
    contacts = {(row.kind, row.value) for row in rows(running, schema.contact)}
    assert contacts == {("email", "zhang@mail.example"), ("phone", "+867585550123")}
    blocked = {row.bureau for row in rows(running, schema.block)}
    assert blocked == {"water"}
    (row,) = rows(running)
    assert row.body.endswith("Where: East Street\nWhen: since Monday\nComplaint about: Water Company")


def test_a_bureau_asked_for_help_gets_the_case(app: Flask, running: Running) -> None:
    complain(Browser(app, "zh-CN"), bureau="water", about="no")
    assert case_of(running).bureau == "water"
    assert not rows(running, schema.block)


def test_anonymous_hides_the_name_but_may_leave_an_address(browser: Browser, running: Running) -> None:
    complain(browser, identity="anonymous", name="Zhang San", email="a@mail.example")
    running.register()
    (part,) = rows(running, schema.participation)
    assert (part.name, part.address, part.anonymous) == ("", "a@mail.example", True)


def test_sending_twice_is_one_complaint(browser: Browser, running: Running) -> None:
    browser.get("/complain")
    form = [*browser.form("/complain").items(), ("text", WORDS)]
    pairs = list(dict(form).items())
    browser.post("/complain", pairs)
    first = slip(browser)
    browser.post("/complain", pairs)  # the back button, and “send” again
    assert slip(browser) == first
    assert len(rows(running)) == 1


def test_going_back_and_writing_something_else_is_another_complaint(
    browser: Browser, running: Running
) -> None:
    browser.get("/complain")
    pairs = dict(browser.form("/complain").items())
    browser.post("/complain", list((pairs | {"text": WORDS}).items()))
    first = slip(browser)
    browser.post("/complain", list((pairs | {"text": "Something else altogether."}).items()))
    second = slip(browser)
    assert first != second
    assert len(rows(running)) == 2


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"text": "  "}, "text", "Tell us what happened."),
        ({"text": "x" * 20_001}, "text", "at most 20,000 characters"),
        ({"bureau": "nowhere"}, "bureau", "Choose a bureau from the list"),
        ({"bureau": "water"}, "about", "Tell us whether your complaint"),
        ({"category": "nothing"}, "category", "Choose a kind"),
        ({"identity": "king"}, "identity", "Choose who may know"),
        ({"identity": "named"}, "name", "Give your name"),
        ({"email": "zhang at mail"}, "email", "This e-mail address"),
        ({"phone": "12"}, "phone", "telephone number"),
        ({"website": "http://spam.example"}, "website", "Leave this field empty"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_in_the_summary(
    light: Running, values: dict[str, str], field: str, sentence: str
) -> None:
    browser = Browser(create_app(light.services))
    browser.get("/complain")
    browser.send("/complain", {"text": WORDS, "place": "East Street", **values})
    assert browser.answer.status_code == 422
    assert browser.text.count(sentence) == 2
    assert f'href="#{field}"' in browser.answer.text
    assert field in browser.ids
    assert browser.form("/complain")["place"] == "East Street"
    if "text" not in values:
        assert browser.form("/complain")["text"] == WORDS
    assert not rows(light)


def test_a_filled_trap_costs_a_person_one_press_and_loses_nothing(light: Running) -> None:
    browser = Browser(create_app(light.services))
    browser.get("/complain")
    browser.send("/complain", {"text": WORDS, "website": "https://example.com"})
    browser.send("/complain")
    assert slip(browser)


class TestFiles:
    """Files come along, and survive a mistake in another field."""

    def test_a_file_is_durable_before_the_slip(self, browser: Browser, running: Running) -> None:
        browser.get("/complain")
        browser.send("/complain", {"text": WORDS, "files": [("../水表 照片.png", PNG), ("b.txt", b"hello")]})
        assert slip(browser)
        running.register()
        kept = {row.filename: row for row in rows(running, schema.attachment)}
        assert set(kept) == {"水表 照片.png", "b.txt"}
        assert kept["水表 照片.png"].media_type == "image/png"
        assert running.services.blobs.get(kept["水表 照片.png"].sha256) == PNG

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("a.exe", b"MZ", "cannot be taken"),
            ("a", b"text", "cannot be taken"),
            ("a.png", b"<script>", "is not what its name says"),
            ("a.pdf", b"", "is empty"),
            ("a.svg", b"<svg/>", "cannot be taken"),
            ("a.docx", b"PK\x03\x04 any archive", "is not what its name says"),
            ("a.mp4", PNG, "is not what its name says"),
            ("a.txt", b"\x7fELF\x02\x01\x01\0\0", "is not what its name says"),
        ],
    )
    def test_bad_files_are_refused_with_a_sentence(
        self, light: Running, name: str, content: bytes, sentence: str
    ) -> None:
        browser = Browser(create_app(light.services))
        browser.get("/complain")
        browser.send("/complain", {"text": WORDS, "files": [(name, content), ("good.png", PNG)]})
        assert browser.answer.status_code == 422
        assert sentence in browser.text
        assert "Keep “good.png”" in browser.text
        browser.send("/complain")
        assert slip(browser)
        (row,) = rows(light)
        assert [file["filename"] for file in row.attachments] == ["good.png"]

    def test_a_forged_note_of_a_file_is_left_out(self, light: Running) -> None:
        browser = Browser(create_app(light.services))
        browser.get("/complain")
        pairs = [*browser.form("/complain").items(), ("kept", "WyJhIl0.forged.note")]
        browser.post("/complain", [*(p for p in pairs if p[0] != "text"), ("text", WORDS)])
        (row,) = rows(light)
        assert row.attachments == []

    def test_too_much_at_once_is_a_civil_page(self, light: Running) -> None:
        app = create_app(light.services)
        app.config["MAX_CONTENT_LENGTH"] = 10_000
        browser = Browser(app)
        browser.get("/complain")
        browser.send("/complain", {"text": WORDS, "files": [("a.png", PNG + b"0" * 20_000)]})
        assert browser.answer.status_code == 413
        assert "send fewer or smaller files" in browser.text


class TestNothingIsLost:
    """Whatever goes wrong, the form comes back filled in."""

    def test_when_storage_is_away(self, light: Running, monkeypatch: pytest.MonkeyPatch) -> None:
        app = create_app(light.services)
        browser = Browser(app)
        browser.get("/complain")

        def away(submission: Submission, timeout: float = 30.0) -> None:
            raise StorageUnavailable("disk full at /secret/path")

        monkeypatch.setattr(light.services.inbox, "accept", away)
        browser.send("/complain", {"text": WORDS})
        assert browser.answer.status_code == 503
        assert browser.answer.headers["Retry-After"]
        assert browser.form("/complain")["text"] == WORDS
        assert "secret" not in browser.answer.text
        monkeypatch.undo()
        browser.send("/complain")
        assert slip(browser)

    def test_when_the_session_has_gone(self, light: Running) -> None:
        browser = Browser(create_app(light.services))
        browser.get("/complain")
        key = browser.form("/complain")["key"]
        browser.client.delete_cookie("huiyin")
        browser.send("/complain", {"text": WORDS})
        assert browser.answer.status_code == 400
        assert browser.form("/complain")["text"] == WORDS
        assert browser.form("/complain")["key"] == key
        browser.send("/complain")
        assert slip(browser)

    def test_when_a_whole_village_writes_at_once(self, light: Running) -> None:
        browser = Browser(create_app(light.services))
        for _ in range(31):
            browser.get("/complain")
            browser.send("/complain", {"text": WORDS})
        assert browser.answer.status_code == 429
        assert browser.form("/complain")["text"] == WORDS
        assert len(rows(light)) == 30

    def test_a_proxy_on_this_machine_is_not_one_person(self, light: Running) -> None:
        browser = Browser(create_app(light.services), peer="127.0.0.1")
        for _ in range(31):
            browser.get("/complain")
            browser.send("/complain", {"text": WORDS})
        assert browser.answer.status_code == 200


def test_a_forged_form_changes_nothing(light: Running) -> None:
    browser = Browser(create_app(light.services))
    browser.post("/complain", [("text", WORDS)])
    assert browser.answer.status_code == 400
    with light.services.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.submission)).scalar() == 0


def test_thanks_without_a_complaint_leads_to_tracking(light: Running) -> None:
    browser = Browser(create_app(light.services))
    browser.get("/complain/thanks")
    assert browser.answer.request.path == "/track"


def test_hostile_characters_are_harmless(browser: Browser, running: Running) -> None:
    complain(browser, subject="a\x00b\x1b[31m\u202e", place="<script>alert(1)</script>")
    case = case_of(running)
    assert case.subject == "ab[31m"
    browser.get("/track")
    assert "<script>" not in browser.answer.text
