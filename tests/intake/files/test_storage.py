"""One contract, every storage: what is put is there, whole, once, and can be read from any place."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.files import folder
from intake.files.folder import FolderStorage
from intake.files.storage import Storage

LARGE = bytes(range(256)) * 12_345  # over three million bytes, each place tells where it is
NOWHERE = "0" * 64


def test_what_is_put_is_there_under_the_name_of_its_content(storage: Storage) -> None:
    name = storage.put(b"evidence")
    assert name == hashlib.sha256(b"evidence").hexdigest()
    assert storage.get(name) == b"evidence"
    assert storage.size(name) == 8
    assert abs(datetime.now(UTC) - storage.modified(name)) < timedelta(minutes=2)


def test_the_same_file_is_kept_once(storage: Storage) -> None:
    assert storage.put(b"twice") == storage.put(b"twice")
    assert list(storage.names()) == [hashlib.sha256(b"twice").hexdigest()]


def test_many_are_put_together_in_their_order(storage: Storage) -> None:
    contents = [b"", b"a", LARGE, b"a", b"b"]
    names = storage.put_all(contents)
    assert [storage.get(name) for name in names] == contents
    assert sorted(storage.names()) == sorted(set(names))
    assert storage.put_all([]) == []


def test_a_large_file_is_read_in_pieces_from_any_place(storage: Storage) -> None:
    name = storage.put(LARGE)
    with storage.open(name) as file:
        assert file.seekable()
        assert file.read(10) == LARGE[:10]
        file.seek(2_000_001)
        assert file.read(1_000) == LARGE[2_000_001:2_001_001]
        file.seek(5)
        assert file.read() == LARGE[5:]
        assert file.read(1) == b""
        file.seek(-3, 2)
        assert (file.tell(), file.read()) == (len(LARGE) - 3, LARGE[-3:])


@pytest.mark.parametrize(
    "name", [NOWHERE, "", "../../etc/passwd", "A" * 64, "g" * 64, "0" * 63, "0" * 64 + "\n"]
)
def test_what_is_not_there_is_not_found(storage: Storage, name: str) -> None:
    for ask in (storage.get, storage.open, storage.size, storage.modified):
        with pytest.raises(FileNotFoundError):
            ask(name)


def test_what_is_discarded_is_gone_and_may_come_back(storage: Storage) -> None:
    name, other = storage.put_all([b"one", b"other"])
    assert not storage.discard(name, timedelta(hours=1)), "it is young"
    assert storage.get(name) == b"one"
    assert storage.discard(name, timedelta(0))
    assert not storage.discard(name, timedelta(0))
    with pytest.raises(FileNotFoundError):
        storage.get(name)
    assert list(storage.names()) == [other]
    assert storage.put(b"one") == name
    assert storage.get(name) == b"one"


def test_many_who_put_the_same_at_once_harm_nothing(storage: Storage) -> None:
    names: list[str] = []

    def put() -> None:
        names.extend(storage.put_all([b"shared", LARGE]))

    threads = [threading.Thread(target=put) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 12
    assert sorted(storage.names()) == sorted(set(names))
    assert storage.get(storage.put(LARGE)) == LARGE


def test_an_empty_storage_has_no_names(storage: Storage) -> None:
    assert list(storage.names()) == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=5_000), start=st.integers(0, 5_100), length=st.integers(0, 5_100))
def test_any_piece_is_the_contents_piece(storage: Storage, content: bytes, start: int, length: int) -> None:
    with storage.open(storage.put(content)) as file:
        file.seek(min(start, len(content)))
        assert file.read(length) == content[start : start + length]


def test_files_of_others_in_the_folder_are_no_names(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    name = storage.put(b"ours")
    (tmp_path / name[:2] / ".draft").write_bytes(b"torn")
    (tmp_path / name[:2] / "Thumbs.db").write_bytes(b"theirs")
    assert list(storage.names()) == [name]


def test_objects_of_others_in_the_bucket_are_no_names(new_bucket: Callable[[], Any]) -> None:
    import httpx

    from intake.files.s3 import S3Storage

    bucket = new_bucket()
    storage = S3Storage(bucket)
    name = storage.put(b"ours")
    root = f"{bucket.endpoint}/{bucket.address.removeprefix('s3://')}"
    httpx.put(f"{root}/notes.txt", content=b"theirs").raise_for_status()
    httpx.put(f"{root}/zz/{name}", content=b"on the wrong shelf").raise_for_status()
    assert list(storage.names()) == [name]


def test_a_bucket_that_cannot_be_reached_is_an_os_error_without_secrets(
    new_bucket: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from intake.files import s3

    monkeypatch.setattr(s3, "_RETRY", {"max_retries": 0})
    away = s3.S3Storage(replace(new_bucket(), endpoint="http://127.0.0.1:9", secret="hush-hush"))
    missing = s3.S3Storage(replace(new_bucket(), address="s3://no-such-bucket"))
    for storage in (away, missing):
        with pytest.raises(OSError, match=r"object storage|no such object") as caught:
            storage.put(b"content")
        assert "hush" not in str(caught.value)


def test_an_address_that_is_none_is_refused() -> None:
    pytest.importorskip("obstore")
    from intake.files.s3 import Bucket, S3Storage

    with pytest.raises(ValueError, match="s3://bucket"):
        S3Storage(Bucket("https://bucket.example/"))


def test_a_file_that_is_put_again_is_young_again(tmp_path: Path) -> None:
    """Whoever forgets old files must not take one that was just put for a new message."""
    storage = FolderStorage(tmp_path)
    name = storage.put(b"old")
    os.utime(storage.path(name), (0, 0))
    assert storage.put(b"old") == name
    assert not storage.discard(name, timedelta(minutes=1))
    assert storage.get(name) == b"old"


def test_a_file_whose_folder_could_not_be_synced_is_not_durable_at_the_second_try_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, synced, failing = FolderStorage(tmp_path), list[str](), [True]

    def sync(path: Path) -> None:
        if path.is_dir() and failing[0]:
            raise OSError(5, "Input/output error")
        synced.append("folder" if path.is_dir() else "file")

    monkeypatch.setattr(folder, "sync", sync)
    with pytest.raises(OSError, match="Input/output"):
        storage.put(b"evidence")
    with pytest.raises(OSError, match="Input/output"):
        storage.put(b"evidence")
    failing[0] = False
    name = storage.put(b"evidence")
    assert synced[-2:] == ["folder", "folder"], "the shelf, and the folder that names the shelf"
    assert storage.get(name) == b"evidence"


def test_a_file_that_was_cut_off_on_disk_is_written_anew(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    name = storage.put(b"evidence")
    storage.path(name).write_bytes(b"evi")
    assert storage.put(b"evidence") == name
    assert storage.get(name) == b"evidence"


def test_drafts_of_killed_processes_are_swept_and_what_was_taken_aside_comes_back(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    name, gone = storage.put_all([b"evidence", b"other"])
    draft = storage.path(name).with_name(f".{name[:16]}.{'a' * 32}")
    draft.write_bytes(b"evid")
    aside = storage.path(gone).with_name(f".{gone}.{'b' * 32}.aside")
    storage.path(gone).rename(aside)
    now = datetime.now(UTC)
    assert storage.sweep(now) == 0, "somebody may still write"
    assert draft.exists()
    assert storage.sweep(now + timedelta(minutes=11)) == 2
    assert sorted(storage.names()) == sorted([name, gone])
    assert (storage.get(name), storage.get(gone)) == (b"evidence", b"other")
    assert list(tmp_path.rglob(".*")) == []


def test_whoever_writes_a_draft_that_was_swept_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = FolderStorage(tmp_path)

    def swept_meanwhile(path: Path) -> None:
        storage.sweep(datetime.now(UTC) + timedelta(hours=1))

    monkeypatch.setattr(folder, "sync", swept_meanwhile)
    with pytest.raises(FileNotFoundError):
        storage.put(b"evidence")
    assert list(storage.names()) == []


class Meanwhile:
    """Between two requests of one who discards, somebody else stores the same file again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, other: Storage, content: bytes, before: int) -> None:
        self._left, self._other, self._content = before, other, content
        self._own = False
        self.came = False
        import obstore

        for name in ("put", "get", "head", "delete"):
            monkeypatch.setattr(obstore, name, self._counted(getattr(obstore, name)))

    def _counted(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*args: Any, **more: Any) -> Any:
            if not self._own:
                self._left -= 1
                if self._left < 0 and not self.came:
                    self._own = True
                    self._other.put(self._content)
                    self._own, self.came = False, True
            return ask(*args, **more)

        return asked


def test_a_file_that_is_stored_again_while_it_is_discarded_is_not_lost(
    new_bucket: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 looks and deletes in several requests: whoever stores between any two of them finds it there."""
    pytest.importorskip("obstore")
    from intake.files.s3 import S3Storage

    bucket, younger = new_bucket(), timedelta(seconds=4)
    storage, other = S3Storage(bucket), S3Storage(bucket)
    contents = [f"evidence {before}".encode() for before in range(8)]
    names = storage.put_all(contents)
    threading.Event().wait(5)
    came = []
    for before, (name, content) in enumerate(zip(names, contents, strict=True)):
        with monkeypatch.context() as patched:
            meanwhile = Meanwhile(patched, other, content, before)
            gone = storage.discard(name, younger)
        came.append(meanwhile.came)
        if meanwhile.came:
            assert other.get(name) == content, f"lost when stored before request {before}"
            assert not gone
        else:
            assert gone
    assert (came[0], came[-1]) == (True, False), "before the first request, and never"
    assert sorted(storage.names()) == sorted(name for name, was in zip(names, came, strict=True) if was)
