"""What a killed worker left is swept when the next one starts; what a living one holds is not."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from intake.files.workplace import Workplace, sweep

ROOT = str(Path(__file__).resolve().parents[3])
WORKER = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from intake.files.workplace import Workplace
place = Workplace(Path(sys.argv[2]))
(place.folder / "scan").write_bytes(b"somebody's letter")
print(place.folder, flush=True)
time.sleep(60)
"""


def test_a_killed_workers_folder_goes_with_the_next_start(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKER, ROOT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        theirs = Path(worker.stdout.readline().strip())
        try:
            assert (theirs / "scan").exists()
            assert sweep(tmp_path) == 0, "its worker lives"
            assert (theirs / "scan").exists()
        finally:
            worker.send_signal(signal.SIGKILL)
    mine = Workplace(tmp_path)
    assert list(tmp_path.iterdir()) == [mine.folder]
    mine.close()
    mine.close()
    assert list(tmp_path.iterdir()) == []


def test_two_workers_of_one_process_leave_each_other_alone(tmp_path: Path) -> None:
    one = Workplace(tmp_path)
    other = Workplace(tmp_path)
    assert set(tmp_path.iterdir()) == {one.folder, other.folder}
    one.close()
    assert list(tmp_path.iterdir()) == [other.folder]
    other.close()


def test_what_is_no_folder_and_links_out_of_it_stay(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    root = tmp_path / "scratch"
    root.mkdir()
    (root / "link").symlink_to(outside)
    (root / "note").touch()
    (root / "looking-old").mkdir()
    assert sweep(root) == 1
    assert (outside / "kept").exists()


def test_what_is_nobody_of_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "kept").write_text("a file of the storage")
    assert sweep(tmp_path) == 0
    Workplace(tmp_path).close()
    assert (tmp_path / "ab" / "kept").read_text() == "a file of the storage"
