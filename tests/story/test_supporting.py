"""A supporting bureau is asked to help; it does not accept, answer or return for the one that leads."""

from __future__ import annotations

import pytest

from intake.refusals import Refused
from intake.verbs import Accept, Answer, Ask, Assign, Note, Return
from tests.support import mails
from tests.support.rehearsal import CLERK, Rehearsal, handler_of


def test_a_supporting_bureau_helps_and_does_not_speak_for_the_lead(county: Rehearsal) -> None:
    county.receive(mails.letter("西江路的路灯坏了两个星期，请派人修理。", subject="路灯"))
    (reference,) = county.references()
    county.new_mail()
    county.say(reference, CLERK, Assign("transport", supporting=("water",)))
    for verb in (Accept(), Ask("哪一盏？"), Answer("修好了。"), Return("不归我们管")):
        with pytest.raises(Refused) as refusal:
            county.say(reference, handler_of("water"), verb)
        assert refusal.value.code == "forbidden"
    county.say(reference, handler_of("water"), Note("我们周三去看现场。"))
    said = {mails.address_of(mail, "To"): mail for mail in county.new_mail()}
    assert "请贵单位协办" in said["water@gaoyao.example"].get_content()
    assert "现交贵单位办理" in said["transport@gaoyao.example"].get_content()
    assert county.say(reference, handler_of("transport"), Accept()) == "in_progress"
    county.assert_sound()


def test_the_lead_alone_is_chased(county: Rehearsal) -> None:
    county.receive(mails.letter("西江路的路灯坏了两个星期，请派人修理。", subject="路灯"))
    (reference,) = county.references()
    county.say(reference, CLERK, Assign("transport", supporting=("water",)))
    county.new_mail()
    assert county.go_to("2026-03-20 10:00")
    told = {mails.address_of(mail, "To") for mail in county.new_mail()}
    assert "transport@gaoyao.example" in told
    assert "water@gaoyao.example" not in told


def test_a_reply_that_accuses_the_bureau_in_charge_is_looked_at(county: Rehearsal) -> None:
    county.receive(mails.letter("西江路的路灯坏了两个星期，请派人修理。", subject="路灯"))
    (reference,) = county.references()
    county.say(reference, CLERK, Assign("transport"))
    (acknowledgement,) = mails.to(county.new_mail(), mails.ANN)
    county.receive(mails.reply(acknowledgement, "谢谢，还是没有人来。"))
    assert county.dossier(reference).case.attention is None
    county.receive(mails.reply(acknowledgement, "我要投诉交通运输局不作为，推诿扯皮。"))
    assert county.dossier(reference).case.attention == "message"
