"""Who complained, and what the accused may find: shown on purpose, logged, or not at all (promise 7)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from channels.table import way_back
from channels.wording import Wording
from channels.wording.words import Facts
from intake import schema
from intake.contracts import Text
from intake.desk import Policies
from intake.outbox import Outbox
from intake.vault import sealed
from tests.support.county import PlainChaser, WordRouter
from tests.web.staff.conftest import WATER, Hall

NAME, MAIL = "Bao Xiangyang", "bao@citizen.example"


def test_names_are_shown_on_purpose_and_each_look_is_logged(hall: Hall) -> None:
    reference, clerk = hall.mail(), hall.browser("clerk")
    page = clerk.get(f"/staff/cases/{reference}").text
    assert NAME not in page
    assert MAIL not in page
    assert clerk.get(f"/staff/cases/{reference}/look").status_code == 405
    assert hall.rows(schema.look) == []
    shown = clerk.post(f"/staff/cases/{reference}/look")
    assert NAME in shown.text
    assert MAIL in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    (look,) = hall.rows(schema.look)
    assert (look.actor["id"], look.what) == (hall.people["clerk"], "complainant")
    assert "Who looked at the complainant" in clerk.get(f"/staff/cases/{reference}").text


@pytest.mark.parametrize("asked", [NAME, MAIL])
def test_a_search_for_a_person_is_a_look(hall: Hall, asked: str) -> None:
    """The list shows no name, and yet whoever typed one learns that this person complained."""
    reference, clerk = hall.mail(), hall.browser("clerk")
    assert reference in clerk.get(f"/staff?q={quote('供水')}").text  # words of the matter are no look
    assert hall.rows(schema.look) == []
    assert reference in clerk.get(f"/staff?q={quote(asked)}").text
    (look,) = hall.rows(schema.look)
    assert (look.actor["id"], look.what) == (hall.people["clerk"], "search")
    assert "searched for this person" in clerk.get(f"/staff/cases/{reference}").text
    clerk.get(f"/staff?q={quote(asked + 'x')}")  # nobody was found: nothing was learned
    assert len(hall.rows(schema.look)) == 1


def test_a_look_that_cannot_be_logged_shows_nothing(
    small_hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    from intake.contracts import StorageUnavailable
    from web.staff import case_page

    reference, clerk = small_hall.mail(), small_hall.browser("clerk")

    def away(*_args: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(case_page, "record_look", away)
    refused = clerk.post(f"/staff/cases/{reference}/look")
    assert refused.status_code == 503
    assert NAME not in refused.text


def test_a_bureau_may_look_at_who_agreed_to_be_known(hall: Hall) -> None:
    reference, handler = hall.mail(), hall.browser("handler")
    assert NAME in handler.post(f"/staff/cases/{reference}/look").text
    assert hall.rows(schema.look)[0].actor["kind"] == "handler"


@pytest.mark.parametrize("how", ["confidential", "anonymous"])
def test_a_bureau_never_learns_who_asked_not_to_be_known(hall: Hall, how: str) -> None:
    reference = hall.form(
        text=f"供水公司停水。I am {NAME}, write to BAO@citizen.example or 13900001234.",
        subject=f"{NAME} 停水",
        name=NAME,
        email=MAIL,
        phone="+8613900001234",
        **{how: True},
    )
    handler, clerk = hall.browser("handler"), hall.browser("clerk")
    assert hall.case(reference).bureau == WATER
    page = handler.get(f"/staff/cases/{reference}")
    assert page.status_code == 200
    listed = handler.get("/bureau")
    for text in (page.text, listed.text):
        assert reference in text
        assert NAME not in text
        assert MAIL not in text.lower()
        assert "13900001234" not in text
    assert "Show name and contacts" not in page.text
    assert handler.post(f"/staff/cases/{reference}/look").status_code == 404
    (submission,) = hall.rows(schema.submission)
    assert handler.get(f"/staff/submissions/{submission.id}/raw").status_code == 404
    assert hall.rows(schema.look) == []
    assert MAIL in clerk.post(f"/staff/cases/{reference}/look").text


def test_raw_messages_are_logged_looks(hall: Hall) -> None:
    hall.mail()
    (submission,) = hall.rows(schema.submission)
    raw = hall.browser("clerk").get(f"/staff/submissions/{submission.id}/raw")
    assert b"bao@citizen.example" in raw.data
    assert raw.headers["Content-Disposition"].startswith("attachment;")
    text = hall.browser("clerk").get(f"/staff/submissions/{submission.id}/raw?view=1")
    assert text.mimetype == "text/plain"
    assert [look.what for look in hall.rows(schema.look)] == ["raw", "raw"]


def test_the_accused_finds_nothing(hall: Hall) -> None:
    reference = hall.mail(files={"proof.pdf": ("application/pdf", b"%PDF-")})
    clerk, handler = hall.browser("clerk"), hall.browser("handler")
    (submission,), (file,) = hall.rows(schema.submission), hall.rows(schema.attachment)
    ways = [
        f"/staff/cases/{reference}",
        f"/staff/submissions/{submission.id}/raw",
        f"/staff/attachments/{file.id}",
    ]
    assert [handler.get(way).status_code for way in ways] == [200, 200, 200]
    assert reference in handler.get("/bureau?q=停水").text
    hall.say(clerk, reference, "bar", bureau=WATER, reason="about them")
    hall.put(reference, bureau=WATER, state="assigned")  # even if it were still theirs
    assert [handler.get(way).status_code for way in ways] == [404, 404, 404]
    assert handler.post(f"/staff/cases/{reference}/look").status_code == 404
    assert hall.say(handler, reference, "note", text="x").status_code == 404
    for page in ("/bureau", "/bureau?q=停水", "/bureau?tab=all", "/bureau?tab=late", "/bureau?tab=progress"):
        assert reference not in handler.get(page).text


def test_another_bureau_finds_nothing(hall: Hall) -> None:
    reference, stranger = hall.mail(), hall.browser("roads")
    assert stranger.get(f"/staff/cases/{reference}").status_code == 404
    assert reference not in stranger.get("/bureau?tab=all").text
    assert stranger.get(f"/bureau?q={reference}").headers["Location"] == f"/staff/cases/{reference}"


def test_a_missing_and_a_hidden_case_look_the_same(hall: Hall) -> None:
    reference, stranger = hall.mail(), hall.browser("roads")
    hidden = stranger.get(f"/staff/cases/{reference}")
    missing = stranger.get("/staff/cases/26-999999-0")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text.replace(reference, "") == missing.text.replace("26-999999-0", "")


def test_the_timeline_keeps_addresses_until_they_are_shown(hall: Hall) -> None:
    from intake.office import Office
    from intake.people import SYSTEM
    from intake.verbs import Deliver

    reference, clerk = hall.mail(), hall.browser("clerk")
    office: Office = hall.running.services.office
    (letter,) = [row for row in hall.rows(schema.outbox) if row.role == "complainant"]
    note = f"550 no such user {MAIL}"
    office.perform(reference, SYSTEM, Deliver(letter.id, letter.template, letter.role, "failed", note))
    page = clerk.get(f"/staff/cases/{reference}").text
    assert "550 no such user" in page
    assert MAIL not in page
    assert MAIL in clerk.post(f"/staff/cases/{reference}/look").text


FORM_NAME, FORM_MAIL = "包向阳", "bao@citizen.example"


def _secret(hall: Hall) -> str:
    """A confidential complaint that betrays itself in its words."""
    reference = hall.form(
        text=f"供水公司停水三天。我是{FORM_NAME}，回信请寄 {FORM_MAIL}",
        subject=f"{FORM_NAME}投诉停水",
        name=FORM_NAME,
        email=FORM_MAIL,
        confidential=True,
    )
    hall.put(reference, bureau=WATER, state="assigned")
    return reference


def test_who_must_not_read_a_name_must_not_find_it_either(hall: Hall) -> None:
    reference, handler, clerk = _secret(hall), hall.browser("handler"), hall.browser("clerk")
    assert reference in handler.get("/bureau?q=停水").text
    for query in (FORM_NAME, FORM_NAME[:2], FORM_MAIL, f"停水 {FORM_NAME}"):
        assert reference in clerk.get(f"/staff?q={query}").text
        assert reference not in handler.get(f"/bureau?q={query}").text, query


def test_a_file_is_handed_out_under_a_name_without_names(hall: Hall) -> None:
    reference = hall.mail(files={"Bao Xiangyang.pdf": ("application/pdf", b"%PDF-")})
    hall.put(reference, bureau=WATER, state="assigned")
    (file,) = hall.rows(schema.attachment)
    names = {}
    for confidential in (False, True):
        with hall.running.services.store.write() as connection:
            connection.execute(schema.participation.update().values(confidential=confidential))
        answer = hall.browser("handler").get(f"/staff/attachments/{file.id}")
        names[confidential] = answer.headers["Content-Disposition"]
    assert quote("Bao Xiangyang") in names[False]
    assert "Xiangyang" not in names[True]


def test_mail_to_a_bureau_keeps_the_name(hall: Hall) -> None:
    services = hall.running.services
    reference, clerk = _secret(hall), hall.browser("clerk")
    hall.put(reference, state="triage", bureau=None)
    assert hall.say(clerk, reference, "assign", bureau=WATER, reason=f"{FORM_NAME}来过").status_code == 303
    facts = Facts(Text("中心", "Office"), "", "http://localhost", services.county.zone, {})
    wording = Wording(facts, services.directory)
    policies = Policies(WordRouter(), PlainChaser(), services.directory, way_back)
    letters = Outbox(services.store, policies, "test").claim(hall.clock(), 50)
    told = {letter.row.template: wording.word(letter) for letter in letters}
    assert "＊＊＊" in told["assignment"].subject
    assert FORM_NAME not in told["assignment"].subject + told["assignment"].text
    assert FORM_NAME in told["acknowledgement"].text


def test_what_waits_to_be_sent_to_a_barred_bureau_is_not_sent(hall: Hall) -> None:
    reference, clerk = _secret(hall), hall.browser("clerk")
    hall.put(reference, state="triage", bureau=None)
    hall.say(clerk, reference, "assign", bureau=WATER)
    assert {r.state for r in hall.rows(schema.outbox) if r.template == "assignment"} == {"pending"}
    assert hall.say(clerk, reference, "bar", bureau=WATER, reason="about them").status_code == 303
    states = {row.template: row.state for row in hall.rows(schema.outbox)}
    assert (states["assignment"], states["acknowledgement"]) == ("suppressed", "pending")


def test_what_citizens_were_told_is_shown_without_names_and_keys(small_hall: Hall) -> None:
    """The office reads the words; nobody can rate or follow the case with what stands in them."""
    hall, reference = small_hall, small_hall.mail()
    (part,) = hall.rows(schema.participation)
    (letter,) = [row for row in hall.rows(schema.outbox) if row.role == "complainant"]
    words = f"Dear {NAME}, your code is {part.code}: /rate/{part.token}. It was mended."
    with hall.running.services.store.write() as connection:
        o = schema.outbox
        told = {"text": sealed(letter.id, words), "state": "sent"}
        connection.execute(o.update().where(o.c.id == letter.id).values(**told))
    page = hall.browser("clerk").get(f"/staff/cases/{reference}").text
    assert "It was mended." in page
    for secret in (NAME, part.code, part.token):
        assert secret not in page
    assert "It was mended." not in hall.browser("handler").get(f"/staff/cases/{reference}").text
