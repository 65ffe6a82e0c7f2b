"""Who holds work: each process owns a lock file that the kernel frees when the process dies.

A lease protects work against a machine that vanished; waiting for it after a mere crash would delay
citizens by minutes. So a process that starts, or that finds nothing to do, gives back at once what a
dead neighbour on the same machine still holds.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Table, select, update

from intake.ids import new_id
from intake.store import Store
from intake.work import PENDING


class Owner:
    """This process as an owner of work; ``name`` goes into the rows it claims."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.name = f"{socket.gethostname()[:20]}.{os.getpid()}.{new_id()[-8:]}"
        self._path = folder / self.name
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def release_dead(self, store: Store, tables: Sequence[Table]) -> int:
        """Give back what dead processes of this machine hold; returns how many rows."""
        released = 0
        for path in self._folder.iterdir():
            if path == self._path or not _is_dead(path):
                continue
            for table in tables:
                released += _release(store, table, path.name)
            with suppress(FileNotFoundError):  # a neighbour was tidying up as well
                path.unlink()
        return released

    def close(self) -> None:
        """Leave: the lock file goes."""
        with suppress(FileNotFoundError):
            self._path.unlink()
        os.close(self._handle)


def _is_dead(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def _release(store: Store, table: Table, owner: str) -> int:
    c = table.c
    held = [c.owner == owner]
    if "state" in c:  # a bookmark has none: whoever reads on may do so at once
        held.append(c.state == PENDING)
    with store.read() as connection:
        if connection.execute(select(c.owner).where(*held).limit(1)).first() is None:
            return 0
    with store.write() as connection:
        freed = connection.execute(update(table).where(*held).values(owner=None, lease_until=None))
        return freed.rowcount
