"""The engine, loaded once for all tests of this folder; without the extra they are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from channels.letter import ocr

if TYPE_CHECKING:
    from channels.letter.ocr.engine import Engine
    from tests.support.printed_pages import Face

collect_ignore = [] if ocr.installed() else ["test_reading.py", "test_sources.py", "test_tasks.py"]


@pytest.fixture(scope="session")
def engine() -> Engine:
    from channels.letter.ocr.engine import Engine

    return Engine()


@pytest.fixture(scope="session")
def face() -> Face:
    """A font with Chinese characters."""
    from tests.support import printed_pages as scans

    found = scans.faces()
    if not found:
        pytest.skip("no font with Chinese characters on this machine (Debian: fonts-noto-cjk)")
    return found[0]
