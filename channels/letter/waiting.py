"""Whether a file in the scanner's folder is complete. You are here: [waiting] beside the folder's watcher.

Scanners and networks write slowly, some in pieces, some under a passing name. A file counts when it kept its
size and time for a while and has the end that its kind has; when it was renamed, at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePath

_UNFINISHED = re.compile(r"\.(part|partial|tmp|temp|filepart|crdownload|download|writing|lock|swp)$|~$", re.I)
_OF_OTHERS = frozenset({"thumbs.db", "desktop.ini", "$recycle.bin", "@eadir", "#recycle"})
"""What other systems leave in folders."""
MAX_REMEMBERED = 20_000


def is_unfinished(name: str) -> bool:
    """A passing name, under which nothing is complete."""
    return bool(_UNFINISHED.search(name))


def is_foreign(name: str) -> bool:
    """Hidden, or left by another system: not ours to touch."""
    return name.startswith((".", "~")) or name.lower() in _OF_OTHERS


def is_passing(name: str) -> bool:
    """Neither of them is taken under this name."""
    return is_unfinished(name) or is_foreign(name)


@dataclass(slots=True)
class _Seen:
    shape: tuple[int, int, int]  # size, time of change, inode
    since: float
    passing: bool = False
    renamed: bool = False


class Patience:
    """Remembers how files looked before; all times are seconds of a clock that never jumps.

    ``patience``: after how long a file that still lacks its end counts as broken.
    """

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self._seen: dict[str, _Seen] = {}
        self._passing: dict[int, str] = {}  # inode → passing name

    def look(self, path: str, found: os.stat_result, now: float) -> None:
        """Note how a file looks now."""
        shape = (found.st_size, found.st_mtime_ns, found.st_ino)
        known = self._seen.get(path)
        if known is None:
            renamed = found.st_size > 0 and self._passing.pop(found.st_ino, path) != path
            self._seen[path] = _Seen(shape, now, renamed=renamed)
        elif known.shape != shape:
            self._seen[path] = _Seen(shape, now)
        name = PurePath(path).name
        if is_passing(name) and len(self._passing) < MAX_REMEMBERED:
            self._passing[found.st_ino] = path

    def rests(self, path: str, now: float, settle: float) -> bool:
        """Whether it was renamed, or kept still for ``settle``."""
        known = self._seen.get(path)
        return known is not None and (known.renamed or now - known.since >= settle)

    def is_renamed(self, path: str) -> bool:
        """Whether it had a passing name before: then its writer said that it is complete."""
        known = self._seen.get(path)
        return known is not None and known.renamed

    def is_hopeless(self, path: str, now: float) -> bool:
        """Whether nothing more is to be expected of a file that lacks its end."""
        known = self._seen.get(path)
        return known is not None and now - known.since >= self.patience

    def forget_all_but(self, present: Collection[str]) -> None:
        """What is gone is forgotten, so that memory stays bounded."""
        self._seen = {path: seen for path, seen in self._seen.items() if path in present}
        self._passing = {inode: path for inode, path in self._passing.items() if path in present}
