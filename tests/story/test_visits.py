"""Three people come together: the visit becomes one case, and each hears the answer the way they chose."""

from __future__ import annotations

import re

from channels import visit
from channels.visit import VisitForm, Visitor
from intake import schema
from intake.tracking import Tracking
from intake.verbs import Close
from tests.support import mails
from tests.support.rehearsal import CLERK
from tests.support.town import ANN, Town

LAMPS = "我们村口西江路的路灯坏了两个星期，晚上一片漆黑，请派人来修。"
ANSWER = "十二盏路灯已全部修好。"
FORM = VisitForm(
    LAMPS,
    (
        Visitor(name="赵示例"),  # no telephone, no address: reference and code
        Visitor(name="钱样本", phone=ANN, answer_by="phone"),
        Visitor(name="孙样例", email="sun@citizen.example", phone="+12025550177", answer_by="email"),
        Visitor(name="李样品"),
    ),
    present=6,
    needs=("elderly",),
)


def come(town: Town, form: VisitForm = FORM, key: str = "visit-1") -> tuple[str, str]:
    """Register the visit; reference and code of its slip."""
    receipt = town.system.inbox.accept(visit.submission(form, key, town.clock()))
    town.settle()
    assert receipt.reference
    assert receipt.code
    return receipt.reference, receipt.code


def test_from_a_visit_to_three_answered_people(town: Town) -> None:
    reference, code = come(town)
    assert come(town) == (reference, code), "pressed twice"
    assert town.references() == [reference]
    case = town.case(reference)
    assert (case.channel, case.bureau, case.state) == ("visit", "urban_management", "assigned")
    parts = {part.name: part for part in town.dossier(reference).participations}
    assert {name: part.channel for name, part in parts.items()} == {
        "赵示例": "web",
        "钱样本": "sms",
        "孙样例": "email",
    }
    assert len({part.code for part in parts.values()}) == 3
    assert reference in town.read()[-1], "the second has a receipt by text"
    (receipt,) = mails.to(town.new_mail(), "sun@citizen.example")
    assert reference in mails.text_of(receipt)

    town.answer(reference, ANSWER)
    assert ANSWER in town.read()[-1]
    letter = mails.to(town.new_mail(), "sun@citizen.example")[-1]  # after the notice that it was taken up
    assert ANSWER in mails.text_of(letter)
    for name, part in parts.items():
        tracked = Tracking(town.system.store).by_code(reference, part.code)
        assert tracked is not None, name
        assert tracked.case is not None
        assert tracked.case.answer == ANSWER
    own = Tracking(town.system.store).by_code(reference, code)
    assert own is not None
    assert [row.body for row in own.submissions] == [LAMPS]

    town.report(town.last_to(ANN), "sent")
    town.report(town.last_to(ANN), "delivered")
    assert town.say(reference, CLERK, Close("resolved")) == "closed"
    town.assert_sound()


def test_danger_is_on_the_offices_list_at_once(town: Town) -> None:
    form = VisitForm(LAMPS, (Visitor(name="赵示例"),), safety=True)
    reference, _code = come(town, form)
    case = town.case(reference)
    assert (case.attention, case.urgency) == ("safety", "urgent")
    town.assert_sound()


def test_the_same_person_by_telephone_and_in_person_is_one_person(town: Town) -> None:
    (said,) = town.text("公交车不停站，司机看到我招手")
    assert re.search(r"\d\d-\d{6}-\d", said)
    come(town)
    with town.system.store.read() as connection:
        people = connection.execute(schema.complainant.select()).all()
    assert [row.value for row in people].count(ANN) == 1
