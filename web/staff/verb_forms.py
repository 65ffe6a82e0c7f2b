"""The verbs as forms: which are offered on a case, and what was filled in as a verb again.

The lifecycle table says who may say what and when; this page of the house only turns it into fields.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from intake import verbs
from intake.attention import LOOKED_FOR, Attention
from intake.contracts import Directory
from intake.lifecycle import FOR_THE_LEAD, LIFECYCLE, OFFICE, WHILE_MERGED, State
from intake.people import Actor, leads
from web.staff.labels import N_

Filled = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``kind``: line, area, bureau, bureaus, outcome, urgency, category, rating, member, way,
    address."""

    name: str
    kind: str
    label: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class VerbForm:
    """A verb with its fields; ``event`` is what history calls it once done."""

    verb: str
    label: str
    hint: str
    event: str
    make: Callable[[Filled], verbs.Verb]
    fields: tuple[Field, ...] = ()
    main_in: frozenset[State] = frozenset()
    needs: frozenset[str] = frozenset()
    """Kinds of attention the form is for; empty means any, also none."""
    grave: bool = False


_REASON = Field("reason", "area", N_("Reason"), required=True)
_RETURNED = frozenset({str(Attention.RETURNED)})
_ANY_ATTENTION = frozenset(map(str, LOOKED_FOR))


def _words(form: Filled, name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n").replace("\0", "")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


FORMS: tuple[VerbForm, ...] = (
    VerbForm(
        "grant_return",
        N_("Grant the return"),
        N_("The case goes back to triage; its clock runs on."),
        "return_granted",
        lambda form: verbs.GrantReturn(_words(form, "reason")),
        (Field("reason", "area", N_("Reason (optional)")),),
        needs=_RETURNED,
    ),
    VerbForm(
        "refuse_return",
        N_("Refuse the return"),
        N_("The bureau must answer. It is told your reason."),
        "return_refused",
        lambda form: verbs.RefuseReturn(_words(form, "reason")),
        (_REASON,),
        needs=_RETURNED,
    ),
    VerbForm(
        "attend",
        N_("Mark as looked at"),
        N_("Say what you did about it. The case leaves the list."),
        "attended",
        lambda form: verbs.Attend(_words(form, "note")),
        (Field("note", "area", N_("What was done (optional)")),),
        needs=_ANY_ATTENTION,
    ),
    VerbForm(
        "accept",
        N_("Accept"),
        N_("The bureau takes the case up; the complainant is told."),
        "accepted",
        lambda form: verbs.Accept(),
        main_in=frozenset({State.ASSIGNED}),
    ),
    VerbForm(
        "assign",
        N_("Assign"),
        N_("The bureau is told at once. The answer's due date does not move."),
        "assigned",
        lambda form: verbs.Assign(
            form.get("bureau", ""), tuple(form.getlist("supporting")[:50]), _words(form, "reason")
        ),
        (
            Field("bureau", "bureau", N_("Responsible bureau"), required=True),
            Field("supporting", "bureaus", N_("Supporting bureaus (optional)")),
            Field("reason", "area", N_("Reason (optional)")),
        ),
        main_in=frozenset({State.TRIAGE}),
    ),
    VerbForm(
        "answer",
        N_("Answer"),
        N_("Goes to the complainant at once, word for word. The office checks it afterwards."),
        "answered",
        lambda form: verbs.Answer(_words(form, "text")),
        (Field("text", "area", N_("Answer to the complainant"), required=True),),
        main_in=frozenset({State.IN_PROGRESS, State.AWAITING}),
    ),
    VerbForm(
        "close",
        N_("Close"),
        N_("Possible once the answer has arrived. The complainant is asked for a rating."),
        "closed",
        lambda form: verbs.Close(form.get("outcome", "")),
        (Field("outcome", "outcome", N_("Outcome"), required=True),),
        main_in=frozenset({State.ANSWERED}),
    ),
    VerbForm(
        "ask",
        N_("Ask the complainant"),
        N_("The clock pauses, within a limit, until they answer."),
        "asked",
        lambda form: verbs.Ask(_words(form, "question")),
        (Field("question", "area", N_("Question"), required=True),),
    ),
    VerbForm(
        "resume",
        N_("Resume"),
        N_("The pause ends and the clock runs on."),
        "resumed",
        lambda form: verbs.Resume(_words(form, "reason")),
        (Field("reason", "line", N_("Reason (optional)")),),
    ),
    VerbForm(
        "return",
        N_("Return"),
        N_("Say why it is not the bureau's matter. It stays answerable until the office rules."),
        "returned",
        lambda form: verbs.Return(_words(form, "reason")),
        (_REASON,),
    ),
    VerbForm(
        "reopen",
        N_("Reopen"),
        N_("The case goes back to the bureau and everybody is told."),
        "reopened",
        lambda form: verbs.Reopen(_words(form, "reason")),
        (_REASON,),
    ),
    VerbForm(
        "merge",
        N_("Merge into another case"),
        N_(
            "The other case leads and is answered for both. Everybody keeps their reference and is told once."
        ),
        "merged",
        lambda form: verbs.Merge(
            form.get("into", "")[:64], _words(form, "reason"), _number(form.get("into_version", ""))
        ),
        (Field("into", "line", N_("Reference of the case that leads"), required=True), _REASON),
    ),
    VerbForm(
        "separate",
        N_("Separate"),
        N_("The case stands by itself again, where it stood before it was merged."),
        "separated",
        lambda form: verbs.Separate(_words(form, "reason")),
        (_REASON,),
    ),
    VerbForm(
        "rate",
        N_("Enter a rating"),
        N_("What the complainant said of the answer, on the phone or at the desk."),
        "rated",
        lambda form: verbs.Rate(form.get("value", ""), _words(form, "text")),
        (
            Field("value", "rating", N_("Rating"), required=True),
            Field("text", "area", N_("In their words (optional)")),
        ),
    ),
    VerbForm(
        "note",
        N_("Note"),
        N_("For colleagues only; never sent out."),
        "noted",
        lambda form: verbs.Note(_words(form, "text")),
        (Field("text", "area", N_("Note"), required=True),),
    ),
    VerbForm(
        "classify",
        N_("Category and urgency"),
        N_("The due date follows the urgency, still counted from receipt."),
        "classified",
        lambda form: verbs.Classify(form.get("category", "")[:32], form.get("urgency", "")),
        (Field("category", "category", N_("Category")), Field("urgency", "urgency", N_("Urgency"))),
    ),
    VerbForm(
        "bar",
        N_("Bar a bureau"),
        N_("It and its subordinates can no longer handle, find or open this case. This cannot be undone."),
        "barred",
        lambda form: verbs.Bar(form.get("bureau", ""), _words(form, "reason")),
        (Field("bureau", "bureau", N_("Bureau"), required=True), _REASON),
        grave=True,
    ),
    VerbForm(
        "readdress",
        N_("Change where word goes"),
        N_("What did not arrive goes out once more, to the new address."),
        "readdressed",
        lambda form: verbs.Readdress(
            form.get("participation", "")[:32], form.get("way", ""), _words(form, "address")[:600]
        ),
        (
            Field("participation", "member", N_("Complainant"), required=True),
            Field("way", "way", N_("Word goes"), required=True),
            Field("address", "address", N_("Address or number")),
        ),
    ),
    VerbForm(
        "withdraw",
        N_("Withdraw for the complainant"),
        N_("The complainant no longer wants it; a clerk answers and closes."),
        "withdrawn",
        lambda form: verbs.Withdraw(_words(form, "reason")),
        (Field("reason", "area", N_("Reason (optional)")),),
        grave=True,
    ),
    VerbForm(
        "close_unanswered",
        N_("Close without an answer"),
        N_("Only when no answer can be delivered. Your reason stays on the record."),
        "closed",
        lambda form: verbs.CloseUnanswered(form.get("outcome", ""), _words(form, "reason")),
        (Field("outcome", "outcome", N_("Outcome"), required=True), _REASON),
        grave=True,
    ),
)
TRANSCRIBE = VerbForm(
    "transcribe",
    N_("Write it down"),
    N_("What is said in the recording becomes the text of the message."),
    "transcribed",
    lambda form: verbs.Transcribe(form.get("submission_id", "")[:32], _words(form, "text"), "staff"),
    (Field("text", "area", N_("What is said in the recording"), required=True),),
)
"""Stands beside its recording, not among the others."""
BY_VERB: Mapping[str, VerbForm] = {form.verb: form for form in (*FORMS, TRANSCRIBE)}


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into one form and why it was refused; shown again so that nothing is lost."""

    verb: str
    filled: Filled = field(default_factory=lambda: MultiDict[str, str]())
    error: str = ""


def offered(case: Any, actor: Actor, directory: Directory) -> Sequence[VerbForm]:
    """The forms whose verb ``actor`` may say to ``case`` now, the most likely first."""
    speaks = leads(actor, case.bureau, directory)
    found = [form for form in FORMS if _fits(form, case, actor) and (speaks or form.verb not in FOR_THE_LEAD)]
    return sorted(found, key=lambda form: not is_main(form, case))


def is_main(form: VerbForm, case: Any) -> bool:
    """Whether this is what the case waits for."""
    if case.attention is not None:
        return case.attention in form.needs
    return case.state in form.main_in


def _fits(form: VerbForm, case: Any, actor: Actor) -> bool:
    rule = LIFECYCLE[form.verb]
    if actor.role not in rule.who or case.state not in rule.sources:
        return False
    if (case.merged_into is None) if form.verb == "separate" else not _may_be_said(form, case):
        return False
    if form.verb == "answer" and case.state == State.TRIAGE and actor.role not in OFFICE:
        return False
    if form.verb == "return" and case.attention == "returned":
        return False
    return not form.needs or case.attention in form.needs


def _may_be_said(form: VerbForm, case: Any) -> bool:
    return case.merged_into is None or form.verb in WHILE_MERGED


def said_already(form: VerbForm, filled: Filled, actor: Actor, recent: Collection[Any]) -> bool:
    """Whether ``actor`` has just said exactly this: the second half of a double click.

    ``recent`` are the events of the last moments.
    """
    return any(
        event.kind == form.event
        and event.actor["id"] == actor.id
        and all(_holds(event.data, item, filled) for item in form.fields)
        for event in recent
    )


def _holds(facts: Mapping[str, Any], item: Field, filled: Filled) -> bool:
    if item.kind == "bureaus":
        wanted = set(filled.getlist(item.name)) - {filled.get("bureau")}
        return wanted == set(facts.get("supporting") or ())
    if item.kind in ("address", "way"):
        return True  # history does not keep them
    value = _words(filled, item.name).strip()
    return not value or value in map(_stripped, facts.values())


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value
