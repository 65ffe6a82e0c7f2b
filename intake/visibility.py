"""Which cases somebody may find, as conditions of a query; the twin of ``people.may_see``."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_

from intake import schema
from intake.contracts import Directory
from intake.people import Actor, sees_everything

c = schema.complaint.c


def visible_to(actor: Actor, directory: Directory) -> list[ColumnElement[bool]]:
    """Conditions under which ``actor`` may find a case; none for who sees everything."""
    if sees_everything(actor):
        return []
    if actor.bureau is None:
        return [c.id == ""]
    s, own = schema.support.c, sorted(directory.family(actor.bureau))
    helps = exists().where(and_(s.complaint_id == c.id, s.bureau.in_(own))).correlate(schema.complaint)
    return [or_(c.bureau.in_(own), helps), ~barred_for(actor)]


def barred_for(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor's bureau may not know of the case."""
    b = schema.block.c
    known = and_(b.complaint_id == c.id, b.bureau == actor.bureau)
    return exists().where(known).correlate(schema.complaint)
