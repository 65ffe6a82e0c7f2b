"""What is already known around a batch of submissions, looked up with one query per question.

The answers decide whether a submission joins a case (promise 8). What proves that it belongs there is
something only the person written to can know: our message's id, the token of the reply address. A
reference in a subject line counts only from an address that already belongs to the case.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select, tuple_

from intake import schema
from intake.contracts import Automatic, Directory
from intake.ids import is_id
from intake.matching.texts import repeats
from intake.own_cases import latest_cases
from intake.references import find_references, number_from
from intake.understanding import Understood
from intake.vault import vault_of
from intake.vault.names import address_hash, delivery_id, token_hash

_CHASED_ROLES = ("handler", "leader", "office")
_AUTOMATIC_TEMPLATES = ("acknowledgement", "added", "talk")
_SUBJECT = 500  # characters of it that are kept
_BEGINNING = 500  # characters by which two texts of one length are compared; whole ones might not fit
_AGAIN = timedelta(days=30)
"""So long the same words of the same person are no second matter, while the first is open."""
_COPIES = 5  # messages of one id, sender and subject that are compared; thousands may share a forged id

_WITH_PARTS = (
    schema.outbox,
    schema.participation,
    schema.outbox.c.participation_id == schema.participation.c.id,
)
_OWN = func.coalesce(schema.participation.c.complaint_id, schema.outbox.c.complaint_id).label("own")
"""The case that its reader complained in, where the message is of the lead that it was merged into."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """The case a submission belongs to, who wrote it, and what proves it."""

    complaint_id: str
    author: str  # complainant, bureau, machine
    because: str
    copy: bool = False


@dataclass(slots=True)
class Surroundings:
    """Answers for one batch."""

    ours: dict[str, Any] = field(default_factory=dict)  # outbox id → row, with ``own``: the reader's own case
    theirs: dict[tuple[str, str], list[Any]] = field(default_factory=dict)  # (channel, id) → rows
    texts: dict[str, tuple[int, str]] = field(default_factory=dict)  # of theirs: length and beginning
    tokens: dict[str, str] = field(default_factory=dict)  # token → complaint id
    numbers: dict[int, str] = field(default_factory=dict)  # mentioned number → complaint id
    people: dict[tuple[str, str], str] = field(default_factory=dict)  # contact → complainant id
    members: set[tuple[str, str]] = field(default_factory=set)  # (complaint, complainant)
    told: set[tuple[str, str]] = field(default_factory=set)  # (complaint, a bureau's address told of it)
    chased: set[str] = field(default_factory=set)  # addresses that we write to as bureaus or the office
    own: set[str] = field(default_factory=set)  # addresses whose mail comes back to us
    replies: dict[str, int] = field(default_factory=dict)  # automatic replies sent to an address
    pressed: dict[tuple[str, str], Any] = field(default_factory=dict)  # (channel, provider's id) → our row
    own_cases: dict[str, list[str]] = field(default_factory=dict)  # who talks to us → own cases, newest first
    repeated: dict[str, str] = field(default_factory=dict)  # the same words of the same person → their case

    def waits_for_another(self, item: Understood) -> bool:
        """Whether it answers a message that is itself still in the queue, or may be one's later copy."""
        channel = item.row.channel
        return any(
            row.state == "pending" and row.id != item.row.id
            for message_id in item.reading.thread
            for row in self.theirs.get((channel, message_id), ())
        ) or any(
            row.state == "pending" and row.id < item.row.id
            for row in self.theirs.get((channel, item.row.external_id), ())
        )

    def pointed_to(self, item: Understood) -> list[str]:
        """The cases of our messages that it answers: a button of theirs was pressed, or they were quoted."""
        return [row.own for row in self._answered(item) if row.own]

    def answers_what_was_said_at(self, item: Understood) -> datetime | None:
        """When we said to this very address what it answers; None when it points to nothing of the kind."""
        _, _, address = item.row.conversation.partition(":")
        return next((row.created_at for row in self._answered(item) if row.address == address), None)

    def _answered(self, item: Understood) -> list[Any]:
        rows = [
            self.ours.get(our_id(key)) or self.pressed.get((item.row.channel, key))
            for key in item.reading.thread
        ]
        return [row for row in rows if row is not None]

    def belonging(self, item: Understood) -> Belonging | None:
        """The case that ``item`` belongs to, or None for a new matter."""
        reading, row = item.reading, item.row
        sender = reading.contacts[0].value if reading.contacts else ""
        machine = reading.automatic is not Automatic.NONE or sender in self.own
        for bounce in reading.bounces:
            sent = self.ours.get(our_id(bounce.message_id))
            if sent is not None:
                return Belonging(sent.complaint_id, "machine", "bounce of our message")
        if reading.token and (found := self.tokens.get(reading.token)):
            return Belonging(found, "machine" if machine else "complainant", "reply address")
        for message_id in (row.external_id, *reading.thread):  # the first: our own mail, come round to us
            if (sent := self.ours.get(our_id(message_id))) is not None:
                author = "complainant" if sent.role == "complainant" else "bureau"
                return Belonging(sent.own, "machine" if machine else author, "answers our message")
        author = "machine" if machine else "complainant"
        return (
            self._by_own_message(row, reading, author)
            or self._by_reference(reading, author)
            or self.repetition(item)
        )

    def repetition(self, item: Understood) -> Belonging | None:
        """The open case in which the same person said the same words before.

        Who was given a reference at the door keeps that one: a clerk is offered the two cases.
        """
        again = self.repeats_of(item) if item.row.reserved_number is None else ""
        found = self.repeated.get(again) if again else None
        return Belonging(found, "complainant", "same words again") if found else None

    def repeats_of(self, item: Understood) -> str:
        """What finds this text of this person again; "" when it says too little or nobody is known."""
        first = next(iter(item.reading.contacts), None)
        if first is None or first.value in self.chased:
            return ""
        return repeats(self.people.get((first.kind, first.value), ""), item.known_by)

    def _by_own_message(self, row: Any, reading: Any, author: str) -> Belonging | None:
        sender = reading.contacts[0].value if reading.contacts else None
        if sender is None:
            return None
        for message_id in reading.thread:
            for other in self.theirs.get((row.channel, message_id), ()):
                if other.complaint_id and other.from_address == sender:
                    return Belonging(other.complaint_id, author, "follows own message")
        for other in self.theirs.get((row.channel, row.external_id), ()):
            if self.texts.get(other.id) == (len(reading.body), reading.body[:_BEGINNING]):
                return Belonging(other.complaint_id, author, "another copy", copy=True)
        return None

    def _by_reference(self, reading: Any, author: str) -> Belonging | None:
        person = next((self.people.get((c.kind, c.value)) for c in reading.contacts[:1]), None)
        for reference in find_references(reading.subject):
            complaint_id = self.numbers.get(number_from(reference))
            if complaint_id and person and (complaint_id, person) in self.members:
                return Belonging(complaint_id, author, "reference and sender")
            sender = reading.contacts[0].value if reading.contacts else ""
            if complaint_id and (complaint_id, sender) in self.told:
                return Belonging(
                    complaint_id, "machine" if author == "machine" else "bureau", "reference and bureau"
                )
        return None


def our_id(message_id: str | None) -> str:
    """The outbox id inside a Message-ID of ours (``<outbox id>@domain``), or ""."""
    local = (message_id or "").partition("@")[0]
    return local if is_id(local) else ""


def look_around(
    connection: Connection,
    batch: Sequence[Understood],
    directory: Directory,
    now: datetime,
    talked_about: Collection[str] = (),
) -> Surroundings:
    """Ask everything about ``batch`` that filing it will need.

    ``talked_about`` are cases that its conversations remember.
    """
    around = Surroundings()
    _ask_ours(connection, batch, around)
    _ask_theirs(connection, batch, around)
    _ask_tokens(connection, batch, around)
    _ask_people(connection, batch, around)
    _ask_numbers(connection, batch, around)
    _ask_chased(connection, batch, directory, around)
    _ask_replies(connection, batch, around, now)
    _ask_repeated(connection, batch, around, now)
    _ask_own(connection, [item for item in batch if item.row.conversation], around, talked_about)
    return around


def _ask_ours(connection: Connection, batch: Sequence[Understood], around: Surroundings) -> None:
    wanted = {our_id(m) for item in batch for m in item.reading.thread}
    wanted |= {our_id(b.message_id) for item in batch for b in item.reading.bounces}
    wanted |= {our_id(item.row.external_id) for item in batch}
    wanted.discard("")
    if wanted:
        c = schema.outbox.c
        columns = (c.id, c.complaint_id, c.role, c.template, c.address, c.state, c.created_at, _OWN)
        query = select(*columns).join_from(*_WITH_PARTS, isouter=True).where(c.id.in_(wanted))
        around.ours = {row.id: row for row in connection.execute(query)}


def _ask_own(
    connection: Connection, spoken: Sequence[Understood], around: Surroundings, talked_about: Collection[str]
) -> None:
    """The own cases of those who talk to us in turns, also the ones they name or point to."""
    c = schema.outbox.c
    channels = {item.row.channel for item in spoken}
    others = {key for item in spoken for key in item.reading.thread if key not in around.ours}
    if others:
        query = select(c.channel, c.provider_id, c.complaint_id, c.address, c.created_at, _OWN)
        query = query.join_from(*_WITH_PARTS, isouter=True)
        stored = {delivery_id(vault_of(connection), key): key for key in others}
        query = query.where(c.provider_id.in_(stored), c.channel.in_(channels))
        around.pressed = {(row.channel, stored[row.provider_id]): row for row in connection.execute(query)}
    first = [(c.kind, c.value) for item in spoken for c in item.reading.contacts[:1]]
    people = {around.people[key] for key in first if key in around.people}
    numbers = {number_from(r) for item in spoken for r in find_references(item.reading.body)}
    keys = {key for item in spoken for key in around.pointed_to(item)} | set(talked_about)
    around.own_cases = latest_cases(connection, people, numbers, keys)


def _ask_theirs(connection: Connection, batch: Sequence[Understood], around: Surroundings) -> None:
    wanted = {(item.row.channel, m) for item in batch for m in item.reading.thread}
    wanted |= {(item.row.channel, item.row.external_id) for item in batch}
    c = schema.submission.c
    query = select(c.id, c.channel, c.external_id, c.state, c.complaint_id, c.from_address, c.subject).where(
        tuple_(c.channel, c.external_id).in_(sorted(wanted))
    )
    for row in connection.execute(query):
        around.theirs.setdefault((row.channel, row.external_id), []).append(row)
    _ask_texts(connection, batch, around)


def _ask_texts(connection: Connection, batch: Sequence[Understood], around: Surroundings) -> None:
    """What those few say of which an item may be a copy: same id, same sender, same subject."""
    wanted: list[str] = []
    for item in batch:
        looks = [(c.value, item.reading.subject[:_SUBJECT]) for c in item.reading.contacts[:1]]
        others = around.theirs.get((item.row.channel, item.row.external_id), ())
        alike = (o.id for o in others if o.complaint_id and [(o.from_address, o.subject)] == looks)
        wanted += islice(alike, _COPIES)
    if wanted:
        c = schema.submission.c
        query = select(c.id, func.length(c.body).label("length"), func.substr(c.body, 1, _BEGINNING))
        found = connection.execute(query.where(c.id.in_(wanted)))
        around.texts = {key: (length, beginning) for key, length, beginning in found}


def _ask_tokens(connection: Connection, batch: Sequence[Understood], around: Surroundings) -> None:
    wanted = {token for item in batch if (token := item.reading.token)}
    if wanted:
        c, vault = schema.participation.c, vault_of(connection)
        hashes = {token_hash(vault, token): token for token in wanted}
        rows = connection.execute(select(c.token_hash, c.complaint_id).where(c.token_hash.in_(hashes)))
        around.tokens = {hashes[row.token_hash]: row.complaint_id for row in rows}


def _ask_people(connection: Connection, batch: Sequence[Understood], around: Surroundings) -> None:
    wanted = {(c.kind, c.value) for item in batch for c in item.reading.contacts[:1]}
    wanted |= {(c.kind, c.value) for i in batch for other in i.reading.companions for c in other.contacts[:1]}
    if wanted:
        around.people = people_of(connection, wanted)


def people_of(connection: Connection, contacts: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The complainants known by these contacts (kind, value)."""
    c, vault = schema.complainant.c, vault_of(connection)
    asked = {(kind, address_hash(vault, value)): (kind, value) for kind, value in contacts if value}
    query = select(c.kind, c.value_hash, c.id).where(tuple_(c.kind, c.value_hash).in_(sorted(asked)))
    return {asked[row.kind, row.value_hash]: row.id for row in connection.execute(query)}


def _ask_numbers(connection: Connection, batch: Sequence[Understood], around: Surroundings) -> None:
    mentioned = {number_from(r) for item in batch for r in find_references(item.reading.subject)}
    if not mentioned:
        return
    c = schema.complaint.c
    rows = connection.execute(select(c.number, c.id).where(c.number.in_(mentioned)))
    around.numbers = {row.number: row.id for row in rows}
    p = schema.participation.c
    members = select(p.complaint_id, p.complainant_id).where(p.complaint_id.in_(around.numbers.values()))
    around.members = {(row.complaint_id, row.complainant_id) for row in connection.execute(members)}
    o = schema.outbox.c
    told = select(o.complaint_id, o.address).where(
        o.complaint_id.in_(around.numbers.values()), o.role.in_(_CHASED_ROLES)
    )
    around.told = {(row.complaint_id, row.address) for row in connection.execute(told)}


def _ask_chased(
    connection: Connection, batch: Sequence[Understood], directory: Directory, around: Surroundings
) -> None:
    addresses = {c.value for item in batch for c in item.reading.contacts[:1]}
    around.own = {address for address in addresses if directory.is_own(address)}
    if addresses:
        c, hashes = schema.outbox.c, _hashes(connection, addresses)
        query = select(c.address_hash).where(c.address_hash.in_(hashes), c.role.in_(_CHASED_ROLES))
        chased = connection.execute(query.distinct()).scalars()
        around.chased = {hashes[found] for found in chased} | around.own
        around.chased |= {address for address in addresses if directory.is_contact(address)}


def _ask_repeated(
    connection: Connection, batch: Sequence[Understood], around: Surroundings, now: datetime
) -> None:
    """Open cases in which somebody of the batch said the same words within :data:`_AGAIN`."""
    wanted = {around.repeats_of(item) for item in batch if item.row.reserved_number is None} - {""}
    if not wanted:
        return
    m, s, case, lead = (
        schema.matching.c,
        schema.submission.c,
        schema.complaint,
        schema.complaint.alias("lead"),
    )
    query = (
        select(m.repeats, s.complaint_id)
        .join_from(schema.matching, schema.submission, s.id == m.id)
        .join(case, case.c.id == s.complaint_id)
        .join(lead, lead.c.id == func.coalesce(case.c.merged_into, case.c.id))
        .where(m.repeats.in_(wanted), s.received_at > now - _AGAIN, lead.c.closed_at.is_(None))
        .order_by(m.id)
    )
    around.repeated = {row.repeats: row.complaint_id for row in connection.execute(query)}


def _ask_replies(
    connection: Connection, batch: Sequence[Understood], around: Surroundings, now: datetime
) -> None:
    addresses = {c.value for item in batch for c in item.reading.contacts[:1]}
    # a provider's form of a number may differ from ours: what is said goes to the conversation's
    addresses |= {item.row.conversation.partition(":")[2] for item in batch if item.row.conversation}
    if addresses:
        c, hashes = schema.outbox.c, _hashes(connection, addresses)
        query = (
            select(c.address_hash, func.count().label("sent"))
            .where(
                c.address_hash.in_(hashes),
                c.role == "complainant",
                c.created_at > now - timedelta(hours=1),
                c.template.in_(_AUTOMATIC_TEMPLATES),
                c.state != "suppressed",
            )
            .group_by(c.address_hash)
        )
        around.replies = {hashes[row.address_hash]: row.sent for row in connection.execute(query)}


def _hashes(connection: Connection, addresses: Collection[str]) -> dict[str, str]:
    """Addresses by their keyed hash."""
    vault = vault_of(connection)
    return {hashed: address for address in addresses if (hashed := address_hash(vault, address))}
