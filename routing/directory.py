"""Who can be reached: the county's bureaus and the efficiency office itself, under one roof.

You are here: bureaus.toml, office.toml → *directory* → intake, which writes to those it names.
"""

from __future__ import annotations

from collections.abc import Sequence

from intake.contracts import Contact, Text
from routing.bureaus import Bureaus
from routing.office import Office

OFFICE = "office"


class CountyDirectory:
    """Implements :class:`intake.contracts.Directory`."""

    def __init__(self, bureaus: Bureaus, office: Office) -> None:
        self._bureaus = bureaus
        self._office = office

    def knows(self, bureau: str) -> bool:
        """Whether there is a bureau with this code; the office itself is none."""
        return bureau in self._bureaus

    def name(self, bureau: str) -> Text:
        """Its name in both languages."""
        return self._office.name if bureau == OFFICE else self._bureaus.name(bureau)

    def family(self, bureau: str) -> frozenset[str]:
        """The bureau and all under it."""
        return frozenset({bureau, *self._bureaus.subordinates(bureau)})

    def recipients(self, bureau: str, level: str) -> Sequence[Contact]:
        """Whom to write to; ``level`` is handler or leader."""
        if bureau == OFFICE:
            return self._office.leaders if level == "leader" else self._office.clerks
        return self._bureaus.recipients(bureau, level)
