"""Backup and restore on both databases and from each to the other: all, or nothing and one sentence."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from channels.email import reader as email_reader
from channels.table import way_back
from intake.accounts import Accounts
from intake.backup import backup
from intake.backup_format import BackupRefused, columns_of, plain_table, read_rows, write_row
from intake.contracts import StorageUnavailable, StoredAttachment, Submission
from intake.desk import Policies
from intake.files.folder import FolderStorage
from intake.inbox import Inbox
from intake.lifecycle import Role
from intake.migrate import current, head
from intake.office import Office
from intake.people import Actor
from intake.references import reference_of
from intake.registrar import Registrar
from intake.restore import restore
from intake.schema import attachment, complaint, metadata
from intake.search import SearchIndex
from intake.store import Store
from intake.verbs import Answer, Assign
from routing.directory import CountyDirectory
from routing.office import load_office
from routing.schedule_file import load_ladder
from tests.channels.email.post import b64, mail, multipart, part
from tests.routing.county import FOLDER, sample_router
from tests.support.clock import MONDAY_MORNING, SetClock
from tests.support.databases import Databases, PostgresDatabases, SqliteDatabases, migrated
from tests.support.keys import keys_path

ROOT = Path(__file__).resolve().parents[2]
SECRET = "k" * 64
BINARY = bytes(range(256)) + b"\n{}\r\n\0"


def policies() -> Policies:
    office, router = load_office(FOLDER), sample_router()
    directory = CountyDirectory(router.bureaus, office)
    return Policies(router, load_ladder(FOLDER, office), directory, way_back)


def mails() -> list[bytes]:
    """Twelve complaints and one that goes on with the first; one carries a file, one is no mail at all."""
    many = [
        mail(f"西江路第{n}盏路灯坏了。", subject=f"路灯{n}", message_id=f"<lamp{n}@citizen.example>")
        for n in range(10)
    ]
    text, file = (
        part('见附件 emoji 🌧 \\ "quoted"', "Content-Type: text/plain; charset=utf-8"),
        part(
            b64(BINARY), "Content-Type: application/pdf; name=bill.pdf", "Content-Transfer-Encoding: base64"
        ),
    )
    reply = mail(
        "昨天又坏了一盏红灯笼。",
        subject="Re: 路灯0",
        message_id="<more@citizen.example>",
        extra=["In-Reply-To: <lamp0@citizen.example>"],
    )
    return [*many, multipart(text, file, message_id="<file@citizen.example>"), BINARY, reply]


def fill(url: str, folder: Path) -> None:
    """A county with some history: mail in, cases routed, one answered, an account, a token, work waiting."""
    store, clock, rules = Store(url), SetClock(), policies()
    blobs, inbox = FolderStorage(folder / "blobs"), Inbox(store)
    worker = Registrar(store, blobs, rules, {"email": email_reader.read}, clock, "test")
    for serial, raw in enumerate(mails()):
        inbox.accept(submission(serial, raw))
        worker.work()
    with store.read() as connection:
        number = connection.execute(select(complaint.c.number).order_by(complaint.c.number)).scalars().first()
    office, clerk = Office(store, rules, clock), Actor(Role.CLERK, "1", "clerk")
    office.perform(reference_of(number or 0), clerk, Assign("power"))
    office.perform(reference_of(number or 0), clerk, Answer("已修好。"))
    stored = StoredAttachment("later.png", "image/png", len(BINARY), blobs.put(BINARY * 2))
    inbox.accept(submission(99, mail(message_id="<waits@citizen.example>"), stored))
    accounts = Accounts(store, clock)
    accounts.add("clerk", "long enough", "clerk")
    accounts.create_token("reports", "reader")
    inbox.close()
    store.close()


def submission(serial: int, raw: bytes, *files: StoredAttachment) -> Submission:
    return Submission(
        "email",
        f"id-{serial}",
        f"{serial:064x}",
        MONDAY_MORNING,
        raw,
        {"mail_from": "wang@citizen.example", "rcpt_to": ["complaints@gaoyao.example"]},
        files,
    )


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, JSON as text, times in UTC."""
    store, found = Store(url), {}
    with store.read() as connection:
        for table in metadata.sorted_tables:
            rows = connection.execute(select(plain_table(table.name, columns_of(table)))).all()
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    store.close()
    return found


def found_by_words(url: str, words: str) -> list[int]:
    store = Store(url)
    with store.read() as connection:
        numbers = SearchIndex(store).find(connection, words, None, 50)
    store.close()
    return numbers


def make_backup(url: str, folder: Path, file: Path, *, replace: bool = False) -> Any:
    store = Store(url)
    blobs = FolderStorage(folder / "blobs")
    report = backup(store, blobs, file, now=MONDAY_MORNING, secret=SECRET, replace=replace)
    store.close()
    return report


def put_back(url: str, folder: Path, file: Path) -> list[str]:
    """Restore; returns the signing keys that came out."""
    keys: list[str] = []
    store = Store(url)
    try:
        restore(store, FolderStorage(folder / "blobs"), file, keep_secret=keys.append)
    finally:
        store.close()
    return keys


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> str:
    fill(database_url, tmp_path / "old")
    return database_url


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest) -> Databases:
    """Where to restore to, of either kind."""
    name = "sqlite_databases" if request.param == "sqlite" else "postgres_databases"
    given_: SqliteDatabases | PostgresDatabases = request.getfixturevalue(name)
    return given_


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good backup, made once."""
    folder = tmp_path_factory.mktemp("sample")
    url = f"sqlite:///{folder / 'a.sqlite3'}"
    migrated(url)
    fill(url, folder)
    make_backup(url, folder, folder / "good.backup")
    return folder / "good.backup"


@pytest.fixture
def empty(sqlite_databases: SqliteDatabases) -> str:
    """A SQLite database with tables and without rows."""
    return sqlite_databases.copy_of(migrated)


def test_all_comes_back_also_in_a_database_of_the_other_kind(
    filled: str, target: Databases, tmp_path: Path
) -> None:
    report = make_backup(filled, tmp_path / "old", tmp_path / "county.backup")
    before = everything(filled)
    assert report.rows == {name: len(rows) for name, rows in before.items()}
    assert min(len(before[name]) for name in ("complaint", "raw_message", "event", "staff", "attachment")) > 0
    assert (report.blobs, report.lost) == (2, [])
    new = target.empty()
    assert put_back(new, tmp_path / "new", tmp_path / "county.backup") == [SECRET]
    assert everything(new) == before
    for words in ("路灯", "红灯笼", "emoji quoted", "盏路灯坏"):
        assert found_by_words(new, words) == found_by_words(filled, words) != []
    old_files, new_files = FolderStorage(tmp_path / "old/blobs"), FolderStorage(tmp_path / "new/blobs")
    assert sorted(new_files.names()) == sorted(old_files.names())
    assert all(new_files.get(name) == old_files.get(name) for name in old_files.names())


def test_the_service_goes_on_after_a_restore(filled: str, target: Databases, tmp_path: Path) -> None:
    """What waited is registered, and a mail that is sent again is known."""
    make_backup(filled, tmp_path / "old", tmp_path / "county.backup")
    new = target.empty()
    put_back(new, tmp_path / "new", tmp_path / "county.backup")
    store, clock = Store(new), SetClock()
    inbox = Inbox(store)
    assert inbox.accept(submission(0, mails()[0])).duplicate
    assert not inbox.accept(submission(100, mail("新的一件", message_id="<new@citizen.example>"))).duplicate
    clock.advance(hours=1)
    blobs = FolderStorage(tmp_path / "new/blobs")
    assert Registrar(store, blobs, policies(), {"email": email_reader.read}, clock, "next").work() == 2
    inbox.close()
    store.close()


def test_a_backup_is_one_moment_while_mail_comes_in(filled: str, tmp_path: Path) -> None:
    """Every raw message has its submission, although both tables grow all the while."""
    store, stop = Store(filled), threading.Event()
    inbox = Inbox(store)

    def pour() -> None:
        serial = 1000
        while not stop.is_set():
            inbox.accept(submission(serial, mail(message_id=f"<{serial}@citizen.example>")))
            serial += 1

    pouring = threading.Thread(target=pour)
    pouring.start()
    try:
        reports = [make_backup(filled, tmp_path / "old", tmp_path / f"{n}.backup") for n in range(5)]
    finally:
        stop.set()
        pouring.join()
        inbox.close()
        store.close()
    assert all(report.rows["submission"] == report.rows["raw_message"] for report in reports)
    assert reports[-1].rows["submission"] > reports[0].rows["submission"]


def test_only_its_owner_may_read_it(sample: Path) -> None:
    assert sample.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in sample.parent.iterdir() if path.name.startswith(".")] == []


def test_an_ordinary_tar_reads_it(sample: Path) -> None:
    with tarfile.open(sample) as opened:
        names = opened.getnames()
        head_content = opened.extractfile("head.json")
        assert head_content is not None
        assert json.load(head_content)["revision"] == head()
    assert (names[0], names[-1]) == ("head.json", "manifest.json")


def test_a_failed_backup_leaves_the_old_one(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "county.backup"
    file.write_bytes(b"the old one")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        make_backup(filled, tmp_path / "old", file, replace=True)
    assert file.read_bytes() == b"the old one"
    assert not list(tmp_path.glob(".county*"))


def test_a_file_that_is_there_is_not_replaced_unless_asked(filled: str, tmp_path: Path) -> None:
    file = tmp_path / "county.backup"
    file.write_bytes(b"last week's")
    with pytest.raises(BackupRefused, match=r"county\.backup is there already .* --force to replace it"):
        make_backup(filled, tmp_path / "old", file)
    assert file.read_bytes() == b"last week's"
    make_backup(filled, tmp_path / "old", file, replace=True)
    assert tarfile.is_tarfile(file)


@pytest.mark.parametrize("links", [True, False])
def test_of_two_backups_at_once_the_second_is_refused(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """The other one came to its end while this one was being written."""
    file, sync_file = tmp_path / "county.backup", os.fsync

    def other_is_done(handle: int) -> None:
        sync_file(handle)
        file.write_bytes(b"the other's")

    def no_links(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "fsync", other_is_done)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(BackupRefused, match="is there already"):
        make_backup(filled, tmp_path / "old", file)
    assert file.read_bytes() == b"the other's"
    assert not list(tmp_path.glob(".county*"))


KILLED_BACKUP = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from intake.backup import backup
from intake.files.folder import FolderStorage
from intake.store import Store

def killed(name, count):
    if name == "blob":
        os.kill(os.getpid(), signal.SIGKILL)

blobs, file = FolderStorage(Path(sys.argv[2])), Path(sys.argv[3])
backup(Store(sys.argv[1]), blobs, file, now=datetime.now(UTC), progress=killed)
"""


def test_a_backup_that_was_killed_has_not_its_name(sample: Path, tmp_path: Path) -> None:
    file = tmp_path / "county.backup"
    url, blobs = f"sqlite:///{sample.parent / 'a.sqlite3'}", str(sample.parent / "blobs")
    command = [sys.executable, "-c", KILLED_BACKUP, url, blobs, str(file)]
    ran = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert not file.exists()


def test_a_file_that_is_gone_or_damaged_is_named(filled: str, tmp_path: Path) -> None:
    blobs = FolderStorage(tmp_path / "old/blobs")
    store = Store(filled)
    with store.read() as connection:
        named = connection.execute(select(attachment.c.sha256)).scalars().one()
    store.close()
    other = next(name for name in blobs.names() if name != named)
    blobs.path(named).unlink()
    blobs.path(other).write_bytes(b"rust")
    report = make_backup(filled, tmp_path / "old", tmp_path / "county.backup")
    assert sorted(report.lost) == sorted([named, other])
    assert report.blobs == 0


def test_it_refuses_a_database_with_rows(filled: str, sample: Path, tmp_path: Path) -> None:
    before = everything(filled)
    with pytest.raises(BackupRefused, match="The database is not empty"):
        put_back(filled, tmp_path / "new", sample)
    assert everything(filled) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from intake.files.folder import FolderStorage
from intake.restore import restore
from intake.store import Store
from intake.vault import Keyring

def progress(name, count):
    if name == sys.argv[4]:
        os.kill(os.getpid(), signal.SIGKILL)

keyring = Keyring(Path(sys.argv[5]))
store, blobs, file = Store(sys.argv[1], keyring=keyring), FolderStorage(Path(sys.argv[2])), Path(sys.argv[3])
restore(store, blobs, file, keep_secret=len, progress=progress)
"""


@pytest.mark.parametrize("moment", ["complaint", "outbox", "blob", "search"])
def test_a_restore_killed_in_the_middle_leaves_nothing(
    database_url: str, sample: Path, tmp_path: Path, moment: str
) -> None:
    """And the next one begins again."""
    folders = [database_url, str(tmp_path / "blobs"), str(sample), moment, str(keys_path(database_url))]
    command = [sys.executable, "-c", KILLED, *folders]
    ran = subprocess.run(command, cwd=ROOT, timeout=60, capture_output=True)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert not any(everything(database_url).values())
    assert put_back(database_url, tmp_path, sample) == [SECRET]
    assert everything(database_url)["complaint"]


# ---------------------------------------------------------------- bad and hostile files

Members = list[tuple[tarfile.TarInfo, bytes]]


def unpacked(file: Path) -> Members:
    with tarfile.open(file) as opened:
        return [(entry, (opened.extractfile(entry) or io.BytesIO()).read()) for entry in opened]


def packed(members: Members, file: Path) -> Path:
    with tarfile.open(file, "w:gz", format=tarfile.USTAR_FORMAT) as out:
        for entry, content in members:
            entry.size = len(content) if entry.isreg() else 0
            out.addfile(entry, io.BytesIO(content))
    return file


def changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[Members], Members]:
    return lambda members: [(e, change(c) if e.name.startswith(name) else c) for e, c in members]


def edited(name: str, **values: Any) -> Callable[[Members], Members]:
    return changed(name, lambda content: json.dumps(json.loads(content) | values).encode())


def named(name: str, kind: bytes = tarfile.REGTYPE, at: int = 1) -> Callable[[Members], Members]:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, "target" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    return lambda members: [*members[:at], (entry, b"x"), *members[at:]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (changed("table/complaint/", lambda c: c.replace("路灯".encode(), "路标".encode())), "own checksums"),
        (changed("blob/", lambda c: c + b"x"), "attachment .* damaged"),
        (changed("secret.key", lambda c: b"z" * 64), "own checksums"),
        (lambda members: [m for m in members if not m[0].name.startswith("blob/")], "lacks attachments"),
        (lambda members: [m for m in members if not m[0].name.startswith("table/event/")], "own checksums"),
        (lambda members: members[:-1], "breaks off"),
        (lambda members: [*members, members[1]], "goes on after its end"),
        (lambda members: members[1:], "not a backup of Huiyin"),
        (lambda members: [members[0], members[2], members[1], *members[3:]], "no backup of Huiyin holds"),
        (edited("head.json", revision="9999"), "revision 9999, which this version"),
        (edited("head.json", format=2), "format 2"),
        (edited("head.json", tables={"complaint": {"id": "pickle"}}), "not a backup of Huiyin"),
        (changed("head.json", lambda c: b"[" * 100_000), "not a backup of Huiyin"),
        (edited("manifest.json", rows={}), "not a backup of Huiyin"),
        (named("../../etc/passwd"), "holds “../../etc/passwd”"),
        (named("/etc/passwd"), "holds “/etc/passwd”"),
        (named("blob/" + "0" * 64, tarfile.SYMTYPE), "holds “blob/"),
        (named("table", tarfile.DIRTYPE), "holds “table"),
        (named("table/nothing/00000001.rows"), "holds “table/nothing"),
        (named("blob/" + "0" * 64, at=-1), "attachment 000000000000… .* damaged"),
    ],
)
def test_a_changed_backup_is_refused_and_nothing_is_touched(
    sample: Path, empty: str, tmp_path: Path, change: Callable[[Members], Members], sentence: str
) -> None:
    file = packed(change(unpacked(sample)), tmp_path / "bad.backup")
    with pytest.raises(BackupRefused, match=sentence):
        put_back(empty, tmp_path, file)
    assert not any(everything(empty).values())
    assert not (tmp_path / "blobs").exists()


@pytest.mark.parametrize("keep", [0, 5, 600, 0.5, 0.99])
def test_a_backup_that_breaks_off_is_refused(sample: Path, empty: str, tmp_path: Path, keep: float) -> None:
    content = sample.read_bytes()
    file = tmp_path / "short.backup"
    file.write_bytes(content[: int(keep if keep >= 1 else keep * len(content))])
    with pytest.raises(BackupRefused):
        put_back(empty, tmp_path, file)


@pytest.mark.parametrize(
    "content", [b"", b"hello", gzip.compress(b"hello"), gzip.compress(bytes(10**8))], ids=len
)
def test_what_is_no_backup_is_refused(empty: str, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other"
    file.write_bytes(content)
    with pytest.raises(BackupRefused):
        put_back(empty, tmp_path, file)


def test_a_member_larger_than_any_is_refused_before_it_is_read(empty: str, tmp_path: Path) -> None:
    entry = tarfile.TarInfo("head.json")
    entry.size = 2**33 - 1
    file = tmp_path / "bomb"
    file.write_bytes(gzip.compress(entry.tobuf(tarfile.USTAR_FORMAT) + bytes(10**6)))
    with pytest.raises(BackupRefused, match="no backup of Huiyin holds"):
        put_back(empty, tmp_path, file)


def test_rows_that_break_the_rules_of_the_database_are_refused(
    sample: Path, database_url: str, tmp_path: Path
) -> None:
    """Checksums that fit do not help a row that points nowhere."""

    def change(members: Members) -> Members:
        import hashlib

        kept = [
            (e, c.replace(b'"submission_id":"0', b'"submission_id":"f') if "attachment" in e.name else c)
            for e, c in members
        ]
        manifest = json.loads(kept[-1][1])
        for entry, content in kept[:-1]:
            if entry.name in manifest["members"]:
                manifest["members"][entry.name]["sha256"] = hashlib.sha256(content).hexdigest()
        return [*kept[:-1], (kept[-1][0], json.dumps(manifest).encode())]

    file = packed(change(unpacked(sample)), tmp_path / "bad.backup")
    with pytest.raises((BackupRefused, StorageUnavailable), match="does not take the rows"):
        put_back(database_url, tmp_path, file)
    assert not any(everything(database_url).values())


def test_a_database_of_another_version_is_not_backed_up(empty_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="huiyin migrate"):
        make_backup(empty_database_url, tmp_path, tmp_path / "county.backup")
    store = Store(empty_database_url)
    assert current(store) is None
    store.close()


MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=st.timezones()).map(
    lambda moment: moment.astimezone(UTC)  # Python finds no two moments equal in an hour that comes twice
)


# ---------------------------------------------------------------- rows

COLUMNS = {"a": "text", "b": "int", "c": "bool", "d": "time", "e": "bytes", "f": "bytes"}
ROW = st.fixed_dictionaries(
    {
        "a": st.none() | st.text(st.characters(exclude_categories=["Cs"])),
        "b": st.none() | st.integers(-(2**63), 2**63 - 1),
        "c": st.none() | st.booleans(),
        "d": st.none() | MOMENTS,
        "e": st.none() | st.binary(),
        "f": st.none() | st.binary(),
    }
)


@given(st.lists(ROW))
def test_rows_are_read_as_they_were_written(rows: list[dict[str, Any]]) -> None:
    assert list(read_rows(b"".join(write_row(row, COLUMNS) for row in rows), COLUMNS)) == rows


@given(st.lists(ROW, min_size=1), st.data())
def test_damaged_rows_are_refused_or_read_but_never_crash(rows: list[dict[str, Any]], choice: Any) -> None:
    content = bytearray(b"".join(write_row(row, COLUMNS) for row in rows))
    place = choice.draw(st.integers(0, len(content) - 1))
    content[place] = choice.draw(st.integers(0, 255))
    try:
        read = list(read_rows(bytes(content), COLUMNS))
    except BackupRefused:
        return
    assert all(row.keys() == COLUMNS.keys() for row in read)
