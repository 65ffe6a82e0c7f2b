"""A batch of submissions becomes rows: as few statements, and as few waits for the server, as can be.

You are here: inbox (group commit) → [arrivals] → ``submission`` and ``raw_message`` rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from intake import schema
from intake.contracts import Submission
from intake.rows import RowWriter, binders
from intake.store import Store
from intake.vault import Vault, sealed, vault_of
from intake.vault.names import conversation_hash
from intake.work import PENDING

_COLUMNS = (
    *("id", "channel", "external_id", "dedupe_key", "received_at", "envelope", "attachments"),
    *("state", "due_at", "attempts", "conversation", "conversation_hash"),
)
_NEW = "ON CONFLICT (dedupe_key) DO NOTHING RETURNING id"
_NAMED = _COLUMNS[:7]
_TALK = _COLUMNS[10:]


class Arrivals:
    """Inserts submissions with their raw messages, those that are not there already."""

    def __init__(self, store: Store) -> None:
        self._at_once = None if store.is_sqlite else _OneStatement(store)
        self._submissions = RowWriter(store, schema.submission, _COLUMNS, _NEW)
        self._contents = RowWriter(store, schema.raw_message, ("submission_id", "content"))

    def write(self, connection: Connection, entries: Sequence[tuple[str, Submission]]) -> set[str]:
        """Insert each under its key; returns the keys of those that were new. At least one entry."""
        vault = vault_of(connection)
        rows = [_row(vault, key, entry) for key, entry in entries]
        if self._at_once is not None:
            return self._at_once.write(connection, rows, [entry.raw for _, entry in entries])
        inserted = set(self._submissions.write(connection, rows).scalars())
        if inserted:
            contents = [(key, sealed(key, entry.raw)) for key, entry in entries if key in inserted]
            self._contents.write(connection, contents)
        return inserted


def _row(vault: Vault, key: str, entry: Submission) -> tuple[Any, ...]:
    """The values of ``_COLUMNS``."""
    files = [
        {"filename": a.filename, "media_type": a.media_type, "size": a.size, "sha256": a.sha256}
        for a in entry.attachments
    ]
    received, envelope = entry.received_at, sealed(key, entry.envelope)
    named = (key, entry.channel, entry.external_id, entry.dedupe_key, received, envelope, files)
    talk = entry.conversation or None
    hashed = conversation_hash(vault, talk) if talk else None
    return (*named, PENDING, received, 0, sealed(key, talk), hashed)


class _OneStatement:
    """PostgreSQL: message and content go in one statement, which the server waits for the disk with.

    The server plans a text once for each size of batch (psycopg prepares what comes again), so what is
    the same in every row stands in the text. A message that is there already leaves its content out.
    """

    def __init__(self, store: Store) -> None:
        submission, content = schema.submission, schema.raw_message.c.content
        columns = [*(submission.c[name] for name in (*_NAMED, *_TALK)), content]
        self._binders = binders(store, columns)
        self._texts: dict[int, str] = {}

    def write(
        self, connection: Connection, rows: Sequence[tuple[Any, ...]], raws: Sequence[bytes]
    ) -> set[str]:
        """Insert; returns the keys of new ones."""
        values: list[Any] = []
        for row, raw in zip(rows, raws, strict=True):
            those = (*row[:7], *row[10:], sealed(row[0], raw))
            values += [v if bind is None else bind(v) for bind, v in zip(self._binders, those, strict=True)]
        text = self._texts.get(len(rows)) or self._texts.setdefault(len(rows), _text(len(rows)))
        return set(connection.exec_driver_sql(text, tuple(values)).scalars())


def _text(rows: int) -> str:
    columns = ", ".join((*_NAMED, *_TALK))
    one = f"({', '.join(['%s'] * (len(_NAMED) + len(_TALK) + 1))})"
    return (
        f"WITH arrived ({columns}, content) AS (VALUES {', '.join([one] * rows)}), "
        f"stored AS (INSERT INTO submission ({columns}, state, due_at, attempts) "
        f"SELECT {columns}, '{PENDING}', received_at, 0 FROM arrived {_NEW}), "
        "kept AS (INSERT INTO raw_message (submission_id, content) "
        "SELECT id, content FROM arrived JOIN stored USING (id)) "
        "SELECT id FROM stored"
    )
