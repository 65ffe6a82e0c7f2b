"""A letter that was scanned as two files is put together at the desk.

You are here: the letter desk → [joining] → one letter of both scans' pages. Both scans stay as they came, set
aside with the reason; a cut between the pages parts them again. The reader's findings are those of the first
part, and of the second where the first has none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from intake import schema
from intake.clock import Clock
from intake.contracts import Json, StoredAttachment
from intake.ids import new_id
from intake.letters.arriving import MAX_FILES, file_rows
from intake.letters.desk import HELD, LetterRefused, Taking
from intake.letters.listing import AT_THE_DESK, WholeLetter
from intake.people import Actor
from intake.store import Store
from intake.vault import sealed

JOINED = "joined"
"""The reason of a scan that lives on as a part of a letter."""
MAX_PAGES = 1000

Continue = Callable[[WholeLetter], Json]
"""The draft of the joined letter, given the letter whose pages follow."""


class LetterJoiner:
    """Joins letters. Thread-safe; of many processes too; raises LetterRefused and StorageUnavailable."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def join(self, taking: Taking, who: Actor, other_id: str, continued: Continue) -> Taking:
        """The pages of ``other_id`` follow those of the letter in hand; returns the whole, in these hands.

        The other one must wait with nobody in front of it: what somebody types just now is theirs.
        """
        if other_id == taking.letter_id:
            raise LetterRefused("bad_other")
        with self._store.write() as connection:
            first, other = _locked(connection, taking.letter_id, other_id)
            if first.row.state not in AT_THE_DESK:
                raise LetterRefused("ended")
            if not taking.mark or first.row.taken_mark != taking.mark:
                raise LetterRefused("stale")
            self._check_free(connection, other.row, who)
            if len(first.files) + len(other.files) > MAX_FILES or _pages(first) + _pages(other) > MAX_PAGES:
                raise LetterRefused("too_many")
            whole = self._whole(connection, (first, other), who, continued(other))
            ended: dict[str, Any] = {"state": "discarded", "reason": JOINED, "taken_until": None}
            ended |= {"ended_by": who.signature(), "ended_at": self._clock()}
            both = schema.letter.c.id.in_([first.row.id, other.row.id])
            connection.execute(update(schema.letter).where(both).values(**ended))
            return whole

    def _check_free(self, connection: Connection, row: Any, who: Actor) -> None:
        if row.state not in AT_THE_DESK:
            raise LetterRefused("reading" if row.state == "pending" else "other_ended")
        if row.taken_by not in (None, who.id) and row.taken_until and row.taken_until >= self._clock():
            query = select(schema.staff.c.name).where(schema.staff.c.id == row.taken_by)
            raise LetterRefused("taken", who=connection.execute(query).scalar() or "?")

    def _whole(self, connection: Connection, parts: Sequence[WholeLetter], who: Actor, draft: Json) -> Taking:
        key, mark, (first, other) = new_id(), new_id(), parts
        name = "\0".join(("joined", first.row.dedupe_key, other.row.dedupe_key, key))
        fields = _moved(other.row.fields, _pages(first)) | dict(first.row.fields)
        row: dict[str, Any] = {
            "id": key,
            "source": first.row.source,
            "dedupe_key": hashlib.sha256(name.encode()).hexdigest(),
            "scanned_at": min(part.row.scanned_at for part in parts),
            "received_on": min(part.row.received_on for part in parts),
            "pages": _pages(first) + _pages(other),
            "pages_read": _pages(first) + _pages(other),
            "state": "waiting" if any(part.row.state == "waiting" for part in parts) else "unreadable",
            "due_at": self._clock(),
            "attempts": 0,
            "note": _notes(first.row.note, other.row.note),
            "fields": sealed(key, fields),
            "draft": sealed(key, dict(draft)),
            "taken_by": who.id,
            "taken_until": self._clock() + HELD,
            "taken_mark": mark,
        }
        connection.execute(schema.letter.insert(), [row])
        files = [
            StoredAttachment(f.filename, f.media_type, f.size, f.sha256) for part in parts for f in part.files
        ]
        connection.execute(schema.letter_file.insert(), file_rows(key, files))
        copies = [
            {
                **page._mapping,
                "letter_id": key,
                "number": (number := page.number + after),
                "lines": sealed((key, number), page.lines),
            }
            for part, after in zip(parts, (0, _pages(first)), strict=True)
            for page in part.pages
        ]
        if copies:
            connection.execute(schema.letter_page.insert(), copies)
        return Taking(key, mark)


def _locked(connection: Connection, *letter_ids: str) -> list[WholeLetter]:
    """The letters in the order asked for, locked in the order of ids: joins never wait in a ring."""
    one, f, p = schema.letter, schema.letter_file, schema.letter_page
    rows = {}
    for letter_id in sorted(letter_ids):
        row = connection.execute(select(one).where(one.c.id == letter_id).with_for_update()).first()
        if row is None:
            raise LetterRefused("gone")
        rows[letter_id] = row
    return [
        WholeLetter(
            rows[letter_id],
            connection.execute(select(f).where(f.c.letter_id == letter_id).order_by(f.c.position)).all(),
            connection.execute(select(p).where(p.c.letter_id == letter_id).order_by(p.c.number)).all(),
        )
        for letter_id in letter_ids
    ]


def _pages(letter: WholeLetter) -> int:
    """Numbers given to its pages, those that could not be read too."""
    numbers = [int(page.number) for page in letter.pages]
    return max(int(letter.row.pages or 0), *numbers, 0)


def _moved(fields: Json, by: int) -> dict[str, Any]:
    """Findings, with the pages they were found on as they are counted now."""
    return {
        name: {**each, "page": each["page"] + by} if isinstance(each, dict) and each.get("page") else each
        for name, each in (fields or {}).items()
    }


def _notes(first: Json | None, other: Json | None) -> dict[str, str] | None:
    """What could not be read, of both."""
    notes = [note for note in (first, other) if note]
    if not notes:
        return None
    return {language: "\n".join(note[language] for note in notes) for language in ("zh", "en")}
