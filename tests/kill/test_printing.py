"""SIGKILL while gathering, fetching and posting: nothing is lost, nothing printed twice without a mark."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from intake.print_checks import check_letters
from intake.print_queue import PrintQueue
from tests.intake.test_print_queue import DESK, PostalCounty, PostOffice
from tests.support.clock import SetClock
from tests.support.keys import keys_path

LETTERS = 60
KILLS = 8


def test_a_killed_printer_leaves_every_letter_in_one_place(
    database_url: str, tmp_path: Path, clock: SetClock
) -> None:
    county = PostalCounty(database_url, tmp_path, clock)
    office = PostOffice(county)
    office.more(LETTERS)
    everything = set(office.rows())
    seen: Counter[tuple[str, str]] = Counter()
    chance = random.Random(5)
    reach = 0.25  # seconds: as long as a few sheets take on this machine
    for _ in range(KILLS):
        said = killed_at_work(database_url, chance.uniform(0.0, reach))
        reach = reach if said else min(2 * reach, 8.0)
        for line in said:
            word, *sheet = line.split()
            if word == "sheet":
                seen[sheet[0], sheet[1]] += 1
        assert set(office.rows()) == everything
        with county.store.read() as connection:
            assert list(check_letters(connection)) == []
    assert seen, "nothing was printed: the test proves nothing"
    assert [sheet for sheet, times in seen.items() if times > 1] == []
    finish(office)
    assert {row.state for row in office.rows().values()} == {"posted"}
    county.close()


def killed_at_work(url: str, after: float) -> list[str]:
    """What a printing process said before SIGKILL, ``after`` seconds of work."""
    command = [sys.executable, "-m", "tests.kill.printing_hands", url, str(keys_path(url))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as hands:
        assert hands.stdout is not None
        assert hands.stdout.readline() == "ready\n"
        time.sleep(after)
        hands.kill()
        lines = hands.stdout.read().splitlines(keepends=True)
    return [line for line in lines if line.endswith("\n")]


def finish(office: PostOffice) -> None:
    """Whoever comes next finds every letter and can post it."""
    queue: PrintQueue = office.queue
    for _ in range(3):
        queue.gather(DESK, office.ids("waiting"), "gb")
        for batch in office.batches():
            queue.fetch(batch.id, DESK, batch.fetched)
            queue.printed(batch.id, DESK)
    queue.posted(office.ids("printed"), DESK, office.today)
