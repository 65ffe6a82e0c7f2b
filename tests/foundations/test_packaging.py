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
EXTRAS = PROJECT["project"]["optional-dependencies"]
LOCKS = ("requirements.lock", "requirements-scan.lock", "requirements-dev.lock")

Pin = tuple[str, str]
"""Package and version."""


def pins(lock: str) -> list[Pin]:
    """Every pin; a package has several where an older Python needs an older version."""
    found = re.findall(r"^([\w.-]+)==([^ ;\\]+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE)
    return [(canonicalize_name(package), version) for package, version in found]


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
        ("requirements.lock", EXTRAS["postgres"]),
        ("requirements.lock", PROJECT["dependency-groups"]["build"]),
        ("requirements-scan.lock", EXTRAS["scan"]),
        ("requirements-dev.lock", EXTRAS["s3"]),
        ("requirements-dev.lock", PROJECT["dependency-groups"]["dev"]),
    ],
    ids=["service", "postgres", "build", "scan", "s3", "dev"],
)
def test_the_lock_has_what_the_project_asks_for(lock: str, wanted: list[str]) -> None:
    pinned = pins(lock)
    asked = [Requirement(text) for text in wanted]
    missing = [str(one) for one in asked if not _answered(one, pinned)]
    assert not missing, f"run make lock: {missing}"


def _answered(asked: Requirement, pinned: list[Pin]) -> bool:
    versions = [version for package, version in pinned if package == canonicalize_name(asked.name)]
    return bool(versions) and all(asked.specifier.contains(version) for version in versions)


def test_tests_run_on_the_versions_that_the_service_runs_on() -> None:
    assert set(pins("requirements.lock")) <= set(pins("requirements-dev.lock"))


def test_what_reads_scans_leaves_the_service_and_the_tests_as_they_are() -> None:
    scan, dev = pins("requirements-scan.lock"), pins("requirements-dev.lock")
    shared = {package for package, _ in scan} & {package for package, _ in dev}
    assert {pin for pin in scan if pin[0] in shared} == {pin for pin in dev if pin[0] in shared}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_lock_says_where_it_came_from(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    entries = re.split(r"^(?=[\w-]+[\w.\[\]-]*==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(lock))
    assert not [entry for entry in entries if "--hash=sha256:" not in entry]
    assert not re.search(r"://|--(extra-)?index|--find-links|@ ?file", text)
