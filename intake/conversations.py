"""Who talks to us in turns, and what is remembered of them between two messages.

You are here: registrar → [conversations] → filing. A batch looks all its conversations up at once and
locks them in one order; they change in memory, message by message, and are written once at the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from intake import schema
from intake.contracts import Contact
from intake.conversation import Conversation
from intake.ids import new_id
from intake.store import Store
from intake.understanding import Understood
from intake.vault import sealed
from intake.work import PENDING

MESSAGES_PER_HOUR = 60
"""What one person sends beyond this opens no further case: it joins the latest, and somebody looks."""
CASES_PER_DAY = 20
"""So many cases one person opens a day by text or chat; what follows joins the latest of them."""
FILES_PER_HOUR = 100
"""So many files of one person are fetched an hour; the others are on the record and stay where they lie."""
SAID_PER_DAY = 100
"""So many replies of the dialogue one person gets a day (UTC); then we are silent, and a loop ends."""
SAME_AGAIN = 8
"""The same words so often in a row, and nothing else, come from a machine: it is not answered again."""
ALBUM_GAP = timedelta(minutes=10)
"""Parts of one album that come later than this are a message of their own."""
_FAILING = 3
"""A message that was tried this often holds nobody up any more."""

_c = schema.conversation.c
_KEPT = (
    *("language", "asking", "asked_at", "heard_at", "complaint_id"),
    *("held_id", "held_until", "stopped_at", "memory"),
)
_WRITE = (
    schema.conversation.update()
    .where(_c.id == bindparam("b_id"))
    .values({name: bindparam(f"v_{name}") for name in _KEPT})
)
_NOTES = "filing"
"""Where filing keeps its own notes in ``memory``; the script neither sees nor loses them."""


@dataclass(slots=True)
class Talk:
    """One conversation during a batch. ``before`` is the oldest message that must be filed first.

    ``released`` are messages that waited and whose turn it is now: no later one is filed before them.
    ``notes`` are filing's own: counts, the last album, what was decided of messages that waited.
    """

    id: str
    conversation: Conversation
    before: str | None = None
    released: set[str] = field(default_factory=set)
    notes: dict[str, Any] = field(default_factory=dict)

    def waits(self, submission_id: str) -> bool:
        """Whether an earlier message, which is not in this batch, comes first."""
        return self.before is not None and self.before < submission_id

    def count(self, now: datetime) -> None:
        """Count one message heard."""
        self._this_hour("heard", now, 1)

    def fetches(self, count: int, now: datetime) -> bool:
        """Whether ``count`` more files are fetched; they are counted."""
        return not count or self._this_hour("files", now, count) <= FILES_PER_HOUR

    def _this_hour(self, what: str, now: datetime, more: int) -> int:
        hour = now.strftime("%Y-%m-%dT%H")
        if self.notes.get("hour") != hour:
            self.notes |= {"hour": hour, "heard": 0, "files": 0}
        self.notes[what] = int(self.notes.get(what, 0)) + more
        return int(self.notes[what])

    def opened(self, now: datetime, more: int = 0) -> int:
        """How many cases were opened on this day (UTC), after counting ``more``."""
        return self._today("opened", now, more)

    def _today(self, what: str, now: datetime, more: int) -> int:
        day = now.strftime("%Y-%m-%d")
        if self.notes.get("day") != day:
            self.notes |= {"day": day, "opened": 0, "said": 0, "same": 0}
        self.notes[what] = int(self.notes.get(what, 0)) + more
        return int(self.notes[what])

    def listen(self, words: str, now: datetime) -> None:
        """Count how often the same words came in a row today: so autoresponders are known."""
        digest = hashlib.sha256(words.strip().encode("utf-8", "replace")).hexdigest()[:16]
        if self.notes.get("words") != digest:
            self.notes |= {"words": digest, "same": 0}
        self._today("same", now, 1)

    def tired(self, now: datetime) -> bool:
        """Whether answering again would keep two machines talking to each other for ever."""
        return self._today("same", now, 0) > SAME_AGAIN or self._today("said", now, 0) >= SAID_PER_DAY

    def said(self, now: datetime) -> None:
        """Count one reply."""
        self._today("said", now, 1)

    def crowded(self, now: datetime) -> bool:
        """Whether this person has sent so much that nothing more opens a case by itself."""
        return self.notes.get("heard", 0) > MESSAGES_PER_HOUR or self.opened(now) >= CASES_PER_DAY

    def decide(self, submission_id: str, became: str, complaint_id: str | None) -> None:
        """Remember what a message that waits was found to be."""
        self.notes.setdefault("decided", {})[submission_id] = [became, complaint_id]

    def decided(self, submission_id: str) -> tuple[str, str | None] | None:
        """What :meth:`decide` was told of this message; forgotten by asking."""
        found = self.notes.get("decided", {}).pop(submission_id, None)
        return (found[0], found[1]) if found else None

    def talked_about(self) -> set[str]:
        """The cases that it remembers."""
        of_decided = {case for _, case in self.notes.get("decided", {}).values()}
        return {case for case in of_decided | {self.conversation.complaint_id} if case}

    def album(self, name: str, now: datetime) -> tuple[str, str | None] | None:
        """The first submission of the album that is being sent, and its case."""
        last = self.notes.get("album")
        if not name or not last or last[0] != name or now - datetime.fromisoformat(last[3]) > ALBUM_GAP:
            return None
        return last[1], last[2]

    def begin_album(self, name: str, submission_id: str, complaint_id: str | None, now: datetime) -> None:
        """Remember the first part of an album."""
        if name:
            self.notes["album"] = [name, submission_id, complaint_id, now.isoformat()]

    def become(self, after: Conversation) -> None:
        """Take over what the script made of it; who it is and what waits is not the script's to say."""
        now = self.conversation
        self.conversation = replace(
            after,
            channel=now.channel,
            address=now.address,
            held_id=now.held_id,
            held_until=now.held_until,
            asking=after.asking[:32],
            language=after.language[:8],
        )


def known_by_conversation(item: Understood, way_back: Callable[[Contact], str]) -> Understood:
    """Who sent a message that nobody could read, by its conversation: they get a reference, too."""
    channel, _, address = (item.row.conversation or "").partition(":")
    if item.parked is None or not address or item.reading.contacts:
        return item
    kinds = (Contact(kind, address, verified=True) for kind in (channel, "phone"))
    who = tuple(contact for contact in kinds if way_back(contact) == channel)[:1]
    return replace(item, reading=replace(item.reading, contacts=who, language="", confidential=True))


def meet(connection: Connection, store: Store, batch: Sequence[Understood], now: datetime) -> dict[str, Talk]:
    """The conversations of ``batch`` by key, locked until the transaction ends; new ones are made."""
    first: dict[str, Understood] = {}
    for item in batch:
        if item.row.conversation_hash:
            first.setdefault(item.row.conversation_hash, item)
    if not first:
        return {}
    wanted = sorted(first)
    these = _c.conversation_hash.in_(wanted)
    there = set(connection.execute(select(_c.conversation_hash).where(these)).scalars())
    missing = [key for key in wanted if key not in there]
    if missing:
        rows = [fresh_conversation(key, *_named(first[key])) for key in missing]
        connection.execute(store.insert_new(schema.conversation), rows)
    ids = [item.row.id for item in batch if item.row.conversation]
    query = select(schema.conversation, _earlier(ids)).where(these).order_by(_c.conversation_hash)
    rows_found = connection.execute(query.with_for_update(of=schema.conversation))
    return {f"{row.channel}:{row.address}": _talk(row) for row in rows_found}


def _named(item: Understood) -> tuple[str, str, str]:
    """Channel, address and language of who wrote it."""
    channel, _, address = item.row.conversation.partition(":")
    return channel, address, item.reading.language or "zh-Hans"


def _earlier(ids: Sequence[str]) -> Any:
    """The oldest message of the same conversation that waits, is not in this batch and not held back."""
    s = schema.submission.c
    return (
        select(s.id)
        .where(
            s.conversation_hash == _c.conversation_hash,
            s.state == PENDING,
            s.attempts < _FAILING,
            s.id.not_in(ids),
            (_c.held_id.is_(None)) | (s.id != _c.held_id),
        )
        .order_by(s.id)
        .limit(1)
        .correlate(schema.conversation)
        .scalar_subquery()
        .label("earlier")
    )


def fresh_conversation(hashed: str, channel: str, address: str, language: str) -> dict[str, Any]:
    """The row of somebody who never talked to us on this channel."""
    key = new_id()
    return {
        "id": key,
        "channel": channel,
        "address": sealed(key, address),
        "conversation_hash": hashed,
        "language": language,
        "asking": "",
        "memory": sealed(key, {}),
    }


def _talk(row: Any) -> Talk:
    memory = dict(row.memory)
    notes = memory.pop(_NOTES, {})
    known = {name: getattr(row, name) for name in _KEPT} | {"memory": memory}
    return Talk(row.id, Conversation(row.channel, row.address, **known), row.earlier, notes=dict(notes))


def remember(connection: Connection, talks: Sequence[Talk]) -> None:
    """Write the conversations down."""
    rows = []
    for talk in talks:
        values = {f"v_{name}": getattr(talk.conversation, name) for name in _KEPT}
        memory = dict(talk.conversation.memory) | ({_NOTES: talk.notes} if talk.notes else {})
        rows.append(values | {"b_id": talk.id, "v_memory": sealed(talk.id, memory)})
    if rows:
        connection.execute(_WRITE, rows)
