"""What intake and the dialogue agree on: people talk to us in turns, by text, chat and telephone.

Here stand the values alone. The script itself (``channels.dialogue``) is a pure function: it hears one
message with everything known around it, and says what it means, what to answer and what to remember.
Filing carries that out in the transaction that files the message::

    message + Conversation + own cases  --Heard-->  Dialogue  --Turn-->  filing
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from intake.contracts import Decision, Json


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person on one channel, as remembered between messages; a row of ``conversation``.

    ``asking`` is the key of the dialogue's own question that waits for a reply, ``asked_at`` when it was
    put. ``complaint_id`` is the case being talked about. ``held_id`` is a submission that waits, unfiled,
    until we know whether it is a new matter; ``held_until`` when it is filed as one all the same.
    ``memory`` is the script's own: which questions were put, what was answered.
    """

    channel: str
    address: str
    language: str = "zh-Hans"  # zh-Hans, zh-Hant, en; yue on the telephone
    asking: str = ""
    asked_at: datetime | None = None
    heard_at: datetime | None = None
    complaint_id: str | None = None
    held_id: str | None = None
    held_until: datetime | None = None
    stopped_at: datetime | None = None  # wants no messages any more (退订)
    memory: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case of the person who writes, as they may know it."""

    id: str
    reference: str
    state: str
    received_at: datetime
    answer_due_at: datetime
    closed_at: datetime | None = None
    outcome: str | None = None
    feedback: str | None = None
    bureau: str | None = None
    answer: str | None = None
    asked_at: datetime | None = None  # when the bureau's open question was put, in awaiting_complainant
    confidential: bool = False
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """One message in a conversation, and all that is known around it.

    ``cases`` are the person's own, newest first: the latest ten, and whichever the message names.
    ``belongs`` is the own case that a button or a quoted message of ours points to. ``named`` are the
    references that stand in the text; those which are not in ``cases`` are somebody else's or nobody's.
    ``proposal`` is where the text would go as a new matter. ``held`` True: this is the message that
    waited, and the time to answer the question about it is over.
    """

    text: str
    choice: str
    files: int
    language: str  # of this message, as far as it can be told
    now: datetime
    conversation: Conversation
    cases: tuple[OwnCase, ...] = ()
    belongs: str | None = None
    named: tuple[str, ...] = ()
    proposal: Decision | None = None
    place: str = ""
    held: bool = False


class Act(StrEnum):
    """What a message turns out to be."""

    NEW = "new"  # a complaint
    ADD = "add"  # belongs to ``Turn.complaint_id``
    HOLD = "hold"  # new or not? asked; filed when we know, or when ``held_until`` comes
    RATE = "rate"  # 满意 …
    WITHDRAW = "withdraw"  # 撤回
    TALK = "talk"  # about the service itself: help, status, stop; joins no case


@dataclass(frozen=True, slots=True)
class Line:
    """Something to say: a sentence of the catalogue with its values.

    ``complaint_id`` is the own case it speaks of; the sender of the message alone hears it.
    """

    template: str
    params: Json = field(default_factory=dict)
    complaint_id: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What the dialogue makes of one message.

    ``ask`` (NEW only) is the question that travels with the acknowledgement. ``value`` is the rating, and
    ``text`` its sentence or the reason of a withdrawal. ``release`` says what the held submission of the
    conversation is now known to be: "new" or "add". ``confidential`` and ``anonymous`` are set when the
    person said whether they may be named; ``reroute`` True lets what was added decide once more where an
    unrouted case goes.
    """

    act: Act
    conversation: Conversation
    complaint_id: str | None = None
    say: tuple[Line, ...] = ()
    ask: str = ""
    value: str = ""
    text: str = ""
    release: str = ""
    confidential: bool | None = None
    anonymous: bool | None = None
    reroute: bool = False


class Dialogue(Protocol):
    """The script of all conversations. Pure and quick; never raises for any message."""

    def turn(self, heard: Heard) -> Turn:
        """What ``heard`` means and what is said to it."""
        ...


def conversation_key(channel: str, address: str) -> str:
    """How ``Submission.conversation`` names a conversation."""
    return f"{channel}:{address}"
