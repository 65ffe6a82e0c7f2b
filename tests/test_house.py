"""The rules of the house that a machine can hold: arrows between rooms, names, sizes, who reads what.

Each rule is a function from a source text to the lines that break it, so that the rules themselves are tested
too, at the end of this file.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from importlinter import cli as arrows

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("channels", "intake", "routing", "web", "config")

VAGUE_NAMES = {"manager", "managers", "helper", "helpers", "util", "utils", "data", "misc", "common"}
LONGEST_FILE = 350  # lines; a longer one has more than one job
LONGER_FOR_A_REASON = {
    # file: how long it may be
    "intake/contracts.py": 500,  # the whole agreement between the rooms, on one page
}

MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

Rule = Callable[[str], list[int]]
"""Takes a module's source, gives the numbers of the lines that break the rule."""


def called_by_bare_name(function: str) -> Rule:
    def rule(source: str) -> list[int]:
        calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
        return [node.lineno for node in calls if isinstance(node.func, ast.Name) and node.func.id == function]

    return rule


def reads_environment(source: str) -> list[int]:
    """Anything out of the environment, as ``os.environ`` or imported by name."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            taken = {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            taken = {node.attr}
        else:
            continue
        if taken & {"environ", "environb", "getenv", "getenvb", "putenv"}:
            found.append(node.lineno)
    return found


def swallows_errors(source: str) -> list[int]:
    """An except clause that does nothing at all."""
    handlers = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ExceptHandler))
    return [node.lineno for node in handlers if all(isinstance(step, ast.Pass) for step in node.body)]


def lacks_docstring(source: str) -> list[int]:
    return [] if ast.get_docstring(ast.parse(source)) else [1]


def longer_than(limit: int) -> Rule:
    def rule(source: str) -> list[int]:
        lines = source.count("\n")
        return [lines] if lines > limit else []

    return rule


# The forbidden words are put together from pieces, so that this file may contain its own rule.
PACKAGE_REGISTRIES = re.compile(
    "|".join(
        re.escape(first + last)
        for first, last in (
            ("py", "pi.org"),
            ("pythonhosted", ".org"),
            ("npm", "js.org"),
            ("npm", "js.com"),
            ("deb.", "debian.org"),
            ("crates", ".io"),
            ("proxy.go", "lang.org"),
        )
    ),
    re.IGNORECASE,
)
ONE_MACHINES_PATHS = re.compile(r"(?<![\w./-])/(?:" + "|".join(["wo" + "rk", "ro" + "ot"]) + r")/")


def lines_with(pattern: re.Pattern[str]) -> Rule:
    return lambda text: [number for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]


def broken(rule: Rule, paths: list[Path]) -> list[str]:
    """``file:line`` of everything in ``paths`` that breaks ``rule``."""
    return [f"{path.relative_to(ROOT)}:{line}" for path in paths for line in rule(path.read_text("utf-8"))]


# ---------------------------------------------------------------- the rooms


def test_every_room_is_looked_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(ROOMS)


def test_imports_run_one_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """config → web → channels | routing → intake; the contract stands in pyproject.toml."""
    monkeypatch.chdir(ROOT)
    status = arrows.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert status == arrows.EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_only_config_reads_the_environment() -> None:
    assert not broken(
        reads_environment, [path for path in MODULES if path.relative_to(ROOT).parts[0] != "config"]
    )


def test_only_the_command_line_prints() -> None:
    outside = [path for path in MODULES if path.relative_to(ROOT).parts[0] != "config"]
    assert not broken(called_by_bare_name("print"), outside)


def test_no_error_is_swallowed() -> None:
    assert not broken(swallows_errors, MODULES + TESTS)


def test_every_module_says_where_you_are() -> None:
    assert not broken(lacks_docstring, MODULES + TESTS)


def test_no_module_is_too_long() -> None:
    limits = {
        path: LONGER_FOR_A_REASON.get(path.relative_to(ROOT).as_posix(), LONGEST_FILE) for path in MODULES
    }
    assert not [found for path, limit in limits.items() for found in broken(longer_than(limit), [path])]


def test_no_exception_has_outlived_its_reason() -> None:
    needed = broken(longer_than(LONGEST_FILE), [ROOT / file for file in LONGER_FOR_A_REASON])
    assert [found.partition(":")[0] for found in needed] == list(LONGER_FOR_A_REASON)


def test_names_are_the_glossarys() -> None:
    named = [part for path in MODULES + TESTS for part in path.relative_to(ROOT).with_suffix("").parts]
    words = {word for part in named for word in part.lower().split("_")}
    assert not words & VAGUE_NAMES


def test_test_folders_are_packages() -> None:
    folders = {path.parent for path in TESTS}
    assert not {str(folder) for folder in folders if not (folder / "__init__.py").exists()}


IMPORT_EVERYTHING = """
import importlib, sys
sys.dont_write_bytecode = True
root, *modules = sys.argv[1:]
standard = importlib.__file__.rsplit("/", 2)[0]

def ours(frame):
    '''The line of ours that asked for it, unless it only imports.'''
    while frame is not None:
        file = frame.f_code.co_filename
        if "importlib" in file:
            return None
        if file.startswith(root) and "/.venv/" not in file:
            return f"{file}:{frame.f_lineno}"
        if not file.startswith(standard) or "/site-packages/" in file:
            return None
        frame = frame.f_back
    return None

def watch(event, arguments):
    if event.startswith(("socket.", "subprocess.", "sqlite3.")):
        found.append(f"{event} {arguments}")
    elif event in ("open", "os.mkdir", "os.listdir", "os.scandir"):
        line = ours(sys._getframe(1))
        if line:
            found.append(f"{line} {event} {arguments}")

found = []
sys.path.insert(0, root)
sys.addaudithook(watch)
for module in modules:
    importlib.import_module(module)
print(*found, sep="\\n", end="")
"""


def imported(path: Path) -> str | None:
    """The dotted name of ``path``; None when it is not for importing (Alembic and ``-m`` run these)."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if "migrations" in parts or parts[-1] == "__main__":
        return None
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_importing_does_nothing_else() -> None:
    """No file is read, no socket opened, no process started by importing: it is all done by whoever calls."""
    modules = [module for module in map(imported, MODULES) if module]
    command = [sys.executable, "-c", IMPORT_EVERYTHING, str(ROOT), *modules]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=100)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stdout + ran.stderr


# ---------------------------------------------------------------- every text in the repository


def files() -> list[Path]:
    """Every file that is, or is about to be, in the repository."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this folder is no git checkout")
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    paths = (ROOT / part.decode() for part in listed.stdout.split(b"\0") if part)
    return [path for path in paths if path.is_file()]


def texts() -> list[Path]:
    """Those of :func:`files` that are not binary."""
    return [path for path in files() if b"\0" not in path.read_bytes()]


@pytest.mark.parametrize(
    "pattern", [PACKAGE_REGISTRIES, ONE_MACHINES_PATHS], ids=["registries", "machine paths"]
)
def test_no_text_names(pattern: re.Pattern[str]) -> None:
    rule = lines_with(pattern)
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in texts()
        for line in rule(path.read_text("utf-8", "replace"))
    ]
    assert not found


# ---------------------------------------------------------------- the rules themselves


@pytest.mark.parametrize(
    ("rule", "source", "lines"),
    [
        (reads_environment, "import os\nhost = os.environ['HOST']\n", [2]),
        (reads_environment, "from os import getenv\n", [1]),
        (reads_environment, "import os\nhere = os.getcwd()\nenviron = {'os.environ': 1}\n", []),
        (called_by_bare_name("print"), "def f():\n    print('x')\n", [2]),
        (called_by_bare_name("print"), "console.print('x')\nprint = 1\n", []),
        (swallows_errors, "try:\n    f()\nexcept ValueError:\n    pass\n", [3]),
        (swallows_errors, "try:\n    f()\nexcept ValueError:\n    x = None\n", []),
        (lacks_docstring, "import os\n", [1]),
        (lacks_docstring, '"""Here."""\n', []),
        (longer_than(LONGEST_FILE), "x = 1\n" * (LONGEST_FILE + 1), [LONGEST_FILE + 1]),
        (longer_than(LONGEST_FILE), "x = 1\n" * LONGEST_FILE, []),
        (lines_with(PACKAGE_REGISTRIES), "a\nsee https://Py" + "PI.org/project/x\n", [2]),
        (
            lines_with(ONE_MACHINES_PATHS),
            "cd /wo" + "rk/x\n/staff/work/1\n./work/x\n~/.root/x\n'/ro" + "ot/.x'\n",
            [1, 5],
        ),
    ],
)
def test_the_rule_sees(rule: Rule, source: str, lines: list[int]) -> None:
    assert rule(source) == lines
