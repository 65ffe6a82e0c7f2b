"""The file of keys: data keys by short id, one of them current, and the one key of all keyed hashes.

The file is made once, whoever comes first, and only ever replaced whole. Processes that run look at it
again every second, so that a key which another process added is known before it is met.
"""

from __future__ import annotations

import base64
import fcntl
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from intake.disk import sync

log = logging.getLogger(__name__)

FILE = "keys.json"
LOOK_AGAIN = 1.0
"""Seconds after which a process looks whether the file has changed."""
_VERSION = 1
_BYTES = 32  # AES-256, HMAC-SHA256


class KeyringMissing(Exception):
    """There is no file of keys where one must be. One sentence: what, where, what to do."""


class KeyringBroken(Exception):
    """The file of keys cannot be used, or is another database's. One sentence: what, where, what to do."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """One key. A retired one only opens what old backups hold."""

    id: str
    secret: bytes
    made_at: str  # ISO 8601, UTC
    retired_at: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """What the file says."""

    current: str
    data: Mapping[str, DataKey]
    lookup: bytes

    def text(self) -> str:
        """The content of the file."""
        told = {
            "version": _VERSION,
            "current": self.current,
            "keys": {
                key.id: {"key": _b64(key.secret), "made_at": key.made_at, "retired_at": key.retired_at}
                for key in self.data.values()
            },
            "lookup": _b64(self.lookup),
        }
        return json.dumps(told, indent=1) + "\n"


class Keyring:
    """One file of keys, read when a key is first needed. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._keys: Keys | None = None
        self._seen: tuple[int, int, int] | None = None
        self._look_at = 0.0

    @property
    def exists(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def keys(self) -> Keys:
        """The keys as the file has them now or had them a second ago; a first call may make the file.

        Raises :class:`KeyringBroken` when the file is there and cannot be used.
        """
        if self._keys is None or time.monotonic() >= self._look_at:
            with self._lock:
                self._refresh()
        assert self._keys is not None
        return self._keys

    def again(self) -> Keys:
        """Read the file anew: a key is wanted that was not in it."""
        with self._lock:
            self._seen = None
            self._refresh()
            assert self._keys is not None
            return self._keys

    def _refresh(self) -> None:
        self._look_at = time.monotonic() + LOOK_AGAIN
        if self._keys is None and not self.exists:
            _make(self.path)
        try:
            status = self.path.stat()
            seen = (status.st_mtime_ns, status.st_size, status.st_ino)
            if self._keys is None or seen != self._seen:
                if self._keys is None and status.st_mode & 0o007:
                    log.warning("Everybody on this machine can read %s: say chmod o= to it.", self.path)
                self._keys = parse(self.path.read_text(), self.path)
                self._seen = seen
        except OSError as error:
            if self._keys is None:  # else: it is away for a moment, and what was read still holds
                raise KeyringBroken(
                    f"The file of keys {self.path} cannot be read ({error.strerror}); "
                    "let the user of the service read it."
                ) from error

    # ------------------------------------------------------------ changing it

    def add(self, now: datetime) -> str:
        """Add a new data key and make it the current one; returns its id."""
        with self._changing() as keys:
            serial = max((int(key[1:]) for key in keys.data if key[1:].isdigit()), default=0) + 1
            made = DataKey(f"k{serial}", secrets.token_bytes(_BYTES), now.isoformat(timespec="seconds"))
            self._write(replace(keys, current=made.id, data={**keys.data, made.id: made}))
        return made.id

    def retire(self, id_: str, now: datetime) -> None:
        """Mark a data key that nothing bears any more; it is kept for what old backups hold."""
        with self._changing() as keys:
            if id_ == keys.current or id_ not in keys.data:
                raise ValueError(f"{id_} is no old key")
            old = replace(keys.data[id_], retired_at=now.isoformat(timespec="seconds"))
            self._write(replace(keys, data={**keys.data, id_: old}))

    def drop(self, id_: str) -> None:
        """Take a retired data key out of the file. Whoever drops it knows that nothing bears it."""
        with self._changing() as keys:
            if id_ == keys.current or id_ not in keys.data or keys.data[id_].retired_at is None:
                raise ValueError(f"{id_} is no retired key")
            self._write(replace(keys, data={key: of for key, of in keys.data.items() if key != id_}))

    @contextmanager
    def _changing(self) -> Iterator[Keys]:
        """The keys, while no other process changes them."""
        handle = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield self.again()
        finally:
            os.close(handle)
        self.again()

    def _write(self, keys: Keys) -> None:
        put(self.path, keys.text())


def put(path: Path, text: str) -> None:
    """Make ``text`` the content of the file of keys, whole and on disk (0600)."""
    draft = _draft(path, text)
    draft.replace(path)
    sync(path.parent)


def parse(text: str, path: Path) -> Keys:
    """Read a file's content. Raises :class:`KeyringBroken` in one sentence."""
    try:
        told: Any = json.loads(text)
        if told["version"] != _VERSION:
            raise ValueError("version")
        data = {
            str(id_): DataKey(str(id_), _secret(of["key"]), str(of["made_at"]), of.get("retired_at"))
            for id_, of in told["keys"].items()
        }
        keys = Keys(str(told["current"]), data, _secret(told["lookup"]))
        if keys.current not in data or not all(id_.isalnum() and len(id_) <= 12 for id_ in data):
            raise ValueError("current")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KeyringBroken(
            f"The file of keys {path} is damaged or none of Huiyin's; put the right one back from a backup."
        ) from error
    return keys


def _secret(text: str) -> bytes:
    secret = base64.b64decode(text, validate=True)
    if len(secret) != _BYTES:
        raise ValueError("a key has 32 bytes")
    return secret


def _b64(secret: bytes) -> str:
    return base64.b64encode(secret).decode("ascii")


def _make(path: Path) -> None:
    """A first file of keys; of two first starts at once one wins, and both read its keys."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    first = DataKey("k1", secrets.token_bytes(_BYTES), now)
    keys = Keys(first.id, {first.id: first}, secrets.token_bytes(_BYTES))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, keys.text())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    sync(path.parent)


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    return draft
