"""A folder for what is at work, which goes when its process does, however that one ended.

You are here: inspection → [workplace] → sandbox. A process that is killed cannot tidy up, so each holds a
lock on its folder, which the kernel frees; whoever starts next removes the folders that nobody holds.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_OURS = ("work-", "looking-", "huiyin-")
"""How workers of this version, and of earlier ones, name their folders."""


class Workplace:
    """One worker's folder, :attr:`folder`, under ``root``. Raises OSError when none can be made."""

    def __init__(self, root: Path) -> None:
        sweep(root)
        while True:
            self.folder = Path(tempfile.mkdtemp(prefix="work-", dir=root))
            try:
                self._handle = _open(self.folder)
            except FileNotFoundError:  # a neighbour swept it before it was locked
                continue
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            if os.fstat(self._handle).st_nlink:
                return
            os.close(self._handle)

    def close(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1


def sweep(root: Path) -> int:
    """Remove what dead workers left in ``root``; returns how many entries went. Nobody else's is touched."""
    removed = 0
    for entry in sorted(root.iterdir()):
        if not entry.name.startswith(_OURS):
            continue
        try:
            handle = _open(entry)
        except OSError:  # no folder, or gone already
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(entry, ignore_errors=True)
            removed += 1
        except BlockingIOError:  # somebody works there
            continue
        finally:
            os.close(handle)
    return removed


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
