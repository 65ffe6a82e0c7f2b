"""A real Postfix in a folder of its own: another program's idea of SMTP, in both directions.

Needs root (Postfix drops its own rights) and Debian's package. Nothing of the machine's own Postfix is read
or written; the instance listens on a loopback port, asks no DNS, and is gone at the end.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from tests.support import mails
from tests.support.loopback import free_port
from tests.support.service import wait_until

_NOBODY = 65534
_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
_SETTINGS = """\
compatibility_level = 3.6
maillog_file_prefixes = {folder}
maillog_file = {folder}/mail.log
queue_directory = {folder}/queue
data_directory = {folder}/state
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
smtp_host_lookup = native
alias_maps =
alias_database =
local_recipient_maps =
mydestination =
biff = no
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtp_destination_concurrency_failed_cohort_limit = 0
smtpd_tls_security_level = none
smtp_tls_security_level = none
"""


def missing() -> str:
    """Why no Postfix can be started here; "" when one can."""
    if shutil.which("postfix") is None:
        return "Postfix is not installed (Debian: apt install postfix)"
    return "" if os.geteuid() == 0 else "Postfix can only be started by root"


@dataclass
class Postfix:
    """One instance. ``settings`` are lines of main.cf, the later one counts; ``files`` lie beside it."""

    name: str
    settings: str
    files: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    folder: Path = field(default_factory=Path)

    def start(self) -> None:
        """Write the folder, start, and wait until the port greets."""
        self.folder = Path(tempfile.mkdtemp(prefix="huiyin-postfix-", dir="/tmp"))
        self.folder.chmod(0o755)
        for name in ("queue", "state", "boxes"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "state", "postfix")
        os.chown(self.folder / "boxes", _NOBODY, _NOBODY)
        for name, content in self.files.items():
            (self.folder / name).write_text(content)
        (self.folder / "master.cf").write_text(_SERVICES.format(port=self.port))
        own = f"myhostname = {self.name}\nsmtp_bind_address = 127.0.0.1\n"
        settings = (_SETTINGS + own + self.settings).replace("{folder}", str(self.folder))
        (self.folder / "main.cf").write_text(_last_ones(settings))
        for name in self.files:
            self._run("postmap", f"hash:{self.folder / name}")
        self._run("postfix", "start")
        wait_until(self._greets, f"{self.name} greets")

    def _greets(self) -> bool:
        with (
            suppress(OSError, smtplib.SMTPException),
            smtplib.SMTP("127.0.0.1", self.port, local_hostname="test.example", timeout=5),
        ):
            return True
        return False

    def stop(self) -> None:
        """Stop it and remove the folder; its log goes to the test's output."""
        if (self.folder / "main.cf").exists():
            pid = self._pid()
            self._run("postfix", "stop", check=False)
            wait_until(lambda: not pid or not Path(f"/proc/{pid}").exists(), f"{self.name} has ended")
            print(f"---- {self.name}:\n{_told(self.log())}")
            shutil.rmtree(self.folder, ignore_errors=True)

    def _pid(self) -> str:
        file = self.folder / "queue" / "pid" / "master.pid"
        return file.read_text().strip() if file.exists() else ""

    def queued(self) -> list[str]:
        """The queue, one line a message (JSON), with the reason why it waits."""
        said = subprocess.run(
            ["postqueue", "-c", str(self.folder), "-j"], capture_output=True, text=True, timeout=30
        )
        return said.stdout.splitlines()

    def flush(self) -> None:
        """Try all that waits at once."""
        self._run("postqueue", "-f")

    def empty(self) -> None:
        """Throw away what waits and what lies in the mailboxes."""
        subprocess.run(["postsuper", "-c", str(self.folder), "-d", "ALL"], capture_output=True, timeout=60)
        for box in (self.folder / "boxes").glob("*"):
            shutil.rmtree(box)

    def box(self, name: str) -> list[EmailMessage]:
        """The mails in a Maildir, oldest first."""
        return [
            mails.read(path.read_bytes()) for path in sorted((self.folder / "boxes" / name / "new").glob("*"))
        ]

    def log(self) -> str:
        """What it wrote down."""
        file = self.folder / "mail.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        done = subprocess.run(
            [program, "-c", str(self.folder), *arguments], capture_output=True, text=True, timeout=60
        )
        if check and done.returncode:
            raise AssertionError(f"{program} {arguments}: {done.stdout}{done.stderr}\n{self.log()}")


def _last_ones(settings: str) -> str:
    """``settings`` without the earlier ones of a name, which Postfix would warn of."""
    last: dict[str, str] = {}
    for line in settings.splitlines():
        name, _, value = line.partition("=")
        last[name.strip()] = value.strip()
    return "".join(f"{name} = {value}\n" for name, value in last.items())


def _told(log: str) -> str:
    """The end of a log without what its private folder makes it say."""
    return "\n".join([line for line in log.splitlines() if "postfix-script" not in line][-60:])


@contextmanager
def running(*servers: Postfix) -> Iterator[None]:
    """Start them; stop them all, whatever happens."""
    try:
        for one in servers:
            one.start()
        yield
    finally:
        for one in servers:
            one.stop()
