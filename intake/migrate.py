"""Bringing a database to the present schema. Safe to call from many processes at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from intake.store import Store

_ADVISORY_LOCK = 0x4875_6979  # "Huiy": one process migrates, the others wait


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    return config


def head() -> str:
    """The newest revision that this code knows."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise LookupError("no migrations are installed with the package")
    return revision


def revisions() -> frozenset[str]:
    """Every revision that this code knows."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def current(store: Store) -> str | None:
    """The revision of the database, None for an empty one."""
    with store.read() as connection:
        return _revision(connection)


def migrate(store: Store, revision: str = "") -> bool:
    """Upgrade to ``revision`` (default: :func:`head`); returns whether anything had to be done."""
    newest = revision or head()
    if current(store) == newest:
        return False
    with store.write() as connection:
        if not store.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if _revision(connection) == newest:
            return False
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, newest)
    return True


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
