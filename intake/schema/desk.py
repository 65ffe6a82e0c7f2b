"""What lies around a case: letters and their printing, visits, companions, what is known of files."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from intake.columns import Json, Utc, key, metadata, work
from intake.schema.cases import complainant, complaint, outbox, submission
from intake.vault.column import Sealed

# ---------------------------------------------------------------- letters and visits

letter = Table(
    "letter",
    metadata,
    key(primary_key=True),
    Column("source", String(16), nullable=False),  # folder, upload
    Column("dedupe_key", String(64), nullable=False, unique=True),  # of the files' contents
    Column("scanned_at", Utc, nullable=False),  # when the scan came in
    Column("received_on", String(10), nullable=False),  # day of receipt in the office's zone, ISO 8601
    Column("pages", Integer),  # None while nobody has counted them
    Column("pages_read", Integer, nullable=False),
    *work(),  # pending, then waiting (for a person), unreadable (for a person too), entered, discarded
    Column("note", Json),  # why it cannot be read: zh, en
    # what was found in the text, each with the line it came from
    Column("fields", Sealed("letter.fields", kind="json"), nullable=False),
    Column("draft", Sealed("letter.draft", kind="json"), nullable=False),  # what the desk has typed so far
    Column("taken_by", String(32)),  # the member of staff in front of it
    Column("taken_until", Utc),
    Column("taken_mark", String(32)),  # of this very taking: a stale page cannot enter the letter
    key("submission_id", submission),
    Column("ended_by", Json),  # who entered or discarded it
    Column("ended_at", Utc),
    Column("reason", Text),  # of discarding
    Index("ix_letter_state", "state", "id"),
    Index(
        "ix_letter_work",
        "due_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
)
"""A scanned letter on its way through the letter desk. A person's confirmation makes it a submission."""

letter_file = Table(
    "letter_file",
    metadata,
    key(primary_key=True),
    key("letter_id", letter, nullable=False),
    Column("position", Integer, nullable=False),
    Column("filename", Text, nullable=False),
    Column("media_type", String(127), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    UniqueConstraint("letter_id", "position"),
    Index("ix_letter_file_sha256", "sha256"),
)
"""The scan as it came: kept for ever, and the submission's attachments."""

letter_page = Table(
    "letter_page",
    metadata,
    key("letter_id", letter, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1
    Column("sha256", String(64), nullable=False),  # the upright picture that is shown
    Column("width", Integer, nullable=False),  # pixels of that picture
    Column("height", Integer, nullable=False),
    Column("turn", Integer, nullable=False),  # degrees it was turned: 0, 90, 180, 270
    Column("skew", Integer, nullable=False),  # hundredths of a degree it was straightened
    # text, box, confidence, doubtful spans
    Column("lines", Sealed("letter_page.lines", key=("letter_id", "number"), kind="json"), nullable=False),
    Index("ix_letter_page_sha256", "sha256"),
)

print_batch = Table(
    "print_batch",
    metadata,
    key(primary_key=True),
    Column("made_at", Utc, nullable=False),
    Column("made_by", Json, nullable=False),
    Column("envelope", String(8), nullable=False),  # whose window the addresses fit: din, gb
    Column("letters", Integer, nullable=False),
    Column("fetched", Integer, nullable=False),  # how often its file was handed out
    Column("printed_at", Utc),
    Column("printed_by", Json),
)
"""Letters that were gathered into one file."""

printout = Table(
    "printout",
    metadata,
    key("outbox_id", outbox, primary_key=True),
    key("complaint_id", complaint),
    Column("state", String(16), nullable=False),  # waiting, printing, printed, posted, came_back, cancelled
    Column("queued_at", Utc, nullable=False),
    # all that the letter shows but its address: see channels.paper
    Column("pages", Sealed("printout.pages", key="outbox_id", kind="json"), nullable=False),
    Column("copies", Integer, nullable=False),  # how often it was handed out; from the second on it is marked
    key("batch_id", print_batch),
    Column("posted_on", String(10)),
    Column("registered", String(40)),  # the postal service's number
    Column("came_back_on", String(10)),
    Column("came_back_why", Text),
    Index("ix_printout_state", "state", "outbox_id"),
    Index("ix_printout_batch", "batch_id"),
    Index("ix_printout_complaint", "complaint_id"),
)
"""A letter that goes out on paper. Its recipient and address stand in the outbox."""

identity_document = Table(
    "identity_document",
    metadata,
    key("complainant_id", complainant, primary_key=True),
    Column("kind", String(24), primary_key=True),  # resident_id
    Column("number_hash", String(64), nullable=False),  # keyed; the number itself is nowhere
    Column("last4", String(4), nullable=False),
    Column("seen_at", Utc, nullable=False),
    Index("ix_identity_document_number", "kind", "number_hash"),
)

# ---------------------------------------------------------------- one matter, one case

matching = Table(
    "matching",
    metadata,
    key("id", submission, primary_key=True),  # the submission's own
    Column("repeats", String(64)),  # hash of who wrote it and of what: the same again is no second matter
    Column("place", Text),  # that the sender named beside the text
    *work(),
    Index(
        "ix_matching_repeats",
        "repeats",
        sqlite_where=text("repeats IS NOT NULL"),
        postgresql_where=text("repeats IS NOT NULL"),
    ),
    Index(
        "ix_matching_work",
        "due_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
)
"""Filed submissions whose companions are, or were, to be looked for."""

likeness = Table(
    "likeness",
    metadata,
    Column(
        "band", BigInteger, primary_key=True, autoincrement=False
    ),  # of the text's sketch, or place and days
    key("submission_id", submission, primary_key=True),
    key("complaint_id", complaint, nullable=False),
    Column("at", Utc, nullable=False),
    Index("ix_likeness_band", "band", "at"),
    Index("ix_likeness_submission", "submission_id"),
)
"""Where alike texts, and matters of one place, meet: an index in place of a scan of the archive."""

sketch = Table(
    "sketch",
    metadata,
    key("submission_id", submission, primary_key=True),
    Column("minima", LargeBinary, nullable=False),  # MinHash, to estimate how alike two texts are
)

companion = Table(
    "companion",
    metadata,
    key("complaint_id", complaint, primary_key=True),  # the younger
    key("other_id", complaint, primary_key=True),  # the older
    Column("state", String(16), nullable=False),  # offered, merged, dismissed
    Column("reasons", Json, nullable=False),
    Column("likeness", Integer, nullable=False),  # per cent
    Column("found_at", Utc, nullable=False),
    Column("ruled_by", Json),
    Column("ruled_at", Utc),
    Index("ix_companion_other", "other_id"),
    Index("ix_companion_state", "state", "complaint_id"),
)
"""Two cases that may be one matter, and why."""

# ---------------------------------------------------------------- files

inspection = Table(
    "inspection",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("media_type", String(127)),  # told by the content
    Column("verdict", String(16), nullable=False),  # "", shown, kept, refused, infected
    Column("reason", String(32)),  # of what is not shown: a word of intake.files
    Column("pages", Integer),
    Column("width", Integer),
    Column("height", Integer),
    Column("preview_sha256", String(64)),  # re-encoded, without metadata
    Column("scanned_by", String(64)),  # None: not yet scanned
    Column("scanned_at", Utc),
    *work(),
    Index("ix_inspection_preview", "preview_sha256"),
    Index(
        "ix_inspection_work",
        "due_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
)
"""What is known of a file by its content; one row however often it was sent."""
