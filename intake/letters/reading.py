"""Pages are read one by one and kept one by one, so that progress shows and a killed worker loses one page.

You are here: ``letter`` pending → [reading] → ``letter_page`` … → waiting (or unreadable) for a person.
claim a letter → read its next page (no transaction) → page and progress in one transaction → back into the
queue for the page after it.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from intake import schema
from intake.clock import Clock
from intake.contracts import Json, StorageUnavailable, Text
from intake.files.folder import FolderStorage
from intake.files.storage import Storage
from intake.letters.pages import LetterReader, PageRead, PageUnreadable, ReaderAway
from intake.store import Store
from intake.vault import sealed
from intake.work import PENDING, claim, put_back, still_ours

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""For one page."""
MAX_ATTEMPTS = 3
"""A page that took its worker down, or failed, this often is left to a person."""
MAX_PAGES = 300
_AWAY = timedelta(seconds=30)
_AGAIN = timedelta(seconds=5)
_MANY_DETAILS = 20

_BROKE = Text("这一页怎么也读不出来。", "This page could not be read, however often it was tried.")
_MORE = Text(
    f"只显示前{MAX_PAGES}页，其余请下载原件查看。",
    f"Only the first {MAX_PAGES} pages are shown; download the scan for the rest.",
)


class LetterWorker:
    """Reads what waits, a page at a call. As many as you like."""

    def __init__(
        self,
        store: Store,
        blobs: Storage,
        reader: LetterReader,
        clock: Clock,
        owner: str,
        scratch: Path | None = None,
    ) -> None:
        """``scratch`` is where copies of what lies in a bucket are put; None: in the system's own place."""
        self._store = store
        self._blobs = blobs
        self._reader = reader
        self._clock = clock
        self._owner = owner
        self._scratch = scratch
        self._counted: tuple[str, list[int]] = ("", [])

    def work(self) -> int:
        """Read one page of the letter that waits longest; returns 0 when none waits."""
        for row in claim(self._store, schema.letter, self._owner, self._clock(), LEASE, 1, alone_after=2):
            self._go_on(row)
            return 1
        return 0

    def _go_on(self, row: Any) -> None:
        try:
            self._step(row)
        except (ReaderAway, OSError, StorageUnavailable) as error:
            log.warning("letters: letter %s waits: %s", row.id, error)
            due, why = self._clock() + _AWAY, f"away: {type(error).__name__}"
            put_back(self._store, schema.letter, self._owner, [row.id], due, why, blameless=True)
        except Exception as error:  # one page's surprise must not stop the other letters
            log.exception("letters: page %d of letter %s", row.pages_read + 1, row.id)
            due = self._clock() + _AGAIN * row.attempts
            put_back(self._store, schema.letter, self._owner, [row.id], due, type(error).__name__)

    def _step(self, row: Any) -> None:
        """Count the pages, or read the next one."""
        number = row.pages_read + 1
        worn_out = row.attempts > MAX_ATTEMPTS
        if row.pages is None:
            counts = [1] * len(self._files(row.id)) if worn_out else self._counts(row.id)
            self._advance(row, {"pages": min(sum(counts), MAX_PAGES), "note": _noted(row.note, counts)})
        elif number > row.pages:  # a part of a scan that was cut: all its pages are read
            with self._store.write() as connection:
                if row.id in still_ours(connection, schema.letter, self._owner, [row.id]):
                    _give_back(connection, row.id, self._finished(connection, row, row.note))
        elif worn_out:
            self._page(row, None, _BROKE)
        else:
            try:
                read = self._read(row.id, number)
            except PageUnreadable as wrong:
                self._page(row, None, wrong.text)
            else:
                self._page(row, read, read.note)

    def _read(self, letter_id: str, number: int) -> PageRead:
        before = 0
        for file, count in zip(self._files(letter_id), self._counts(letter_id), strict=True):
            if number <= before + count:
                with self._at_hand(file.sha256) as path:
                    return self._reader.read(path, file.media_type, number - before)
            before += count
        raise PageUnreadable(_BROKE)  # it was counted by another version of the reader

    def _counts(self, letter_id: str) -> list[int]:
        """Pages of each file; one that cannot be counted has one, which will say why it cannot be shown."""
        if self._counted[0] != letter_id:
            counts = []
            for file in self._files(letter_id):
                try:
                    with self._at_hand(file.sha256) as path:
                        counts.append(max(1, self._reader.count(path, file.media_type)))
                except PageUnreadable:
                    counts.append(1)
            self._counted = (letter_id, counts)
        return self._counted[1]

    @contextmanager
    def _at_hand(self, sha256: str) -> Iterator[Path]:
        """The file on this machine: where it lies, or a copy of what lies in a bucket."""
        if isinstance(self._blobs, FolderStorage):
            yield self._blobs.path(sha256)
            return
        with tempfile.NamedTemporaryFile(prefix="huiyin-scan-", dir=self._scratch) as copy:
            with self._blobs.open(sha256) as kept:
                shutil.copyfileobj(kept, copy)
            copy.flush()
            yield Path(copy.name)

    def _files(self, letter_id: str) -> Sequence[Any]:
        f = schema.letter_file
        query = select(f.c.sha256, f.c.media_type).where(f.c.letter_id == letter_id).order_by(f.c.position)
        with self._store.read() as connection:
            return connection.execute(query).all()

    # ------------------------------------------------------------ keeping what was read

    def _page(self, row: Any, read: PageRead | None, wrong: Text | None) -> None:
        """Keep a page, or why there is none; after the last one the letter is a person's."""
        number = row.pages_read + 1
        sha256 = "" if read is None else self._blobs.put(read.picture)  # durable before its row
        note = row.note if wrong is None else _with(row.note, number, wrong)
        with self._store.write() as connection:
            if row.id not in still_ours(connection, schema.letter, self._owner, [row.id]):
                return
            if read is not None:
                page = {
                    "letter_id": row.id,
                    "number": number,
                    "sha256": sha256,
                    "width": read.width,
                    "height": read.height,
                    "turn": read.turn,
                    "skew": read.skew,
                    "lines": sealed((row.id, number), list(read.lines)),
                }
                connection.execute(schema.letter_page.insert(), [page])
            values: dict[str, Any] = {"pages_read": number, "note": note}
            if number >= row.pages:
                values |= self._finished(connection, row, note)
            _give_back(connection, row.id, values)

    def _finished(self, connection: Connection, row: Any, note: Json | None) -> dict[str, Any]:
        p = schema.letter_page.c
        query = select(p.number, p.lines).where(p.letter_id == row.id)
        kept = {found.number: found.lines for found in connection.execute(query)}
        lines = [kept.get(number, []) for number in range(1, row.pages + 1)]
        unread = not any(lines) and note is not None
        found = dict(self._reader.fields(lines))
        return {"state": "unreadable" if unread else "waiting", "fields": sealed(row.id, found)}

    def _advance(self, row: Any, values: dict[str, Any]) -> None:
        with self._store.write() as connection:
            if row.id in still_ours(connection, schema.letter, self._owner, [row.id]):
                _give_back(connection, row.id, values)


def _give_back(connection: Connection, letter_id: str, values: dict[str, Any]) -> None:
    """Progress was made: the next page starts with no attempt."""
    free = {"owner": None, "lease_until": None, "attempts": 0, "error": None}
    connection.execute(
        update(schema.letter).where(schema.letter.c.id == letter_id, schema.letter.c.state == PENDING)
        .values(**free, **values)
    )  # fmt: skip


def _noted(note: Json | None, counts: Sequence[int]) -> Json | None:
    return note if sum(counts) <= MAX_PAGES else {"zh": _MORE.zh, "en": _MORE.en}


def _with(note: Json | None, number: int, wrong: Text) -> Json:
    """The note with a page's sentence; only the first pages are named one by one."""
    zh, en = (note["zh"], note["en"]) if note else ("", "")
    if zh.count("\n") < _MANY_DETAILS:
        zh, en = f"{zh}\n第{number}页：{wrong.zh}", f"{en}\nPage {number}: {wrong.en}"
    return {"zh": zh.strip(), "en": en.strip()}
