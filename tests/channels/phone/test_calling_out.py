"""Bringing an answer to somebody who has only a telephone."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from twilio.http.response import Response
from twilio.rest import Client

from channels.phone.sender import CallSender
from channels.twilio.account import TwilioAccount
from intake import schema
from intake.contracts import DeliveryFailed, Message
from intake.ids import new_id
from intake.lifecycle import Role
from intake.people import Actor
from intake.references import reference_of
from intake.vault import sealed
from intake.verbs import Accept, Answer, Assign, Close
from tests.channels.phone.conftest import CalledCounty, a_day
from tests.channels.phone.line import ACCOUNT, CALLER, Line

LEADER = Actor(Role.LEADER, "l1", "主任")
TEXT = "路灯已经修好。" * 20
LANDLINE = "+862085550123"


def answered(county: CalledCounty, *, closed: bool = False, text: str | None = TEXT) -> str:
    """A case of somebody with a landline was answered; the id of the message that must be read out."""
    county.speaking("en", LANDLINE).press("1").speak()
    county.running.register()
    o, c = schema.outbox, schema.complaint
    with county.store.read() as connection:
        number = connection.execute(select(c.c.number)).scalar_one()
    reference, office = reference_of(number), county.running.services.office
    for verb in (Assign("roads"), Accept(), Answer(TEXT)):
        office.perform(reference, LEADER, verb)
    with county.store.write() as connection:
        found = connection.execute(select(o.c.id).where(o.c.template == "answer")).scalar_one()
        connection.execute(o.update().where(o.c.id == found).values(text=sealed(found, text), state="sent"))
    if closed:
        office.perform(reference, LEADER, Close("resolved"))
    return str(found)


def ringing(county: CalledCounty, outbox_id: str, to: str = LANDLINE) -> Line:
    return county.line(to, outgoing=True).dial(f"/webhooks/twilio/voice?step=outgoing&id={outbox_id}")


def ends(line: Line, outbox_id: str, status: str = "completed") -> None:
    line.hang_up(status, f"/webhooks/twilio/call-status?id={outbox_id}")


def test_an_answer_is_read_to_whoever_presses_a_key(county: CalledCounty) -> None:
    outbox_id = answered(county)
    line = ringing(county, outbox_id)
    assert "路灯" not in line.heard  # whoever picks up learns nothing
    assert line.press("1").at == "read_out"
    assert line.heard.count("路灯已经修好。") == 20
    assert county.reports.words == []
    line.press("1")  # cut short at once: nothing was heard yet
    assert county.reports.words == []
    county.clock.advance(seconds=40)
    line.press("1")
    assert [word[:3] for word in county.reports.words] == [(outbox_id, line.sid, "delivered")]
    ends(line, outbox_id)
    assert len(county.reports.words) == 1


def test_the_number_is_spoken_to_in_its_language(light: CalledCounty) -> None:
    outbox_id = answered(light)  # they spoke English with us
    assert "press 1" in ringing(light, outbox_id).heard
    line = ringing(light, outbox_id).press("*").press("2")
    assert "請撳 1" in line.heard
    assert line.press("1").at == "read_out"


def test_hanging_up_after_most_of_it_was_read_counts(light: CalledCounty) -> None:
    outbox_id = answered(light)
    line = ringing(light, outbox_id).press("1")
    light.clock.advance(seconds=30)
    ends(line, outbox_id)
    assert [word[2] for word in light.reports.words] == ["delivered"]


def test_hanging_up_at_once_does_not(light: CalledCounty) -> None:
    outbox_id = answered(light)
    line = ringing(light, outbox_id).press("1")
    light.clock.advance(seconds=2)
    ends(line, outbox_id)
    assert [word[2] for word in light.reports.words] == ["failed"]


def test_a_late_word_of_the_end_makes_no_listener(light: CalledCounty) -> None:
    outbox_id = answered(light, text="路灯已经修好。" * 100)  # three minutes
    line = ringing(light, outbox_id).press("1")
    light.clock.advance(hours=3)  # the provider's report waited; it says that the call took 10 seconds
    ends(line, outbox_id)
    assert [word[2] for word in light.reports.words] == ["failed"]


def test_who_judges_at_once_has_heard_it(light: CalledCounty) -> None:
    outbox_id = answered(light, closed=True)
    line = ringing(light, outbox_id).press("1").press("3")
    assert [word[2] for word in light.reports.words] == ["delivered"]
    ends(line, outbox_id)
    assert len(light.reports.words) == 1


@pytest.mark.parametrize(
    "text",
    ["a\x00b\x0bc\ufffe 好。", "<b>&😀</b>" * 900, "&" * 20_000, "好" * 15_000, "😀" * 20_000],
    ids=["signs that XML lacks", "marks", "escaped", "long", "wide"],
)
def test_whatever_was_written_is_read_within_the_providers_bounds(
    light: CalledCounty, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox_id = answered(light, text="x")
    known = light.exchange.calls.letter

    def letter(key: str) -> Any:  # a database may keep fewer signs than people write
        found = known(key)
        return None if found is None else SimpleNamespace(**(dict(found._mapping) | {"text": text}))

    monkeypatch.setattr(light.exchange.calls, "letter", letter)
    line = ringing(light, outbox_id).press("1")  # every answer is checked against Twilio's own types
    assert line.at == "read_out"
    assert len(line.last.encode()) < 64 * 1024
    assert all(len((say.text or "").encode("utf-16-le")) <= 2 * 4096 for say in line.tree.iter("Say"))
    whole = len(text.encode()) < 58_000 and "&" not in text[1:2]
    assert ("too long" in line.heard) is not whole  # never cut in silence


def test_a_voicemail_is_nobody(county: CalledCounty) -> None:
    outbox_id = answered(county)
    line = ringing(county, outbox_id)
    for _ in range(3):
        line.silence()
    assert line.over
    ends(line, outbox_id)
    ends(line, outbox_id)  # reported twice
    assert [word[2:] for word in county.reports.words] == [("failed", False, a_day(2026, 3, 2, 11))]


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_who_does_not_pick_up_is_called_again_six_times(light: CalledCounty, status: str) -> None:
    outbox_id = answered(light)
    for _ in range(6):
        ends(light.line(LANDLINE, outgoing=True), outbox_id, status)
    assert [word[3] for word in light.reports.words] == [False] * 5 + [True]


def test_the_text_is_waited_for(light: CalledCounty) -> None:
    outbox_id = answered(light, text=None)
    line = ringing(light, outbox_id).press("1")
    assert line.at == "waiting"
    assert line.silence().at == "waiting"
    with light.store.write() as connection:
        told = schema.outbox.update().where(schema.outbox.c.id == outbox_id)
        connection.execute(told.values(text=sealed(outbox_id, TEXT)))
    assert "路灯" in line.silence().heard


def test_a_text_that_never_comes_is_not_waited_for_for_ever(light: CalledCounty) -> None:
    outbox_id = answered(light, text=None)
    line = ringing(light, outbox_id).press("1")
    for _ in range(20):
        if line.over:
            break
        line.silence()
    assert line.over
    ends(line, outbox_id)
    assert [word[2] for word in light.reports.words] == ["failed"]


def test_a_closed_case_is_rated_in_the_call(county: CalledCounty) -> None:
    outbox_id = answered(county, closed=True)
    line = ringing(county, outbox_id).press("1")
    assert line.at == "read_rate"
    assert line.press("9").at == "read_rate"  # heard again
    assert line.press("2").at == "remark"
    with county.store.read() as connection:
        assert connection.execute(select(schema.complaint.c.feedback)).scalar_one() == "basically_satisfied"


def test_what_they_say_to_it_joins_the_case(light: CalledCounty) -> None:
    outbox_id = answered(light)
    line = ringing(light, outbox_id).press("1").press("2")
    assert line.at == "reply"
    line.speak(9)
    light.running.register()
    rows = light.submissions()
    assert rows[0].complaint_id == rows[1].complaint_id


def test_a_call_for_a_message_that_is_not_theirs(light: CalledCounty) -> None:
    outbox_id = answered(light)
    assert ringing(light, outbox_id, to=CALLER).over
    assert ringing(light, new_id()).over
    assert ringing(light, "../x").over


# ---------------------------------------------------------------- the sender


class Api:
    """Answers the official client's HTTP, and keeps what it was asked."""

    def __init__(self, status: int = 201, body: str = '{"sid": "CA1"}') -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self._status, self._body = status, body

    def request(self, method: str, url: str, **options: Any) -> Any:
        self.asked.append((method, url, options.get("data")))
        return Response(self._status, self._body)


def message(outbox_id: str = "0" * 32) -> Message:
    return Message(outbox_id, "phone", LANDLINE, "", "", TEXT, "zh-Hans", template="answer")


def sender(county: CalledCounty, api: Api, account: TwilioAccount = ACCOUNT) -> CallSender:
    client = Client(account.sid, account.token, http_client=api, environment={})
    return CallSender(account, county.exchange.hours, county.clock, client)


def test_ringing_somebody(light: CalledCounty) -> None:
    api = Api()
    assert sender(light, api).send(message()).provider_id == "CA1"
    [(method, url, form)] = api.asked
    assert (method, form["To"], form["From"]) == ("POST", LANDLINE, ACCOUNT.number)
    assert url.endswith("/Calls.json")
    assert form["Url"] == f"https://county.example/webhooks/twilio/voice?step=outgoing&id={'0' * 32}"
    assert form["StatusCallback"] == f"https://county.example/webhooks/twilio/call-status?id={'0' * 32}"


@pytest.mark.parametrize(
    ("now", "again"),
    [
        (a_day(2026, 3, 2, 8), a_day(2026, 3, 2, 9)),  # Monday, too early
        (a_day(2026, 3, 2, 19), a_day(2026, 3, 3, 9)),  # Monday evening
        (a_day(2026, 3, 6, 22), a_day(2026, 3, 9, 9)),  # Friday night
        (a_day(2026, 3, 7, 11), a_day(2026, 3, 9, 9)),  # Saturday
    ],
)
def test_nobody_is_rung_at_an_indecent_hour(light: CalledCounty, now: datetime, again: datetime) -> None:
    light.clock.set(now)
    api = Api()
    with pytest.raises(DeliveryFailed) as failed:
        sender(light, api).send(message())
    assert (failed.value.permanent, failed.value.again_at) == (False, again)
    assert api.asked == []


@pytest.mark.parametrize(
    ("status", "code", "permanent"), [(400, 21211, True), (401, 20003, False), (503, 0, False)]
)
def test_what_twilio_refuses(light: CalledCounty, status: int, code: int, permanent: bool) -> None:
    api = Api(status, f'{{"code": {code}, "message": "no", "status": {status}}}')
    with pytest.raises(DeliveryFailed) as failed:
        sender(light, api).send(message())
    assert failed.value.permanent is permanent


def test_two_hours_pass_before_the_next_call(light: CalledCounty) -> None:
    outbox_id = answered(light)
    light.clock.set(a_day(2026, 3, 2, 18))
    ends(light.line(LANDLINE, outgoing=True), outbox_id, "busy")
    assert light.reports.words[-1][4] == a_day(2026, 3, 3, 9)
