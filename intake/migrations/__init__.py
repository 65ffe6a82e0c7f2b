"""Alembic's folder: one file per step of the schema, the same on SQLite and PostgreSQL."""
