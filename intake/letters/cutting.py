"""Two letters in one scan are cut apart between two pages.

You are here: the letter desk → [cutting] → two letters of the same pages. The scan itself stays as it came,
with the letter that is set aside; a part's files are the pages that belong to it alone, so that nobody's
case carries another's letter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from intake import schema
from intake.clock import Clock
from intake.contracts import StoredAttachment
from intake.files.storage import Storage
from intake.ids import new_id
from intake.letters.arriving import file_rows
from intake.letters.desk import HELD, LetterRefused, Taking
from intake.letters.listing import AT_THE_DESK
from intake.people import Actor
from intake.store import Store
from intake.vault import sealed
from intake.work import PENDING

CUT = "cut"
"""The reason of a scan that lives on as two letters."""
_PICTURES = ((b"\xff\xd8\xff", "image/jpeg", "jpg"), (b"\x89PNG", "image/png", "png"))


class LetterCutter:
    """Cuts letters. Thread-safe; raises LetterRefused and StorageUnavailable."""

    def __init__(self, store: Store, blobs: Storage, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock

    def cut(self, taking: Taking, who: Actor, page: int) -> Taking:
        """``page`` and what follows become the next letter; returns the first part, still in these hands."""
        one, p, f = schema.letter, schema.letter_page, schema.letter_file
        with self._store.write() as connection:
            locked = select(one).where(one.c.id == taking.letter_id).with_for_update()
            row = connection.execute(locked).first()
            if row is None or row.state not in AT_THE_DESK:
                raise LetterRefused("gone" if row is None else "ended")
            if not taking.mark or row.taken_mark != taking.mark:
                raise LetterRefused("stale")
            of_it = p.c.letter_id == row.id
            pages = connection.execute(select(p).where(of_it).order_by(p.c.number)).all()
            before = [each for each in pages if each.number < page]
            after = [each for each in pages if each.number >= page]
            if not before or not after:
                raise LetterRefused("bad_page")
            query = select(f).where(f.c.letter_id == row.id).order_by(f.c.position)
            files = connection.execute(query).all()
            first = self._part(connection, row, before, files, who)
            self._part(connection, row, after, files, None)
            ended: dict[str, Any] = {"state": "discarded", "reason": CUT, "taken_until": None}
            ended |= {"ended_by": who.signature(), "ended_at": self._clock()}
            connection.execute(update(one).where(one.c.id == row.id).values(**ended))
            return first

    def _part(
        self, connection: Connection, row: Any, pages: Sequence[Any], files: Sequence[Any], who: Actor | None
    ) -> Taking:
        """A letter of some of the pages; the part that stays in hand keeps draft and findings."""
        key, mark, now = new_id(), new_id(), self._clock()
        name = f"{row.dedupe_key}\0{pages[0].number}\0{pages[-1].number}\0{key}"
        part: dict[str, Any] = {
            "id": key,
            "source": row.source,
            "dedupe_key": hashlib.sha256(name.encode()).hexdigest(),
            "scanned_at": row.scanned_at,
            "received_on": row.received_on,
            "pages": len(pages),
            "pages_read": len(pages),
            "state": PENDING,  # its findings are looked for anew
            "due_at": now,
            "attempts": 0,
            "fields": sealed(key, {}),
            "draft": sealed(key, {}),
            "taken_by": None,
            "taken_until": None,
            "taken_mark": None,
        }
        if who is not None:
            last = pages[-1].number
            found = {name: each for name, each in row.fields.items() if each.get("page", 1) <= last}
            part |= {"state": "waiting", "fields": sealed(key, found), "draft": sealed(key, row.draft)}
            part |= {"taken_by": who.id, "taken_until": now + HELD, "taken_mark": mark}
        connection.execute(schema.letter.insert(), [part])
        connection.execute(schema.letter_file.insert(), file_rows(key, self._files(pages, files, row)))
        copies = [
            {
                **page._mapping,
                "letter_id": key,
                "number": number,
                "lines": sealed((key, number), page.lines),
            }
            for number, page in enumerate(pages, 1)
        ]
        connection.execute(schema.letter_page.insert(), copies)
        return Taking(key, mark)

    def _files(self, pages: Sequence[Any], files: Sequence[Any], row: Any) -> list[StoredAttachment]:
        """The files as they came where each is one page; else the pages' pictures."""
        if len(files) == row.pages:
            chosen = [files[page.number - 1] for page in pages]
            return [StoredAttachment(f.filename, f.media_type, f.size, f.sha256) for f in chosen]
        return [self._picture(page) for page in pages]

    def _picture(self, page: Any) -> StoredAttachment:
        with self._blobs.open(page.sha256) as file:
            head = file.read(4)
        known = ((kind, ending) for start, kind, ending in _PICTURES if head.startswith(start))
        kind, ending = next(known, ("image/webp", "webp"))
        return StoredAttachment(
            f"page-{page.number:03d}.{ending}", kind, self._blobs.size(page.sha256), page.sha256
        )
