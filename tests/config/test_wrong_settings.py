"""A wrong setting gets one sentence that names it, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from config.cli import main

WRONG = [
    # name, value, what the sentence says
    ("HUIYIN_WEB_PORT", "abc", "HUIYIN_WEB_PORT"),
    ("HUIYIN_WEB_PORT", "70000", "HUIYIN_WEB_PORT"),
    ("HUIYIN_WEB_THREADS", "0", "HUIYIN_WEB_THREADS"),
    ("HUIYIN_WEB_THREADS", "-5", "HUIYIN_WEB_THREADS"),
    ("HUIYIN_TICK_SECONDS", "0", "HUIYIN_TICK_SECONDS"),
    ("HUIYIN_TICK_SECONDS", "nan", "HUIYIN_TICK_SECONDS"),
    ("HUIYIN_CLOCK_OFFSET", "99999999999d", "HUIYIN_CLOCK_OFFSET"),
    ("HUIYIN_CLOCK_OFFSET", "٣d", "HUIYIN_CLOCK_OFFSET"),
    ("HUIYIN_PUBLIC_URL", "javascript:alert(1)", "HUIYIN_PUBLIC_URL"),
    ("HUIYIN_DATABASE_URL", "mysql://x", "HUIYIN_DATABASE_URL"),
    ("HUIYIN_DATABASE_URL", "postgresql://u@127.0.0.1:abc/x", "HUIYIN_DATABASE_URL"),
    ("HUIYIN_DATABASE_URL", "postgresql://u@127.0.0.1:1/x", "cannot be used"),
    ("HUIYIN_DATABASE_URL", "sqlite:////proc/nowhere/x.sqlite3", "/proc/nowhere"),
    ("HUIYIN_DATA_DIR", "/proc/nowhere", "/proc/nowhere"),
    ("HUIYIN_DATA_DIR", "/etc/passwd", "/etc/passwd"),
]


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv(name, value)
    answer = CliRunner().invoke(main, ["migrate"])
    assert answer.exit_code == 1
    assert said in answer.output
    assert len(answer.output.strip().splitlines()) == 1
    assert isinstance(answer.exception, SystemExit)
