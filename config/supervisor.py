"""One command, two processes: the front takes in and shows, the worker registers and sends.

Python runs one thread at a time per process; with the worker in a process of its own, accepting mail
never waits for parsing, and both cores are used. A worker that dies is started again.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

from config.roles import start_roles, stop_roles
from config.wiring import System

log = logging.getLogger(__name__)

_STOP_PATIENCE = 40.0


class WorkerProcess:
    """A child that plays ``worker``, kept alive. It leaves when our end of its stdin closes."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._child = self._spawn()
        self._watch = threading.Thread(target=self._keep_alive, name="worker-watch", daemon=True)
        self._watch.start()

    def _spawn(self) -> subprocess.Popen[bytes]:
        worker = [sys.executable, "-m", "config.cli", "run", "--roles", "worker", "--child"]
        # Deaf to Ctrl-C from its first instruction on: it may come while Python itself is still starting.
        command = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "worker", *worker]
        return subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"})

    def _keep_alive(self) -> None:
        wait = 0.5
        while True:
            started = time.monotonic()
            code = self._child.wait()
            if self._stopping.is_set():
                return
            wait = 0.5 if time.monotonic() - started > 60 else min(wait * 2, 30)
            log.error("the worker process ended (%s); starting another in %.1f s", code, wait)
            if self._stopping.wait(wait):
                return
            self._child = self._spawn()

    def let_go(self) -> None:
        """Start no other when it ends: whoever stops a service may tell all its processes at once."""
        self._stopping.set()

    def stop(self) -> None:
        """Ask it to finish its batch and wait for it."""
        self.let_go()
        if self._child.stdin is not None:
            self._child.stdin.close()
        try:
            self._child.wait(_STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self._child.kill()


def listen_for_stop(*, child: bool) -> threading.Event:
    """Set by SIGTERM or Ctrl-C; for a child also when the parent is gone.

    A child ignores Ctrl-C, which a terminal sends to both: its parent tells it when to stop.
    """
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN if child else lambda *_: stopping.set())
    if child:
        threading.Thread(target=_watch_parent, args=(stopping,), daemon=True).start()
    return stopping


def _watch_parent(stopping: threading.Event) -> None:
    """The pipe from the parent closes when it stops, or dies at whatever line."""
    os.read(0, 1)
    stopping.set()


_COLLECT = (50_000, 20, 50)
"""Thresholds of the garbage collector: batches make many short-lived values and hardly any cycles."""

_SWITCH = 0.001
"""Seconds one thread may keep the others waiting; Python's own 5 ms shows in every acknowledgement."""


_M_ARENA_MAX = -8
"""glibc's ``malloc.h``: how many places memory is taken from by threads at once."""
_ARENAS = 2
"""Each place keeps what it once held; threads that share Python's lock hardly ever meet in one."""


def settle() -> None:
    """Set up Python for a service, once everything is loaded."""
    sys.setswitchinterval(_SWITCH)
    gc.freeze()  # what is loaded by now stays; looking through it again and again is a fifth of the work
    gc.set_threshold(*_COLLECT)
    set_allocator = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc's; others need no such thing
    if set_allocator is not None:
        set_allocator(_M_ARENA_MAX, _ARENAS)


def serve(system: System, roles: Sequence[str], *, child: bool, on_ready: Callable[[], None]) -> None:
    """Play ``roles`` until told to stop. More than one role puts the worker into its own process."""
    apart = "worker" in roles and len(roles) > 1
    own = [role for role in roles if not (apart and role == "worker")]
    stopping = listen_for_stop(child=child)  # before anything starts: it must all be stopped in order
    settle()
    started = start_roles(system, own)
    worker = WorkerProcess() if apart else None
    on_ready()
    try:
        while not stopping.wait(3600):
            continue
    finally:
        if worker is not None:
            worker.let_go()
        stop_roles(started)
        if worker is not None:
            worker.stop()
        system.close()
