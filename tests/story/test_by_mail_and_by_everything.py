"""From complaint to rating by mail; one person on several channels; the accused who never learns."""

from __future__ import annotations

from channels.sms.sender import TextSender
from intake import schema
from intake.verbs import Close
from tests.story.test_accused import (
    ACCUSED,
    it_cannot_be_given_to_them,
    nobody_wrote_to_them,
    they_cannot_find_it,
)
from tests.support import mails
from tests.support.rehearsal import CLERK
from tests.support.town import ANN, BOB, Town, reference_in

LAMPS = "西江路的路灯坏了好几盏，一片漆黑"


def test_by_mail_from_the_complaint_to_the_rating(town: Town) -> None:
    town.receive(mails.letter("All street lamps in Sample Road have been broken for two weeks."))
    (reference,) = town.references()
    town.answer(reference, "All lamps were mended.")
    town.say(reference, CLERK, Close("resolved"))
    asked = mails.to(town.new_mail(), mails.ANN)[-1]
    town.receive(mails.reply(asked, "3\nNumber 7 is dark again."))
    case = town.case(reference)
    assert (case.feedback, case.attention) == ("dissatisfied", "dissatisfied")
    town.receive(mails.reply(asked, "And number 8, too."))
    assert town.case(reference).attention == "dissatisfied", "a further message hides no graver reason"
    assert town.references() == [reference]
    town.assert_sound()


def test_one_person_by_text_by_whatsapp_and_by_telephone(town: Town) -> None:
    """One number is one person for voice and text; by WhatsApp nothing is told of it without the code."""
    reference = reference_in(town.text(LAMPS)[0])
    line = town.line(ANN).dial().press("1").press("2")
    assert line.at == "told", line.heard
    assert "".join(c for c in line.heard if c.isdigit())
    line.hang_up()
    (said,) = town.text(f"查询 {reference}", whatsapp=True)
    assert "没有找到这个编号" in said
    assert town.references() == [reference]
    town.assert_sound()


def test_two_people_on_two_channels_are_each_answered(town: Town) -> None:
    """Each has a case of their own until the office joins them; word goes back by the way it came."""
    first = reference_in(town.text(LAMPS)[0])
    town.receive(mails.letter("All street lamps in Sample Road have been broken for two weeks."))
    (second,) = set(town.references()) - {first}
    for reference in (first, second):
        town.answer(reference, "灯已修好 / mended")
    assert "灯已修好" in town.read()[-1]
    assert "mended" in mails.text_of(mails.to(town.new_mail(), mails.ANN)[-1])
    town.assert_sound()


def test_the_accused_never_learns(town: Town) -> None:
    """Whoever is complained about by text cannot find, open or be given the case, whatever is added to it."""
    (said,) = town.text("城管局的执法人员态度恶劣，乱收费，路灯坏了也不管", BOB)
    reference = reference_in(said)
    assert town.case(reference).bureau != ACCUSED
    assert ACCUSED in {row.bureau for row in town.dossier(reference).barred}
    it_cannot_be_given_to_them(town, reference)
    they_cannot_find_it(town, reference)
    town.text("补充：是昨天下午的事", BOB)
    town.text("查询", BOB)
    town.go_to("2026-03-20 18:00")
    nobody_wrote_to_them(town)
    assert town.count(schema.complaint) == 1
    town.assert_sound()


def test_the_senders_are_the_real_ones(town: Town) -> None:
    senders = town.system.senders()
    assert isinstance(senders["sms"], TextSender)
    assert set(senders) == {"email", "web", "sms", "whatsapp", "phone", "telegram", "letter"}
