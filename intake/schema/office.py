"""The tables of the office: its people, their doors and looks, counters and keys; see the package."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from intake.columns import Json, Utc, key, metadata
from intake.schema.cases import complaint

bookmark = Table(
    "bookmark",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("owner", String(64)),
    Column("lease_until", Utc),
)
"""How far something was read (a bot's updates, a provider's lists), and who alone reads on."""

counter = Table(
    "counter",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

vault_key = Table(
    "vault_key",
    metadata,
    Column("id", String(16), primary_key=True),  # "lookup", or a data key's
    Column("fingerprint", String(16), nullable=False),
    Column("since", Utc, nullable=False),
    Column("retired_at", Utc),
)
"""What the keys of this database look like from outside: a process with others refuses to start."""

staff = Table(
    "staff",
    metadata,
    key(primary_key=True),
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
    key(primary_key=True),
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
    key(primary_key=True),
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
    key(primary_key=True),
    key("complaint_id", complaint, nullable=False),
    Column("actor", Json, nullable=False),
    Column("what", String(24), nullable=False),
    Column("at", Utc, nullable=False),
    Index("ix_look_complaint", "complaint_id", "id"),
)
"""Each time somebody looked at who complained (promise 7)."""
