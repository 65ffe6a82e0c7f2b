"""Conversations, calls, remote files and transcripts; word that goes out without a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    for column in (
        sa.Column("conversation", sa.String(length=96), nullable=True),
        sa.Column("became", sa.String(length=16), nullable=True),
        sa.Column("part_of", sa.String(length=32), nullable=True),
    ):
        op.add_column("submission", column)
    op.create_index(
        "ix_submission_conversation",
        "submission",
        ["conversation", "id"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("complaint_id", existing_type=sa.String(length=32), nullable=True)
    op.create_index("ix_outbox_provider", "outbox", ["provider_id"])
    op.drop_index("ix_participation_complainant", "participation")
    op.create_index("ix_participation_complainant", "participation", ["complainant_id", "id"])
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("asking", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("complaint_id", sa.String(length=32), nullable=True),
        sa.Column("held_id", sa.String(length=32), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("memory", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_conversation_complaint_id")
        ),
        sa.ForeignKeyConstraint(["held_id"], ["submission.id"], name=op.f("fk_conversation_held_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("channel", "address", name=op.f("uq_conversation_channel_address")),
    )
    op.create_table(
        "remote_file",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("submission_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=127), nullable=False),
        *_work(),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_remote_file_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_file")),
    )
    op.create_index("ix_remote_file_submission", "remote_file", ["submission_id"])
    op.create_index(
        "ix_remote_file_work", "remote_file", ["due_at"], sqlite_where=_PENDING, postgresql_where=_PENDING
    )
    op.create_table(
        "transcript",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("submission_id", sa.String(length=32), nullable=False),
        sa.Column("attachment_id", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("engine", sa.String(length=32), nullable=True),
        *_work(),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_transcript_attachment_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_transcript_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript")),
        sa.UniqueConstraint("attachment_id", name=op.f("uq_transcript_attachment_id")),
    )
    op.create_index("ix_transcript_submission", "transcript", ["submission_id"])
    op.create_index(
        "ix_transcript_work", "transcript", ["due_at"], sqlite_where=_PENDING, postgresql_where=_PENDING
    )
    op.create_table(
        "phone_call",
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("outgoing", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("memory", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outbox_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_phone_call_outbox_id")),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_phone_call")),
    )
    op.create_index("ix_phone_call_started", "phone_call", ["started_at"])
    op.create_table(
        "bookmark",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_bookmark")),
    )


def _work() -> list[sa.Column[object]]:
    return [
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
    ]
