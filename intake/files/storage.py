"""Where files lie, by their content. Every storage keeps this contract, and one suite of tests holds it.

You are here: channels and workers → [storage] → the pages, backup and verify.

A file's name is the SHA-256 of its bytes (64 hex digits), so the same file is kept once and a torn write can
never carry a good name. A file is durable when ``put`` returns and before any row names it. A file without a
row (a crash in between) does no harm and is found by ``verify``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

_NAME = re.compile(r"[0-9a-f]{64}")


class Storage(Protocol):
    """Content-addressed files. Safe for many threads, processes and machines at once.

    What cannot be reached just now raises OSError; what is not there, FileNotFoundError (one of its kinds).
    """

    def put(self, content: bytes) -> str:
        """Store ``content`` durably; returns its name. One that was there counts as young again."""
        ...

    def put_all(self, contents: Sequence[bytes]) -> list[str]:
        """Store each durably, together; returns their names in the same order. Raises OSError."""
        ...

    def get(self, name: str) -> bytes:
        """The whole content; raises FileNotFoundError for an unknown name."""
        ...

    def open(self, name: str) -> BinaryIO:
        """The content to be read in pieces from any place; raises FileNotFoundError. Close it."""
        ...

    def size(self, name: str) -> int:
        """Bytes; raises FileNotFoundError."""
        ...

    def modified(self, name: str) -> datetime:
        """When it was stored, UTC; raises FileNotFoundError."""
        ...

    def names(self) -> Iterator[str]:
        """Every stored file's name, in no order."""
        ...

    def discard(self, name: str, younger: timedelta) -> bool:
        """Remove the file, unless it is younger than that; returns whether this call removed it."""
        ...


def is_name(name: str) -> bool:
    """Whether ``name`` is one that a storage gave."""
    return _NAME.fullmatch(name) is not None


def check(name: str) -> None:
    """Raise FileNotFoundError for what no storage ever named, such as a path out of the folder."""
    if not is_name(name):
        raise FileNotFoundError(name)
