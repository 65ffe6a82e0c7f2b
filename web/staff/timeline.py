"""History in words: what happened to a case, who did it, and what was said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from channels.paper.sender import QUEUED
from intake.contracts import Directory, Json, Text
from web.catalogues import ENGLISH
from web.i18n import day, language, moment, say
from web.i18n import gettext as _
from web.staff.labels import N_, called

SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Line:
    """One event as people read it. ``said`` is what somebody wrote; ``tone`` colours the mark."""

    seq: int
    at: datetime
    who: str
    what: str
    said: str = ""
    tone: str = ""


def line(event: Any, directory: Directory, facts: Json | None = None) -> Line:
    """The words for one row of ``event``; a kind nobody named shows by its code, never as an error.

    ``facts`` stand for the event's own where the reader may not know all of them.
    """
    words = _Words(event.data if facts is None else facts, directory)
    tell = _SENTENCES.get(event.kind)
    what, said = tell(words) if tell else (event.kind, "")
    return Line(event.seq, event.at, _who(event.actor), what, said, _TONES.get(event.kind, ""))


def _who(actor: Json) -> str:
    kind, name = str(actor.get("kind", "")), str(actor.get("name", ""))
    role = called("role", kind)
    return role if kind in ("system", "complainant") or not name else f"{name} ({role})"


@dataclass(frozen=True, slots=True)
class _Words:
    """An event's facts, asked for by name; what is missing is an empty text."""

    facts: Mapping[str, Any]
    directory: Directory

    def text(self, name: str) -> str:
        value = self.facts.get(name)
        if isinstance(value, Mapping):
            return say(Text(str(value.get("zh", "")), str(value.get("en", ""))))
        return "" if value is None else str(value)

    def bureau(self, name: str = "bureau") -> str:
        code = self.text(name)
        return say(self.directory.name(code)) if code else _("the office")

    def bureaus(self, name: str) -> str:
        return _listed(say(self.directory.name(str(code))) for code in self.facts.get(name) or ())

    def label(self, table: str, name: str) -> str:
        return called(table, self.text(name))

    def day(self, name: str) -> str:
        return _day(self.text(name))

    def when(self, name: str) -> str:
        try:
            return moment(datetime.fromisoformat(self.text(name)))
        except ValueError:
            return ""


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return ""


def _listed(names: Iterable[str]) -> str:
    return (", " if language() == ENGLISH else "、").join(names)


Told = tuple[str, str]
"""What happened, and what was said with it."""


def _routed(words: _Words) -> Told:
    if words.text("bureau"):
        return _("Routed to %(bureau)s", bureau=words.bureau()), words.text("reason")
    return _("Could not be routed; waits for triage"), words.text("reason")


def _assigned(words: _Words) -> Told:
    what = _("Assigned to %(bureau)s", bureau=words.bureau())
    if others := words.bureaus("supporting"):
        what += SEPARATOR + _("supported by %(bureaus)s", bureaus=others)
    return what, words.text("reason")


def _resumed(words: _Words) -> Told:
    why = {
        "answered": _("an answer was given"),
        "closed": _("the case was closed"),
        "barred": _("the bureau was barred"),
        "supplemented": _("the complainant wrote"),
        "lapsed": _("the time to wait ran out"),
    }
    reason = words.text("reason")
    due = words.when("due_after")
    return _("The pause ended; the answer is now due %(due)s", due=due), why.get(reason, reason)


def _closed(words: _Words) -> Told:
    outcome = words.label("outcome", "outcome")
    if words.text("no_answer_reason"):
        return _("Closed without an answer: %(outcome)s", outcome=outcome), words.text("no_answer_reason")
    return _("Closed: %(outcome)s", outcome=outcome), ""


def _classified(words: _Words) -> Told:
    what = _("Classified as %(urgency)s", urgency=words.label("urgency", "urgency"))
    if words.text("category"):
        what += SEPARATOR + words.text("category")
    if words.text("due_before") != words.text("due_after"):
        what += SEPARATOR + _("the answer is now due %(due)s", due=words.when("due_after"))
    return what, ""


def _chased(words: _Words) -> Told:
    kind, stage = words.label("chase", "step"), words.label("action", "stage")
    to = _listed(called("level", str(level)) for level in words.facts.get("to") or ())
    if to:
        return _("%(kind)s to %(to)s: %(stage)s", kind=kind, to=to, stage=stage), words.text("reason")
    return _("%(kind)s: %(stage)s", kind=kind, stage=stage), words.text("reason")


def _added(words: _Words) -> Told:
    channel = words.label("channel", "channel")
    author = words.text("author")
    if author == "bureau":
        return _("The bureau wrote (%(channel)s)", channel=channel), ""
    if author == "machine":
        return _("An automatic message arrived (%(channel)s)", channel=channel), ""
    return _("The complainant wrote again (%(channel)s)", channel=channel), ""


def _went(sentence: str) -> Callable[[_Words], Told]:
    return lambda words: (_(sentence, what=words.label("template", "template")), "")


def _sent(words: _Words) -> Told:
    """A letter on paper is not on its way before it was posted."""
    what = words.label("template", "template")
    if words.text("note") == QUEUED:
        return _("%(what)s placed in the print queue", what=what), ""
    return _("%(what)s handed over to be delivered", what=what), ""


def _delivered(words: _Words) -> Told:
    """Of a letter, the day it was posted and the postal service's number."""
    what, day = words.label("template", "template"), words.day("posted_on")
    if not day:
        return _("%(what)s delivered", what=what), ""
    if number := words.text("registered"):
        return _(
            "%(what)s posted on %(day)s, registered as %(number)s", what=what, day=day, number=number
        ), ""
    return _("%(what)s posted on %(day)s", what=what, day=day), ""


def _came_back(words: _Words) -> Told:
    what, day = words.label("template", "template"), words.day("came_back_on")
    if not day:
        return _("%(what)s came back", what=what), words.text("note")
    why = words.label("came_back", "why")
    said = words.text("remark")
    return _("%(what)s came back on %(day)s: %(why)s", what=what, day=day, why=why), said


def _not_sent(words: _Words) -> Told:
    why = words.text("note") or words.text("reason")
    return _("%(what)s could not be sent", what=words.label("template", "template")), why


def _readdressed(words: _Words) -> Told:
    channel = words.label("channel", "channel")
    again = _listed(called("template", str(name)) for name in words.facts.get("again") or ())
    what = _("The complainant's address was changed; word goes by %(channel)s", channel=channel)
    return what + (SEPARATOR + _("said once more: %(what)s", what=again) if again else ""), ""


def _separated(words: _Words) -> Told:
    other, reason = words.text("of"), words.text("reason")
    if not other:
        return _("%(reference)s was separated from this case", reference=words.text("from")), reason
    if words.facts.get("answered"):
        said = _(
            "Separated from %(reference)s; its people had been sent the answer given there", reference=other
        )
        return said, reason
    return _("Separated from %(reference)s", reference=other), reason


_SENTENCES: Mapping[str, Callable[[_Words], Told]] = {
    "received": lambda w: (_("Received (%(channel)s)", channel=w.label("channel", "channel")), ""),
    "routed": _routed,
    "assigned": _assigned,
    "accepted": lambda w: (_("Accepted by %(bureau)s", bureau=w.bureau()), ""),
    "returned": lambda w: (_("%(bureau)s asks to return it", bureau=w.bureau()), w.text("reason")),
    "return_granted": lambda w: (
        _("Return by %(bureau)s granted; back to triage", bureau=w.bureau()),
        w.text("reason"),
    ),
    "return_refused": lambda w: (
        _("Return refused; %(bureau)s must answer", bureau=w.bureau()),
        w.text("reason"),
    ),
    "asked": lambda w: (_("Asked the complainant; the clock pauses"), w.text("question")),
    "resumed": _resumed,
    "answered": lambda w: (_("Answered by %(bureau)s", bureau=w.bureau()), w.text("text")),
    "closed": _closed,
    "reopened": lambda w: (_("Reopened"), w.text("reason")),
    "merged": lambda w: (
        _("Merged into %(reference)s", reference=w.text("into"))
        if w.text("into")
        else _("%(reference)s was merged into this case", reference=w.text("of")),
        w.text("reason"),
    ),
    "repointed": lambda w: (_("Its lead is %(reference)s from now on", reference=w.text("into")), ""),
    "separated": _separated,
    "classified": _classified,
    "barred": lambda w: (_("%(bureau)s is barred from this case", bureau=w.bureau()), w.text("reason")),
    "attended": lambda w: (_("Looked at: %(what)s", what=w.label("attention", "what")), w.text("note")),
    "noted": lambda w: (_("Note for colleagues"), w.text("text")),
    "anonymised": lambda w: (_("Names, words and files erased by age"), ""),
    "added": _added,
    "withdrawn": lambda w: (_("The complainant wants to withdraw it"), w.text("reason")),
    "rated": lambda w: (_("Rated: %(value)s", value=w.label("rating", "value")), w.text("text")),
    "transcribed": lambda w: (_("A recording was written down"), w.text("text")),
    "unfetched": lambda w: (
        _("A file could not be fetched: %(name)s", name=w.text("filename") or _("(no name)")),
        w.text("why"),
    ),
    "withheld": lambda w: (
        _("A file carries a virus and is kept locked: %(name)s", name=w.text("filename") or _("(no name)")),
        w.text("why"),
    ),
    "redirected": lambda w: (
        _("Word goes by %(channel)s from now on", channel=w.label("channel", "channel")),
        w.text("note"),
    ),
    "identity": lambda w: (_("The complainant said whether they may be named"), ""),
    "chased": _chased,
    "replanned": lambda w: (_("Deadlines were worked out anew"), ""),
    "sent": _sent,
    "delivered": _delivered,
    "failed": _not_sent,
    "bounced": _came_back,
    "printed": _went(N_("%(what)s printed")),
    "unneeded": lambda w: (
        _("%(what)s not sent: not needed any more", what=w.label("template", "template")),
        w.text("reason"),
    ),
    "readdressed": _readdressed,
}
_TONES = {
    "returned": "warn",
    "failed": "bad",
    "bounced": "bad",
    "unfetched": "bad",
    "withheld": "bad",
    "barred": "bad",
    "reopened": "warn",
    "chased": "warn",
    "answered": "good",
    "closed": "good",
}
DELIVERIES = frozenset({"sent", "delivered", "failed", "bounced", "unneeded"})
"""Kinds whose note a carrier wrote; it may name the address."""

EVENT_KINDS = frozenset(_SENTENCES)
"""Every kind of event that has words; a test holds it against what intake records."""
