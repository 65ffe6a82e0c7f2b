"""Files of real cases are inspected: verdicts in rows, previews in the storage, viruses told to people."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from intake.contracts import StoredAttachment
from intake.files.inspection import InspectionWorker
from intake.files.scanner import ClamAV, Scanned, Scanner, ScannerAway
from intake.findings import Report
from intake.verify import verify
from tests.intake.files import samples
from tests.support.worked import County

needs_clamd = pytest.mark.skipif(shutil.which("clamd") is None, reason="clamd is not installed (make peers)")
MakeWorker = Callable[..., InspectionWorker]


@pytest.fixture
def worker(county: County, tmp_path: Path) -> Iterator[MakeWorker]:
    """Makes workers; their processes end with the test."""
    made: list[InspectionWorker] = []
    (tmp_path / "scratch").mkdir()

    def make(scanner: Scanner | None = None) -> InspectionWorker:
        made.append(
            InspectionWorker(
                county.store,
                county.blobs,
                county.policies,
                county.clock,
                f"inspector-{len(made)}",
                scanner=scanner,
                scratch=tmp_path / "scratch",
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.close()
    assert list((tmp_path / "scratch").iterdir()) == [], "nothing is left of what was looked at"


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real clamd that knows one virus, the test file that every scanner knows."""
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "eicar.ndb").write_text(f"Eicar-Test-Signature:0:*:{samples.EICAR.hex()}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lines = [
        f"DatabaseDirectory {folder}",
        f"LocalSocket {folder}/clamd.sock",
        f"TCPSocket {port}",
        "TCPAddr 127.0.0.1",
        "Foreground yes",
        "StreamMaxLength 1M",
        f"TemporaryDirectory {folder}",
    ]
    (folder / "clamd.conf").write_text("\n".join(lines) + "\n")
    program = shutil.which("clamd") or "clamd"
    process = subprocess.Popen(
        [program, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"127.0.0.1:{port}|{folder}/clamd.sock"
    finally:
        process.kill()
        process.wait()


class Away:
    """A scanner that does not answer; counts who asked."""

    asked = 0

    def scan(self, file: BinaryIO) -> Scanned:
        self.asked += 1
        raise ScannerAway("clamd cannot be reached")


def sent(county: County, content: bytes, name: str = "file.bin") -> tuple[str, str]:
    """A case with a file that its channel stored; its reference and the file's name in the storage."""
    sha256 = county.blobs.put(content)
    li = [["email", "li@citizen.example", True]]
    submission = county.submission(subject="投诉", body="公交车不停站", contacts=li, sender_name="李一")
    file = StoredAttachment(name, "application/octet-stream", len(content), sha256)
    receipt = county.inbox.accept(replace(submission, attachments=(file,)))
    county.register()
    return county.reference_of(receipt), sha256


def known(county: County) -> list[tuple[object, ...]]:
    """Kind, verdict, reason and state of all inspections."""
    rows = county.rows("SELECT media_type, verdict, reason, state FROM inspection ORDER BY media_type")
    return [tuple(row) for row in rows]


def finish(worker: InspectionWorker) -> None:
    """Until nothing waits."""
    while worker.work():
        continue


def test_a_file_is_looked_at_once_however_often_it_was_sent(county: County, worker: MakeWorker) -> None:
    for _ in range(2):
        sent(county, "路灯坏了".encode())
    inspector = worker()
    assert inspector.work() == 1
    assert known(county) == [("text/plain", "kept", None, "done")]
    finish(inspector)
    assert county.rows("SELECT count(*) FROM inspection") == [(1,)]


def test_a_preview_is_stored_and_is_no_orphan(county: County, worker: MakeWorker) -> None:
    pytest.importorskip("PIL", reason="pillow is not installed")
    _, original = sent(county, samples.png(80, 60))
    finish(worker())
    [(preview,)] = county.rows("SELECT preview_sha256 FROM inspection")
    assert sorted(county.blobs.names()) == sorted([original, preview])
    county.clock.advance(hours=5000)
    assert verify(county.store, county.blobs, county.policies.directory, county.clock()).orphans == []


def test_files_from_before_are_caught_up_with(county: County, worker: MakeWorker) -> None:
    sent(county, b"MZ" + bytes(100))
    with county.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM inspection")
    finish(worker())
    assert [row[1:3] for row in known(county)] == [("refused", "program")]


def test_a_file_that_is_gone_is_said_to_be_gone(county: County, worker: MakeWorker) -> None:
    _, name = sent(county, b"text")
    assert county.blobs.discard(name, timedelta(0))
    finish(worker())
    assert [row[1:] for row in known(county)] == [("refused", "lost", "done")]


def test_a_storage_that_is_away_costs_no_attempt(
    county: County, worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(county, b"text")

    def away(name: str) -> BinaryIO:
        raise OSError("the object storage does not answer")

    inspector = worker()
    with monkeypatch.context() as patch:
        patch.setattr(county.blobs, "open", away)
        for _ in range(10):
            inspector.work()
            county.clock.advance(minutes=2)
    assert county.rows("SELECT attempts, state FROM inspection") == [(0, "pending")]
    finish(inspector)
    assert [row[1] for row in known(county)] == ["kept"]


def test_a_scanner_that_is_away_is_waited_for_and_the_preview_does_not_wait(
    county: County, worker: MakeWorker
) -> None:
    pytest.importorskip("PIL", reason="pillow is not installed")
    sent(county, samples.png(8, 6))
    scanner = Away()
    inspector = worker(scanner)
    for _ in range(20):
        inspector.work()
        county.clock.advance(minutes=2)
    assert scanner.asked == 20
    assert known(county) == [("image/png", "shown", None, "pending")]
    [(preview, by)] = county.rows("SELECT preview_sha256, scanned_by FROM inspection")
    assert (county.blobs.size(preview) > 100, by) == (True, None)


def test_a_scanner_that_hangs_is_waited_for_once_and_not_for_every_file(
    county: County, worker: MakeWorker
) -> None:
    away = Away()
    for number in range(3):
        sent(county, f"路灯坏了{number}".encode())
    inspector = worker(away)
    finish(inspector)
    assert away.asked == 1
    assert [row[1:] for row in known(county)] == [("kept", None, "pending")] * 3, "looked at all the same"
    county.clock.advance(minutes=2)
    inspector.work()
    assert away.asked == 2, "it is asked again after a while"


@needs_clamd
def test_a_virus_is_told_once_to_each_case_that_has_it(
    county: County, worker: MakeWorker, clamd: str
) -> None:
    first, _ = sent(county, samples.EICAR, "invoice.txt")
    inspector = worker(ClamAV(clamd.partition("|")[0]))
    finish(inspector)
    [(verdict, reason, by, virus)] = county.rows("SELECT verdict, reason, scanned_by, error FROM inspection")
    assert (verdict, reason, by[:6]) == ("infected", "virus", "ClamAV")
    assert "Eicar-Test-Signature" in virus
    assert county.events(first).count("withheld") == 1
    assert county.row(first).attention == "unfetched"
    second, _ = sent(county, samples.EICAR, "again.txt")
    finish(inspector)
    for reference in (first, second):
        assert county.events(reference).count("withheld") == 1
    [(told,)] = county.rows("SELECT data FROM event WHERE kind = 'withheld' AND data LIKE '%again%'")
    assert "Eicar-Test-Signature" in told
    assert verify(county.store, county.blobs, county.policies.directory, county.clock()).ok


@needs_clamd
def test_clean_files_and_those_too_large_for_the_scanner(
    county: County, worker: MakeWorker, clamd: str
) -> None:
    sent(county, b"clean")
    sent(county, b"l" * (4 * 1024 * 1024))
    finish(worker(ClamAV(clamd.partition("|")[2])))
    rows = county.rows("SELECT verdict, state, scanned_by FROM inspection")
    assert {(row[0], row[1]) for row in rows} == {("kept", "done")}
    assert sorted(row[2][:6] for row in rows) == ["", "ClamAV"]


@needs_clamd
def test_what_was_inspected_without_a_scanner_is_scanned_when_there_is_one(
    county: County, worker: MakeWorker, clamd: str
) -> None:
    reference, _ = sent(county, samples.EICAR)
    finish(worker())
    assert [row[1] for row in known(county)] == ["kept"]
    finish(worker(ClamAV(clamd.partition("|")[0])))
    assert [row[1] for row in known(county)] == ["infected"]
    assert county.events(reference).count("withheld") == 1


@needs_clamd
@pytest.mark.parametrize("way", [0, 2], ids=["tcp", "socket"])
def test_clamd_is_asked_both_ways(clamd: str, way: int) -> None:
    scanner = ClamAV(clamd.partition("|")[way])
    assert scanner.scan(BytesIO(b"")).virus == ""
    assert scanner.scan(BytesIO(b"x" * 900_000)).engine.startswith("ClamAV")
    assert "Eicar" in scanner.scan(BytesIO(b"before it " + samples.EICAR)).virus
    assert scanner.scan(BytesIO(b"x" * 3_000_000)).engine == ""


@pytest.mark.parametrize("address", ["127.0.0.1:9", "/nowhere/clamd.ctl"])
def test_nobody_at_the_address(address: str) -> None:
    with pytest.raises(ScannerAway):
        ClamAV(address, seconds=2).scan(BytesIO(b"x"))


def test_with_a_bucket_everything_holds_and_verify_finds_what_nothing_refers_to(
    county: County, worker: MakeWorker, new_bucket: Callable[[], Any]
) -> None:
    pytest.importorskip("PIL", reason="pillow is not installed")
    from intake.files.s3 import S3Storage

    county.blobs = S3Storage(new_bucket())  # type: ignore[assignment]
    county.registrar = county.registrar_named("worker-2")
    _, name = sent(county, samples.png(80, 60))
    finish(worker())
    [(preview,)] = county.rows("SELECT preview_sha256 FROM inspection")
    orphan = county.blobs.put(b"left behind by a form that was cut off")
    later = datetime.now(UTC) + timedelta(hours=2)
    report = verify(county.store, county.blobs, county.policies.directory, later, deep=True)
    assert report.orphans == [orphan]
    assert about_files(report) == []
    assert set(county.blobs.names()) == {name, preview, orphan}
    county.blobs.discard(name, timedelta(0))
    report = verify(county.store, county.blobs, county.policies.directory, later)
    assert about_files(report) == [f"the attachment's file {name} is gone"]


def about_files(report: Report) -> list[str]:
    """What was found about files; the dates of the case are not this test's."""
    return [finding.what.en for finding in report.findings if "file" in finding.what.en]
