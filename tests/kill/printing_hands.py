"""A process that prints and posts until it is killed; it tells what left the printer, line by line.

Run as ``python -m tests.kill.printing_hands URL KEYS``.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from intake.clock import system_clock
from intake.lifecycle import Role
from intake.people import Actor
from intake.print_lists import PrintLists
from intake.print_queue import PrintQueue
from intake.store import Store
from intake.vault import Keyring
from tests.support.policies import policies

DESK = Actor(Role.DESK, "d1", "Front desk")


def main(url: str, keys: str) -> None:
    """Work for ever; ``sheet ID COPY`` is said after a sheet left, as paper is."""
    store = Store(url, keyring=Keyring(Path(keys)))
    queue = PrintQueue(store, policies(), system_clock, ZoneInfo("Asia/Shanghai"))
    lists, chance = PrintLists(store), random.Random()  # which button is pressed
    print("ready", flush=True)
    while True:
        ids = [row.outbox_id for row in lists.waiting(DESK)]
        queue.gather(DESK, chance.sample(ids, min(len(ids), 7)), "gb")
        for batch in lists.open_batches(DESK):
            file = queue.fetch(batch.id, DESK, batch.fetched)
            for sheet in file.sheets if file else ():
                print("sheet", sheet.outbox_id, sheet.copy, flush=True)
            letters = [row.outbox_id for row in lists.letters(DESK, batch.id)]
            queue.printed(batch.id, DESK, chance.sample(letters, len(letters) // 3))
            queue.posted(letters[: len(letters) // 2], DESK, queue.today().isoformat())
            print("posted", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
