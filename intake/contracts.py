"""What intake needs of the rooms around it, and the values that pass between them.

Three journeys cross this page::

    channel  --Submission-->  intake                      (accepting, the hot path)
    channel  --Reading----->  intake --Matter--> Router   (understanding, in a worker)
    intake   --CaseFacts--->  Chaser --Plan----> intake   (chasing)
    outbox   --Message----->  Sender --Delivery-> outbox  (word goes back)

All values are frozen; all times are aware UTC datetimes; all texts are free of NUL and of lone
surrogates (the channel cleans them before handing them in).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

Json = Mapping[str, Any]
"""A JSON object: string keys, values that ``json.dumps`` accepts."""


# ---------------------------------------------------------------- channel → intake: accepting


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """A file already durable in the blob store, named by its content."""

    filename: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Submission:
    """All that a channel may hand in: one raw message, before anybody tried to understand it.

    ``dedupe_key`` is unique over all channels; a second submission with the same key is the same
    submission. ``external_id`` is the channel's own id (a mail's Message-ID without angle brackets,
    a MessageSid …). ``envelope`` holds what the channel knew outside the message (SMTP sender and
    recipients, peer address). ``wants_reference`` asks for a reference at once, for channels whose
    sender waits for it on the line (web form, telephone); mail gets its reference by acknowledgement.
    ``conversation`` names who talks to us where people talk in turns ("sms:+12025550123"): messages of
    one conversation are filed in the order in which they came.
    """

    channel: str
    external_id: str
    dedupe_key: str
    received_at: datetime
    raw: bytes
    envelope: Json = field(default_factory=dict)
    attachments: tuple[StoredAttachment, ...] = ()
    wants_reference: bool = False
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The promise given to the sender: the submission is on disk.

    ``reference`` and ``code`` are set when the submission wanted them; a duplicate gets the same
    ones again.
    """

    submission_id: str
    duplicate: bool
    reference: str | None = None
    code: str | None = None


class StorageUnavailable(Exception):
    """The submission could not be made durable. Trying again later helps: answer 451 or 503."""


# ---------------------------------------------------------------- channel → intake: understanding


class Automatic(StrEnum):
    """Whether a machine wrote it. Anything but NONE gets no automatic reply and reopens nothing."""

    NONE = "none"
    REPLY = "reply"  # out-of-office and other autoresponders (RFC 3834)
    BULK = "bulk"  # lists, newsletters, Precedence: bulk
    BOUNCE = "bounce"  # a delivery status notification (RFC 3464)


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a person can be reached. ``kind``: email, phone, whatsapp, telegram, postal, web.

    ``value`` is in the kind's canonical form (lower-cased address, E.164 number …).
    """

    kind: str
    value: str
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """A document that the front desk saw. The number itself never comes this far.

    ``number_hash`` is keyed (64 hex digits), ``last4`` what people recognise it by.
    """

    kind: str  # resident_id
    number_hash: str
    last4: str


@dataclass(frozen=True, slots=True)
class Companion:
    """A further complainant of the same submission: one of a group that came together."""

    name: str
    contacts: tuple[Contact, ...] = ()
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class ReadAttachment:
    """A file found inside a raw message."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that still lies with a provider; ``source`` is what the channel's fetcher understands.

    ``media_type`` is what the provider says; the file's content decides when it is here.
    """

    source: str
    filename: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient's failure out of a delivery status notification (RFC 3464)."""

    message_id: str | None  # of our message that came back, without angle brackets
    recipient: str
    status: str  # "5.1.1"
    permanent: bool
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a channel's reader understood of one raw message.

    ``body`` is all the text the sender wrote, as plain text; ``quoted`` what was quoted from
    earlier mail. ``thread`` are the channel's ids of earlier messages it answers (In-Reply-To and
    References, nearest first, without angle brackets). ``token`` is the case token of the address
    it was sent to, if any. ``problems`` say in English what could not be read.
    ``place``, ``category``, ``subject_bureau`` are what the sender chose in a form. ``remote`` files are
    fetched after the message was filed. Parts of one ``album`` are one submission. ``choice`` is the key
    of the button that was pressed instead of words. ``attention`` asks for a person ("call_back").
    ``companions`` complain together with the sender and are answered like them. ``urgent`` is the front
    desk's word and outweighs the rules'. ``wordless``: the person wrote nothing themselves (a place, a
    picture, a command), so ``language`` is a guess and counts with nobody who was heard before. ``details``
    are facts for the staff, JSON with flat values: a visitor's needs, a letter's date. ``large_print`` asks
    for large letters on paper.
    """

    subject: str = ""
    body: str = ""
    quoted: str = ""
    sender_name: str = ""
    contacts: tuple[Contact, ...] = ()  # first is where the answer goes
    language: str = "zh-Hans"  # zh-Hans, zh-Hant, en; "" when too short to tell
    wordless: bool = False
    automatic: Automatic = Automatic.NONE
    thread: tuple[str, ...] = ()
    token: str | None = None
    anonymous: bool = False
    confidential: bool = False
    place: str = ""
    category: str = ""
    subject_bureau: str = ""  # code of the bureau complained about, when the sender said so
    attachments: tuple[ReadAttachment, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    problems: tuple[str, ...] = ()
    remote: tuple[RemoteFile, ...] = ()
    album: str = ""
    choice: str = ""
    attention: str = ""
    companions: tuple[Companion, ...] = ()
    identity: Identity | None = None
    urgent: bool = False
    large_print: bool = False
    details: Json = field(default_factory=dict)


class UnreadableSubmission(Exception):
    """The message cannot be understood, now or later: park it for a person. Never retried."""


class Reader(Protocol):
    """Understands one channel's raw messages. Pure: no I/O, bounded in time, depth and size."""

    def __call__(self, raw: bytes, envelope: Json) -> Reading:
        """Read ``raw``; raise :class:`UnreadableSubmission` when nothing can be made of it."""
        ...


class FetchFailed(Exception):
    """The file could not be fetched. ``permanent`` False means that trying again helps."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class Fetcher(Protocol):
    """Brings one channel's remote files here, within its own limits of size and time."""

    def fetch(self, file: RemoteFile) -> ReadAttachment:
        """The file, its type told by its content; raises :class:`FetchFailed`."""
        ...


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a recording. ``engine`` names who wrote it down."""

    text: str
    engine: str


class Transcriber(Protocol):
    """Writes down what is said in a recording."""

    def transcribe(self, recording: bytes, media_type: str, language: str) -> Transcript | None:
        """The words, or None when this engine does not know the language; raises :class:`FetchFailed`."""
        ...


# ---------------------------------------------------------------- intake → routing


@dataclass(frozen=True, slots=True)
class Matter:
    """What routing may look at."""

    channel: str
    subject: str
    body: str
    sender: str = ""  # canonical contact value, "" when anonymous
    place: str = ""
    category: str = ""
    subject_bureau: str = ""
    barred: tuple[str, ...] = ()  # bureaus blocked already for this case


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for people, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Block:
    """A bureau that must not handle this matter, and why (promise 7)."""

    bureau: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a matter goes and why. ``bureau`` None means triage: a person must decide."""

    bureau: str | None
    by: str  # "rule", "name" or "none"
    rule: str | None  # the rule's id
    reason: Text
    category: str = ""
    urgency: str = "ordinary"  # urgent, ordinary, complex
    supporting: tuple[str, ...] = ()
    subject_bureaus: tuple[str, ...] = ()  # whom the complaint is about
    blocks: tuple[Block, ...] = ()


class Router(Protocol):
    """Decides who must answer. Pure and quick (well under a millisecond)."""

    def route(self, matter: Matter) -> Decision:
        """Decide; always returns, never raises for any text."""
        ...


class Directory(Protocol):
    """Who the bureaus are and how to reach them; ``office`` is the efficiency office itself."""

    def knows(self, bureau: str) -> bool:
        """Whether there is a bureau with this code."""
        ...

    def name(self, bureau: str) -> Text:
        """Its name; a code that left the directory names itself, so old cases still show."""
        ...

    def family(self, bureau: str) -> frozenset[str]:
        """The bureau and all its subordinates (promise 7), by code."""
        ...

    def recipients(self, bureau: str, level: str) -> Sequence[Contact]:
        """Whom to write to about a case: ``level`` is ``handler`` or ``leader``."""
        ...

    def is_contact(self, address: str) -> bool:
        """Whether a bureau or the office is written to at this canonical address."""
        ...

    def is_own(self, address: str) -> bool:
        """Whether mail to this canonical address comes back to this very service."""
        ...


# ---------------------------------------------------------------- intake → chasing


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """All that decides a case's deadlines and its next chase."""

    state: str
    urgency: str
    received_at: datetime
    state_since: datetime
    answer_due_at: datetime | None  # fixed at receipt; moved only by pauses and extensions
    step: int = 0  # how many steps of this stage's ladder were taken
    attention_since: datetime | None = None  # somebody must look (bounce, dissatisfied …)
    feedback: str | None = None  # satisfied, basically_satisfied, dissatisfied, silent
    feedback_possible: bool = True
    attention_step: int = 0  # steps taken since attention_since; that ladder runs beside the stage's
    attention: str | None = None  # why: one of intake.attention.Attention


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is responsible now, for what, by when; and when the ticker looks again (promise 4).

    ``due_at`` is the present stage's deadline; ``next_at`` when the next ladder step is due (None
    only for a closed case with nothing left to do). ``because`` shows the calendar days.
    """

    responsible: str  # office, bureau, complainant, nobody
    action: str  # route, accept, answer, complete, check, look, feedback, none
    due_at: datetime | None
    next_at: datetime | None
    because: Text


@dataclass(frozen=True, slots=True)
class Chase:
    """One step up the ladder: what the ticker does to a case that is due.

    ``kind``: remind 提醒, urge 催办, escalate 升级, supervise 督办, lapse (a pause or a feedback
    window ran out). ``to`` are levels: handler, leader, office, office_leader, complainant.
    ``skipped`` counts steps whose time had passed too, so that a late tick acts once.
    ``attention`` True: it belongs to the attention's ladder, so ``step`` goes to ``attention_step``.
    """

    kind: str
    step: int  # the case's step after this one
    to: tuple[str, ...]
    reason: Text
    skipped: int = 0
    attention: bool = False


class Chaser(Protocol):
    """Deadlines and the chasing ladder. Pure."""

    def answer_due(self, urgency: str, received_at: datetime) -> datetime:
        """The answer deadline, fixed at receipt (promise 6)."""
        ...

    def resume(self, answer_due_at: datetime, paused_from: datetime, now: datetime) -> datetime:
        """The answer deadline after a pause: later by the working time that was paused."""
        ...

    def plan(self, facts: CaseFacts) -> Plan:
        """Who must do what by when, from these facts alone."""
        ...

    def chase(self, facts: CaseFacts, now: datetime) -> Chase | None:
        """The step due at ``now``, or None when nothing is due yet."""
        ...


# ---------------------------------------------------------------- outbox → channel


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that is offered with a message: a button, or a key to type."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Message:
    """One outgoing message, rendered. ``outbox_id`` is stable over retries: derive ids from it.

    ``reference`` and ``code`` are the recipient's own, "" where there is none or it is not theirs to know.
    ``retry`` True: an earlier attempt may have been taken by the provider unnoticed.

    ``thread`` are our and the citizen's earlier message ids in this case, oldest first, without
    angle brackets. ``automatic`` marks what no person wrote (RFC 3834).
    """

    outbox_id: str
    channel: str
    to: str
    to_name: str
    subject: str
    text: str
    language: str
    reply_token: str | None = None
    message_id: str = ""
    thread: tuple[str, ...] = ()
    automatic: bool = True
    template: str = ""
    choices: tuple[Choice, ...] = ()
    created_at: datetime | None = None
    retry: bool = False
    reference: str = ""
    code: str = ""
    large_print: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """A provider took the message. ``final`` False: only handed on, a bounce may still come."""

    provider_id: str
    final: bool = False
    note: str = ""


class DeliveryFailed(Exception):
    """The message could not be handed over. ``permanent`` False means that trying again helps.

    ``again_at`` says when it does (a rate limit, a decent hour), and is nobody's failure: it counts as
    no attempt. ``other_way`` names the channel that reaches this address instead, from now on.
    """

    def __init__(
        self, reason: str, *, permanent: bool, again_at: datetime | None = None, other_way: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.again_at = again_at
        self.other_way = other_way


class Sender(Protocol):
    """Takes one message to the outside world, once per call, within its own time limit."""

    def send(self, message: Message) -> Delivery:
        """Send; raise :class:`DeliveryFailed` with whether trying again helps."""
        ...
