"""Stored files are looked at here: what they are, whether they may be shown, a preview, viruses.

You are here: noting → ``inspection`` rows → [inspection] → the pages that show files.
claim (short transaction) → look in the sandbox, scan (no transaction) → what was found, in one transaction.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from intake import schema
from intake.clock import Clock
from intake.desk import Desk, Policies
from intake.files import noting, sandbox
from intake.files.limits import LOOKING, Verdict, Why
from intake.files.scanner import Scanned, Scanner, ScannerAway
from intake.files.storage import Storage
from intake.files.workplace import Workplace
from intake.people import SYSTEM
from intake.store import Store
from intake.verbs import Withhold, perform
from intake.work import backoff, claim, put_back, still_ours

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
MAX_ATTEMPTS = 6
_AWAY = timedelta(seconds=60)
_TASK = "intake.files.looking:look"
_REFUSED: tuple[tuple[type[sandbox.TaskFailed], Why], ...] = (
    (sandbox.TimedOut, Why.TOO_SLOW),
    (sandbox.OverMemory, Why.TOO_HEAVY),
    (sandbox.OverSize, Why.TOO_HEAVY),
    (sandbox.Crashed, Why.DAMAGED),
)
_FINDINGS = ("media_type", "verdict", "reason", "pages", "width", "height", "preview_sha256")


class InspectionWorker:
    """Inspects what waits. As many as you like; each has one process of the sandbox."""

    def __init__(
        self,
        store: Store,
        storage: Storage,
        policies: Policies,
        clock: Clock,
        owner: str,
        *,
        scanner: Scanner | None = None,
        scratch: Path | None = None,
    ) -> None:
        """``scratch`` is the folder for what is at work, swept of what dead workers left there; None: the
        system's own.
        """
        self._store = store
        self._storage = storage
        self._policies = policies
        self._clock = clock
        self._owner = owner
        self._scanner = scanner
        self._workplace = None if scratch is None else Workplace(scratch)
        self._scratch = None if self._workplace is None else self._workplace.folder
        self._bench = sandbox.Workbench(LOOKING, tasks=50, scratch=self._scratch)
        self._all_noted = False
        self._away: tuple[datetime, str] | None = None

    def work(self, limit: int = 4) -> int:
        """Inspect up to ``limit`` files; returns how many were taken (0: nothing waits)."""
        rows = claim(self._store, schema.inspection, self._owner, self._clock(), LEASE, limit, alone_after=2)
        for row in rows:
            try:
                self._inspect(row)
            except Exception as error:  # one file's surprise must not stop the others
                log.exception("inspection: file %s failed", row.sha256)
                self._try_again(row, type(error).__name__)
        return len(rows) or self._catch_up()

    def close(self) -> None:
        """End the sandbox's process, and tidy up. Nothing can be inspected afterwards."""
        self._bench.close()
        if self._workplace is not None:
            self._workplace.close()

    def _catch_up(self) -> int:
        """Once a process: files from before they were inspected, or before there was a scanner."""
        if self._all_noted:
            return 0
        noted = noting.note_older_files(self._store, self._clock())
        if not noted and self._scanner is not None:
            noted = noting.scan_the_unscanned(self._store, self._clock())
        self._all_noted = not noted
        return noted

    def _inspect(self, row: Any) -> None:
        found: dict[str, Any] = {name: getattr(row, name) for name in _FINDINGS}
        try:
            with self._copied(row.sha256) as (file, output):
                if row.verdict == Verdict.UNKNOWN:
                    found = self._look(row, file, output)
                scanned = self._scan(row, file)
        except FileNotFoundError:
            self._write(row, found | {"verdict": Verdict.REFUSED, "reason": Why.LOST}, None)
            return
        except ScannerAway as away:
            self._write(row, found, None, away=str(away))
            return
        except OSError as error:
            self._put_back(row, f"storage: {type(error).__name__}")
            return
        except sandbox.SandboxUnavailable as error:
            self._put_back(row, f"sandbox: {error}")
            return
        if scanned is not None and scanned.virus:
            found |= {"verdict": Verdict.INFECTED, "reason": Why.VIRUS, "preview_sha256": None}
        self._write(row, found, scanned)

    @contextmanager
    def _copied(self, name: str) -> Iterator[tuple[Path, Path]]:
        """A copy to look at, for the original stays untouched, and a folder for what comes of it."""
        with tempfile.TemporaryDirectory(prefix="looking-", dir=self._scratch) as folder:
            file, output = Path(folder, "file"), Path(folder, "output")
            output.mkdir()
            with self._storage.open(name) as source, file.open("xb") as copy:
                shutil.copyfileobj(source, copy, 1024 * 1024)
            yield file, output

    def _look(self, row: Any, file: Path, output: Path) -> dict[str, Any]:
        nothing = dict.fromkeys(_FINDINGS) | {"verdict": Verdict.REFUSED}
        if row.attempts > MAX_ATTEMPTS:  # it brought us down again and again
            return nothing | {"reason": Why.DAMAGED}
        try:
            found: dict[str, Any] = nothing | self._bench.run(_TASK, inputs={"file": file}, output=output)
        except sandbox.TaskFailed as failed:
            why = next(why for kind, why in _REFUSED if isinstance(failed, kind))
            log.info("inspection: file %s is refused: %s (%s)", row.sha256, why, failed)
            return nothing | {"reason": why}
        preview = output / "preview"
        if found["verdict"] == Verdict.SHOWN and preview.exists():
            found["preview_sha256"] = self._storage.put(preview.read_bytes())  # before the row that names it
        return found

    def _scan(self, row: Any, file: Path) -> Scanned | None:
        """What the scanner says; None without one, and when it said so before."""
        if self._scanner is None or row.verdict == Verdict.INFECTED:
            return None
        self._spare_the_wait()
        try:
            with file.open("rb") as content:
                return self._scanner.scan(content)
        except ScannerAway as away:
            self._away = (self._clock(), str(away))
            raise

    def _spare_the_wait(self) -> None:
        """One that hangs is waited for once a minute, not once a file: previews of others wait behind."""
        if self._away is not None and timedelta() <= self._clock() - self._away[0] < _AWAY:
            raise ScannerAway(self._away[1])
        self._away = None

    def _write(self, row: Any, found: dict[str, Any], scanned: Scanned | None, *, away: str = "") -> None:
        """What was found; while the scanner is away the row goes on waiting, with what is known already."""
        i, now = schema.inspection, self._clock()
        values: dict[str, Any] = {name: found[name] for name in _FINDINGS}
        values |= {"state": "done", "owner": None, "lease_until": None, "error": None}
        if away:
            values |= {"state": "pending", "due_at": now + _AWAY, "attempts": 0, "error": away[:2000]}
        if scanned is not None:
            values |= {"scanned_by": scanned.engine[:64], "scanned_at": now, "error": scanned.virus or None}
        elif found["verdict"] == Verdict.INFECTED:
            values["error"] = row.error  # the virus's name
        with self._store.write() as connection:
            if row.sha256 not in still_ours(connection, i, self._owner, [row.sha256]):
                return
            connection.execute(update(i).where(i.c.sha256 == row.sha256).values(**values))
            if found["verdict"] == Verdict.INFECTED:
                self._tell(connection, row.sha256, values["error"] or "", now)

    def _tell(self, connection: Connection, name: str, virus: str, now: datetime) -> None:
        """Put it on the record of every case that has the file, once."""
        a, s, e = schema.attachment.c, schema.submission.c, schema.event.c
        query = (
            select(a.id, a.filename, s.complaint_id)
            .join_from(schema.attachment, schema.submission, a.submission_id == s.id)
            .where(a.sha256 == name, s.complaint_id.is_not(None))
            .order_by(a.id)
        )
        sent = connection.execute(query).all()
        cases = sorted({row.complaint_id for row in sent})
        told = select(e.data).where(e.complaint_id.in_(cases), e.kind == "withheld")
        known = {data.get("attachment") for data in connection.execute(told).scalars()}
        fresh = [row for row in sent if row.id not in known]
        if not fresh:
            return
        desk = Desk(connection, self._store, self._policies, now)
        taken = {case.row.id: case for case in desk.take(sorted({row.complaint_id for row in fresh}))}
        for row in fresh:
            perform(desk, taken[row.complaint_id], SYSTEM, Withhold(row.id, row.filename, virus))
        desk.flush()

    def _put_back(self, row: Any, why: str) -> None:
        """The disk or this machine is at fault, not the file."""
        due: datetime = self._clock() + _AWAY
        put_back(self._store, schema.inspection, self._owner, [row.sha256], due, why, blameless=True)

    def _try_again(self, row: Any, why: str) -> None:
        if row.attempts < MAX_ATTEMPTS:
            due = self._clock() + backoff(row.attempts, first=30)
            put_back(self._store, schema.inspection, self._owner, [row.sha256], due, why)
            return
        nothing = dict.fromkeys(_FINDINGS) | {"verdict": Verdict.REFUSED, "reason": Why.DAMAGED}
        self._write(row, nothing, None)
