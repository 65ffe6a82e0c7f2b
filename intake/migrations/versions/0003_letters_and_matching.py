"""Letters, print queue, visits, one matter one case, what is known of files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from intake.reindexing import index_all

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inspection",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=127), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("preview_sha256", sa.String(length=64), nullable=True),
        sa.Column("scanned_by", sa.String(length=64), nullable=True),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_inspection")),
    )
    op.create_index("ix_inspection_preview", "inspection", ["preview_sha256"], unique=False)
    op.create_index(
        "ix_inspection_work",
        "inspection",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "print_batch",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("envelope", sa.String(length=8), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("printed_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_batch")),
    )
    op.create_table(
        "companion",
        sa.Column("complaint_id", sa.String(length=32), nullable=False),
        sa.Column("other_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("likeness", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ruled_by", sa.Text(), nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_companion_complaint_id")),
        sa.ForeignKeyConstraint(["other_id"], ["complaint.id"], name=op.f("fk_companion_other_id")),
        sa.PrimaryKeyConstraint("complaint_id", "other_id", name=op.f("pk_companion")),
    )
    op.create_index("ix_companion_other", "companion", ["other_id"], unique=False)
    op.create_index("ix_companion_state", "companion", ["state", "complaint_id"], unique=False)
    op.create_table(
        "identity_document",
        sa.Column("complainant_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["complainant_id"], ["complainant.id"], name=op.f("fk_identity_document_complainant_id")
        ),
        sa.PrimaryKeyConstraint("complainant_id", "kind", name=op.f("pk_identity_document")),
    )
    op.create_index("ix_identity_document_number", "identity_document", ["kind", "number_hash"], unique=False)
    op.create_table(
        "letter",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("dedupe_key", sa.String(length=64), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.String(length=10), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("pages_read", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.String(length=32), nullable=True),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_mark", sa.String(length=32), nullable=True),
        sa.Column("submission_id", sa.String(length=32), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_letter_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_letter_dedupe_key")),
    )
    op.create_index("ix_letter_state", "letter", ["state", "id"], unique=False)
    op.create_index(
        "ix_letter_work",
        "letter",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "likeness",
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("submission_id", sa.String(length=32), nullable=False),
        sa.Column("complaint_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_likeness_complaint_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_likeness_submission_id")),
        sa.PrimaryKeyConstraint("band", "submission_id", name=op.f("pk_likeness")),
    )
    op.create_index("ix_likeness_band", "likeness", ["band", "at"], unique=False)
    op.create_index("ix_likeness_submission", "likeness", ["submission_id"], unique=False)
    op.create_table(
        "matching",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("repeats", sa.String(length=64), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["submission.id"], name=op.f("fk_matching_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matching")),
    )
    op.create_index(
        "ix_matching_repeats",
        "matching",
        ["repeats"],
        unique=False,
        sqlite_where=sa.text("repeats IS NOT NULL"),
        postgresql_where=sa.text("repeats IS NOT NULL"),
    )
    op.create_index(
        "ix_matching_work",
        "matching",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "sketch",
        sa.Column("submission_id", sa.String(length=32), nullable=False),
        sa.Column("minima", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_sketch_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_sketch")),
    )
    op.create_table(
        "letter_file",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("letter_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=127), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_file_letter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_file")),
        sa.UniqueConstraint("letter_id", "position", name=op.f("uq_letter_file_letter_id_position")),
    )
    op.create_index("ix_letter_file_sha256", "letter_file", ["sha256"], unique=False)
    op.create_table(
        "letter_page",
        sa.Column("letter_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("skew", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_page_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "number", name=op.f("pk_letter_page")),
    )
    op.create_index("ix_letter_page_sha256", "letter_page", ["sha256"], unique=False)
    op.create_table(
        "printout",
        sa.Column("outbox_id", sa.String(length=32), nullable=False),
        sa.Column("complaint_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pages", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=True),
        sa.Column("posted_on", sa.String(length=10), nullable=True),
        sa.Column("registered", sa.String(length=40), nullable=True),
        sa.Column("came_back_on", sa.String(length=10), nullable=True),
        sa.Column("came_back_why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["print_batch.id"], name=op.f("fk_printout_batch_id")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_printout_complaint_id")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_printout_outbox_id")),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_printout")),
    )
    op.create_index("ix_printout_batch", "printout", ["batch_id"], unique=False)
    op.create_index("ix_printout_complaint", "printout", ["complaint_id"], unique=False)
    op.create_index("ix_printout_state", "printout", ["state", "outbox_id"], unique=False)
    op.add_column("complaint", sa.Column("merged_into", sa.String(length=32), nullable=True))
    op.add_column("complaint", sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_complaint_kept",
        "complaint",
        ["closed_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NOT NULL AND anonymised_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL AND anonymised_at IS NULL"),
    )
    op.create_index(
        "ix_complaint_merged",
        "complaint",
        ["merged_into"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.add_column(
        "participation", sa.Column("large_print", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("participation", sa.Column("feedback", sa.String(length=20), nullable=True))
    op.add_column("submission", sa.Column("details", sa.Text(), nullable=True))

    _look_at_what_is_there()
    _search_anew()


def _search_anew() -> None:
    """An index whose entries can be taken out again, for what is anonymised; with more entries a case."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute("DROP TABLE complaint_search")
        op.execute(
            "CREATE VIRTUAL TABLE complaint_search "
            "USING fts5(words, content='', contentless_delete=1, tokenize='unicode61')"
        )
    else:
        op.execute("DELETE FROM complaint_search")
    index_all(connection)


def _look_at_what_is_there() -> None:
    """Files and messages from before are inspected and compared like new ones."""
    op.execute(
        "INSERT INTO inspection (sha256, verdict, state, due_at, attempts) "
        "SELECT DISTINCT sha256, '', 'pending', CURRENT_TIMESTAMP, 0 FROM attachment"
    )
    op.execute(
        "INSERT INTO matching (id, state, due_at, attempts) "
        "SELECT id, 'pending', CURRENT_TIMESTAMP, 0 FROM submission "
        "WHERE author = 'complainant' AND complaint_id IS NOT NULL AND part_of IS NULL"
    )
