"""The words of a recording, written down by an engine or corrected by staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select

from intake import schema
from intake.case import OpenCase
from intake.desk import Desk
from intake.lifecycle import State
from intake.people import Actor
from intake.refusals import Refused
from intake.search import SearchIndex, indexed, slot
from intake.verbs.performing import written
from intake.verbs.rerouting import MOST_READ, route_again


@dataclass(frozen=True, slots=True)
class Transcribe:
    """What was said becomes the submission's body, can be searched, and may tell where the case goes.

    ``engine`` names who wrote it down: an engine, or ``staff``.
    """

    name: ClassVar[str] = "transcribe"
    submission_id: str
    text: str
    engine: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        row, words, s = case.row, written(self.text), schema.submission
        ours = s.update().where(s.c.id == self.submission_id, s.c.complaint_id == row.id)
        if not desk.connection.execute(ours.values(body=words)).rowcount:
            raise Refused("not_found")
        t = schema.transcript
        done = t.update().where(t.c.submission_id == self.submission_id)
        desk.connection.execute(
            done.values(state="done", engine=self.engine[:32], owner=None, lease_until=None, error=None)
        )
        case.record(actor, "transcribed", submission=self.submission_id, engine=self.engine, text=words)
        search = SearchIndex(desk.store)
        search.add(desk.connection, [(slot(row.number, row.last_seq), indexed(words))])
        if row.state is State.TRIAGE:
            route_again(desk, case, _all_said(case, desk))


def _all_said(case: OpenCase, desk: Desk) -> str:
    s = schema.submission.c
    query = (
        select(s.body)
        .where(s.complaint_id == case.row.id, s.author == "complainant")
        .order_by(s.id)
        .limit(20)
    )
    return "\n".join(body or "" for body in desk.connection.execute(query).scalars())[:MOST_READ]
