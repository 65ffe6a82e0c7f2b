"""The inside of the sandbox: a fresh interpreter that limits itself and then works off tasks.

You are here: sandbox (parent) → pipe → [cell] → the task's own module. Only the standard library is
imported here; a task's libraries are imported after the limits stand.

The pipe carries one line of JSON a task and one line back. What a library prints goes nowhere, so that it
cannot forge an answer.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import math
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = Mapping[str, Any]
_PR_SET_PDEATHSIG = 1
_GRACE = 2.0
"""Seconds by which the kernel's own alarm comes after the parent's deadline."""


class Refused(Exception):
    """The task's judgement of the file, not a failure: ``reason`` is a stable word ("encrypted").

    ``facts`` are numbers and names that explain it ({"pages": 9000}).
    """

    def __init__(self, reason: str, facts: Json | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts: dict[str, Any] = dict(facts or {})


@dataclass(frozen=True, slots=True)
class Job:
    """What a task gets: JSON arguments, files to read by name, and the folder to write to (None: none)."""

    arguments: Json
    inputs: Mapping[str, Path] = field(default_factory=dict)
    output: Path | None = None


def main(parent: int, limits: Json) -> None:
    """Limit this process, then answer tasks until the pipe closes. ``limits`` as in ``sandbox.Limits``."""
    die_with(parent)
    _confine(limits)
    asked, told = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    with os.fdopen(asked, "rb") as tasks, os.fdopen(told, "wb") as answers:
        for line in tasks:
            answer = _work_off(json.loads(line))
            signal.setitimer(signal.ITIMER_REAL, 0)
            answers.write(answer + b"\n")
            answers.flush()


def die_with(parent: int) -> None:
    """Ask the kernel to end us with our parent (Linux, prctl(2)); elsewhere the alarm and the pipe do."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def _confine(limits: Json) -> None:
    os.nice(10)
    os.umask(0o077)
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, int(limits["memory"])),
        (resource.RLIMIT_FSIZE, int(limits["output_bytes"])),
        (resource.RLIMIT_NOFILE, int(limits["open_files"])),
    ):
        _, highest = resource.getrlimit(what)
        most = most if highest == resource.RLIM_INFINITY else min(most, highest)
        with suppress(ValueError):  # macOS knows RLIMIT_AS and refuses to set it
            resource.setrlimit(what, (most, most))


def _allow(seconds: float, cpu_seconds: float) -> None:
    """Time for one task: SIGXCPU and SIGALRM keep their default, which is to end the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + cpu_seconds)
    _, highest = resource.getrlimit(resource.RLIMIT_CPU)
    soft = soft if highest == resource.RLIM_INFINITY else min(soft, highest)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, highest))
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)


def _work_off(request: Json) -> bytes:
    """The answer to one task, as JSON. Says of an error only its type and place: its text is the file's."""
    answer: dict[str, Any]
    try:
        _allow(request["seconds"], request["cpu_seconds"])
        output = Path(request["output"]) if request["output"] else None
        inputs = {name: Path(path) for name, path in request["inputs"].items()}
        answer = {"value": _task(request["task"])(Job(request["arguments"], inputs, output))}
        return json.dumps(answer).encode()
    except Refused as refusal:
        answer = {"refused": refusal.reason, "facts": refusal.facts}
    except MemoryError:
        answer = {"failed": "memory"}
    except ModuleNotFoundError as error:
        answer = {"failed": "missing", "where": error.name or ""}
    except OSError as error:
        answer = {"failed": "crashed", "where": _place(error), "errno": error.errno}
    except Exception as error:  # whatever a parser does with a hostile file, the parent is told
        answer = {"failed": "crashed", "where": _place(error)}
    return json.dumps(answer).encode()


def _task(name: str) -> Callable[[Job], Any]:
    module, _, function = name.partition(":")
    found: Callable[[Job], Any] = getattr(importlib.import_module(module), function)
    return found


def _place(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = "" if frame is None else f" in {Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
    return type(error).__name__ + where
