"""Prism, an emulator of others' making, answering as Twilio's own description of its API says.

``make peers`` installs both; where they are missing, the tests that need them are skipped with one line.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.loopback import free_port

PEERS = Path(__file__).resolve().parents[2] / ".venv" / "peers"
_STARTED = "Prism is listening"


@contextmanager
def prism(folder: Path) -> Iterator[str]:
    """Its address, while it runs; skips the test where it is not installed."""
    if shutil.which("node") is None or not (PEERS / ".made").is_file():
        pytest.skip("Prism or Twilio's API description is not installed: run `make peers`")
    program = PEERS / "node_modules" / ".bin" / "prism"
    document = PEERS / "twilio_api_v2010.json"
    port, said = free_port(), folder / "prism.log"
    command = [str(program), "mock", "--host", "127.0.0.1", "--port", str(port), str(document)]
    with said.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as running:
        try:
            until = time.monotonic() + 60
            while _STARTED not in said.read_text("utf-8", "replace"):
                if running.poll() is not None or time.monotonic() > until:
                    pytest.fail(f"Prism did not start: {said.read_text('utf-8', 'replace')[-500:]}")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
