"""The storage of many machines: a bucket of any service that speaks S3 (extra ``s3``, package obstore).

You are here: storage (the contract) → [s3] → HTTP.

An object appears under its name only when all of it was taken, and a service answers 200 only then: the
order "file, then row" holds as with a folder.

No service deletes on the condition "unless it was stored again meanwhile" (the same content has the same
ETag), so whoever deletes and whoever stores tell each other by empty objects, ``going/<name>/<id>``::

    discard   mark → look → delete → mark gone? then store it again : leave the mark, for an hour
    put       store → any marks? then take them away and store it again

If ``put`` sees no mark, it stored before the mark, and ``discard`` finds the object young. If it sees one,
either its second storing comes after the deleting, or ``discard`` finds its mark gone.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from intake.files.storage import check, is_name
from intake.ids import new_id

T = TypeVar("T")
_AT_ONCE = 8
_PIECE = 1024 * 1024
_PATIENCE = timedelta(seconds=30)
_MARKS = "going"
_MARK_STAYS = timedelta(hours=1)
"""Longer than any ``put`` takes from its storing to its look for marks."""
_RETRY: Any = {"max_retries": 3, "retry_timeout": _PATIENCE}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the objects lie and with which key: "s3://bucket/prefix"; ``endpoint`` "" means Amazon's own."""

    address: str
    endpoint: str = ""
    region: str = ""
    key_id: str = ""
    secret: str = ""


class StorageAway(OSError):
    """The service did not answer, or refused; the message names the kind of error, never the key."""


class S3Storage:
    """A bucket of content-addressed objects (:class:`intake.files.storage.Storage`)."""

    def __init__(self, bucket: Bucket) -> None:
        """Raises ValueError for an address that is none; nothing is asked of the service yet."""
        parts = urlsplit(bucket.address)
        if parts.scheme != "s3" or not parts.netloc:
            raise ValueError("write the bucket as s3://bucket/prefix")
        settings: dict[str, Any] = {
            "endpoint": bucket.endpoint,
            "region": bucket.region or "us-east-1",
            "access_key_id": bucket.key_id,
            "secret_access_key": bucket.secret,
        }
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=cast(Any, {name: value for name, value in settings.items() if value}),
            client_options={"allow_http": bucket.endpoint.startswith("http://"), "timeout": _PATIENCE},
            retry_config=_RETRY,
        )

    def put(self, content: bytes) -> str:
        """Store ``content``. One that is there is sent again, which makes it young: ``discard`` spares it."""
        name = hashlib.sha256(content).hexdigest()
        self._store_it(name, content)
        if marks := [path for path, _ in self._marks(f"{_MARKS}/{name}/")]:
            _asked(lambda: obstore.delete(self._store, marks))
            self._store_it(name, content)
        return name

    def _store_it(self, name: str, content: bytes) -> None:
        _asked(lambda: obstore.put(self._store, _key(name), content))

    def _marks(self, prefix: str) -> list[tuple[str, datetime]]:
        """The first thousand marks below ``prefix``: path, and when it was made by the service's clock."""
        page = _asked(lambda: next(iter(obstore.list(self._store, prefix, chunk_size=1000)), []))
        return [(entry["path"], entry["last_modified"].astimezone(UTC)) for entry in page]

    def put_all(self, contents: Sequence[bytes]) -> list[str]:
        """Store each, several at once: each waits for the network and not for its neighbour."""
        if len(contents) < 2:
            return [self.put(content) for content in contents]
        with ThreadPoolExecutor(min(_AT_ONCE, len(contents))) as together:
            return list(together.map(self.put, contents))

    def get(self, name: str) -> bytes:
        """The whole content; raises FileNotFoundError."""
        return _asked(lambda: bytes(obstore.get(self._store, _key(name)).bytes()))

    def open(self, name: str) -> BinaryIO:
        """The content to be read in pieces; asks for a range where it is read (RFC 9110, 14.2)."""
        source = _asked(lambda: obstore.open_reader(self._store, _key(name), buffer_size=_PIECE))
        return cast(BinaryIO, io.BufferedReader(_Object(source), _PIECE))

    def size(self, name: str) -> int:
        """Bytes; raises FileNotFoundError."""
        return int(_asked(lambda: obstore.head(self._store, _key(name)))["size"])

    def modified(self, name: str) -> datetime:
        """When it was stored, UTC, by the service's clock; raises FileNotFoundError."""
        return _asked(lambda: obstore.head(self._store, _key(name)))["last_modified"].astimezone(UTC)

    def names(self) -> Iterator[str]:
        """Every stored object's name; what else lies in the bucket is left out."""
        pages = iter(_asked(lambda: obstore.list(self._store)))
        while (page := _asked(lambda: next(pages, None))) is not None:
            for entry in page:
                shelf, _, name = entry["path"].rpartition("/")
                if is_name(name) and shelf == name[:2]:
                    yield name

    def discard(self, name: str, younger: timedelta) -> bool:
        """Remove the object, unless it is younger than that or just being stored again (see above).

        Returns whether this call removed it.
        """
        key, mark = _key(name), f"{_MARKS}/{name}/{new_id()}"
        try:
            self.size(name)  # no mark for what is not there
            _asked(lambda: obstore.put(self._store, mark, b""))
            found = _asked(lambda: obstore.get(self._store, key))
            if datetime.now(UTC) - found.meta["last_modified"].astimezone(UTC) < younger:
                _asked(lambda: obstore.delete(self._store, mark))
                return False
            content = _asked(lambda: bytes(found.bytes()))
        except FileNotFoundError:
            return False
        _asked(lambda: obstore.delete(self._store, key))
        if not self._there(mark):
            self._store_it(name, content)
            return False
        self._sweep()
        return True

    def _there(self, path: str) -> bool:
        try:
            _asked(lambda: obstore.head(self._store, path))
        except FileNotFoundError:
            return False
        return True

    def _sweep(self) -> None:
        """Take away marks that nobody can be waiting for any more."""
        now = datetime.now(UTC)
        if old := [path for path, made in self._marks(f"{_MARKS}/") if now - made > _MARK_STAYS]:
            _asked(lambda: obstore.delete(self._store, old))


def _key(name: str) -> str:
    check(name)
    return f"{name[:2]}/{name}"


def _asked(ask: Callable[[], T]) -> T:
    """The answer; every error of the service is an OSError, as with a disk."""
    try:
        return ask()
    except (FileNotFoundError, NotFoundError):
        raise FileNotFoundError("there is no such object") from None
    except (BaseError, OSError) as error:
        raise StorageAway(
            f"the object storage does not answer as it should ({type(error).__name__})"
        ) from None


class _Object(io.RawIOBase):
    """An object as a file that can be read from any place."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._size = int(source.size)

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always: each piece is asked for by its range."""
        return True

    def tell(self) -> int:
        """Bytes from the start."""
        return int(self._source.tell())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; returns it in bytes from the start."""
        return int(_asked(lambda: self._source.seek(offset, whence)))

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer``; returns how many bytes, 0 at the end."""
        if self.tell() >= self._size:
            return 0
        piece = memoryview(_asked(lambda: self._source.read(len(buffer)))).cast("B")
        buffer[: len(piece)] = piece
        return len(piece)
