"""The whole service as ``huiyin run`` starts it, on free ports and in a folder of its own."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.databases import KEYS
from benchmarks.processes import ROOT
from tests.support.loopback import free_port

_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Service:
    """A running service."""

    process: subprocess.Popen[bytes]
    smtp_port: int
    web_port: int
    roles: str

    def family(self) -> list[int]:
        """Process ids: the front and its children."""
        return [self.process.pid, *_children(self.process.pid)]


@contextmanager
def running(url: str, folder: Path, more: Mapping[str, str] | None = None) -> Iterator[Service]:
    """Start, with ``more`` settings; ready once SMTP greets and, with pages, ``/readyz`` answers 200."""
    web = importlib.util.find_spec("web.app") is not None
    roles = "web,mail,worker,clock" if web else "mail,worker,clock"
    smtp, http = free_port(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "HUIYIN_DATA_DIR": str(folder),
        "HUIYIN_KEY_FILE": str(KEYS),
        "HUIYIN_DATABASE_URL": url,
        "HUIYIN_SMTP_PORT": str(smtp),
        "HUIYIN_WEB_PORT": str(http),
        **(more or {}),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.cli", "run", "--roles", roles],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=ROOT,
            env=os.environ | settings,
        )
    try:
        _wait(lambda: _greets(smtp) and (not web or _ready(http)), process, folder / "log")
        yield Service(process, smtp, http, roles)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(reached: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not reached():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the service did not start: {log.read_text(errors='replace')[-500:]}")
        time.sleep(0.01)


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            return connection.recv(4) == b"220 "
    except OSError:
        return False


def _ready(port: int) -> bool:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []
