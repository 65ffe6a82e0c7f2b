"""What is at work while pages are read lies in one folder, and goes, however the reading ended."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from channels.letter.plain import BROKEN
from channels.letter.reader import SandboxReader
from intake.letters import PageUnreadable


def test_pages_at_work_lie_in_the_scratch_folder_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch, elsewhere = tmp_path / "scratch", tmp_path / "elsewhere"
    scratch.mkdir()
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    asked: list[list[str]] = []
    reader = SandboxReader(lambda pages: {}, scratch=scratch)

    def broken(*of: object) -> None:
        asked.append([path.name for path in scratch.rglob("*")])
        raise PageUnreadable(BROKEN)

    monkeypatch.setattr(reader, "_run", broken)
    with pytest.raises(PageUnreadable):
        reader.read(tmp_path / "scan.png", "image/png", 1)
    assert any(name.startswith("huiyin-page-") for name in asked[0])
    assert list(elsewhere.iterdir()) == []
    reader.close()
    assert list(scratch.iterdir()) == []


def test_what_a_killed_worker_left_is_swept_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / "work-dead" / "huiyin-page-1"
    left.mkdir(parents=True)
    (left / "page.jpg").write_bytes(b"somebody's letter")
    reader = SandboxReader(lambda pages: {}, scratch=tmp_path)
    assert not left.exists()
    other = SandboxReader(lambda pages: {}, scratch=tmp_path)
    assert reader.folder is not None
    assert reader.folder.exists(), "who still works is left alone"
    reader.close()
    other.close()
