"""A visit, a letter and a text about the same matter are one case with three answered people.

Each came their own way and said it in their own words; each is answered their own way, under their own
reference, and reads nothing of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pytest
from sqlalchemy import select

from intake import schema
from intake.letters import LetterIntake, LetterWorker
from intake.references import number_from
from tests.channels.paper import printed
from tests.support import mails
from tests.support.over_http import HttpBrowser, handed_out
from tests.support.rehearsal import GAOYAO
from tests.support.scans import KnowingReader, line, scan
from tests.support.town import ANN, Town, reference_in

PASSWORD = "correct horse battery"
VISITED = "西江路88号门前的路灯坏了两个星期，晚上一片漆黑，老人摔倒过，请尽快派人来修。"
WRITTEN = "西江路88号门口的路灯已经坏了两个星期，夜里一片漆黑，有老人摔倒，请尽快派人来修理。"
TEXTED = "西江路88号门前路灯坏了半个月，晚上一片漆黑，有老人摔倒过，请派人来修！"
WORDS = (VISITED, WRITTEN, TEXTED)
ANSWER = "西江路88号门前的三盏路灯今天已经全部修好。"
VISITOR_MAIL = "zhao@citizen.example"
WRITER, ADDRESS = "陈小红", "示例省示例市高要区白土镇文明路12号"


class Slip(NamedTuple):
    """What somebody was given when they complained."""

    reference: str
    code: str


@dataclass
class Street:
    """The town, and who works in its office, each in a browser of their own over a real socket."""

    town: Town
    desk: HttpBrowser
    clerk: HttpBrowser
    handler: HttpBrowser

    def visit(self) -> Slip:
        """Somebody comes to the front desk and wishes the answer by e-mail."""
        desk = self.desk
        desk.get("/staff/visits")
        filled = {"text": VISITED, "place": "西江路88号", "name-0": "赵示例", "phone-0": "+12025550177"}
        desk.send("/staff/visits", filled | {"email-0": VISITOR_MAIL, "answer-0": "email"})
        assert desk.status == 200, desk.text
        self.town.settle()
        return Slip(*handed_out(desk.text))

    def letter(self) -> Slip:
        """A scan is read, and confirmed at the letter desk."""
        system, picture = self.town.system, scan(1)
        LetterIntake(system.store, system.blobs, GAOYAO).take_in([picture], "folder", self.town.clock())
        lines = [line(words, 0.1 * at) for at, words in enumerate((WRITTEN, f"投诉人：{WRITER}"), 1)]
        reader = KnowingReader({picture.content: lines})
        worker = LetterWorker(system.store, system.blobs, reader, self.town.clock, "worker")
        while worker.work():
            continue
        desk = self.desk
        desk.get("/staff/letters")
        desk.send("/staff/letters/next")
        [confirm] = [action for action in desk.forms if action.endswith("/confirm")]
        assert desk.form(confirm)["name"] == WRITER
        desk.send(confirm, {"text": WRITTEN, "address": ADDRESS})
        assert desk.status == 200, desk.text
        self.town.settle()
        return Slip(*handed_out(desk.text))

    def text(self) -> Slip:
        """Somebody sends a text."""
        reference = reference_in("".join(self.town.text(TEXTED)))
        p, c = schema.participation.c, schema.complaint.c
        query = select(p.code).join_from(schema.participation, schema.complaint)
        with self.town.system.store.read() as connection:
            return Slip(
                reference, connection.execute(query.where(c.number == number_from(reference))).scalar_one()
            )

    def match(self) -> None:
        """The worker looks for companions."""
        worker = self.town.system.match_worker()
        while worker.work():
            continue

    def page(self, reference: str) -> str:
        """A case as the clerk sees it."""
        return self.clerk.get(f"/staff/cases/{reference}")

    def say(self, who: HttpBrowser, reference: str, verb: str, **fields: str) -> None:
        """Fill in a verb's form on the page of a case, and send it."""
        case = f"/staff/cases/{reference}"
        who.get(case)
        who.send(f"{case}/{verb}", fields)
        assert who.status == 200, who.text
        self.town.settle()

    def printed(self) -> list[str]:
        """Everything that waits is gathered, fetched and posted; the text of each page."""
        desk = self.desk
        desk.get("/staff/printing")
        desk.send("/staff/printing/gather", {"envelope": "gb"})
        batch = desk.path
        desk.send(f"{batch}/file")
        pdf = desk.content
        assert pdf.startswith(b"%PDF-"), desk.text
        desk.get(batch)
        desk.send(f"{batch}/printed", {"how": "all"})
        desk.send(f"{batch}/posted", {"how": "all"})
        assert desk.status == 200, desk.text
        return ["".join(page.text.split()) for page in printed.read(pdf)]

    def tracked(self, slip: Slip) -> str:
        """What somebody reads with their own reference and code."""
        return HttpBrowser(self.town.port, "zh-CN").track(*slip)


@pytest.fixture
def street(town: Town) -> Street:
    """Three accounts, signed in."""
    made = []
    for name, bureau in (("desk", None), ("clerk", None), ("handler", "urban_management")):
        town.system.accounts.add(name, PASSWORD, name, name.title(), bureau)
        one = HttpBrowser(town.port)
        one.sign_in(name, PASSWORD)
        made.append(one)
    return Street(town, *made)


def test_three_people_one_case_three_answers(street: Street) -> None:
    town = street.town
    visitor, writer, texter = people = (street.visit(), street.letter(), street.text())
    assert len({slip.reference for slip in people}) == 3
    street.match()
    town.new_mail()

    # ---- the panel offers the others, with reasons; they are merged there
    lead = visitor.reference
    for slip in (writer, texter):
        panel = street.page(lead).partition("Possibly the same matter")[2]
        offered = panel.partition(slip.reference)[2][:400]
        assert "of the words are the same" in offered, panel[:800]
        assert "The same place: 西江路88号" in offered, panel[:800]
        street.clerk.send(f"/staff/cases/{slip.reference}/merge")
        assert (street.clerk.status, street.clerk.path) == (200, f"/staff/cases/{lead}"), street.clerk.text
        town.settle()
    assert "Possibly the same matter" not in street.page(lead)
    together = street.clerk.text.partition("Handled together")[2]
    assert writer.reference in together
    assert texter.reference in together
    town.assert_sound()

    # ---- the bureau answers once
    town.read(ANN)
    street.say(street.handler, lead, "accept")
    street.say(street.handler, lead, "answer", text=ANSWER)

    # ---- three people hear it, each their own way
    own = {
        visitor: [mails.text_of(m) for m in mails.to(town.new_mail(), VISITOR_MAIL)],
        texter: town.read(ANN),
        writer: street.printed(),
    }
    for slip, words in own.items():
        answers = [said for said in words if ANSWER[:12] in "".join(said.split())]
        assert len(answers) == 1, f"{slip}: {words}"
        assert slip.reference in answers[0]
        for other in set(people) - {slip}:
            assert not [said for said in words if other.reference in said or other.code in said]

    # ---- each follows their own case, and reads only their own words
    for slip, mine in zip(people, WORDS, strict=True):
        told = street.tracked(slip)
        assert ANSWER in told, told
        assert mine in told
        for other, theirs in zip(people, WORDS, strict=True):
            if other != slip:
                assert theirs not in told
                assert other.reference not in told
                assert other.code not in told
    assert ANSWER not in street.tracked(Slip(visitor.reference, writer.code)), "no code opens another's case"

    # ---- the office closes it for all three
    town.report(town.last_to(ANN), "sent")
    town.report(town.last_to(ANN), "delivered")
    street.say(street.clerk, lead, "close", outcome="resolved")
    assert town.case(lead).state == "closed"
    town.assert_sound()


def test_taken_apart_again_nothing_is_lost(street: Street) -> None:
    town = street.town
    visitor, writer, texter = people = (street.visit(), street.letter(), street.text())
    street.match()
    for slip in (writer, texter):
        street.page(visitor.reference)
        street.clerk.send(f"/staff/cases/{slip.reference}/merge")
    town.settle()
    street.say(street.handler, visitor.reference, "accept")
    for slip in (writer, texter):
        street.page(visitor.reference)
        street.clerk.send(f"/staff/cases/{slip.reference}/separate", {"reason": "另一盏灯"})
        assert street.clerk.status == 200, street.clerk.text
    town.settle()
    town.assert_sound()
    assert [town.case(slip.reference).merged_into for slip in people] == [None] * 3
    assert [town.case(slip.reference).state for slip in people] == ["in_progress", "assigned", "assigned"]
    street.say(street.handler, texter.reference, "accept")
    town.read(ANN)
    street.say(street.handler, texter.reference, "answer", text=ANSWER)
    assert ANSWER in "".join(town.read(ANN))
    assert ANSWER in street.tracked(texter)
    for slip in (visitor, writer):
        assert ANSWER not in street.tracked(slip)
    town.assert_sound()
