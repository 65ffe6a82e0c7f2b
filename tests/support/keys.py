"""The keys of tests: a store on PostgreSQL that was opened without any uses these.

On SQLite the keys lie beside the database file, in tests as in the service.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from intake.store import Store
from intake.vault import Keyring


@cache
def test_keys() -> Keyring:
    """One file of keys for this run."""
    folder = Path(tempfile.mkdtemp(prefix="huiyin-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Keyring(folder / "keys.json")


def lend_keys() -> None:
    """Let ``Store(url)`` of PostgreSQL find keys: tests of other rooms need not speak of them."""
    beside = Store._keyring_beside

    def lent(store: Store) -> Keyring | None:
        return beside(store) or test_keys()

    Store._keyring_beside = lent  # type: ignore[method-assign]
