"""Who may say what: the lifecycle table against what the pages offer and what they let through."""

from __future__ import annotations

import itertools
import re

import pytest

from intake import schema
from intake.lifecycle import BUREAU, LIFECYCLE, Role, State
from tests.web.staff.conftest import ROADS, WATER, Hall
from web.staff.access import STAFF
from web.staff.verb_forms import BY_VERB, FORMS

FILLED = {
    "bureau": ROADS,
    "reason": "a reason",
    "text": "a text",
    "question": "a question",
    "note": "a note",
    "outcome": "resolved",
    "value": "satisfied",
    "urgency": "urgent",
}
OFFERED = re.compile(r'id="verb-(\w+)"')
BY_MACHINES_AND_CITIZENS = {"add", "chase", "deliver", "identify", "miss", "redirect", "reroute", "withhold"}


def test_every_verb_of_people_has_a_form() -> None:
    assert set(BY_VERB) == set(LIFECYCLE) - BY_MACHINES_AND_CITIZENS


def attention_for(verb: str) -> str | None:
    return {"grant_return": "returned", "refuse_return": "returned", "attend": "message"}.get(verb)


def may(role: Role, verb: str, state: State) -> bool:
    rule = LIFECYCLE[verb]
    if role in BUREAU and (state is State.TRIAGE):
        return False  # in triage no bureau has the case
    if verb == "separate":
        return False  # this case was never merged
    return role in rule.who and state in rule.sources


@pytest.mark.parametrize("role", sorted(STAFF))
def test_roles_say_what_the_table_allows(small_hall: Hall, role: Role) -> None:
    hall, browser = small_hall, small_hall.browser(role)
    reference = hall.mail()
    allowed = 0
    for state, attention in itertools.product(State, (None, "returned", "message")):
        here = {
            "state": state,
            "bureau": None if state is State.TRIAGE else WATER,
            "attention": attention,
            "attention_since": hall.clock(),
            "closed_at": hall.clock() if state is State.CLOSED else None,
        }
        hall.put(reference, **here)
        offered = set(OFFERED.findall(browser.get(f"/staff/cases/{reference}").text))
        for form in FORMS:
            if attention_for(form.verb) != attention:
                continue
            assert (form.verb in offered) == may(role, form.verb, state), (form.verb, state)
            before = hall.case(reference).last_seq
            status = hall.say(browser, reference, form.verb, **FILLED).status_code
            if form.verb not in offered:
                refused = (403, 404, 409, 422) if form.verb == "separate" else (403, 404, 409)
                assert status in refused, (form.verb, state, status)
                assert hall.case(reference).last_seq == before
                continue
            allowed += 1
            assert status in (303, 422), (form.verb, state, status)  # 422: a rule of the verb itself
            hall.put(reference, **here)
            with hall.running.services.store.write() as connection:
                connection.execute(schema.block.delete())
    assert allowed >= 6


def test_verbs_of_machines_have_no_address(small_hall: Hall) -> None:
    browser, reference = small_hall.browser("admin"), small_hall.mail()
    for verb in (*BY_MACHINES_AND_CITIZENS, "nonsense"):
        assert small_hall.say(browser, reference, verb).status_code == 404


def test_somebody_was_quicker_and_nothing_typed_is_lost(hall: Hall) -> None:
    reference = hall.mail()
    first, second = hall.browser("clerk"), hall.browser("leader")
    seen = hall.case(reference).version
    assert hall.say(first, reference, "note", text="first").status_code == 303
    late = hall.say(second, reference, "answer", text="Dear <b>Bao</b>, it is mended.", version=seen)
    assert late.status_code == 409
    assert "Somebody has just changed this case" in late.text
    assert "Dear &lt;b&gt;Bao&lt;/b&gt;, it is mended." in late.text
    assert f'name="version" value="{seen + 1}"' in late.text  # pressing again now works
    assert hall.case(reference).answer is None


def test_a_double_click_counts_once(hall: Hall) -> None:
    reference, clerk = hall.mail(), hall.browser("clerk")
    seen = hall.case(reference).version
    for _click in range(2):
        assert hall.say(clerk, reference, "note", text="once", version=seen).status_code == 303
    assert [e.kind for e in hall.rows(schema.event)].count("noted") == 1
    other = hall.say(clerk, reference, "note", text="something else", version=seen)
    assert other.status_code == 409


def test_a_stale_choice_is_not_taken_for_a_double_click(hall: Hall) -> None:
    reference, clerk = hall.mail(), hall.browser("clerk")
    seen = hall.case(reference).version
    assert hall.say(clerk, reference, "assign", bureau=ROADS, version=seen).status_code == 303
    assert hall.say(clerk, reference, "assign", bureau=WATER, version=seen).status_code == 409
    assert hall.case(reference).bureau == ROADS


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999", "²"])
def test_a_form_must_say_what_it_saw(small_hall: Hall, version: str) -> None:
    reference, clerk = small_hall.mail(), small_hall.browser("clerk")
    assert small_hall.say(clerk, reference, "note", text="x", version=version).status_code == 409


def test_refusals_speak_the_readers_language_beside_the_form(hall: Hall) -> None:
    reference, clerk = hall.mail(), hall.browser("clerk")
    refused = hall.say(clerk, reference, "answer", text="   ")
    assert refused.status_code == 422
    form = refused.text.partition('id="verb-answer"')[2].partition("</details>")[0]
    assert "The text must not be empty." in form
    clerk.client.set_cookie("lang", "zh-Hans")
    assert "内容不能为空。" in hall.say(clerk, reference, "answer", text="   ").text


def test_a_form_that_is_no_longer_offered_shows_what_was_typed(hall: Hall) -> None:
    reference, clerk = hall.mail(), hall.browser("clerk")
    seen = hall.case(reference).version
    hall.put(reference, state=State.CLOSED, closed_at=hall.clock())
    late = hall.say(clerk, reference, "answer", text="A long answer", version=seen)
    assert late.status_code == 409
    assert "A long answer" in late.text.partition('id="refused"')[2]


def test_storage_away_keeps_the_text(small_hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    from intake.contracts import StorageUnavailable
    from intake.office import Office

    reference, clerk = small_hall.mail(), small_hall.browser("clerk")

    def away(*_args: object, **_more: object) -> None:
        raise StorageUnavailable("secret detail")

    monkeypatch.setattr(Office, "perform", away)
    failed = small_hall.say(clerk, reference, "note", text="Do not lose me")
    assert failed.status_code == 503
    assert failed.headers["Retry-After"]
    assert "Do not lose me" in failed.text
    assert "try again" in failed.text
    assert "secret detail" not in failed.text


def test_a_verb_without_its_token_does_nothing(hall: Hall) -> None:
    reference, clerk = hall.mail(), hall.browser("clerk")
    page = f"/staff/cases/{reference}/note"
    refused = clerk.post(page, {"version": hall.case(reference).version, "text": "x"}, token=False)
    assert refused.status_code == 400
    assert "noted" not in [e.kind for e in hall.rows(schema.event)]


def test_a_case_from_mail_to_rating(hall: Hall) -> None:
    reference = hall.mail("Kein Wasser", "nobody knows where this goes")
    clerk, handler = hall.browser("clerk"), hall.browser("handler")
    assert reference in clerk.get("/staff").text  # the first list: to route
    assert handler.get(f"/staff/cases/{reference}").status_code == 404
    assert hall.say(clerk, reference, "assign", bureau=WATER, supporting=[ROADS]).status_code == 303
    assert reference not in clerk.get("/staff").text
    assert reference in handler.get("/bureau").text
    hall.say(handler, reference, "accept")
    hall.say(handler, reference, "return", reason="not ours")
    assert reference in clerk.get("/staff?tab=returned").text
    hall.say(clerk, reference, "refuse_return", reason="it is yours")
    hall.say(handler, reference, "ask", question="Which house?")
    assert hall.case(reference).state == State.AWAITING
    hall.say(handler, reference, "answer", text="The pipe is mended.")
    assert reference in clerk.get("/staff?tab=answered").text
    early = hall.say(clerk, reference, "close", outcome="resolved")
    assert early.status_code == 422
    assert "on its way" in early.text
    hall.deliver()
    done = hall.say(clerk, reference, "close", outcome="resolved")
    assert done.headers["Location"] == f"/staff/cases/{reference}"
    page = clerk.get(f"/staff/cases/{reference}").text
    for words in (
        "Done: Close.",
        "Assigned to Water Company · supported by Roads Bureau",
        "Accepted by Water Company",
        "Return refused; Water Company must answer",
        "Which house?",
        "The pipe is mended.",
        "Closed: Resolved",
        "Sample handler (Handler)",
    ):
        assert words in page, words
    hall.say(clerk, reference, "rate", value="dissatisfied", text="still dry")
    assert reference in clerk.get("/staff?tab=look").text
    hall.say(clerk, reference, "reopen", reason="still dry")
    assert hall.case(reference).state == State.ASSIGNED


def test_a_granted_return_leaves_the_bureau_with_a_word(hall: Hall) -> None:
    reference, handler = hall.mail(), hall.browser("handler")
    clerk = hall.browser("clerk")
    assert hall.say(clerk, reference, "bar", bureau=WATER, reason="it is about them").status_code == 303
    assert hall.say(handler, reference, "accept").status_code == 404
    page = clerk.get(f"/staff/cases/{reference}").text
    chosen = page.partition('id="assign-bureau"')[2].partition("</select>")[0]
    assert 'value="roads"' in chosen
    assert 'value="water"' not in chosen
