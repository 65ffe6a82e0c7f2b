"""What codes are called on the staff's pages. English stands here, the Chinese in ``staff.po``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint

from channels.table import CHANNELS
from intake.attention import CALLS, Attention
from intake.contracts import Text
from intake.lifecycle import STATE_NAMES
from web.i18n import gettext as _
from web.i18n import say


def N_(sentence: str) -> str:
    """Mark a sentence for translation; it is translated when shown."""
    return sentence


OUTCOMES = {
    "resolved": N_("Resolved"),
    "explained": N_("Explained"),
    "unfounded": N_("Unfounded"),
    "not_accepted": N_("Not accepted"),
    "withdrawn": N_("Withdrawn"),
    "merged": N_("Merged"),
}
FEEDBACK = {
    "satisfied": N_("Satisfied"),
    "basically_satisfied": N_("Basically satisfied"),
    "dissatisfied": N_("Dissatisfied"),
    "silent": N_("No rating"),
}
URGENCIES = {"urgent": N_("Urgent"), "ordinary": N_("Ordinary"), "complex": N_("Complex")}
ROLES = {
    "admin": N_("Administrator"),
    "leader": N_("Leader of the office"),
    "clerk": N_("Clerk"),
    "desk": N_("Front desk"),
    "handler": N_("Handler"),
    "bureau_leader": N_("Leader of the bureau"),
    "reader": N_("Reader"),
    "system": N_("System"),
    "complainant": N_("Complainant"),
}
RESPONSIBLE = {
    "office": N_("the office"),
    "bureau": N_("the bureau"),
    "complainant": N_("the complainant"),
    "nobody": N_("nobody"),
}
ACTIONS = {
    "route": N_("route it"),
    "accept": N_("accept it"),
    "answer": N_("answer it"),
    "complete": N_("send what is missing"),
    "check": N_("check the answer"),
    "look": N_("look at it"),
    "feedback": N_("rate the answer"),
    "none": N_("nothing more"),
}
CHASES = {
    "remind": N_("Reminder"),
    "urge": N_("Urging"),
    "escalate": N_("Escalation"),
    "supervise": N_("Supervision"),
    "lapse": N_("Time ran out"),
}
LEVELS = {
    "handler": N_("the bureau's handler"),
    "leader": N_("the bureau's leader"),
    "office": N_("the office"),
    "office_leader": N_("the office's leader"),
    "complainant": N_("the complainant"),
}
TEMPLATES = {
    "acknowledgement": N_("Acknowledgement"),
    "added": N_("Thanks for what was added"),
    "accepted": N_("Notice that it was accepted"),
    "assignment": N_("Assignment"),
    "returned": N_("Notice of a return"),
    "return_refused": N_("Return refused"),
    "question": N_("Question"),
    "question_reminder": N_("Reminder of the question"),
    "answer": N_("Answer"),
    "feedback": N_("Request for a rating"),
    "feedback_reminder": N_("Reminder to rate"),
    "talk": N_("Reply in the conversation"),
    "merged": N_("Notice that it is handled together with others"),
    "reopened": N_("Notice that it was reopened"),
    "separated": N_("Notice that it is handled separately again"),
    "taken_back": N_("Notice that it was withdrawn"),
    "dissatisfied": N_("Notice of a bad rating"),
    "chase": N_("Chase"),
}
OUTBOX = {
    "pending": N_("waiting to be sent"),
    "sent": N_("handed over"),
    "to_post": N_("to be printed and posted"),
    "delivered": N_("delivered"),
    "bounced": N_("came back"),
    "failed": N_("could not be sent"),
    "dead": N_("given up"),
    "suppressed": N_("kept, not sent"),
}
CAME_BACK = {
    "moved": N_("moved away"),
    "unknown": N_("nobody of that name there"),
    "address": N_("address wrong or incomplete"),
    "refused": N_("not accepted"),
    "unclaimed": N_("not fetched in time"),
    "other": N_("another reason"),
}
"""Why the post returned a letter."""
WAYS = {
    "postal": N_("by post, to the address below"),
    "phone": N_("by telephone or text, to the number below"),
    "email": N_("by e-mail, to the address below"),
    "web": N_("they look it up on the web page"),
}
"""How word can reach somebody, as staff choose it."""
LOOKS = {
    "complainant": N_("name and contacts"),
    "raw": N_("the original message"),
    "address": N_("the address of a letter"),
    "recording": N_("a recording"),
    "letter": N_("the scanned letter"),
    "search": N_("searched for this person"),
    "api": N_("through the API"),
}

DOCUMENTS = {
    "resident_id": N_("Resident identity card"),
    "hk_macau_permit": N_("Travel permit for Hong Kong and Macao residents"),
    "taiwan_permit": N_("Travel permit for Taiwan residents"),
    "passport": N_("Passport"),
    "other": N_("Another document"),
}
"""Only a resident identity card carries a check digit."""

_TABLES: Mapping[str, Mapping[str, str]] = {
    "outcome": OUTCOMES,
    "rating": FEEDBACK,
    "urgency": URGENCIES,
    "role": ROLES,
    "responsible": RESPONSIBLE,
    "action": ACTIONS,
    "chase": CHASES,
    "level": LEVELS,
    "template": TEMPLATES,
    "outbox": OUTBOX,
    "came_back": CAME_BACK,
    "look": LOOKS,
    "document": DOCUMENTS,
}


_MARKS = {
    "email": "✉",
    "web": "⌨",
    "sms": "✆",
    "phone": "☏",
    "whatsapp": "✆",
    "telegram": "➤",
    "visit": "☖",
    "letter": "✎",
}
"""A small sign before a channel's name; one without a sign is known by its name alone."""
_TITLES = {channel.name: channel.title for channel in CHANNELS}


def called(table: str, code: str | None) -> str:
    """What ``code`` is called; a code the table does not know stands for itself."""
    if not code:
        return ""
    if table == "state":
        found = {str(state): name for state, name in STATE_NAMES.items()}.get(code)
        return say(found) if found else code
    if table in ("attention", "duty"):
        call = CALLS.get(Attention(code)) if code in set(Attention) else None
        return say(call.name if table == "attention" else call.duty) if call else code
    if table == "channel":
        return say(_TITLES[code]) if code in _TITLES else code
    sentence = _TABLES[table].get(code)
    return _(sentence) if sentence else code


def mark_of(channel: str) -> str:
    """The sign of a channel, "" when it has none."""
    return _MARKS.get(channel, "")


def in_both(sentences: Sequence[Text]) -> str:
    """Sentences as one in both languages, for what stays on the record whoever reads it."""
    return "；".join(each.zh for each in sentences) + " / " + "; ".join(each.en for each in sentences)


def install(pages: Blueprint) -> None:
    """Hand :func:`called`, :func:`in_both` and :func:`mark_of` to the templates."""
    pages.context_processor(lambda: {"called": called, "in_both": in_both, "mark_of": mark_of})
