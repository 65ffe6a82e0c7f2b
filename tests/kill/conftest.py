"""Kill tests load both cores: one at a time, in one worker of the test run."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put all of this folder into one group of pytest-xdist."""
    for item in items:
        if "tests/kill/" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("kill"))
            item.add_marker(pytest.mark.timeout(400))  # many processes start, perhaps on a busy machine
