"""The scanner's folder: what is complete is taken once, what is no scan is set aside, nothing is deleted."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from channels.letter import folder, shelves
from channels.letter.folder import LetterFolder
from intake.contracts import StorageUnavailable
from intake.letters import Scan, Taken
from tests.support.clock import SetClock
from tests.support.scans import png

ZONE = ZoneInfo("Asia/Shanghai")
PDF = b"%PDF-1.7\nsome pages\n%%EOF\n"


@dataclass
class Tray:
    """Takes letters, and remembers them; ``away`` as when the disk is full."""

    letters: list[list[Scan]] = field(default_factory=list)
    away: bool = False

    def take_in(self, scans: Iterator[Scan], source: str, scanned_at: datetime) -> Taken:
        if self.away:
            raise StorageUnavailable("full")
        assert source == "folder"
        letter = list(scans)
        known = [[scan.content for scan in each] for each in self.letters]
        if [scan.content for scan in letter] in known:
            return Taken("known", duplicate=True)
        self.letters.append(letter)
        return Taken(f"letter-{len(self.letters)}", duplicate=False)


@dataclass
class Desk:
    """The folder, its watcher, and a clock that the test moves."""

    path: Path
    tray: Tray
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.path.mkdir(exist_ok=True)
        self.watcher = self.watch()

    def watch(self) -> LetterFolder:
        clock = SetClock()
        return LetterFolder(self.path, self.tray, clock, ZONE, ticks=lambda: self.now)

    def put(self, name: str, content: bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def look(self, *, later: float = 0.0) -> int:
        self.now += later
        return self.watcher.work()

    def settle(self) -> None:
        """Look, wait long enough for anything, look again."""
        self.look()
        for _ in range(2):  # what changed meanwhile is first seen, then taken
            while self.look(later=30):
                continue

    def taken(self) -> list[list[str]]:
        return [[scan.filename for scan in letter] for letter in self.tray.letters]

    def lying(self) -> set[str]:
        found = (path for path in self.path.rglob("*") if path.is_file() or path.is_symlink())
        return {path.relative_to(self.path).as_posix() for path in found}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "letters", Tray())


class TestComplete:
    def test_a_file_that_rests_is_taken_and_moved(self, desk: Desk) -> None:
        desk.put("scan.png", png())
        assert desk.look() == 0
        assert desk.look(later=6) == 1
        assert desk.taken() == [["scan.png"]]
        assert desk.lying() == {"taken/2026-03-02/scan.png"}

    def test_a_file_that_grows_is_waited_for(self, desk: Desk) -> None:
        whole = png()
        for end in range(20, len(whole), 20):
            desk.put("scan.png", whole[:end])
            assert desk.look(later=4) == 0
        desk.put("scan.png", whole)
        desk.settle()
        assert [scan.content for scan in desk.tray.letters[0]] == [whole]

    def test_a_file_without_its_end_is_waited_for_long(self, desk: Desk) -> None:
        desk.put("scan.pdf", PDF[:14])
        desk.settle()
        assert desk.taken() == []
        desk.look(later=700)
        assert desk.taken() == [["scan.pdf"]], "somebody must look at it at last"

    def test_an_empty_file_is_set_aside_at_last(self, desk: Desk) -> None:
        desk.put("scan.pdf", b"")
        desk.settle()
        assert desk.lying() == {"scan.pdf"}
        desk.look(later=700)
        assert desk.lying() == {"set-aside/scan.pdf", "set-aside/scan.pdf.txt"}

    @pytest.mark.parametrize("passing", ["scan.png.part", "scan.png.tmp", "scan.crdownload", ".scan.png.x1"])
    def test_a_passing_name_is_waited_for_and_its_renaming_counts_at_once(
        self, desk: Desk, passing: str
    ) -> None:
        path = desk.put(passing, png())
        desk.settle()
        assert desk.taken() == []
        path.rename(desk.path / "scan.png")
        assert desk.look() == 1
        assert desk.taken() == [["scan.png"]]


class TestFolders:
    def test_a_folder_is_one_letter_in_natural_order(self, desk: Desk) -> None:
        for number in (10, 2, 1):
            desk.put(f"Li/page {number}.png", png(number))
        desk.put("Li/Thumbs.db", b"x")
        desk.settle()
        assert desk.taken() == [["page 1.png", "page 2.png", "page 10.png"]]
        assert "taken/2026-03-02/Li/page 10.png" in desk.lying()

    def test_a_folder_that_still_gets_pages_is_waited_for(self, desk: Desk) -> None:
        for number in range(5):
            desk.put(f"Li/{number}.png", png(number))
            assert desk.look(later=15) == 0
        desk.settle()
        assert len(desk.taken()[0]) == 5

    def test_a_folder_with_something_else_is_set_aside_whole(self, desk: Desk) -> None:
        desk.put("Li/1.png", png())
        desk.put("Li/2.docx", b"PK\x03\x04")
        desk.settle()
        assert desk.taken() == []
        assert desk.lying() == {"set-aside/Li/1.png", "set-aside/Li/2.docx", "set-aside/Li.txt"}

    def test_folders_in_folders(self, desk: Desk) -> None:
        desk.put("Li/more/1.png", png())
        desk.put("Li/1.png", png())
        desk.settle()
        assert desk.taken() == []
        assert "文件夹" in (desk.path / "set-aside/Li.txt").read_text("utf-8")

    def test_an_empty_folder_is_left_alone(self, desk: Desk) -> None:
        (desk.path / "new").mkdir()
        desk.settle()
        assert (desk.path / "new").is_dir()


class TestHostile:
    def test_no_scan_is_set_aside_with_a_note_in_both_languages(self, desk: Desk) -> None:
        desk.put("letter.pdf", b"PK\x03\x04 a zip that calls itself a PDF")
        desk.settle()
        note = (desk.path / "set-aside/letter.pdf.txt").read_text("utf-8")
        assert "不是扫描件" in note
        assert "is no scan" in note
        assert (desk.path / "set-aside/letter.pdf").read_bytes().startswith(b"PK")

    def test_links_are_not_followed(self, desk: Desk, tmp_path: Path) -> None:
        secret = tmp_path / "secret.png"
        secret.write_bytes(png())
        (desk.path / "link.png").symlink_to(secret)
        (desk.path / "folder").symlink_to(tmp_path)
        desk.put("Li/1.png", png(1))
        (desk.path / "Li/2.png").symlink_to(secret)
        desk.settle()
        assert all(scan.content != png() for letter in desk.tray.letters for scan in letter)
        assert secret.exists()

    @pytest.mark.parametrize("kind", ["link", "socket", "link that leads nowhere"])
    def test_what_is_no_file_in_a_folder_of_pages_holds_up_no_other_letter(
        self, desk: Desk, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = desk.put("a-folder/2.png", png(2)).parent
        if kind == "socket":
            monkeypatch.chdir(folder)  # a socket's path may only be short
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind("1.png")
        else:
            (folder / "1.png").symlink_to("/etc/passwd" if kind == "link" else tmp_path / "nowhere")
        desk.put("b.png", png(3))
        desk.settle()
        assert [[scan.content for scan in letter] for letter in desk.tray.letters] == [[png(3)]]
        assert (desk.path / "set-aside" / "a-folder" / "2.png").read_bytes() == png(2)
        assert (desk.path / "set-aside" / "a-folder.txt").exists()

    @pytest.mark.parametrize("call", ["open", "scandir"])
    def test_a_bad_disk_under_one_letter_holds_up_no_other(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, call: str
    ) -> None:
        real = getattr(os, call)

        def bad(path: Any, *rest: Any) -> Any:
            if "bad" in Path(path).parts:
                raise OSError(errno.EIO, "Input/output error")
            return real(path, *rest)

        desk.put("bad/1.png", png(1))
        desk.put("good.png", png(2))
        with monkeypatch.context() as patched:
            patched.setattr(os, call, bad)
            desk.settle()
            assert len(desk.tray.letters) == 1
        desk.settle()
        assert len(desk.tray.letters) == 2

    def test_pipes_are_not_opened(self, desk: Desk) -> None:
        os.mkfifo(desk.path / "pipe.png")
        desk.settle()
        assert desk.taken() == []

    @pytest.mark.parametrize(
        "name",
        [
            b"a\nb\rc.png",
            b"x" * 251 + b".png",
            "信".encode() * 83 + b".png",
            b"\xff\xfe.png",
            b"-rf.png",
            b"a;b|c.png",
        ],
    )  # fmt: skip
    def test_names_are_anybodys(self, desk: Desk, name: bytes) -> None:
        (desk.path / os.fsdecode(name)).write_bytes(png())
        desk.settle()
        [[shown]] = desk.taken()
        assert shown.isprintable()
        assert len(shown) <= 150
        [kept] = (desk.path / "taken/2026-03-02").iterdir()
        assert os.fsencode(kept.name) == name

    def test_a_long_name_is_set_aside_with_its_note(self, desk: Desk) -> None:
        (desk.path / ("信" * 84 + ".x")).write_bytes(b"nothing")
        desk.settle()
        assert len(desk.lying()) == 2

    def test_one_name_twice_writes_nothing_over(self, desk: Desk) -> None:
        for number in (1, 2, 3):
            desk.put("scan.png", png(number))
            desk.settle()
        day = desk.path / "taken/2026-03-02"
        assert {path.read_bytes() for path in day.iterdir()} == {png(1), png(2), png(3)}

    def test_thousands_at_once_are_taken_by_and_by(self, desk: Desk) -> None:
        for number in range(70):
            desk.put(f"{number}.png", png(number))
        desk.look()
        assert desk.look(later=6) == 20
        desk.settle()
        assert len(desk.taken()) == 70


class TestFailing:
    def test_a_crash_between_letter_and_move_makes_no_second_letter(self, desk: Desk) -> None:
        desk.put("scan.png", png())
        desk.settle()
        (desk.path / "taken/2026-03-02/scan.png").rename(desk.path / "scan.png")
        desk.watcher = desk.watch()
        desk.settle()
        assert len(desk.taken()) == 1
        assert desk.lying() == {"taken/2026-03-02/scan.png"}

    def test_storage_that_is_away_leaves_the_scan_where_it_is(self, desk: Desk) -> None:
        desk.put("scan.png", png())
        desk.look()
        desk.tray.away = True
        with pytest.raises(StorageUnavailable):
            desk.look(later=6)
        assert desk.lying() == {"scan.png"}
        desk.tray.away = False
        assert desk.look() == 1

    def test_a_folder_that_cannot_be_used_is_one_sentence(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "file").write_text("")
        watcher = LetterFolder(tmp_path / "file" / "letters", Tray(), SetClock(), ZONE)
        assert [watcher.work() for _ in range(5)] == [0] * 5
        said = [record for record in caplog.records if record.name == folder.__name__]
        assert len(said) == 1, "once, whatever other threads of this process say meanwhile"

    def test_what_cannot_be_moved_is_not_taken_again_and_again(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.put("scan.png", png())
        (desk.path / "taken").write_text("somebody made a file of this name")
        desk.settle()
        assert len(desk.taken()) == 1
        before = len(desk.tray.letters)
        desk.look(later=60)
        assert len(desk.tray.letters) == before
        assert (desk.path / "scan.png").exists()

    def test_of_two_watchers_one_works(self, desk: Desk) -> None:
        import fcntl

        desk.put("scan.png", png())
        desk.look()
        handle = os.open(desk.path, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert desk.look(later=10) == 0
        os.close(handle)
        assert desk.look() == 1


class TestChanging:
    """Scanners do not know when a letter is being made of their files."""

    @staticmethod
    def while_taking(desk: Desk, change: Callable[[], object]) -> None:
        """Let ``change`` happen once, after the first letter is on disk and before its scan is moved."""
        taking = desk.tray.take_in

        def taken(*of: Any) -> Taken:
            made = taking(*of)
            if len(desk.tray.letters) == 1:
                change()
            return made

        desk.watcher = desk.watch()
        desk.watcher._letters = cast("Any", SimpleNamespace(take_in=taken))

    def letters(self, desk: Desk) -> list[list[bytes]]:
        return [[scan.content for scan in letter] for letter in desk.tray.letters]

    def test_a_scan_that_replaces_one_just_taken_is_a_letter_too(self, desk: Desk) -> None:
        desk.put("scan.png", png(1))
        new = desk.put(".passing", png(2))
        self.while_taking(desk, lambda: new.rename(desk.path / "scan.png"))
        desk.settle()
        assert self.letters(desk) == [[png(1)], [png(2)]]
        assert [path for path in desk.lying() if not path.startswith("taken/")] == []

    def test_a_scan_written_over_in_place_is_a_letter_too(self, desk: Desk) -> None:
        scan = desk.put("scan.png", png(1))
        self.while_taking(desk, lambda: scan.write_bytes(png(2) + b"longer"))
        desk.settle()
        assert self.letters(desk) == [[png(1)], [png(2) + b"longer"]]

    def test_what_a_scanner_writes_on_after_it_was_moved_comes_back(self, desk: Desk) -> None:
        with desk.put("scan.pdf", PDF).open("ab") as scanner:
            desk.look()
            desk.look(later=10)
            assert len(desk.tray.letters) == 1
            scanner.write(PDF)
        desk.settle()
        assert self.letters(desk) == [[PDF], [PDF + PDF]]

    def test_a_page_that_comes_while_its_folder_is_taken_is_not_forgotten(self, desk: Desk) -> None:
        desk.put("brief/1.png", png(1))
        self.while_taking(desk, lambda: desk.put("brief/2.png", png(2)))
        desk.settle()
        assert self.letters(desk) == [[png(1)], [png(1), png(2)]]

    def test_what_somebody_removes_from_the_taken_ones_brings_nothing_back(self, desk: Desk) -> None:
        desk.put("brief/1.png", png(1))
        desk.put("brief/2.png", png(2))
        desk.look()
        desk.look(later=30)
        [page] = desk.path.rglob("2.png")
        page.unlink()
        desk.settle()
        assert len(desk.tray.letters) == 1

    def test_a_taken_scan_is_followed_for_a_while_only(self, desk: Desk) -> None:
        desk.put("scan.png", png(1))
        desk.look()
        desk.look(later=10)
        desk.look(later=1000)
        [taken] = desk.path.rglob("scan.png")
        taken.write_bytes(png(2))
        desk.settle()
        assert len(desk.tray.letters) == 1

    def test_a_note_never_lies_over_what_was_set_aside_before(self, desk: Desk) -> None:
        desk.put("scan.pdf.txt", b"what somebody wrote")
        desk.settle()
        desk.put("scan.pdf", b"no scan at all")
        desk.settle()
        kept = {path.read_bytes() for path in (desk.path / "set-aside").iterdir()}
        assert {b"what somebody wrote", b"no scan at all"} <= kept
        assert len(kept) == 3, "one of the two notes says the same as the other"


def test_old_days_of_taken_scans_go_and_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "2020-01-01"
    for place in (elsewhere, tmp_path / "taken" / "2026-01-31", tmp_path / "taken" / "2026-02-01"):
        place.mkdir(parents=True)
        (place / "scan.png").write_bytes(png(1))
    (tmp_path / "taken" / "2020-01-02").symlink_to(elsewhere)
    (tmp_path / "taken" / "2026-01-31" / "link").symlink_to(elsewhere)
    assert shelves.forget(tmp_path, date(2026, 2, 1)) == 1
    assert (elsewhere / "scan.png").exists()
    assert sorted(day.name for day in (tmp_path / "taken").iterdir()) == ["2020-01-02", "2026-02-01"]
    assert shelves.forget(tmp_path / "nowhere", date(2026, 2, 1)) == 0
