"""The verbs: the only sentences that change a case.

Each verb is a small frozen value; :func:`perform` holds it against the lifecycle table and the
firewall, lets it act, and moves the case. State, history and outbox rows are then written by the desk
in one transaction. To change a case from outside, use :class:`intake.office.Office`.
"""

from intake.verbs.answering import Answer, Ask, Close, CloseUnanswered, Reopen
from intake.verbs.handing import Accept, Assign, GrantReturn, RefuseReturn, Return
from intake.verbs.hearing import Add, Identify, Rate, Withdraw
from intake.verbs.merging import Merge, Separate
from intake.verbs.pausing import Resume
from intake.verbs.performing import MAX_TEXT, Verb, perform
from intake.verbs.readdressing import Readdress
from intake.verbs.rerouting import Reroute, assign_as_decided, record_route, route_again
from intake.verbs.ruling import Attend, Bar, Classify, Note, bar
from intake.verbs.serving import Chase, Deliver, Miss, Redirect, acknowledge
from intake.verbs.transcribing import Transcribe
from intake.verbs.withholding import Withhold

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
    "Identify",
    "Merge",
    "Miss",
    "Note",
    "Rate",
    "Readdress",
    "Redirect",
    "RefuseReturn",
    "Reopen",
    "Reroute",
    "Resume",
    "Return",
    "Separate",
    "Transcribe",
    "Verb",
    "Withdraw",
    "Withhold",
    "acknowledge",
    "assign_as_decided",
    "bar",
    "perform",
    "record_route",
    "route_again",
]
