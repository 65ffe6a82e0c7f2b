"""Bringing a database to the present schema. Safe to call from many processes at once.

Alembic is imported when there is something to migrate, for it costs a process half a second and 7 MB.
A file of ``migrations/versions`` is named by its revision: ``0001_first_schema.py`` is revision 0001.
"""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from intake.store import Store

log = logging.getLogger(__name__)

_SEALED = "0004"
_UNWIPED = 4
"""SQLite's ``user_version`` while the file may hold, in freed places, what stood there before 0004."""
_ADVISORY_LOCK = 0x4875_6979  # "Huiy": one process migrates, the others wait


_FOLDER = Path(__file__).with_name("migrations")


def head() -> str:
    """The newest revision that this code knows."""
    known = revisions()
    if not known:
        raise LookupError("no migrations are installed with the package")
    return max(known)


def revisions() -> frozenset[str]:
    """Every revision that this code knows."""
    return frozenset(file.name[:4] for file in (_FOLDER / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def current(store: Store) -> str | None:
    """The revision of the database, None for an empty one."""
    with store.read() as connection:
        return _revision(connection)


def migrate(store: Store, revision: str = "") -> bool:
    """Upgrade to ``revision`` (default: :func:`head`); returns whether anything had to be done."""
    newest = revision or head()
    before = current(store)
    if before == newest:
        _wipe(store)
        return False
    with store.write() as connection:
        if not store.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if _revision(connection) == newest:
            return False
        _upgrade(connection, newest)
        if store.is_sqlite and before is not None and before < _SEALED <= newest:
            connection.exec_driver_sql(f"PRAGMA user_version={_UNWIPED}")
    _wipe(store)
    return True


def _wipe(store: Store) -> None:
    """Leave nothing in the file of what stood there in plain text before it was sealed.

    That it is still to be done stands in the file, so whoever comes next does it after a kill.
    PostgreSQL's operator says VACUUM FULL (docs/operating.md): it would hold up the other machines here.
    """
    if not store.is_sqlite:
        return
    connection = store.engine.raw_connection()
    try:
        cursor = connection.cursor()
        if cursor.execute("PRAGMA user_version").fetchone()[0] != _UNWIPED:
            return
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA user_version=0")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except Exception as error:  # others are at work, or the disk is too small for a copy
        log.warning("migrate: the database file could not be wiped (%s); run VACUUM when it is idle", error)
    finally:
        connection.close()


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _revision(connection: Connection) -> str | None:
    """What Alembic noted in the database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
