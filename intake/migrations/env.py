"""Alembic's entry: runs on the connection that ``intake.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from intake.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
