"""What codes are called on the staff's pages. English stands here, the Chinese in ``staff.po``."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint

from intake.verbs import STATE_NAMES
from web.i18n import gettext as _
from web.i18n import say


def _n(sentence: str) -> str:
    """Mark a sentence for translation; it is translated when shown."""
    return sentence


CHANNELS = {
    "email": _n("E-mail"),
    "web": _n("Web form"),
    "sms": _n("SMS"),
    "phone": _n("Phone"),
    "voice": _n("Phone"),
    "telegram": _n("Telegram"),
    "visit": _n("Visit"),
    "letter": _n("Letter"),
    "open311": _n("Open311"),
}
OUTCOMES = {
    "resolved": _n("Resolved"),
    "explained": _n("Explained"),
    "unfounded": _n("Unfounded"),
    "not_accepted": _n("Not accepted"),
    "withdrawn": _n("Withdrawn"),
    "merged": _n("Merged"),
}
FEEDBACK = {
    "satisfied": _n("Satisfied"),
    "basically_satisfied": _n("Basically satisfied"),
    "dissatisfied": _n("Dissatisfied"),
    "silent": _n("No rating"),
}
URGENCIES = {"urgent": _n("Urgent"), "ordinary": _n("Ordinary"), "complex": _n("Complex")}
ATTENTION = {
    "returned": _n("Return asked for"),
    "undelivered": _n("Not delivered"),
    "message": _n("New message"),
    "dissatisfied": _n("Dissatisfied"),
    "withdrawn": _n("Wants to withdraw"),
}
ROLES = {
    "admin": _n("Administrator"),
    "leader": _n("Leader of the office"),
    "clerk": _n("Clerk"),
    "desk": _n("Front desk"),
    "handler": _n("Handler"),
    "bureau_leader": _n("Leader of the bureau"),
    "reader": _n("Reader"),
    "system": _n("System"),
    "complainant": _n("Complainant"),
}
RESPONSIBLE = {
    "office": _n("the office"),
    "bureau": _n("the bureau"),
    "complainant": _n("the complainant"),
    "nobody": _n("nobody"),
}
ACTIONS = {
    "route": _n("route it"),
    "accept": _n("accept it"),
    "answer": _n("answer it"),
    "complete": _n("send what is missing"),
    "check": _n("check the answer"),
    "look": _n("look at it"),
    "feedback": _n("rate the answer"),
    "none": _n("nothing more"),
}
CHASES = {
    "remind": _n("Reminder"),
    "urge": _n("Urging"),
    "escalate": _n("Escalation"),
    "supervise": _n("Supervision"),
    "lapse": _n("Time ran out"),
}
LEVELS = {
    "handler": _n("the bureau's handler"),
    "leader": _n("the bureau's leader"),
    "office": _n("the office"),
    "office_leader": _n("the office's leader"),
    "complainant": _n("the complainant"),
}
TEMPLATES = {
    "acknowledgement": _n("Acknowledgement"),
    "added": _n("Thanks for what was added"),
    "accepted": _n("Notice that it was accepted"),
    "assignment": _n("Assignment"),
    "returned": _n("Notice of a return"),
    "return_refused": _n("Return refused"),
    "question": _n("Question"),
    "question_reminder": _n("Reminder of the question"),
    "answer": _n("Answer"),
    "feedback": _n("Request for a rating"),
    "feedback_reminder": _n("Reminder to rate"),
    "reopened": _n("Notice that it was reopened"),
    "dissatisfied": _n("Notice of a bad rating"),
    "chase": _n("Chase"),
}
OUTBOX = {
    "pending": _n("waiting to be sent"),
    "sent": _n("handed over"),
    "delivered": _n("delivered"),
    "bounced": _n("came back"),
    "failed": _n("could not be sent"),
    "dead": _n("given up"),
    "suppressed": _n("kept, not sent"),
}
LOOKS = {"complainant": _n("name and contacts"), "raw": _n("the original message")}

_TABLES: Mapping[str, Mapping[str, str]] = {
    "channel": CHANNELS,
    "outcome": OUTCOMES,
    "rating": FEEDBACK,
    "urgency": URGENCIES,
    "attention": ATTENTION,
    "role": ROLES,
    "responsible": RESPONSIBLE,
    "action": ACTIONS,
    "chase": CHASES,
    "level": LEVELS,
    "template": TEMPLATES,
    "outbox": OUTBOX,
    "look": LOOKS,
}


def called(table: str, code: str | None) -> str:
    """What ``code`` is called; a code the table does not know stands for itself."""
    if not code:
        return ""
    if table == "state":
        found = {str(state): name for state, name in STATE_NAMES.items()}.get(code)
        return say(found) if found else code
    sentence = _TABLES[table].get(code)
    return _(sentence) if sentence else code


def install(pages: Blueprint) -> None:
    """Hand :func:`called` to the templates."""
    pages.context_processor(lambda: {"called": called})
