"""The verbs: the only sentences that change a case.

Each verb is a small frozen value; :func:`perform` holds it against the lifecycle table and the
firewall, lets it act, and moves the case. State, history and outbox rows are then written by the desk
in one transaction. To change a case from outside, use :class:`intake.office.Office`.
"""

from intake.verbs.answering import Answer, Ask, Close, CloseUnanswered, Reopen
from intake.verbs.handing import Accept, Assign, GrantReturn, RefuseReturn, Return
from intake.verbs.hearing import Add, Rate, Withdraw
from intake.verbs.pausing import Resume
from intake.verbs.performing import MAX_TEXT, Verb, perform
from intake.verbs.ruling import Attend, Bar, Classify, Note, bar
from intake.verbs.serving import Chase, Deliver, acknowledge

__all__ = [
    "MAX_TEXT",
    "Accept",
    "Add",
    "Answer",
    "Ask",
    "Assign",
    "Attend",
    "Bar",
    "Chase",
    "Classify",
    "Close",
    "CloseUnanswered",
    "Deliver",
    "GrantReturn",
    "Note",
    "Rate",
    "RefuseReturn",
    "Reopen",
    "Resume",
    "Return",
    "Verb",
    "Withdraw",
    "acknowledge",
    "bar",
    "perform",
]
