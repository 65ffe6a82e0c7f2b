"""Storages of every kind, each empty; the bucket lies on a server that others wrote (moto, in a process)."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from intake.files.folder import FolderStorage
from intake.files.storage import Storage

_serial = count()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server on loopback; skipped where none is installed."""
    for module in ("obstore", "moto", "flask_cors"):
        pytest.importorskip(module, reason=f"{module} is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def new_bucket(s3_server: str) -> Callable[[], Any]:
    """Makes an empty bucket (``intake.files.s3.Bucket``) with a prefix."""
    import httpx

    from intake.files.s3 import Bucket

    def make() -> Bucket:
        name = f"huiyin-{next(_serial)}"
        httpx.put(f"{s3_server}/{name}").raise_for_status()
        return Bucket(f"s3://{name}/county/files", s3_server, "us-east-1", "key", "secret")

    return make


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty storage."""
    if request.param == "folder":
        return FolderStorage(tmp_path / "blobs")
    from intake.files.s3 import S3Storage

    return S3Storage(request.getfixturevalue("new_bucket")())
