"""The service as a user runs it: real processes with settings in the environment, to be stopped or killed.

Whatever a test does to them, :meth:`Service.end` leaves no process behind and shows what they said.
"""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from intake.store import Store
from tests.support.keys import keys_path
from tests.support.loopback import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0  # seconds that a loaded machine may need for anything
COMMAND = (sys.executable, "-m", "config.cli", "run")


class TooSlow(AssertionError):
    """Something that should have happened did not, within the patience of these tests."""


def wait_until(happened: Callable[[], bool], what: str, seconds: float = PATIENCE) -> float:
    """Poll until ``happened()``; returns how many seconds it took."""
    begun = time.monotonic()
    while not happened():
        if time.monotonic() - begun > seconds:
            raise TooSlow(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.02)
    return time.monotonic() - begun


@dataclass
class Service:
    """One data folder, one database, and a process group that serves them when started.

    ``roles`` "" is what ``make run`` starts. ``command`` replaces ``huiyin run``, for a service with a fault.
    """

    folder: Path
    database_url: str = ""
    roles: str = "mail,worker,clock"
    command: tuple[str, ...] = COMMAND
    environment: dict[str, str] = field(default_factory=dict)
    smtp_port: int = field(default_factory=free_port)
    web_port: int = field(default_factory=free_port)
    name: str = "service"
    _process: subprocess.Popen[bytes] | None = None

    # ------------------------------------------------------------ starting

    def start(self, *, ready: bool = True) -> None:
        """Start; returns when it serves (``ready`` False: at once)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        roles = ("--roles", self.roles) if self.roles else ()
        with self._log("out").open("ab") as out, self._log("err").open("ab") as err:
            self._said_before = out.tell()
            self._process = subprocess.Popen(
                [*self.command, *roles],
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,  # a group of its own, to be killed as one
            )
        if ready:
            wait_until(self._serves_or_died, f"{self.name} is ready")
            if self._process.poll() is not None:
                raise AssertionError(
                    f"{self.name} ended at once ({self._process.returncode}):\n{self.said()}"
                )

    def _environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("HUIYIN_")}
        return ours | {
            "HUIYIN_DATA_DIR": str(self.folder / "data"),
            "HUIYIN_DATABASE_URL": self.database_url,
            **({"HUIYIN_KEY_FILE": str(keys_path(self.database_url))} if self.database_url else {}),
            "HUIYIN_SMTP_PORT": str(self.smtp_port),
            "HUIYIN_WEB_PORT": str(self.web_port),
            **self.environment,
        }

    def _serves_or_died(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            return True
        if b"Ctrl-C" not in self._log("out").read_bytes()[self._said_before :]:
            return False
        mail = not self.roles or "mail" in self.roles
        web = not self.roles or "web" in self.roles
        return (not mail or self.takes_mail()) and (not web or self.is_ready())

    def takes_mail(self) -> bool:
        """Whether the SMTP port greets."""
        try:
            with smtplib.SMTP("127.0.0.1", self.smtp_port, local_hostname="mx.test.example", timeout=5):
                return True
        except (OSError, smtplib.SMTPException):
            return False

    def is_ready(self) -> bool:
        """Whether /readyz says so."""
        try:
            with urlopen(f"http://127.0.0.1:{self.web_port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    # ------------------------------------------------------------ stopping

    @property
    def pid(self) -> int:
        """Of the process that was started; its worker is another."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def worker_pids(self) -> list[int]:
        """The children of the front."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in children.read_text().split()] if children.exists() else []

    def running(self) -> bool:
        """Whether the front lives."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL for the whole group: the power goes out."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)

    def interrupt(self) -> None:
        """Ctrl-C: the terminal sends SIGINT to the whole group."""
        os.killpg(self.pid, signal.SIGINT)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Wait for the front to end; its exit code."""
        assert self._process is not None
        return self._process.wait(seconds)

    def end(self) -> None:
        """However it stands: nothing of it runs afterwards."""
        if self._process is None:
            return
        if self.running():
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(15)
        self.kill()
        wait_until(lambda: not _group_lives(self.pid), f"all of {self.name} is gone")

    # ------------------------------------------------------------ looking

    def said(self) -> str:
        """What it wrote to the console, both streams."""
        return "\n".join(
            f"---- {self.name}, {stream}:\n{self._log(stream).read_text(errors='replace')[-6000:]}"
            for stream in ("out", "err")
            if self._log(stream).exists()
        )

    def console(self) -> str:
        """Standard output and standard error, all of it."""
        return "".join(self._log(stream).read_text(errors="replace") for stream in ("out", "err"))

    @property
    def store_url(self) -> str:
        """Its database."""
        return self.database_url or f"sqlite:///{self.folder / 'data' / 'huiyin.sqlite3'}"

    @property
    def outgoing(self) -> Path:
        """Where mail goes without a relay."""
        return self.folder / "data" / "outgoing-mail"

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``huiyin …`` beside it."""
        return subprocess.run(
            [sys.executable, "-m", "config.cli", *arguments],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    def _log(self, stream: str) -> Path:
        return self.folder / f"{self.name}.{stream}"


@contextmanager
def serving(*services: Service, start: bool = True) -> Iterator[None]:
    """Start them one after the other; end them all; print what they said when the test fails."""
    try:
        for one in services if start else ():
            one.start()
        yield
    except BaseException:
        for one in services:
            print(one.said())
        raise
    finally:
        for one in services:
            one.end()


@contextmanager
def opened(service: Service) -> Iterator[Store]:
    """The service's database, seen from the test."""
    store = Store(service.store_url)
    try:
        yield store
    finally:
        store.close()


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
