"""One fair queue in front of SQLite's single writer.

SQLite lets one connection write; the others wait in a back-off that grows unfair under load (half a
second and more at p99 with an idle disk). Here every writer of one machine, thread or process, waits
in line instead.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType


class FairLock:
    """A mutual exclusion that serves the threads of one process in the order they came."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()  # released by the holder before us, who leaves ``_held`` set for us

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


class WriteLock:
    """The right to write, over all threads and processes of this machine.

    Between processes two file locks make a turnstile: who waits for the room holds the turnstile,
    so that the process that just left the room cannot walk straight back in. The kernel frees both
    when a process dies, at whatever line.

    A third file is the bell: who cannot wait long (:meth:`hurried`) holds it until they are in, so that
    somebody with much to write can hear it and come out earlier (:meth:`rung`).
    """

    def __init__(self, database: Path) -> None:
        self._threads = FairLock()
        self._turnstile = _open(database.with_name(database.name + ".turn"))
        self._room = _open(database.with_name(database.name + ".write"))
        self._bell = _open(database.with_name(database.name + ".bell"))
        self._hurried = 0  # threads of this process that hold the bell
        self._guard = threading.Lock()

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            fcntl.flock(self._turnstile, fcntl.LOCK_EX)
            try:
                fcntl.flock(self._room, fcntl.LOCK_EX)
            finally:
                fcntl.flock(self._turnstile, fcntl.LOCK_UN)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fcntl.flock(self._room, fcntl.LOCK_UN)
        self._threads.release()

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """The same right, for who keeps people waiting on the line."""
        self._ring(1)
        try:
            self.__enter__()
        finally:
            self._ring(-1)
        try:
            yield
        finally:
            self.__exit__(None, None, None)

    def _ring(self, more: int) -> None:
        with self._guard:
            self._hurried += more
            if self._hurried == max(more, 0):  # the first in this process, or the last
                fcntl.flock(self._bell, fcntl.LOCK_SH if more > 0 else fcntl.LOCK_UN)

    def rung(self) -> bool:
        """Whether somebody in a hurry waits, in this process or another."""
        with self._guard:
            if self._hurried:
                return True
            try:
                fcntl.flock(self._bell, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            fcntl.flock(self._bell, fcntl.LOCK_UN)
            return False

    def close(self) -> None:
        """Give the file descriptors back."""
        for file in (self._turnstile, self._room, self._bell):
            os.close(file)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
