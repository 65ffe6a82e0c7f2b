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
        everybody = [*office.clerks, *office.leaders]
        for code in (bureau.code for bureau in bureaus):
            everybody += [*bureaus.recipients(code, "handler"), *bureaus.recipients(code, "leader")]
        self._contacts = frozenset(contact.value.lower() for contact in everybody)
        mailbox, _, self._domain = office.mail.lower().partition("@")
        self._mailboxes = frozenset({mailbox, "postmaster"})  # what the listener takes

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

    def is_contact(self, address: str) -> bool:
        """Whether somebody of a bureau or of the office reads mail sent there."""
        return address in self._contacts

    def is_own(self, address: str) -> bool:
        """Whether it is where citizens write to, with or without a case's ``+token``."""
        local, _, domain = address.rpartition("@")
        return domain == self._domain and local.partition("+")[0] in self._mailboxes
