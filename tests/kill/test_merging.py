"""SIGKILL amid merging and separating: both cases are as before, or both are changed; nothing in between."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from intake.verify import verify
from tests.support.clock import SetClock
from tests.support.keys import keys_path
from tests.support.worked import County

CASES = 24


@pytest.mark.parametrize("round_", range(4))
def test_merging_is_all_or_nothing(database_url: str, tmp_path: Path, clock: SetClock, round_: int) -> None:
    county = County(database_url, tmp_path, clock)
    for n in range(CASES):
        county.send(contacts=[["email", f"k{n}@citizen.example", True]])
    county.register()
    county.deliver()
    command = [sys.executable, "-m", "tests.kill.merger", database_url, str(keys_path(database_url))]
    merger = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert merger.stdout is not None
    merger.stdout.readline()  # it has begun
    time.sleep(random.Random(round_).uniform(0.0, 0.25))
    os.kill(merger.pid, signal.SIGKILL)
    assert merger.wait(30) in (0, -signal.SIGKILL), "it did not fall over by itself"
    merger.stdout.close()

    merged = county.rows("SELECT id, merged_into, state FROM complaint WHERE merged_into IS NOT NULL")
    ends = county.rows("SELECT complaint_id FROM event WHERE kind = 'merged'")
    apart = county.rows("SELECT complaint_id FROM event WHERE kind = 'separated'")
    assert len(ends) == 2 * len(merged) + len(apart), "one event on each side"
    told = [row.complaint_id for row in county.rows("SELECT * FROM outbox WHERE template = 'merged'")]
    again = [row.complaint_id for row in county.rows("SELECT * FROM outbox WHERE template = 'separated'")]
    assert sorted([*(row.id for row in merged), *again]) == sorted(told), "each hears each turn once"
    lead = county.rows("SELECT id FROM complaint ORDER BY number")[0].id
    assert sorted(again) == sorted(row.complaint_id for row in apart if row.complaint_id != lead)
    report = verify(county.store, county.blobs, county.policies.directory, clock())
    found = [f"{each.where}: {each.what.en}" for each in report.findings]
    assert [line for line in found if not line.endswith("nobody sends it")] == []
    county.close()
