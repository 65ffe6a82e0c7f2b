"""``python -m benchmarks [NAMES] [--quick] [--keep FOLDER]``: run the named programs, or all."""

from __future__ import annotations

import argparse
import importlib
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.databases import Disk, DurablePostgres, Place
from benchmarks.table import say
from tests.support.postgres import PostgresMissing

PROGRAMS = (
    # module, what it measures
    ("acceptance", "durable acceptance over SMTP, beside a listener that stores nothing"),
    ("webhook", "durable acceptance of signed text messages over a webhook, beside storing nothing"),
    ("updates", "durable acceptance of Telegram's updates, beside storing nothing"),
    ("pipeline", "mail → visible, routed case with its acknowledgement queued"),
    ("tick", "the chase tick, as open cases grow and what is due does not"),
    ("matching", "looking for companions, as the index grows"),
    ("lists", "the first page of every list, as the archive grows"),
    ("footprint", "memory at rest and time to start"),
    ("reading", "reading one mail, by kind"),
    ("deciding", "routing one matter"),
    ("letters", "answers as PDF, beside drawing the same words without setting them"),
    ("plan_and_chase", "planning and chasing one case"),
    ("ocr", "reading scanned letters: accuracy, time and memory"),
)


def main() -> None:
    """Parse, prepare databases, run."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Programs: " + "; ".join(f"{name} ({what})" for name, what in PROGRAMS),
    )
    names = [name for name, _ in PROGRAMS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(names)}; default: all")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller archives")
    parser.add_argument("--keep", type=Path, help="keep seeded databases in this folder for the next time")
    parser.add_argument("--sqlite-only", action="store_true", help="leave PostgreSQL out")
    parser.add_argument(
        "--texts", type=Path, help="ocr: print the texts of this CSV (column “text”), not our own"
    )
    chosen = parser.parse_args()
    for name in chosen.names:
        if name not in names:
            parser.error(f"there is no program “{name}”; use any of {', '.join(names)}")
    with ExitStack() as until_the_end:
        folder = Path(until_the_end.enter_context(_working_folder()))
        places: list[Place] = [Disk(folder, chosen.keep)]
        if not chosen.sqlite_only:
            try:
                server = until_the_end.enter_context(DurablePostgres(chosen.keep))
                places.append(server)
            except PostgresMissing as missing:
                say(f"(SQLite only: {missing})")
        bench = Bench(folder, tuple(places), quick=chosen.quick, texts=chosen.texts)
        for name, what in PROGRAMS:
            if name in (chosen.names or names):
                say(f"\n== {name}: {what}")
                begun = time.monotonic()
                importlib.import_module(f"benchmarks.{name}").run(bench)
                say(f"   ({time.monotonic() - begun:.0f} s)")


def _working_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder on the disk the project lies on: the system's temporary one may be memory."""
    home = Path("data")
    home.mkdir(exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="bench-", dir=home.absolute())


if __name__ == "__main__":
    main()
