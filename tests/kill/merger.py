"""Merges every case of a database into the oldest and takes each second one out again, until it is killed."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import select

from intake import schema
from intake.office import Office
from intake.references import reference_of
from intake.store import Store
from intake.vault import Keyring
from intake.verbs import Merge, Separate
from tests.support.clock import SetClock
from tests.support.policies import policies
from tests.support.worked import CLERK


def main(url: str, keys: str) -> None:
    """Say so when it begins."""
    store = Store(url, keyring=Keyring(Path(keys)))
    office = Office(store, policies(), SetClock())
    with store.read() as connection:
        query = select(schema.complaint.c.number).order_by(schema.complaint.c.number)
        lead, *others = [reference_of(number) for number in connection.execute(query).scalars()]
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    for n, other in enumerate(others):
        office.perform(other, CLERK, Merge(lead, "同一件事"))
        if n % 2:
            office.perform(other, CLERK, Separate("不是同一件事"))


if __name__ == "__main__":
    main(*sys.argv[1:3])
