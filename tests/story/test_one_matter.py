"""A form, a mail and a text about the same matter: one case, three people, each answered as they wrote."""

from __future__ import annotations

import re

from sqlalchemy import select

from channels.webform import ComplaintForm
from channels.webform import submission as web_submission
from intake import schema
from intake.lifecycle import Role
from intake.matching.offers import Offers
from intake.people import Actor
from intake.references import number_from
from intake.tracking import Tracking
from intake.verbs import Close, Merge
from intake.verify import verify
from tests.support import mails
from tests.support.town import ANN, Town, reference_in

CLERK = Actor(Role.CLERK, "c1", "分拨员")
LAMP = "西江路88号门前的路灯坏了两个星期，晚上一片漆黑，老人摔倒过，请尽快派人来修。"


def _match(town: Town) -> None:
    worker = town.system.match_worker()
    while worker.work():
        continue


def test_one_matter_on_three_channels(town: Town) -> None:
    # somebody fills in the form, as a visitor does, and gets number and code at once
    form = ComplaintForm(text=LAMP, name="Sample Visitor", place="西江路88号", language="en")
    receipt = town.system.inbox.accept(web_submission(form, "form-1", town.system.clock()))
    assert receipt.reference
    assert receipt.code
    visitor = receipt.reference
    town.settle()
    # somebody writes
    before = set(town.references())
    town.receive(mails.letter(LAMP + "谢谢！", subject="路灯"))
    town.settle()
    [writer] = set(town.references()) - before
    # somebody sends a text
    texter = reference_in("".join(town.text(f"反映一下，{LAMP}")))
    assert len({visitor, writer, texter}) == 3
    _match(town)

    offers = Offers(town.system.store, town.system.clock)
    offered = {offer.reference for offer in offers.of(CLERK, town.case(visitor).id)}
    assert offered == {writer, texter}
    for reference in (texter, writer):
        town.system.office.perform(reference, CLERK, Merge(visitor, "文字几乎完全相同"))
    town.settle()
    mail = mails.text_of(mails.to(town.new_mail(), mails.ANN)[-1])
    assert writer in mail
    assert visitor not in mail
    assert texter not in mail
    assert any(texter in line for line in town.read(ANN))

    town.answer(visitor, "路灯今天已经修好。")
    town.settle()
    [answer] = [m for m in mails.to(town.new_mail(), mails.ANN) if "路灯今天已经修好" in mails.text_of(m)]
    assert writer in mails.text_of(answer)
    [text] = [line for line in town.read(ANN) if "路灯今天已经修好" in line]
    assert texter in text
    assert visitor not in text
    with town.system.store.read() as connection:
        p, c = schema.participation.c, schema.complaint.c
        query = select(c.number, p.code).join_from(schema.participation, schema.complaint)
        codes = {row.number: row.code for row in connection.execute(query)}
    assert codes[number_from(visitor)] == receipt.code
    tracking = Tracking(town.system.store)
    for reference in (visitor, writer, texter):
        tracked = tracking.by_code(reference, codes[number_from(reference)])
        assert tracked is not None
        assert tracked.case is not None
        assert (tracked.case.state, tracked.case.answer) == ("answered", "路灯今天已经修好。")
        assert len(tracked.submissions) == 1
    assert re.search(texter, "".join(town.text(f"查询 {texter}")))

    with town.system.store.write() as connection:  # the carrier and the mail server report
        o = schema.outbox
        connection.execute(o.update().where(o.c.state == "sent").values(state="delivered"))
    town.system.office.perform(visitor, CLERK, Close("resolved"))
    policies = town.system.county.policies
    report = verify(town.system.store, town.system.blobs, policies.directory, town.system.clock())
    assert report.findings == []
