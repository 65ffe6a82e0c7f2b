"""Work on files that may be hostile, in a process of its own: limited, low in priority, and expendable.

You are here: a worker → [sandbox] → pipe → cell → task. Nothing that parses pictures, PDF or archives runs
in a process that serves people. This limits harm (time, memory, disk, files, environment); it is no jail
against code that took over the process: run the service as a user of its own for that.

    SandboxError
    ├── Refused            the task judged the file: for good (from ``cell``)
    ├── TaskFailed         the file brought its process down: the same file will do so again
    │   ├── TimedOut       too long, by the clock or by processor time
    │   ├── OverMemory     more memory than it may have
    │   ├── OverSize       wrote more than it may
    │   └── Crashed        a signal, an exception, or an answer that is none
    └── SandboxUnavailable this machine's matter: trying again may help
        └── NotInstalled   the task's library is not there
"""

from __future__ import annotations

import errno
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from intake.files.cell import Job as Job
from intake.files.cell import Json
from intake.files.cell import Refused as Refused

_ROOT = str(Path(__file__).resolve().parents[2])
_ENTER = (
    "import json, sys; sys.path.insert(0, sys.argv[1]); "
    "from intake.files.cell import main; main(int(sys.argv[2]), json.loads(sys.argv[3]))"
)
_REQUEST_BYTES = 60_000
"""Fits an empty pipe (64 KiB on Linux), so that handing a task over never blocks."""
_ANSWER_BYTES = 16 * 1024 * 1024


_SILENT = {"ORT_DISABLE_TELEMETRY": "1", "ORT_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"}
"""Libraries tell their makers nothing of us: onnxruntime else makes a device id and an outbox for it."""


class TaskFailed(Exception):
    """The task brought its process down, or was brought down at a limit. Not to be tried again often."""


class TimedOut(TaskFailed):
    """Too long, by the clock or by processor time."""


class OverMemory(TaskFailed):
    """More memory than it may have."""


class OverSize(TaskFailed):
    """It wrote a file, or an answer, larger than it may."""


class Crashed(TaskFailed):
    """A signal, an exception, or an answer that is none; the message says which and where."""


class SandboxUnavailable(Exception):
    """No process could be had here and now."""


class NotInstalled(SandboxUnavailable):
    """A library that the task needs is not installed; the message names it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may use. Bytes and seconds; ``memory`` is address space, ``output_bytes`` is a file's."""

    seconds: float = 30.0
    cpu_seconds: float = 20.0
    memory: int = 1024 * 1024 * 1024
    output_bytes: int = 64 * 1024 * 1024
    open_files: int = 64


def run(
    task: str,
    arguments: Json | None = None,
    *,
    inputs: Mapping[str, Path] | None = None,
    output: Path | None = None,
    limits: Limits | None = None,
    scratch: Path | None = None,
) -> Any:
    """Let ``task`` ("module:function", takes a :class:`Job`) work in a new process; returns its JSON value.

    ``inputs`` are files it reads, ``output`` an existing folder it writes to. Raises Refused, TaskFailed
    and SandboxUnavailable as in the tree above.
    """
    with Workbench(limits, tasks=1, scratch=scratch) as bench:
        return bench.run(task, arguments, inputs=inputs, output=output)


class Workbench:
    """One process that is kept for many tasks, one after another, so that models stay loaded.

    It is started when first needed, and anew after ``tasks`` tasks and after any failure. ``prepare`` is a
    task run at each start, within ``prepare_seconds``, that loads what the others need. Thread-safe: callers
    wait for each other. The process ends with the thread that started it (Linux) and with this process; one
    that is gone before a task is quietly replaced.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        tasks: int = 100,
        prepare: str = "",
        prepare_seconds: float = 60.0,
        scratch: Path | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._tasks = tasks
        self._prepare = prepare
        self._prepare_limits = replace(self._limits, seconds=prepare_seconds, cpu_seconds=prepare_seconds)
        self._scratch = scratch
        self._cell: _Cell | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(
        self,
        task: str,
        arguments: Json | None = None,
        *,
        inputs: Mapping[str, Path] | None = None,
        output: Path | None = None,
    ) -> Any:
        """As :func:`run`, in the process that is kept."""
        with self._lock:
            cell = self._ready()
            try:
                return cell.ask(task, arguments, inputs, output, self._limits)
            except (TaskFailed, SandboxUnavailable):
                self._end()
                raise
            finally:
                if cell.asked >= self._tasks:
                    self._end()

    def close(self) -> None:
        """End the process. The bench can be used again: it starts another."""
        with self._lock:
            self._end()

    def _ready(self) -> _Cell:
        if self._cell is not None and not self._cell.alive:
            self._end()
        if self._cell is None:
            self._cell = _Cell(self._limits, self._scratch)
            if self._prepare:
                try:
                    self._cell.ask(self._prepare, None, None, None, self._prepare_limits)
                except BaseException:
                    self._end()
                    raise
                self._cell.asked = 0
        return self._cell

    def _end(self) -> None:
        if self._cell is not None:
            self._cell.end()
            self._cell = None


class _Cell:
    """The process and the pipes to it."""

    def __init__(self, limits: Limits, scratch: Path | None) -> None:
        self.asked = 0
        try:
            self._home = tempfile.mkdtemp(prefix="huiyin-", dir=scratch)
            self._process = self._start(limits)
        except OSError as error:
            if hasattr(self, "_home"):
                shutil.rmtree(self._home, ignore_errors=True)
            raise SandboxUnavailable(f"no process could be started: {error.strerror}") from error

    def _start(self, limits: Limits) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-c", _ENTER, _ROOT, str(os.getpid()), json.dumps(asdict(limits))]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=self._home,
            env=_SILENT | {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": self._home, "TMPDIR": self._home},
            start_new_session=True,
        )

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def ask(
        self,
        task: str,
        arguments: Json | None,
        inputs: Mapping[str, Path] | None,
        output: Path | None,
        limits: Limits,
    ) -> Any:
        """Hand one task over and wait for its answer, not longer than ``limits`` allow."""
        request = {
            "task": task,
            "arguments": dict(arguments or {}),
            "inputs": {name: str(Path(path).absolute()) for name, path in (inputs or {}).items()},
            "output": None if output is None else str(output.absolute()),
            "seconds": limits.seconds,
            "cpu_seconds": limits.cpu_seconds,
        }
        line = json.dumps(request).encode() + b"\n"
        if len(line) > _REQUEST_BYTES:
            raise ValueError("what a task is told is limited to 60,000 bytes; hand the rest over as a file")
        self.asked += 1
        deadline = time.monotonic() + limits.seconds
        with suppress(BrokenPipeError):  # it is gone, which the answer will say
            _stream(self._process.stdin).write(line)
        return _read(self._answer(deadline))

    def _answer(self, deadline: float) -> bytes:
        """The line that comes back; a process that is late or dead is ended and judged."""
        answers, told = _stream(self._process.stdout).fileno(), bytearray()
        waiting = select.poll()
        waiting.register(answers, select.POLLIN)
        while not told.endswith(b"\n"):
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not waiting.poll(remaining * 1000):
                raise TimedOut("no answer within its time")
            piece = os.read(answers, 65536)
            if not piece:
                self._kill()  # one that died already keeps its status
                raise _death(self._process.wait())
            told += piece
            if len(told) > _ANSWER_BYTES:
                raise OverSize("its answer is too long")
        return bytes(told)

    def end(self) -> None:
        """Kill the process with all it started, and remove its folder."""
        self._kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            _stream(pipe).close()
        shutil.rmtree(self._home, ignore_errors=True)

    def _kill(self) -> None:
        """Kill the whole group; once its status was taken, its number may be somebody else's."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise TypeError("the process was started without pipes")
    return pipe


def _death(status: int) -> TaskFailed:
    if status in (-signal.SIGXCPU, -signal.SIGALRM):
        return TimedOut("it used up its processor time")
    if status < 0:
        return Crashed(f"it died of {signal.Signals(-status).name}")
    return Crashed(f"it ended with status {status}")


def _read(line: bytes) -> Any:
    """The value of an answer, or its error raised here."""
    try:
        answer = json.loads(line)
    except ValueError:
        raise Crashed("its answer is not JSON") from None
    if "value" in answer:
        return answer["value"]
    if "refused" in answer:
        raise Refused(str(answer["refused"]), answer["facts"])
    failed, where = answer["failed"], str(answer.get("where", ""))[:300]
    if failed == "memory" or answer.get("errno") == errno.ENOMEM:
        raise OverMemory("it wanted more memory than it may have")
    if failed == "missing":
        raise NotInstalled(where)
    if answer.get("errno") == errno.EFBIG:
        raise OverSize("it wrote a file larger than it may")
    raise Crashed(where)
