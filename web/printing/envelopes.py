"""Which letters of a file go into one envelope: those to one person at one address, kept together.

You are here: rows of the print queue → [envelopes] → their order in the file, on the lists and at the post.
Two people at one address have an envelope each: each letter carries its reader's own code.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar


class Addressed(Protocol):
    """A letter with ``name``, ``address`` and frozen ``pages``, whose ``reference`` is its reader's own."""

    @property
    def name(self) -> Any:
        """Whom it is for; may be empty."""
        ...

    @property
    def address(self) -> Any:
        """Where it goes, as a clerk typed it."""
        ...

    @property
    def pages(self) -> Any:
        """What it shows but its recipient and address."""
        ...


AnyLetter = TypeVar("AnyLetter", bound=Addressed)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a letter lies: ``lead`` is the first letter of its envelope, ``letters`` how many are in it."""

    lead: str
    letters: int


def together(rows: Sequence[AnyLetter]) -> list[list[AnyLetter]]:
    """Envelopes in the order of their first letters, each with its letters in the order given."""
    found: dict[Hashable, list[AnyLetter]] = {}
    for row in rows:
        found.setdefault(_envelope_of(row), []).append(row)
    return list(found.values())


def in_order(rows: Sequence[AnyLetter]) -> list[AnyLetter]:
    """The letters as they lie on the printer's pile."""
    return [row for envelope in together(rows) for row in envelope]


def places(rows: Sequence[Any]) -> dict[str, Place]:
    """Of each letter (by ``outbox_id``) its envelope."""
    return {
        row.outbox_id: Place(envelope[0].outbox_id, len(envelope))
        for envelope in together(rows)
        for row in envelope
    }


def posted_together(rows: Sequence[Any]) -> list[list[Any]]:
    """Posted letters by envelope: one number of the post, or one file, one day, one reader."""
    found: dict[Hashable, list[Any]] = {}
    for row in rows:
        item = (
            ("number", row.registered) if row.registered else (row.batch_id, row.posted_on, _envelope_of(row))
        )
        found.setdefault(item, []).append(row)
    return list(found.values())


def _envelope_of(row: Addressed) -> Hashable:
    """By name and address, however they are spaced; by reference where nobody is named."""
    name, address = ("".join(str(value or "").split()).casefold() for value in (row.name, row.address))
    return ("to", name, address) if name else ("case", row.pages["reference"], address)
