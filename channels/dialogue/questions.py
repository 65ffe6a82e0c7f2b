"""The questions we put, as a table. You are here: understand → [questions] → script.

A question about a matter is put only when its answer is missing, one at a time, never twice; every one
can be skipped. The telephone puts the same questions in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from channels.dialogue.noticed import asks_secrecy, names_place, names_time
from channels.dialogue.understand import Said
from channels.dialogue.words import Intent
from intake.conversation import Heard

_SHORT = 40  # columns (a Chinese character takes two): so short a text answers what was asked

Noticing = Callable[[Heard], bool]


def _no_office(heard: Heard) -> bool:
    return heard.proposal is None or heard.proposal.bureau is None


def _no_place(heard: Heard) -> bool:
    return not heard.place and not names_place(heard.text)


def _no_time(heard: Heard) -> bool:
    return not names_time(heard.text)


def _no_wish(heard: Heard) -> bool:
    return not asks_secrecy(heard.text)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``missing`` tells whether a matter lacks its answer (None: it is no such question).

    ``replies`` say what a reply does, by key, by intent, or "text" for words of the citizen's own: the
    names are those of ``replies.EFFECTS``. A reply that is not there is none; it is heard as anything else.
    """

    key: str
    replies: Mapping[str, str] = field(default_factory=dict)
    missing: Noticing | None = None


_SKIPS = {"0": "skip", "skip": "skip", "no": "skip", "enough": "enough"}
_SAYS_NO = {"0": "keep", "2": "keep", "no": "keep", "skip": "keep", "enough": "keep"}

QUESTIONS: Mapping[str, Question] = {
    question.key: question
    for question in (
        # what a complaint lacks, in the order in which it is asked
        Question("office", {**_SKIPS, "text": "answer"}, _no_office),
        Question("where", {**_SKIPS, "text": "answer"}, _no_place),
        Question("when", {**_SKIPS, "text": "answer"}, _no_time),
        Question(
            "name",
            {"1": "may_name", "yes": "may_name", "2": "secret", "no": "secret", "0": "skip", "skip": "skip"}
            | {"enough": "enough"},
            _no_wish,
        ),
        # what the course of the conversation asks
        Question(
            "why",
            {**_SKIPS, "0": "no_reason", "skip": "no_reason", "no": "no_reason"}
            | {"enough": "no_reason", "thanks": "no_reason", "text": "reason"},
        ),
        Question("withdraw", {**_SAYS_NO, "1": "withdraw", "yes": "withdraw", "intent:withdraw": "withdraw"}),
        Question("new_or_more", {"1": "more", "add": "more", "2": "new", "new": "new"}),
        Question("tell", {"0": "never_mind", "skip": "never_mind", "no": "never_mind", "text": "tell"}),
        Question("add", {"0": "never_mind", "skip": "never_mind", "no": "never_mind", "text": "add"}),
    )
}

ABOUT_A_MATTER = tuple(key for key, question in QUESTIONS.items() if question.missing)
"""Keys of the questions that travel with an acknowledgement, in order."""


def missing(heard: Heard) -> list[str]:
    """What a new matter lacks, in the order in which it is asked."""
    return [q.key for q in QUESTIONS.values() if q.missing is not None and q.missing(heard)]


def effect_of(asking: str, said: Said) -> str:
    """What a reply to the question does; "" when it is none."""
    question = QUESTIONS.get(asking)
    if question is None:
        return ""
    if said.intent is Intent.KEY:
        return question.replies.get(said.value, "")
    if said.intent is None:
        return question.replies.get("text", "")
    if said.rest:
        return ""
    return question.replies.get(said.intent.value, "")


def answers(asking: str, heard: Heard) -> bool:
    """Whether a text answers the question, or just goes on telling."""
    if brief(heard.text):
        return True
    if asking == "office":
        return not _no_office(heard)
    return names_place(heard.text) if asking == "where" else names_time(heard.text)


def brief(text: str) -> bool:
    """Whether a text is as short as an answer."""
    return columns(text) <= _SHORT


def columns(text: str) -> int:
    """How wide a text is: a Chinese character counts two."""
    sample = text[:2000]
    return len(sample) + sum(char > "\u2e7f" for char in sample)
