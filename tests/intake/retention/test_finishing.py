"""A run does what the preview said, whatever the archive; one that was killed is finished by the next."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from intake import schema
from intake.references import reference_of
from intake.retention import files as letting_go
from intake.retention import keeper as keeping
from intake.retention.journal import Journal
from intake.retention.keeper import Keeper
from intake.verbs import Accept, Answer, Close, Merge
from intake.verify import verify
from tests.support.worked import CLERK, County, handler

ROOT = Path(__file__).parents[3]
LONG = timedelta(days=5 * 365)
TRAFFIC = handler("traffic")


def closed(county: County, n: int, picture: str, merged: str = "") -> str:
    """A case that was answered and closed; ``merged`` joined it before."""
    reference = county.case(
        sender_name=f"Marker{n}",
        contacts=[["email", f"m{n}@citizen.example", True]],
        body=f"公交车绕行 {n}",
        attachments=[[f"{n}.txt", "text/plain", picture]],
    )
    if merged:
        county.say(merged, CLERK, Merge(reference, "same bus"))
    county.say(reference, TRAFFIC, Accept())
    county.say(reference, TRAFFIC, Answer(f"已加开 {n}"))
    county.deliver()
    county.say(reference, CLERK, Close("resolved"))
    return reference


def anonymised(county: County) -> set[str]:
    c = schema.complaint.c
    return {reference_of(n) for (n,) in county.ask(select(c.number).where(c.anonymised_at.is_not(None)))}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_run_does_what_the_preview_said(county: County, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Cases of any age and state, merged ones, ones that call somebody, files that several show."""
    monkeypatch.setattr(letting_go, "YOUNG", timedelta())
    luck = random.Random(seed)
    for n in range(9):
        county.clock.advance(timedelta(days=luck.choice((1, 30, 200))))
        kind = luck.choice(("open", "closed", "closed", "merged", "called"))
        picture = luck.choice(("bus", "bridge", f"lamp {n}"))
        if kind == "open":
            county.case(body=f"公交车不停 {n}", attachments=[[f"{n}.txt", "text/plain", picture]])
            continue
        other = ""
        if kind == "merged":
            other = county.case(
                body=f"公交车也绕行 {n}",
                contacts=[["email", f"x{n}@citizen.example", True]],
                attachments=[[f"x{n}.txt", "text/plain", luck.choice(("bus", "bridge"))]],
            )
            county.clock.advance(timedelta(days=luck.choice((0, 100))))
        lead = closed(county, n, picture, other)
        if kind == "called":
            asked = "UPDATE complaint SET attention = 'message' WHERE number = :n"
            county.sql(asked, n=county.row(lead).number)
    county.settle()
    county.clock.advance(LONG - timedelta(days=luck.choice((0, 60, 250))))
    keeper = Keeper(county.store, county.blobs, county.policies, county.clock, LONG)
    told = keeper.preview(limit=1000)
    assert keeper.run() == told.cases == len(told.oldest)
    assert anonymised(county) == {one.reference for one in told.oldest}
    assert keeper.preview().cases == 0
    shown = {sha256 for (sha256,) in county.ask(select(schema.attachment.c.sha256))}
    assert shown <= set(county.blobs.names()), "what a case still shows is there"
    report = verify(county.store, county.blobs, county.policies.directory, county.clock(), deep=True)
    assert [f.what.en for f in report.findings if "attachment" in f.what.en or "chain" in f.what.en] == []


KILLED = """
import os, signal, sys
from datetime import datetime, timedelta
from pathlib import Path
from intake.files.folder import FolderStorage
from intake.retention import keeper
from intake.retention.journal import Journal
from intake.store import Store
from intake.vault import Keyring
from tests.support.policies import policies

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

keeper.forget_files = killed
store = Store(sys.argv[1], keyring=Keyring(Path(sys.argv[2])))
clock = lambda: datetime.fromisoformat(sys.argv[5])
blobs = FolderStorage(Path(sys.argv[3]))
after = timedelta(days=5 * 365)
keeper.Keeper(store, blobs, policies(), clock, after, journal=Journal(Path(sys.argv[4]))).run()
"""


def test_files_of_a_run_that_was_killed_are_removed_by_the_next(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the rows and the files: nothing in the database knows these files any more."""
    monkeypatch.setattr(letting_go, "YOUNG", timedelta())
    closed(county, 1, "a face")
    closed(county, 2, "a bus")
    county.clock.advance(LONG + timedelta(days=1))
    county.case(body="公交车不停", attachments=[["b.txt", "text/plain", "a bus"]])
    assert len(list(county.blobs.names())) == 2
    url, journal = county.store.url.render_as_string(hide_password=False), tmp_path / "forgetting"
    places = [url, str(county.keyring.path), str(county.blobs._folder), str(journal)]
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, *places, county.clock().isoformat()], cwd=ROOT, capture_output=True
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert len(anonymised(county)) == 2
    assert len(list(county.blobs.names())) == 2
    [entry] = journal.iterdir()
    assert b"face" not in entry.read_bytes()
    keeper = Keeper(county.store, county.blobs, county.policies, county.clock, LONG, journal=Journal(journal))
    assert keeper.run() == 0
    assert len(list(county.blobs.names())) == 1, "the other case still shows the bus"
    assert list(journal.iterdir()) == []
    with county.store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM attachment")).scalar() == 1


def test_a_list_that_another_process_works_on_is_left_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    entry = journal.note({"a" * 64})
    assert entry is not None
    assert list(Journal(tmp_path).left()) == []
    entry.release()
    [left] = Journal(tmp_path).left()
    assert left.names == {"a" * 64}
    left.strike()
    left.release()
    assert list(Journal(tmp_path).left()) == []
    assert journal.note(set()) is None


def test_a_busy_day_of_erasing_is_wiped_once(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock erases every hour; going through the whole index every hour would hold others up."""
    wiped: list[str] = []
    monkeypatch.setattr(keeping, "wipe_behind", lambda _store: wiped.append("wiped"))
    for n in range(3):
        closed(county, n, "bus")
        county.clock.advance(timedelta(hours=1))
    county.clock.advance(LONG - timedelta(hours=2, minutes=30))
    keeper = Keeper(county.store, county.blobs, county.policies, county.clock, LONG)
    told = []
    for _ in range(5):
        keeper.run()
        told.append(len(wiped))
        county.clock.advance(timedelta(hours=1))
    assert len(anonymised(county)) == 3
    assert told == [1, 1, 1, 1, 1]
    county.clock.advance(timedelta(hours=20))
    keeper.run()
    assert len(wiped) == 2, "what was erased since is wiped a day later"
    keeper.run()
    assert len(wiped) == 2
