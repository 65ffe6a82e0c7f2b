"""The keys of tests: a store on PostgreSQL that was opened without any uses these.

On SQLite the keys lie beside the database file, in tests as in the service.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy.engine import make_url

from intake.store import Store
from intake.vault import Keyring
from intake.vault.keyring import FILE


@cache
def test_keys() -> Keyring:
    """One file of keys for this run."""
    folder = Path(tempfile.mkdtemp(prefix="huiyin-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Keyring(folder / "keys.json")


def keys_path(url: str) -> Path:
    """Where the keys lie of a test's database; for a service that runs on it (HUIYIN_KEY_FILE)."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        return Path(address.database).parent / FILE
    path = test_keys().path
    test_keys().keys()  # made now: other processes must not each make their own
    return path


def lend_keys() -> None:
    """Let ``Store(url)`` of PostgreSQL find keys: tests of other rooms need not speak of them."""
    beside = Store._keyring_beside

    def lent(store: Store) -> Keyring | None:
        return beside(store) or test_keys()

    setattr(Store, "_keyring_beside", lent)  # noqa: B010  # it is a method, and stays one
