"""What is shipped is what stands in the rooms, and what is installed is what the locks say."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_house import ROOMS, ROOT, files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(lock: str) -> dict[str, str]:
    """Package → version."""
    found = re.findall(r"^([\w.-]+)==([^ ;\\]+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}


def test_the_wheel_holds_every_file_of_the_rooms_and_nothing_else(tmp_path: Path) -> None:
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(built, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("huiyin-*.whl")
    shipped = {file for file in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in file}
    written = {path.relative_to(ROOT).as_posix() for path in files()}
    assert shipped == {file for file in written if file.startswith(tuple(f"{room}/" for room in ROOMS))}


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements.lock", PROJECT["project"]["optional-dependencies"]["postgres"]),
        ("requirements.lock", PROJECT["dependency-groups"]["build"]),
        ("requirements-dev.lock", PROJECT["dependency-groups"]["dev"]),
    ],
    ids=["service", "postgres", "build", "dev"],
)
def test_the_lock_has_what_the_project_asks_for(lock: str, wanted: list[str]) -> None:
    pinned = pins(lock)
    asked = [Requirement(text) for text in wanted]
    missing = [
        str(one) for one in asked if not one.specifier.contains(pinned.get(canonicalize_name(one.name), "0"))
    ]
    assert not missing, f"run make lock: {missing}"


def test_tests_run_on_the_versions_that_the_service_runs_on() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_lock_says_where_it_came_from(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    entries = re.split(r"^(?=[\w-]+[\w.\[\]-]*==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(lock))
    assert not [entry for entry in entries if "--hash=sha256:" not in entry]
    assert not re.search(r"://|--(extra-)?index|--find-links|@ ?file", text)
