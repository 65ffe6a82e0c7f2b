"""Tasks that behave in every way a parser of hostile files may."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from typing import Any

from intake.files.sandbox import Job, Refused

_loaded: list[str] = []


def echo(job: Job) -> Any:
    """What it was given; the content of its inputs, in capitals, into its output."""
    for name, path in job.inputs.items():
        if job.output is not None:
            (job.output / name).write_text(path.read_text().upper())
    return dict(job.arguments)


def surroundings(job: Job) -> Any:
    """What a task finds around itself."""
    limits = {name: resource.getrlimit(getattr(resource, name))[0] for name in job.arguments["limits"]}
    opened = [n for n in range(3, 64) if _is_open(n)]
    return {
        "environment": dict(os.environ),
        "folder": str(os.getcwd()),  # noqa: PTH109 - as the process says it
        "limits": limits,
        "nice": os.nice(0),
        "files": len(opened),
        "pid": os.getpid(),
        "isolated": sys.flags.isolated,
    }


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def refuse(job: Job) -> Any:
    """A judgement."""
    raise Refused("encrypted", {"pages": 3})


def hang(job: Job) -> Any:
    """Neither answers nor works."""
    time.sleep(600)


def burn(job: Job) -> Any:
    """Works for ever."""
    while True:
        pass


def hoard(job: Job) -> Any:
    """Wants more memory than there may be."""
    return len(b"x" * (8 * 1024**3))


def flood(job: Job) -> Any:
    """Writes more than it may."""
    assert job.output is not None
    with (job.output / "flood").open("wb") as out:
        for _ in range(200):
            out.write(bytes(1024 * 1024))


def fall(job: Job) -> Any:
    """Dies as native code dies."""
    ctypes.string_at(0)


def stumble(job: Job) -> Any:
    """An exception whose text is the file's own."""
    raise ValueError("secret words out of the file")


def lack(job: Job) -> Any:
    """Its library is not installed."""
    import there_is_no_such_library  # type: ignore[import-not-found]  # noqa: F401


def chatter(job: Job) -> Any:
    """Prints what looks like an answer."""
    os.write(1, b'{"value": "forged"}\n')
    print('{"value": "forged"}', flush=True)
    return "true"


def leave_a_child(job: Job) -> Any:
    """Starts a process and hangs; both must go."""
    child = subprocess.Popen(["/bin/sleep", "600"])
    assert job.output is not None
    (job.output / "child").write_text(str(child.pid))
    signal.pause()


def load(job: Job) -> Any:
    """What takes long and is done once a process."""
    _loaded.append("model")


def loaded(job: Job) -> Any:
    """How often it was loaded, and where."""
    return {"loaded": len(_loaded), "pid": os.getpid()}
