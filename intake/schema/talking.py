"""The tables of conversations, calls, and what lies with a provider; see the package."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    String,
    Table,
    Text,
    text,
)

from intake.columns import Utc, key, metadata, work
from intake.schema.cases import attachment, complaint, hashed, outbox, submission
from intake.vault.column import Sealed

conversation = Table(
    "conversation",
    metadata,
    key(primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("address", Sealed("conversation.address"), nullable=False),
    hashed("conversation_hash", nullable=False, unique=True),  # of "channel:address"
    Column("language", String(8), nullable=False),
    Column("asking", String(32), nullable=False),
    Column("asked_at", Utc),
    Column("heard_at", Utc),
    key("complaint_id", complaint),
    key("held_id", submission),
    Column("held_until", Utc),
    Column("stopped_at", Utc),
    Column("memory", Sealed("conversation.memory", kind="json"), nullable=False),
)
"""What is remembered of one person on one channel between their messages."""

remote_file = Table(
    "remote_file",
    metadata,
    key(primary_key=True),
    key("submission_id", submission, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("source", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("media_type", String(127), nullable=False),
    *work(),
    Index("ix_remote_file_submission", "submission_id"),
    Index(
        "ix_remote_file_work",
        "due_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
)
"""Files that still lie with a provider: pictures of a message, the recording of a call."""

transcript = Table(
    "transcript",
    metadata,
    key(primary_key=True),
    key("submission_id", submission, nullable=False),
    key("attachment_id", attachment, nullable=False, unique=True),
    Column("language", String(8), nullable=False),
    Column("engine", String(32)),
    *work(),
    Index("ix_transcript_submission", "submission_id"),
    Index(
        "ix_transcript_work",
        "due_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
)
"""Recordings whose words are, or were, to be written down; the words stand in ``submission.body``."""

phone_call = Table(
    "phone_call",
    metadata,
    Column("sid", String(64), primary_key=True),  # the provider's
    # who is at the other end, E.164; "" when hidden
    Column("address", Sealed("phone_call.address", key="sid"), nullable=False),
    Column("outgoing", Boolean, nullable=False),
    Column("language", String(8), nullable=False),
    Column("step", String(32), nullable=False),
    Column("memory", Sealed("phone_call.memory", key="sid", kind="json"), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    key("outbox_id", outbox),  # what an outgoing call carries
    Index("ix_phone_call_started", "started_at"),
)
"""Where each telephone call stands, so that any process can answer its next step."""
