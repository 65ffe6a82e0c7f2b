"""Whole conversations, line by line, carried out the way filing does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from channels.dialogue import Script
from intake.contracts import Decision, Text
from intake.conversation import Act, Conversation, OwnCase, Turn
from tests.channels.dialogue.scenes import NOW, REFERENCE, SECOND, case, heard, remembered, said

_SECOND_LATER, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Talk:
    """One person and the little of filing that a conversation needs."""

    def __init__(self, *cases: OwnCase) -> None:
        self.cases = cases
        self.now: datetime = NOW
        self.conversation = Conversation("sms", "+12025550123")
        self.turns: list[Turn] = []
        self.waiting = ""

    def say(self, message: str, after: timedelta = _MINUTE, **more: Any) -> str:
        """Write ``message`` some time after the last; what comes of it, in a few words."""
        self.now += after
        turn = Script().turn(heard(message, self.conversation, self.cases, at=self.now, **more))
        self.turns.append(turn)
        held = (self.conversation.held_id, self.conversation.held_until)
        self.conversation = replace(turn.conversation, held_id=held[0], held_until=held[1])
        waited, answer = "", said(turn)
        if turn.release and held[0]:
            waited, self.waiting = self.waiting, ""
            self.conversation = replace(self.conversation, held_id=None, held_until=None)
        if turn.act is Act.NEW:
            self._file(message)
        if turn.act is Act.HOLD:
            self.waiting = message
            self.conversation = replace(
                self.conversation, held_id="h", held_until=turn.conversation.held_until
            )
        if waited and turn.release == "new":
            answer += f" | {self.say(waited, timedelta(0), held=True)}"
        return answer

    def _file(self, message: str) -> None:
        key, bureau = f"n{len(self.cases)}", "housing" if "房" in message else "traffic"
        made = replace(case(key, "assigned", timedelta(0)), received_at=self.now, bureau=bureau)
        self.cases = (made, *self.cases)
        self.conversation = replace(self.conversation, complaint_id=key)

    def change(self, **values: Any) -> None:
        """Something happens to the latest case."""
        self.cases = (replace(self.cases[0], **values), *self.cases[1:])


def test_from_the_first_word_to_the_rating() -> None:
    talk = Talk()
    assert talk.say("你好") == "talk help"
    assert talk.say("房子漏水，没人管") == "new: where"
    assert talk.say("人民路12号") == "add ask_when"
    assert talk.say("上周开始的") == "add ask_name"
    assert talk.say("1") == "add named"
    assert talk.turns[-1].confidential is False
    assert talk.say("查询") == "talk status_assigned"
    assert talk.say("又漏了") == "add added"
    talk.change(state="closed", closed_at=talk.now + _MINUTE)
    assert talk.say("3", timedelta(days=3)) == "rate dissatisfied ask_why"
    assert talk.say("修了又坏") == "rate dissatisfied thanks_dissatisfied"
    assert talk.turns[-1].text == "修了又坏"
    assert talk.conversation.asking == ""


def test_the_same_in_english_skipping_everything() -> None:
    talk = Talk()
    assert talk.say("The lamp is out and nobody cares") == "new: office"
    assert talk.conversation.language == "en"
    assert [talk.say("0") for _ in range(3)] == ["talk ask_where", "talk ask_when", "talk ask_name"]
    assert talk.say("0") == "talk complete"
    assert talk.say("0") == "talk help"  # nothing is asked any more, and nothing twice


def test_no_question_is_put_twice() -> None:
    talk = Talk()
    talk.say("路灯坏了")
    put = [talk.turns[-1].ask]
    for message in ("不知道", "人民路", "昨天", "2", "又坏了", "还是没修"):
        talk.say(message, timedelta(minutes=11))
        put += [line.template for line in talk.turns[-1].say if line.template.startswith("ask_")]
    assert put == ["office", "ask_where", "ask_when", "ask_name"]


def test_one_message_sent_in_pieces_is_one_case_and_the_question_stands() -> None:
    talk = Talk()
    assert talk.say("房子漏水，我已经打了很多次电话，他们每次都说") == "new: where"
    pieces = "马上派人来，可是从来没有人来过，墙都黑了，孩子咳嗽不停，我实在没有办法才找你们"
    assert talk.say(pieces, _SECOND_LATER) == "add"
    assert talk.say("人民路12号") == "add ask_when"
    assert len(talk.cases) == 1


def test_who_goes_on_talking_is_not_asked_any_more() -> None:
    talk = Talk()
    talk.say("房子漏水")
    going_on = "我已经打了很多次电话，他们每次都说马上来，可是从来没有人来过，墙都黑了，实在没有办法"
    assert talk.say(going_on, timedelta(minutes=5)) == "add added"
    assert talk.turns[-1].reroute
    assert talk.say("人民路12号", timedelta(hours=1)) == "add added"
    assert talk.conversation.asking == ""


def test_thanks_for_more_come_once_in_a_while() -> None:
    talk = Talk(case("c1", "in_progress", timedelta(hours=1)))
    pieces = [talk.say(f"第{n}段话", _SECOND_LATER) for n in range(4)]
    assert pieces == ["add added", "add", "add", "add"]
    assert talk.say("补充：还有一段", _SECOND_LATER) == "add added"  # said outright: always
    assert talk.say("还有一段话", _SECOND_LATER) == "add"
    assert talk.say("还有一段话", timedelta(minutes=2)) == "add added"


def test_another_matter_soon_after_is_asked_about_but_not_a_piece_of_the_same_message() -> None:
    for after, expected in ((30, "add added"), (90, "hold new_or_more"), (540, "hold new_or_more")):
        talk = Talk(case("c1", "in_progress", timedelta(hours=2)))
        talk.say("又漏了")
        talk.say("补充：厨房也漏", timedelta(minutes=5))
        answer = talk.say("今天建设路的公交车一小时没来一辆", timedelta(seconds=after))
        assert answer == (expected if expected.startswith("hold") else "add")


@pytest.mark.parametrize("state", ["in_progress", "closed", "awaiting_complainant", "triage"])
@pytest.mark.parametrize("asked", ["", "where", "new_or_more"])
def test_danger_does_not_wait(state: str, asked: str) -> None:
    bureau = None if state == "triage" else "housing"
    times = {"closed": {"closed_at": NOW - _HOUR}, "awaiting_complainant": {"asked_at": NOW - _HOUR}}
    own = case("c1", state, 2 * _HOUR, bureau=bureau, **times.get(state, {}))
    known = remembered(asked, (own,), timedelta(minutes=5))
    message = heard("There is a strong smell of gas in Mill Street", known, (own,))
    danger = Decision("traffic", "rule", "gas", Text("煤气", "gas"), "service", urgency="urgent")
    turn = Script().turn(replace(message, proposal=danger))
    assert turn.act is Act.NEW
    assert turn.release == ("new" if asked == "new_or_more" else "")


def test_more_about_the_same_danger_joins_its_case() -> None:
    own = case("c1", "assigned", _HOUR, bureau="traffic")
    message = heard("The smell of gas is stronger now in Mill Street", remembered("", (own,), _HOUR), (own,))
    danger = Decision("traffic", "rule", "gas", Text("煤气", "gas"), "service", urgency="urgent")
    assert said(Script().turn(replace(message, proposal=danger))) == "add added"


def test_something_else_instead_of_an_answer_is_confirmed_even_soon_after() -> None:
    talk = Talk()
    talk.say("昨天幸福小区的房子漏水，没人来修")
    assert talk.conversation.asking == "name"
    assert talk.say("补充：厨房", _SECOND_LATER) == "add added"
    talk.conversation = replace(talk.conversation, asking="name", asked_at=talk.now)
    assert talk.say("物业说下个月再说", _SECOND_LATER) == "add added"


def test_who_writes_chinese_is_answered_in_chinese() -> None:
    talk = Talk()
    talk.say("The bus never comes")
    assert talk.conversation.language == "en"
    talk.say("谢谢你们")
    assert talk.conversation.language == "zh-Hans"


def test_a_status_of_many_says_how_many_more() -> None:
    many = [case(f"k{n}", "closed", timedelta(days=n), closed_at=NOW) for n in range(3)]
    many += [case(f"o{n}", "in_progress", timedelta(days=9 + n)) for n in range(4)]
    talk = Talk(*many)
    assert talk.say("查询") == "talk" + " status_in_progress" * 3 + " and_more"
    assert talk.turns[-1].say[-1].params == {"n": "4"}
    talk = Talk(*many[:3])
    assert talk.say("查询") == "talk status_closed"


def test_a_new_matter_is_asked_about_and_becomes_a_case() -> None:
    talk = Talk(case("c1", "in_progress", timedelta(hours=2)))
    assert talk.say("今天建设路的公交车一小时没来一辆") == "hold new_or_more"
    assert talk.turns[-1].conversation.held_until == talk.now + timedelta(minutes=15)
    assert talk.say("2") == "talk release new | new: name"
    assert talk.conversation.complaint_id == "n1"
    assert talk.say("2") == "talk secret"


def test_what_waited_without_an_answer_is_a_complaint() -> None:
    talk = Talk(case("c1", "in_progress", timedelta(days=2)))
    message = "房子又漏水了，这次是厨房那一边"
    assert talk.say(message) == "hold new_or_more"
    talk.conversation = replace(talk.conversation, held_id=None, held_until=None)  # as filing does
    assert talk.say(message, timedelta(minutes=15), held=True) == "new: where"


def test_two_long_ones_in_a_row_both_are_kept() -> None:
    talk = Talk(case("c1", "in_progress", timedelta(hours=2)))
    assert talk.say("今天建设路的公交车一小时没来一辆") == "hold new_or_more"
    second = talk.say("医院门诊今天排队要排三个小时，没有人管")
    assert second == "hold new_or_more release new | new"  # the question about the second one stands
    assert talk.conversation.asking == "new_or_more"
    assert talk.say("2") == "talk release new | new: where"
    assert len(talk.cases) == 3


def test_a_rating_button_counts_for_the_case_it_stands_under() -> None:
    closed = {"closed_at": NOW - timedelta(days=1), "state": "closed"}
    first = replace(case("c1", "closed", timedelta(days=20)), **closed)  # type: ignore[arg-type]
    second = replace(case("c2", "closed", timedelta(days=9)), **closed, feedback="satisfied")  # type: ignore[arg-type]
    talk = Talk(first, second)
    assert talk.say("", choice="3", belongs="c2") == "rate dissatisfied ask_why"
    assert talk.turns[-1].complaint_id == "c2"
    assert talk.say("没修好") == "rate dissatisfied thanks_dissatisfied"
    assert talk.turns[-1].complaint_id == "c2"
    assert talk.say("", choice="1", belongs="c1") == "rate satisfied thanks_satisfied"
    assert talk.turns[-1].complaint_id == "c1"


def test_a_quoted_message_says_which_case() -> None:
    talk = Talk(case("c1", "in_progress", timedelta(hours=1)), case("c2", "assigned", timedelta(days=20)))
    assert talk.say("这件还没有动静", belongs="c2") == "add added"
    assert talk.turns[-1].complaint_id == "c2"
    assert talk.say("撤回", belongs="c2") == "talk confirm_withdraw"
    assert talk.say("1") == "withdraw withdrawn"
    assert talk.turns[-1].complaint_id == "c2"


def test_files_alone_are_heard() -> None:
    talk = Talk()
    assert talk.say("", files=2) == "new: office"
    assert talk.say("", files=1) in ("add ask_where", "add")
    assert len(talk.cases) == 1


def test_stop_is_confirmed_once_and_a_complaint_ends_it() -> None:
    talk = Talk()
    assert talk.say("TD") == "talk stopped"
    assert talk.conversation.stopped_at == talk.now
    assert talk.say("stop") == "talk"
    assert talk.say("谢谢") == "talk"
    assert talk.conversation.stopped_at is not None
    assert talk.say("房子漏水").startswith("new")
    assert talk.conversation.stopped_at is None


def test_a_language_that_was_chosen_stays() -> None:
    talk = Talk()
    talk.say("房子漏水")
    assert talk.conversation.language == "zh-Hans"
    talk.say("English")
    assert talk.conversation.language == "en"
    talk.say("人民路12号的房子，三楼漏水，已经两个月")
    assert talk.conversation.language == "en"


def test_nothing_of_another_persons_case_is_said() -> None:
    talk = Talk(case("c1", "in_progress", timedelta(hours=1)))
    for message in (f"查询 {SECOND}", f"撤回 {SECOND}", SECOND, f"status {SECOND}"):
        assert talk.say(message) == "talk not_yours"
        assert talk.turns[-1].say[0].params == {}
    assert talk.say(f"补充 {SECOND} 我也要说一句") == "add added"
    assert talk.turns[-1].complaint_id == "c1"
    assert talk.turns[-1].say[0].params == {"reference": REFERENCE}
