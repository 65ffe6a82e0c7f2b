"""The tables. Times are UTC, keys are time-ordered UUIDs, JSON is canonical text.

``submission`` and ``outbox`` are work queues: what is ``pending`` and due may be claimed by any
worker for the length of a lease. ``event`` is append-only. ``complaint`` is what ``event`` adds up
to, with the columns that lists and the ticker look up.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_json(value: Any) -> str:
    """The one text of a JSON value that is stored and hashed: sorted keys, no spaces, no escapes."""
    return _ENCODER.encode(value)


class Json(TypeDecorator[Any]):
    """JSON kept as canonical text, the same on SQLite and PostgreSQL, so that hashes hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Utc(TypeDecorator[datetime]):
    """An aware UTC datetime; naive ones are refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id(name: str = "id", of: Table | None = None, **options: Any) -> Column[str]:
    """A key; ``of`` names the table it points to."""
    targets = [] if of is None else [ForeignKey(of.c.id)]
    return Column(name, String(32), *targets, **options)


def _work() -> list[Column[Any]]:
    """The columns that make a row a piece of work."""
    return [
        Column("state", String(16), nullable=False),
        Column("due_at", Utc, nullable=False),
        Column("lease_until", Utc),
        Column("owner", String(64)),
        Column("attempts", Integer, nullable=False, default=0),
        Column("error", Text),
    ]


complaint = Table(
    "complaint",
    metadata,
    _id(primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("state", String(24), nullable=False),
    Column("outcome", String(16)),
    Column("channel", String(16), nullable=False),
    Column("language", String(8), nullable=False),
    Column("subject", Text, nullable=False),
    _id("first_submission_id", nullable=False),
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
)

submission = Table(
    "submission",
    metadata,
    _id(primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("dedupe_key", String(64), nullable=False, unique=True),
    Column("received_at", Utc, nullable=False),
    Column("envelope", Json, nullable=False),
    Column("attachments", Json, nullable=False),  # files the channel stored before handing in
    Column("reserved_number", BigInteger, unique=True),
    Column("reserved_code", String(6)),
    *_work(),
    # what the worker understood
    _id("complaint_id", complaint),
    Column("author", String(16)),  # complainant, bureau, machine
    Column("from_name", Text),
    Column("from_kind", String(16)),
    Column("from_address", Text),
    Column("subject", Text),
    Column("body", Text),
    Column("quoted", Text),
    Column("automatic", String(16)),
    Column("problems", Json),
    Index("ix_submission_external", "external_id", "channel"),
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
    _id("submission_id", submission, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

attachment = Table(
    "attachment",
    metadata,
    _id(primary_key=True),
    _id("submission_id", submission, nullable=False),
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
    _id("complaint_id", complaint, primary_key=True),
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
    _id("complaint_id", complaint, primary_key=True),
    Column("bureau", String(64), primary_key=True),
    Column("reason", Json, nullable=False),
    Column("at", Utc, nullable=False),
    Index("ix_block_bureau", "bureau"),
)

support = Table(
    "support",
    metadata,
    _id("complaint_id", complaint, primary_key=True),
    Column("bureau", String(64), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Index("ix_support_bureau", "bureau", "number"),
)
"""Supporting bureaus (协办), so that each finds what it helps with."""

complainant = Table(
    "complainant",
    metadata,
    _id(primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16)),
    Column("value", Text),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("kind", "value"),
)
"""A person, known by the one contact they write from; the others they named prove nothing."""

contact = Table(
    "contact",
    metadata,
    _id(primary_key=True),
    _id("complainant_id", complainant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("value", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    UniqueConstraint("complainant_id", "kind", "value"),
)

participation = Table(
    "participation",
    metadata,
    _id(primary_key=True),
    _id("complaint_id", complaint, nullable=False),
    _id("complainant_id", complainant, nullable=False),
    Column("channel", String(16), nullable=False),  # where word goes: email, web …
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("anonymous", Boolean, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("code", String(6), nullable=False),
    Column("token", String(32), nullable=False, unique=True),
    UniqueConstraint("complaint_id", "complainant_id"),
    Index("ix_participation_complainant", "complainant_id"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(primary_key=True),
    Column("dedupe_key", String(160), nullable=False, unique=True),
    _id("complaint_id", complaint, nullable=False),
    _id("participation_id", participation),
    Column("role", String(16), nullable=False),  # complainant, handler, leader, office …
    Column("channel", String(16), nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("template", String(32), nullable=False),
    Column("params", Json, nullable=False),
    Column("created_at", Utc, nullable=False),
    *_work(),
    Column("sent_at", Utc),
    Column("provider_id", Text),
    Column("subject", Text),  # as sent
    Column("text", Text),
    Index("ix_outbox_complaint", "complaint_id", "id"),
    Index(
        "ix_outbox_work",
        "due_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index("ix_outbox_address", "address", "role", "created_at"),
    Index("ix_outbox_state", "state", "id"),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    _id(primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("bureau", String(64)),
    Column("password_hash", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("session_epoch", Integer, nullable=False),  # raised to end all sessions
    Column("disabled_at", Utc),
    Column("created_at", Utc, nullable=False),
)

login_attempt = Table(
    "login_attempt",
    metadata,
    _id(primary_key=True),
    Column("username", String(64), nullable=False),
    Column("peer", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    Column("succeeded", Boolean, nullable=False),
    Index("ix_login_attempt_username", "username", "at"),
    Index("ix_login_attempt_peer", "peer", "at"),
)

api_token = Table(
    "api_token",
    metadata,
    _id(primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("bureau", String(64)),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", Utc, nullable=False),
    Column("revoked_at", Utc),
)

look = Table(
    "look",
    metadata,
    _id(primary_key=True),
    _id("complaint_id", complaint, nullable=False),
    Column("actor", Json, nullable=False),
    Column("what", String(24), nullable=False),
    Column("at", Utc, nullable=False),
    Index("ix_look_complaint", "complaint_id", "id"),
)
"""Each time somebody looked at who complained (promise 7)."""
