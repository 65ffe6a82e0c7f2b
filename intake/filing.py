"""Filing: a submission that was understood joins its case or becomes a new one (promises 3, 4, 8).

What proves that a letter belongs to a case stands in ``surroundings``; where people talk in turns, the
dialogue says what each message is (``turns``). Both end in ``registering``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intake.conversations import Talk, remember
from intake.desk import Desk
from intake.inbox import give_back_numbers, take_numbers
from intake.registering import Registering
from intake.search import SearchIndex
from intake.sheet import Sheet
from intake.surroundings import Surroundings
from intake.turns import Turns
from intake.understanding import Understood


class Filing:
    """Files one batch inside one transaction. ``talks`` are the batch's conversations, locked."""

    def __init__(
        self, desk: Desk, search: SearchIndex, around: Surroundings, talks: Mapping[str, Talk] | None = None
    ) -> None:
        self._desk = desk
        self._search = search
        self._around = around
        self._talks = talks or {}

    def file(self, batch: Sequence[Understood]) -> None:
        """File every item; nothing is committed here."""
        spoken = [item for item in batch if item.row.conversation in self._talks]
        belongs = {
            item.row.id: self._around.belonging(item)
            for item in batch
            if item.row.conversation not in self._talks
        }
        theirs = [b.complaint_id for b in belongs.values() if b]
        self._desk.take([*theirs, *(key for keys in self._around.own_cases.values() for key in keys)])
        sheet = Sheet(self._desk.now)
        registering = Registering(self._desk, self._around, sheet)
        new = [item for item in batch if belongs.get(item.row.id) is None]
        registering.newcomers.know([item for item in new if item.reading.contacts or item.reading.companions])
        numbers = Numbers(self._desk, new)
        turns = Turns(self._desk, self._around, sheet, registering, self._talks, numbers)
        turns.prepare(spoken)
        for item in batch:
            belonging = belongs.get(item.row.id) or self._around.repetition(item)
            if item.row.conversation in self._talks:
                turns.take(item)
            elif belonging is None:
                registering.register(item, numbers.of(item))
            else:
                registering.join(item, belonging)
        numbers.close()
        registering.newcomers.write()
        self._desk.flush()
        registering.write_bounced()
        sheet.write(self._desk.connection, self._desk.store, self._search)
        remember(self._desk.connection, list(self._talks.values()))


class Numbers:
    """Case numbers of a batch, taken together. What no new case needed goes back, so that none is skipped."""

    def __init__(self, desk: Desk, items: Sequence[Understood]) -> None:
        self._desk = desk
        self._free: dict[int, list[int]] = {}
        wanted: dict[int, int] = {}
        for item in items:
            if not item.row.reserved_number:
                year = self._year(item)
                wanted[year] = wanted.get(year, 0) + 1
        for year, count in sorted(wanted.items()):
            self._free[year] = take_numbers(desk.connection, desk.store, year, count)

    def of(self, item: Understood) -> int:
        """The number of the case that ``item`` becomes."""
        return item.row.reserved_number or self._free[self._year(item)].pop(0)

    def close(self) -> None:
        """Give back what is left; the counter is ours until the transaction ends."""
        for year, left in self._free.items():
            if left:
                give_back_numbers(self._desk.connection, year, len(left))

    def _year(self, item: Understood) -> int:
        return int(item.row.received_at.astimezone(self._desk.policies.zone).year)
