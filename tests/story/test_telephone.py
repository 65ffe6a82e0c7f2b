"""Stories by telephone: what is spoken, cut off, read aloud, rated by key, and written to who can read it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from channels.twilio.reconcile import Found
from intake import schema
from intake.refusals import Refused
from intake.verbs import Assign, Close
from tests.support.rehearsal import CLERK
from tests.support.town import ANN, SocketLine, Town, reference_in
from tests.web.browser import Browser

WALL = "+862085550123"
"""A telephone on a wall, which no text reaches."""
KEYS = {"zh-Hans": "1", "yue": "2", "en": "3"}


def spoken(town: Town, language: str, caller: str) -> SocketLine:
    """A caller who heard the menu in their language."""
    line = town.line(caller).dial()
    return (line if line.at == "language" else line.press("*")).press(KEYS[language])  # type: ignore[return-value]


def complained(town: Town, caller: str, language: str = "zh-Hans") -> tuple[SocketLine, str]:
    """A call in which somebody complained; the line, and the reference they heard."""
    line = spoken(town, language, caller).press("1").speak()
    heard = line.heard
    line.hang_up()
    town.settle()
    (reference,) = town.references()[:1]
    digits = re.findall(r"\d", heard)
    assert "".join(digits).count(reference.replace("-", "")) >= 2 or language != "en", heard
    return line, reference  # type: ignore[return-value]


def answered(town: Town, reference: str, text: str = "路灯已经修好。") -> None:
    """The office sends it to a bureau by hand, which answers."""
    if town.case(reference).bureau is None:
        town.say(reference, CLERK, Assign("urban_management"))
    town.answer(reference, text)


def picked_up(town: Town, number: str) -> SocketLine:
    """The telephone rings and somebody picks up."""
    called = town.last_to(number, "call")
    line = town.line(number, outgoing=True, sid=called.sid)
    return line.dial(called.url)  # type: ignore[return-value]


def hung_up(line: SocketLine, status: str = "completed") -> None:
    """The line of a call out is cut."""
    assert line.town is not None
    called = line.town.last_to(line.caller, "call")
    line.hang_up(status, called.callback)
    line.town.settle()


def test_a_mobile_hears_its_reference_twice_and_reads_it_too(town: Town) -> None:
    _, reference = complained(town, ANN)
    (said,) = town.read()
    assert reference_in(said) == reference
    assert [row.template for row in town.outbox() if row.role == "complainant"] == ["acknowledgement"]
    files = town.dossier(reference).attachments.values()
    assert [file.media_type for each in files for file in each] == ["audio/wav"]
    assert reference in town.text("查询")[0]  # one person, by voice and by text
    town.assert_sound()


def test_what_was_said_before_the_line_was_cut_is_kept(town: Town) -> None:
    line = spoken(town, "yue", ANN).press("1")
    line.report_recording(line.recording(seconds=4))
    line.hang_up()
    town.settle()
    (reference,) = town.references()
    assert reference in town.read()[0]
    with town.system.store.read() as connection:
        tongue = connection.execute(select(schema.transcript.c.language)).scalar_one()
        envelope = connection.execute(select(schema.submission.c.envelope)).scalar_one()
    assert (tongue, envelope["language"]) == ("yue", "yue")
    assert town.case(reference).language == "zh-Hans"
    town.assert_sound()


def test_a_telephone_on_the_wall_is_called_and_then_the_case_can_be_closed(town: Town) -> None:
    _, reference = complained(town, WALL)
    assert [one for one in town.carrier.taken if one.to == WALL] == []
    answered(town, reference)
    ringing = town.last_to(WALL, "call")
    assert [row.state for row in town.outbox() if row.template == "answer"] == ["sent"]
    with pytest.raises(Refused) as refused:
        town.say(reference, CLERK, Close("resolved"))
    assert refused.value.code == "sending"

    line = picked_up(town, WALL)
    assert "路灯" not in line.heard
    assert "路灯已经修好" in line.press("1").heard
    town.clock.advance(seconds=30)  # it was listened to: a key pressed at once would tell nothing
    line.press("1")
    hung_up(line)
    assert [row.state for row in town.outbox() if row.template == "answer"] == ["delivered"]
    assert town.say(reference, CLERK, Close("resolved")) == "closed"

    assert town.last_to(WALL, "call").sid != ringing.sid
    line = picked_up(town, WALL).press("1")  # type: ignore[assignment]
    assert line.at == "read_rate"
    line.press("3").speak(seconds=5)
    line.hang_up()
    town.settle()
    case = town.case(reference)
    assert (case.feedback, case.attention) == ("dissatisfied", "dissatisfied")
    town.assert_sound()


def test_who_does_not_pick_up_is_called_at_decent_hours_and_then_it_is_work(town: Town) -> None:
    _, reference = complained(town, WALL)
    answered(town, reference)
    for _ in range(6):
        before = len(town.carrier.taken)
        hung_up(town.line(WALL, outgoing=True, sid=town.last_to(WALL, "call").sid), "no-answer")
        for _hour in range(24):
            if len(town.carrier.taken) > before:
                break
            town.wait(hours=1)
    assert [row.state for row in town.outbox() if row.template == "answer"] == ["bounced"]
    assert town.case(reference).attention == "undelivered"
    with pytest.raises(Refused):
        town.say(reference, CLERK, Close("resolved"))
    town.assert_sound()


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled", "completed"])
def test_a_call_whose_end_nobody_reported_is_made_again(town: Town, status: str) -> None:
    _, reference = complained(town, WALL)
    answered(town, reference, "路灯已经修好。" * 30)
    first = town.last_to(WALL, "call").sid
    if status == "completed":  # somebody picked up, and hung up before hearing it
        picked_up(town, WALL).press("1")
    town.clock.advance(minutes=30)
    town.system.reconcile().run()
    assert answer_of(town) == ("sent", first)  # it rings still, as far as the carrier knows
    town.carrier.ended[first] = (status, 4 if status == "completed" else 0)
    assert town.system.reconcile().run() == Found(calls=1)
    assert town.system.reconcile().run() == Found()
    assert answer_of(town)[0] == "pending"
    for _hour in range(24):
        town.wait(hours=1)
    assert answer_of(town)[0] == "sent"
    assert town.last_to(WALL, "call").sid != first
    town.assert_sound()


def test_a_call_that_was_listened_to_counts_though_its_end_was_lost(town: Town) -> None:
    _, reference = complained(town, WALL)
    answered(town, reference)
    line = picked_up(town, WALL).press("1")
    town.clock.advance(hours=1)
    town.carrier.ended[line.sid] = ("completed", 60)
    assert town.system.reconcile().run() == Found(calls=1)
    assert answer_of(town) == ("delivered", line.sid)
    assert town.system.reconcile().run() == Found()
    town.assert_sound()


def answer_of(town: Town) -> tuple[str, str]:
    """State and carrier's id of the answer."""
    [row] = [row for row in town.outbox() if row.template == "answer"]
    return row.state, row.provider_id


def test_a_number_that_takes_no_texts_is_called_instead(town: Town) -> None:
    (said,) = town.text("西江路的路灯坏了好几盏，一片漆黑")
    reference = reference_in(said)
    answered(town, reference)
    town.report(town.last_to(ANN), "undelivered", "30006")
    line = picked_up(town, ANN)
    assert "路灯已经修好" in line.press("1").heard
    town.clock.advance(seconds=30)  # it was listened to: a key pressed at once would tell nothing
    line.press("1")
    hung_up(line)
    assert [(r.channel, r.state) for r in town.outbox() if r.template == "answer"] == [("phone", "delivered")]
    assert town.say(reference, CLERK, Close("resolved")) == "closed"
    assert town.dossier(reference).participations[0].channel == "phone"
    town.assert_sound()


@pytest.mark.parametrize(
    ("language", "promised", "instead"),
    [
        ("zh-Hans", "短信", "请把编号和查询码记下来"),
        ("yue", "短訊", "唔該你寫低個編號同查詢碼"),
        ("en", "text you", "write down the reference and the code"),
    ],
)
def test_a_number_whose_text_came_back_is_promised_none(
    town: Town, language: str, promised: str, instead: str
) -> None:
    town.text("西江路的路灯坏了好几盏，一片漆黑")
    assert promised in spoken(town, language, ANN).press("1").speak().heard
    town.settle()
    town.report(town.last_to(ANN), "undelivered", "30006")
    heard = spoken(town, language, ANN).press("1").speak().heard
    assert promised not in heard
    assert instead in heard


def test_rating_by_key_in_a_call_of_ones_own(town: Town) -> None:
    _, reference = complained(town, ANN)
    town.read()
    answered(town, reference)
    town.report(town.last_to(ANN), "delivered")
    town.say(reference, CLERK, Close("resolved"))
    line = town.line(ANN).dial().press("3")
    assert line.at == "rating"
    line.press("1").hang_up()
    town.settle()
    assert town.case(reference).feedback == "satisfied"
    town.assert_sound()


def test_a_hidden_caller_opens_the_case_with_what_was_spelled(town: Town) -> None:
    _, reference = complained(town, "anonymous", "en")
    with town.system.store.read() as connection:
        code = connection.execute(select(schema.submission.c.reserved_code)).scalar_one()
    answered(town, reference)
    page = Browser(town.system.web())
    page.get("/track")
    page.send("/track", {"reference": reference, "code": code})
    assert "路灯已经修好" in page.text
    assert town.say(reference, CLERK, Close("resolved")) == "closed"
    town.assert_sound()
