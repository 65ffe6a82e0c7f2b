"""Every step of a call: posted twice, posted late, dropped, answered with nonsense, never answered."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from channels.phone.script import AGAIN, MAX_TURNS, RATINGS, SCRIPT
from channels.phone.switchboard import _ACTS, _ENTRANCES
from channels.wording.speech import SPOKEN, Speech
from intake import schema
from tests.channels.phone.conftest import CalledCounty, a_day
from tests.channels.phone.line import ACCOUNT, Line, check
from tests.channels.phone.test_asking import complained, digits

Walk = Callable[[CalledCounty], Line]


def _strangers(county: CalledCounty) -> Line:
    return county.speaking("en", "+12025550177")


WALKS: dict[str, Walk] = {
    "language": lambda county: county.line("+12025550180").dial(),
    "menu": lambda county: county.speaking("en"),
    "complain": lambda county: county.speaking("en").press("1"),
    "kept": lambda county: county.speaking("en").press("1").speak(),
    "told": lambda county: county.speaking("en").press("2"),
    "reference": lambda county: _strangers(county).press("2"),
    "code": lambda county: _strangers(county).press("2").press(digits(complained(county)[0])),
    "rated": lambda county: county.speaking("en").press("3").press(digits(complained(county)[0])),
    "dialling": lambda county: county.speaking("en").press("0"),
}
"""How to come to each step of a call to us; a case of the caller's is there before."""


@pytest.fixture(params=sorted(WALKS))
def stood(request: pytest.FixtureRequest, light: CalledCounty) -> tuple[CalledCounty, Line, str]:
    """A call that stands at each step in turn."""
    complained(light)
    line = WALKS[request.param](light)
    assert line.at == request.param
    return light, line, request.param


@pytest.mark.parametrize("step", sorted(WALKS))
def test_a_dropped_call_leaves_a_consistent_row(county: CalledCounty, step: str) -> None:
    complained(county)
    line = WALKS[step](county)
    line.hang_up()
    line.hang_up()
    with county.store.read() as connection:
        c = schema.phone_call.c
        row = connection.execute(select(schema.phone_call).where(c.sid == line.sid)).one()
    assert (row.step, row.ended_at, row.outgoing) == (step, county.clock(), False)
    assert row.memory["said"] == line.last


def test_a_step_posted_twice_says_the_same_and_does_nothing_twice(
    stood: tuple[CalledCounty, Line, str],
) -> None:
    county, line, _step = stood
    address, fields = line.posts[-1]
    said, before = line.last, len(county.submissions())
    assert line.post(address, **fields) == said
    assert len(county.submissions()) == before


def test_late_steps_hear_where_the_call_stands(stood: tuple[CalledCounty, Line, str]) -> None:
    county, line, _step = stood
    before = len(county.submissions())
    for address, fields in line.posts[:-1]:
        assert line.post(address, **fields) == line.last
    for address in (
        "/webhooks/twilio/voice?step=rating&turn=70",
        "/webhooks/twilio/voice?step=nothing&turn=1",
    ):
        assert line.post(address, Digits="1") == line.last
    assert len(county.submissions()) == before


def test_nobody_answers_for_ever(stood: tuple[CalledCounty, Line, str]) -> None:
    _county, line, step = stood
    if step == "dialling":
        return  # it ends when the ringing does
    for _ in range(3):
        assert not line.over
        line.silence()
    assert line.over


def test_wrong_keys_are_said_again_twice(light: CalledCounty) -> None:
    line = light.speaking("en")
    for _ in range(2):
        assert "Let's try again" in line.press("7").heard
    assert line.press("7").over


def test_patience_is_anew_at_each_step(light: CalledCounty) -> None:
    line = light.speaking("en").press("7").press("7").press("1")
    assert line.silence().at == "complain"
    assert line.silence().at == "complain"


def test_a_line_that_plays_keys_ends(light: CalledCounty) -> None:
    line = light.speaking("en")
    for _ in range(MAX_TURNS + 1):
        if line.over:
            break
        line.press("9")
    assert line.over


@settings(max_examples=15)
@given(
    keys=st.lists(
        st.sampled_from(["1", "2", "3", "0", "9", "#", "*", "", "12345", "say", "stop"]), max_size=12
    )
)
def test_any_keys_get_a_civil_answer(light: CalledCounty, keys: list[str]) -> None:
    line = light.line("+12025550181").dial()
    for key in keys:
        if line.over or line.tree.find("Dial") is not None:
            break
        if key == "say" and line.tree.find("Record") is not None:
            line.speak()
        elif line.tree.find("Gather") is not None and key not in ("say", "stop"):
            line.press(key)
        else:
            line.silence()
        assert line.status == 200
        assert line.heard


def test_the_same_step_twice_at_once(county: CalledCounty) -> None:
    line = county.speaking("en").press("1")
    address, fields = line.attribute("Record", "action"), {"Digits": "#", **line.recording()}
    said: list[str] = []
    posts = [threading.Thread(target=lambda: said.append(line.post(address, **fields))) for _ in range(4)]
    for post in posts:
        post.start()
    for post in posts:
        post.join()
    assert len(set(said)) == 1
    assert len(county.submissions()) == 1


# ---------------------------------------------------------------- who may post


def test_a_wrong_signature_is_refused(light: CalledCounty) -> None:
    client = light.app.test_client()
    form = {"CallSid": "CA1", "From": "+12025550123", "To": ACCOUNT.number}
    signed = RequestValidator("another token").compute_signature(
        f"{ACCOUNT.public_url}/webhooks/twilio/voice", form
    )
    for header in ("", signed):
        answer = client.post("/webhooks/twilio/voice", data=form, headers={"X-Twilio-Signature": header})
        assert answer.status_code == 403
    with light.store.read() as connection:
        assert connection.execute(select(schema.phone_call)).first() is None


def test_a_signature_is_for_one_step_only(light: CalledCounty) -> None:
    form = {"CallSid": "CA1", "From": "+12025550123", "To": ACCOUNT.number, "Digits": "1"}
    url = f"{ACCOUNT.public_url}/webhooks/twilio/voice?step=menu&turn=2"
    signature = RequestValidator(ACCOUNT.token).compute_signature(url, form)
    answer = light.app.test_client().post(
        "/webhooks/twilio/voice?step=menu&turn=3", data=form, headers={"X-Twilio-Signature": signature}
    )
    assert answer.status_code == 403


def test_a_post_that_names_no_call(light: CalledCounty) -> None:
    line = light.line()
    line.post("/webhooks/twilio/voice", CallSid="")
    assert line.status == 400
    line.post("/webhooks/twilio/voice", CallSid="CA/../1")
    assert line.status == 400


# ---------------------------------------------------------------- the table itself


def test_every_key_leads_somewhere() -> None:
    known = set(SCRIPT) | set(_ENTRANCES) | {AGAIN}
    for name, step in SCRIPT.items():
        for target in step.keys.values():
            assert target in known or (step.act and target in {*RATINGS, *SPOKEN}), (name, target)
        if step.act:
            assert name in _ACTS


def test_every_sentence_exists_in_every_language() -> None:
    wants = [
        {key: values for key, values in Speech(language).wants().items() if key.startswith("call.")}
        for language in SPOKEN
    ]
    assert wants[0] == wants[1] == wants[2]
    asked = {f"call.{step.ask}" for step in SCRIPT.values() if step.ask}
    assert asked <= set(wants[0])


def test_every_key_of_a_menu_is_named_in_its_sentence() -> None:
    for name in ("menu", "kept", "told", "rating", "rated", "read_rate", "read_out"):
        for language in SPOKEN:
            said = Speech(language).say(f"call.{SCRIPT[name].ask}", office="")
            for key in re.findall(r"(?:press|按|撳|or) ?([0-9])|, ([0-9]) for", said):
                pressed = key[0] or key[1]
                assert pressed in SCRIPT[name].keys, (name, language, pressed)


UNSAID = {"menu": {"*", "#"}, "kept": {"0", "*"}, "read_out": {"9", "#"}, "read_rate": {"#"}}
"""Keys that lead somewhere although the menu does not name them: a star for another language (said when the
call begins), a hash to hear it again, nought for a person where few need one."""
STAR = {"en": "star", "zh-Hans": "星号", "yue": "星字"}
_KEY_SAID = re.compile(r"[press按撳] ([0-9])|, ([0-9]) for")


@pytest.mark.parametrize("language", SPOKEN)
def test_the_keys_said_are_the_keys_that_work(language: str) -> None:
    for name, step in SCRIPT.items():
        if not step.keys:
            continue
        if step.ask == "language":  # each language says its own key, all are said
            said = "".join(Speech(each).say("call.language") for each in SPOKEN)
        else:
            said = Speech(language).say(f"call.{step.ask}", office="")
        named = {a or b for a, b in _KEY_SAID.findall(said)} | ({"*"} if STAR[language] in said else set())
        assert named == set(step.keys) - UNSAID.get(name, set()), (name, said)


def test_each_language_says_its_own_key() -> None:
    for key, language in SCRIPT["language"].keys.items():
        assert re.findall(r"[0-9]", Speech(language).say("call.language")) == [key]


@pytest.mark.parametrize("language", SPOKEN)
def test_a_person_is_one_key_away_wherever_one_is_promised(language: str) -> None:
    for sentence in ("rest", "state_awaiting_complainant"):
        assert "0" in Speech(language).say(f"call.{sentence}", received="", due="")
    assert all(SCRIPT[step].keys["0"] == "person" for step in ("told", "read_out", "read_rate"))


def test_the_apology_is_in_every_language(light: CalledCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(sid: str) -> None:
        raise OSError("no disk")

    monkeypatch.setattr(light.exchange.calls, "find", broken)
    line = light.line().dial()
    assert line.status == 200
    assert {say.get("language") for say in check(line.last).iter("Say")} == {"cmn-CN", "yue-CN", "en-US"}
    line.hang_up()
    assert line.status == 503


def test_after_hours_zero_goes_no_further(light: CalledCounty) -> None:
    light.clock.set(a_day(2026, 3, 2, 20))
    line = light.speaking("en").press("0")
    address, fields = line.posts[-1]
    assert line.post(address, **fields) == line.last
    assert len(light.submissions()) == 1
