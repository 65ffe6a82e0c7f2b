"""A task in the sandbox: what it finds around itself, how it ends, and that it never outlives its time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from intake.files import sandbox
from intake.files.sandbox import Limits, Workbench, run

TASKS = "tests.intake.files.tasks"
QUICK = Limits(seconds=20, cpu_seconds=10, memory=512 * 1024 * 1024, output_bytes=1024 * 1024)


def is_running(pid: int) -> bool:
    """Whether there is such a process that is not merely waiting to be counted."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def ends_soon(pid: int) -> bool:
    """Whether the process is gone within a few seconds."""
    for _ in range(100):
        if not is_running(pid):
            return True
        time.sleep(0.05)
    return False


def test_a_task_gets_arguments_and_files_and_gives_json_and_files(tmp_path: Path) -> None:
    given = tmp_path / "letter"
    given.write_text("words")
    (tmp_path / "out").mkdir()
    value = run(f"{TASKS}:echo", {"n": [1, "二"]}, inputs={"letter": given}, output=tmp_path / "out")
    assert value == {"n": [1, "二"]}
    assert (tmp_path / "out" / "letter").read_text() == "WORDS"


def test_a_task_finds_no_secrets_and_all_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_SECRET_KEY", "x" * 32)
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    names = ["RLIMIT_CORE", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NOFILE"]
    with (tmp_path / "open").open("w"):
        found = run(f"{TASKS}:surroundings", {"limits": names}, limits=QUICK, scratch=tmp_path)
    silent = {"ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED", "DO_NOT_TRACK"}
    assert set(found["environment"]) <= {"PATH", "LANG", "HOME", "TMPDIR", "LC_CTYPE"} | silent
    assert {found["environment"][name] for name in silent} == {"1"}
    assert found["limits"] == {
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": QUICK.memory,
        "RLIMIT_FSIZE": QUICK.output_bytes,
        "RLIMIT_NOFILE": QUICK.open_files,
    }
    assert found["nice"] >= 10
    assert found["files"] <= 2  # its two pipes
    assert found["isolated"] == 1
    assert found["folder"].startswith(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["open"]  # its folder went with it


@pytest.mark.parametrize(
    ("task", "limits", "kind"),
    [
        ("hang", Limits(seconds=1.0), sandbox.TimedOut),
        ("burn", Limits(seconds=20, cpu_seconds=1), sandbox.TimedOut),
        ("hoard", QUICK, sandbox.OverMemory),
        ("flood", QUICK, sandbox.OverSize),
        ("fall", QUICK, sandbox.Crashed),
        ("stumble", QUICK, sandbox.Crashed),
        ("lack", QUICK, sandbox.NotInstalled),
    ],
)
def test_every_bad_end_has_its_name(tmp_path: Path, task: str, limits: Limits, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        run(f"{TASKS}:{task}", output=tmp_path, limits=limits)
    assert "secret words" not in str(caught.value)


def test_a_judgement_is_no_failure() -> None:
    with pytest.raises(sandbox.Refused) as caught:
        run(f"{TASKS}:refuse")
    assert (caught.value.reason, caught.value.facts) == ("encrypted", {"pages": 3})


def test_what_a_library_prints_is_no_answer() -> None:
    assert run(f"{TASKS}:chatter") == "true"


def test_what_a_task_started_goes_with_it(tmp_path: Path) -> None:
    with pytest.raises(sandbox.TimedOut):
        run(f"{TASKS}:leave_a_child", output=tmp_path, limits=Limits(seconds=2))
    assert ends_soon(int((tmp_path / "child").read_text()))


def test_a_kept_process_loads_once_and_is_replaced_after_its_tasks() -> None:
    with Workbench(QUICK, tasks=3, prepare=f"{TASKS}:load") as bench:
        seen = [bench.run(f"{TASKS}:loaded") for _ in range(4)]
    assert [one["loaded"] for one in seen] == [1, 1, 1, 1]
    assert len({one["pid"] for one in seen[:3]}) == 1
    assert seen[3]["pid"] != seen[0]["pid"]
    assert all(ends_soon(one["pid"]) for one in seen)


def test_a_kept_process_goes_on_after_a_refusal_and_is_replaced_after_a_failure() -> None:
    with Workbench(QUICK, prepare=f"{TASKS}:load") as bench:
        first = bench.run(f"{TASKS}:loaded")["pid"]
        with pytest.raises(sandbox.Refused):
            bench.run(f"{TASKS}:refuse")
        assert bench.run(f"{TASKS}:loaded")["pid"] == first
        with pytest.raises(sandbox.Crashed):
            bench.run(f"{TASKS}:fall")
        assert bench.run(f"{TASKS}:loaded") != {"loaded": 1, "pid": first}


def test_a_kept_process_that_was_killed_between_tasks_is_quietly_replaced() -> None:
    with Workbench(QUICK) as bench:
        first = bench.run(f"{TASKS}:loaded")["pid"]
        os.kill(first, signal.SIGKILL)
        assert ends_soon(first)
        assert bench.run(f"{TASKS}:loaded")["pid"] != first


def test_threads_share_one_process_without_mixing_their_answers() -> None:
    got: dict[int, object] = {}
    with Workbench(QUICK) as bench:
        bench.run(f"{TASKS}:loaded")  # started here: it ends with the thread that started it

        def ask(number: int) -> None:
            got[number] = bench.run(f"{TASKS}:echo", {"n": number})

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert got == {number: {"n": number} for number in range(8)}


def test_too_much_to_tell_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="as a file"):
        run(f"{TASKS}:echo", {"n": "x" * 70_000})


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    """SIGKILL to the parent while the task hangs: nothing is left behind."""
    code = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1]); from intake.files.sandbox import Limits, run\n"
        f"run('{TASKS}:leave_word', output=pathlib.Path(sys.argv[2]), limits=Limits(seconds=300))"
    ).replace("leave_word", "leave_a_child")
    root = str(Path(__file__).resolve().parents[3])
    parent = subprocess.Popen([sys.executable, "-c", code, root, str(tmp_path)])
    word = tmp_path / "child"
    for _ in range(200):
        if word.exists() and word.read_text():
            break
        time.sleep(0.05)
    grandchild = int(word.read_text())
    cell = int(Path(f"/proc/{grandchild}/stat").read_text().rpartition(")")[2].split()[1])
    parent.kill()
    parent.wait()
    try:
        assert ends_soon(cell)
    finally:
        os.kill(grandchild, signal.SIGKILL)
