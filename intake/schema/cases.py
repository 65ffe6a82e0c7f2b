"""The tables of the case and its queues; see the package."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from intake.columns import Json, Utc, key, metadata, work
from intake.vault.column import Sealed


def hashed(name: str, **options: Any) -> Column[str]:
    """A keyed hash (``Vault.hash``): what a sealed value is found by."""
    return Column(name, String(32), **options)


complaint = Table(
    "complaint",
    metadata,
    key(primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("state", String(24), nullable=False),
    Column("outcome", String(16)),
    Column("channel", String(16), nullable=False),
    Column("language", String(8), nullable=False),
    Column("subject", Text, nullable=False),
    key("first_submission_id", nullable=False),
    Column("category", String(32), nullable=False),
    Column("urgency", String(16), nullable=False),
    Column("bureau", String(64)),
    Column("supporting", Json, nullable=False),
    Column("routed_by", String(16), nullable=False),
    Column("routed_rule", String(128)),
    Column("routed_reason", Json, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("state_since", Utc, nullable=False),
    Column("answer_due_at", Utc, nullable=False),
    Column("paused_from", Utc),
    Column("answered_at", Utc),
    Column("closed_at", Utc),
    Column("answer", Text),
    Column("no_answer_reason", Text),
    Column("feedback", String(20)),
    Column("feedback_text", Text),
    # who must do what by when (promise 4); written by the plan after every verb
    Column("responsible", String(16), nullable=False),
    Column("action", String(16), nullable=False),
    Column("due_at", Utc),
    Column("next_at", Utc),
    Column("plan_reason", Json, nullable=False),
    Column("step", Integer, nullable=False),
    Column("attention", String(16)),
    Column("attention_since", Utc),
    Column("attention_step", Integer, nullable=False),
    Column("merged_into", String(32)),  # the lead case (并案), itself never merged
    Column("anonymised_at", Utc),  # who complained and what they wrote was erased by age
    # the head of the history chain (promise 9)
    Column("last_seq", Integer, nullable=False),
    Column("last_hash", String(64), nullable=False),
    Index("ix_complaint_next", "next_at"),
    Index("ix_complaint_state", "state", "number"),
    Index("ix_complaint_bureau", "bureau", "number"),
    Index("ix_complaint_bureau_state", "bureau", "state", "number"),
    Index("ix_complaint_channel", "channel", "number"),
    Index(
        "ix_complaint_open",  # work lists: what is due first, state by state
        "state",
        "due_at",
        "number",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "ix_complaint_bureau_open",  # the same for one bureau
        "bureau",
        "state",
        "due_at",
        "number",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "ix_complaint_attention",
        "attention_since",
        sqlite_where=text("attention IS NOT NULL"),
        postgresql_where=text("attention IS NOT NULL"),
    ),
    Index(
        "ix_complaint_merged",
        "merged_into",
        sqlite_where=text("merged_into IS NOT NULL"),
        postgresql_where=text("merged_into IS NOT NULL"),
    ),
    Index(
        "ix_complaint_kept",  # what grows old enough to be anonymised
        "closed_at",
        sqlite_where=text("closed_at IS NOT NULL AND anonymised_at IS NULL"),
        postgresql_where=text("closed_at IS NOT NULL AND anonymised_at IS NULL"),
    ),
)

submission = Table(
    "submission",
    metadata,
    key(primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("dedupe_key", String(64), nullable=False, unique=True),
    Column("received_at", Utc, nullable=False),
    Column("envelope", Sealed("submission.envelope", kind="json"), nullable=False),
    Column("attachments", Json, nullable=False),  # files the channel stored before handing in
    Column("reserved_number", BigInteger, unique=True),
    Column("reserved_code", Sealed("submission.reserved_code")),
    *work(),
    # what the worker understood
    key("complaint_id", complaint),
    Column("author", String(16)),  # complainant, bureau, machine
    Column("from_name", Sealed("submission.from_name")),
    Column("from_kind", String(16)),
    Column("from_address", Sealed("submission.from_address")),
    Column("subject", Text),
    Column("body", Text),
    Column("quoted", Sealed("submission.quoted")),
    Column("automatic", String(16)),
    Column("problems", Json),
    # where people talk in turns
    Column("conversation", Sealed("submission.conversation")),  # "channel:address"
    hashed("conversation_hash"),  # the messages of one are filed in order
    Column("became", String(16)),  # matter, addition, talk …: what the dialogue made of it
    Column("part_of", String(32)),  # the first submission of the album that this one belongs to
    # what the channel knows beside the text: a visitor's needs, a letter's date
    Column("details", Sealed("submission.details", kind="json")),
    Index("ix_submission_external", "external_id", "channel"),
    Index(
        "ix_submission_conversation",  # whose turn it is
        "conversation_hash",
        "state",
        "id",
        sqlite_where=text("conversation_hash IS NOT NULL"),
        postgresql_where=text("conversation_hash IS NOT NULL"),
    ),
    Index("ix_submission_complaint", "complaint_id", "id"),
    Index(
        "ix_submission_work",
        "due_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index("ix_submission_state", "state", "id"),
)

raw_message = Table(
    "raw_message",
    metadata,
    key("submission_id", submission, primary_key=True),
    Column("content", Sealed("raw_message.content", key="submission_id", kind="bytes"), nullable=False),
)

attachment = Table(
    "attachment",
    metadata,
    key(primary_key=True),
    key("submission_id", submission, nullable=False),
    Column("filename", Text, nullable=False),
    Column("media_type", String(127), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("ix_attachment_submission", "submission_id"),
    Index("ix_attachment_sha256", "sha256"),
)

event = Table(
    "event",
    metadata,
    key("complaint_id", complaint, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("actor", Json, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("data", Json, nullable=False),
    Column("hash", String(64), nullable=False),
)

block = Table(
    "block",
    metadata,
    key("complaint_id", complaint, primary_key=True),
    Column("bureau", String(64), primary_key=True),
    Column("reason", Json, nullable=False),
    Column("at", Utc, nullable=False),
    Index("ix_block_bureau", "bureau"),
)

support = Table(
    "support",
    metadata,
    key("complaint_id", complaint, primary_key=True),
    Column("bureau", String(64), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Index("ix_support_bureau", "bureau", "number"),
)
"""Supporting bureaus (协办), so that each finds what it helps with."""

complainant = Table(
    "complainant",
    metadata,
    key(primary_key=True),
    Column("name", Sealed("complainant.name"), nullable=False),
    Column("kind", String(16)),
    Column("value", Sealed("complainant.value")),
    hashed("value_hash"),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("kind", "value_hash"),
)
"""A person, known by the one contact they write from; the others they named prove nothing."""

contact = Table(
    "contact",
    metadata,
    key(primary_key=True),
    key("complainant_id", complainant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("value", Sealed("contact.value"), nullable=False),
    hashed("value_hash", nullable=False),
    Column("verified", Boolean, nullable=False),
    UniqueConstraint("complainant_id", "kind", "value_hash"),
    Index("ix_contact_value_hash", "value_hash"),
)

participation = Table(
    "participation",
    metadata,
    key(primary_key=True),
    key("complaint_id", complaint, nullable=False),
    key("complainant_id", complainant, nullable=False),
    Column("channel", String(16), nullable=False),  # where word goes: email, web …
    Column("address", Sealed("participation.address"), nullable=False),
    Column("name", Sealed("participation.name"), nullable=False),
    hashed("name_hash"),  # of the whole name, see intake.vault.names; none without one
    Column("language", String(8), nullable=False),
    Column("anonymous", Boolean, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("code", Sealed("participation.code"), nullable=False),
    Column("token", Sealed("participation.token"), nullable=False),
    hashed("token_hash", nullable=False, unique=True),
    Column("large_print", Boolean, nullable=False, default=False),
    Column("feedback", String(20)),  # what this person said of the answer; the worst counts for the case
    UniqueConstraint("complaint_id", "complainant_id"),
    Index("ix_participation_name_hash", "name_hash"),
    Index("ix_participation_complainant", "complainant_id", "id"),
)

outbox = Table(
    "outbox",
    metadata,
    key(primary_key=True),
    Column("dedupe_key", String(160), nullable=False, unique=True),
    key("complaint_id", complaint),  # none for what is said about the service itself
    key("participation_id", participation),
    Column("role", String(16), nullable=False),  # complainant, handler, leader, office …
    Column("channel", String(16), nullable=False),
    Column("address", Sealed("outbox.address"), nullable=False),
    hashed("address_hash"),
    Column("name", Sealed("outbox.name"), nullable=False),
    Column("language", String(8), nullable=False),
    Column("template", String(32), nullable=False),
    Column("params", Json, nullable=False),
    Column("created_at", Utc, nullable=False),
    *work(),
    Column("sent_at", Utc),
    Column("provider_id", Text),
    Column("subject", Sealed("outbox.subject")),  # as sent
    Column("text", Sealed("outbox.text")),
    Index("ix_outbox_complaint", "complaint_id", "id"),
    Index(
        "ix_outbox_work",
        "due_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index("ix_outbox_address_hash", "address_hash", "role", "created_at"),
    Index("ix_outbox_state", "state", "id"),
    Index("ix_outbox_provider", "provider_id"),
)
