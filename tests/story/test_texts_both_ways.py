"""Stories by text, from the first message to the rating, as citizens live them."""

from __future__ import annotations

import pytest

from intake import schema
from intake.verbs import Ask, Close
from tests.channels.phone.line import ACCOUNT
from tests.support.rehearsal import CLERK, handler_of
from tests.support.town import ANN, BOB, Town, reference_in

LAMPS = "我们这里的路灯坏了好几盏，一片漆黑"
BUSES = "302路公交车司机在中山路口拒载老人，昨天下午的事"


def heard(town: Town, text: str = LAMPS, phone: str = ANN) -> str:
    """A first complaint; returns its reference."""
    (said,) = town.text(text, phone)
    return reference_in(said)


def delivered(town: Town, phone: str = ANN) -> None:
    """The carrier says that the last text to ``phone`` has arrived."""
    town.report(town.last_to(phone), "sent")
    town.report(town.last_to(phone), "delivered")


def test_from_the_first_text_to_dissatisfied(town: Town) -> None:
    (said,) = town.text(LAMPS)
    reference = reference_in(said)
    assert "23日" in said
    assert "什么地方" in said
    assert "什么时候" in town.text("西江路中段")[0]
    assert "可以让办理单位知道您是谁吗" in town.text("上个月开始的")[0]
    assert "不会告诉办理单位" in town.text("2")[0]
    assert town.references() == [reference]
    assert reference in town.text("查询")[0]
    town.wait(minutes=30)
    assert reference in town.text("补充：昨晚又灭了两盏")[0]

    bureau = handler_of(town.bureau_of(reference))
    town.say(reference, CLERK, Ask("一共多少盏？"))
    assert "一共多少盏" in town.read()[-1]
    assert town.case(reference).state == "awaiting_complainant"
    town.wait(hours=1)
    assert reference in town.text("12")[0]
    assert town.case(reference).state == "in_progress"

    town.answer(reference, "十二盏路灯已全部修好。")
    assert "十二盏路灯已全部修好" in town.read()[-1]
    delivered(town)
    assert town.say(reference, CLERK, Close("resolved")) == "closed"
    (asked,) = town.read()
    assert "满意" in asked

    town.go_to("2026-03-12 09:00")
    (reminded,) = town.read()
    assert "不会再问" in reminded
    assert reference in town.text("3 修了又坏")[0]
    case = town.case(reference)
    assert (case.feedback, case.feedback_text, case.attention) == ("dissatisfied", "修了又坏", "dissatisfied")
    assert bureau.bureau == case.bureau
    assert all(signed for _, signed in town.outcome_of(ANN))
    town.assert_sound()


def test_silence_is_stored_as_silence(town: Town) -> None:
    reference = heard(town, phone=BOB)
    town.answer(reference, "已修好。")
    delivered(town, BOB)
    town.say(reference, CLERK, Close("resolved"))
    town.read(BOB)
    town.go_to("2026-04-20 09:00")
    assert len(town.read(BOB)) == 1
    assert town.case(reference).feedback == "silent"
    town.assert_sound()


def test_the_same_in_english(town: Town) -> None:
    (said,) = town.text("The street lamps in Sample Road have been out for two weeks.")
    reference = reference_in(said)
    assert "Reply 1" in said or "1" in said
    assert said.isascii()
    assert "1" in town.text("status")[0]
    town.answer(reference, "All lamps were mended.")
    assert "All lamps were mended." in town.read()[-1]
    delivered(town)
    town.say(reference, CLERK, Close("resolved"))
    assert town.read()[-1].isascii()
    assert "sorry" in town.text("not satisfied")[0].lower()
    assert reference in town.text("Number 7 is dark again")[0]
    case = town.case(reference)
    assert (case.feedback, case.feedback_text) == ("dissatisfied", "Number 7 is dark again")
    town.assert_sound()


def test_a_picture_alone_is_answered_in_the_conversations_language(town: Town) -> None:
    town.text("hello")
    (said,) = town.text("", NumMedia="1", MediaUrl0=f"{_account()}/MM1", MediaContentType0="image/png")
    assert said.isascii(), said
    assert town.case(reference_in(said)).language == "en"
    assert town.dossier(reference_in(said)).participations[0].language == "en"
    town.assert_sound()


def test_stop_and_start(town: Town) -> None:
    """Who wants no messages gets none, not even the answer, which becomes somebody's work instead."""
    reference = heard(town)
    assert len(town.text("退订")) == 1
    assert town.text("退订") == []
    town.answer(reference, "已修好。")
    assert town.read() == []
    assert town.case(reference).attention == "undelivered"
    assert len(town.text("恢复")) == 1
    assert "已修好" in town.text("查询")[0]
    assert town.count(schema.complaint) == 1
    town.assert_sound()


@pytest.mark.parametrize("words", ["查询 {}", "补充 {}", "撤回 {}"])
def test_somebody_elses_reference_is_refused_civilly(town: Town, words: str) -> None:
    reference = heard(town)
    (said,) = town.text(words.format(reference), BOB)
    assert reference not in said
    assert "没有找到这个编号" in said
    assert town.count(schema.complaint) == 1
    assert town.kinds(reference).count("withdrawn") == 0
    town.assert_sound()


def test_two_cases_at_once(town: Town) -> None:
    first = heard(town)
    town.text("0")
    (said,) = town.text(f"新投诉 {BUSES}")
    second = reference_in(said)
    both = "\n".join(town.text("查询"))
    assert first != second
    assert first in both
    assert second in both
    assert reference_in(town.text(f"查询 {first}")[0]) == first
    assert reference_in(town.text(f"补充 {first} 灯杆也歪了")[0]) == first
    assert town.kinds(first).count("added") == 1
    assert town.kinds(second).count("added") == 0
    town.assert_sound()


@pytest.mark.parametrize(("reply", "cases"), [("1", 1), ("2", 2), ("", 2)])
def test_new_or_more_in_its_three_endings(town: Town, reply: str, cases: int) -> None:
    first = heard(town)
    for _ in range(3):
        town.text("0")
    town.wait(hours=13)
    (asked,) = town.text(BUSES)
    assert "补充" in asked
    assert first in asked
    assert town.count(schema.complaint) == 1
    said = town.text(reply) if reply else []
    if not reply:
        town.wait(minutes=14)
        assert town.count(schema.complaint) == 1
        town.wait(minutes=2)
        said = town.read()
    assert len(said) == 1
    assert town.count(schema.complaint) == cases
    assert (reference_in(said[0]) == first) is (cases == 1)
    assert town.kinds(first).count("added") == (1 if cases == 1 else 0)
    town.wait(hours=1)
    assert town.read() == []
    town.assert_sound()


def test_withdrawn_only_when_confirmed(town: Town) -> None:
    reference = heard(town)
    assert "回1撤回" in town.text("撤回")[0]
    assert "继续办" in town.text("2")[0]
    assert town.case(reference).attention is None
    town.text("撤回 已经自己修好了")
    assert "撤回" in town.text("1")[0]
    assert town.case(reference).attention == "withdrawn"
    town.assert_sound()


def test_by_whatsapp(town: Town) -> None:
    (said,) = town.text(LAMPS, whatsapp=True)
    reference = reference_in(said)
    town.answer(reference, "已修好。")
    assert "已修好" in town.read()[-1]
    assert {one.kind for one in town.carrier.taken} == {"whatsapp"}
    one = town.last_to(ANN, "whatsapp")
    town.report(one, "delivered")
    town.say(reference, CLERK, Close("resolved"))
    town.text("满意", whatsapp=True)
    assert town.case(reference).feedback == "satisfied"
    town.assert_sound()


def test_a_wrong_signature_is_nobodys_complaint(town: Town) -> None:
    form = {"MessageSid": "SM" + "9" * 32, "From": ANN, "To": ACCOUNT.number, "Body": LAMPS}
    assert town.post("/webhooks/twilio/sms", form, signed=False)[0] == 403
    town.settle()
    assert town.count(schema.submission) == 0


def test_the_same_webhook_twice_is_one_text(town: Town) -> None:
    form = {"MessageSid": "SM" + "8" * 32, "From": ANN, "To": ACCOUNT.number, "Body": LAMPS}
    for _ in range(2):
        assert town.post("/webhooks/twilio/sms", form)[0] == 200
    town.settle()
    assert town.count(schema.complaint) == 1
    assert len(town.read()) == 1
    town.assert_sound()


def _account() -> str:
    return f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT.sid}/Messages/MM0/Media"
