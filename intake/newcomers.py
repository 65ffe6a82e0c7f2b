"""Who complained in a batch becomes known: people, their contacts, the documents they showed (promise 8).

You are here: filing → registering → [newcomers].
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from intake import schema
from intake.contracts import Companion, Contact, Identity, Reading
from intake.desk import Desk
from intake.ids import new_id
from intake.surroundings import Surroundings, people_of
from intake.understanding import Understood
from intake.vault import sealed, vault_of
from intake.vault.names import address_hash


class Newcomers:
    """The people of one transaction."""

    def __init__(self, desk: Desk, around: Surroundings) -> None:
        self._desk = desk
        self._around = around
        self._vault = vault_of(desk.connection)
        self._people: list[dict[str, Any]] = []
        self._contacts: list[dict[str, Any]] = []
        self._identities: list[dict[str, Any]] = []

    def know(self, items: Sequence[Understood]) -> None:
        """Make sure that every sender is a complainant, also when another worker is quicker.

        A person is the contact they write from. What else they name is kept with them but makes them
        nobody else: otherwise a forged Reply-To would join two people.
        """
        known, connection = self._around.people, self._desk.connection
        writers = [person for item in items for person in _people(item.reading)]
        new = {
            (first.kind, first.value): self._new_person(person.name, first)
            for person in writers
            for first in person.contacts[:1]
            if (first.kind, first.value) not in known
        }
        if new:
            # one order, so that workers never deadlock
            rows = sorted(new.values(), key=lambda row: (row["kind"], row["value_hash"]))
            connection.execute(self._desk.store.insert_new(schema.complainant), rows)
            known |= people_of(connection, new)
        contacts = {
            (known[person.contacts[0].kind, person.contacts[0].value], c.kind, c.value): c.verified
            for person in writers
            for c in person.contacts
        }
        rows = self._rows(contacts)
        rows.sort(key=lambda row: (row["complainant_id"], row["kind"], row["value_hash"]))
        if rows:
            connection.execute(self._desk.store.insert_new(schema.contact), rows)

    def _rows(self, contacts: Mapping[tuple[str, str, str], bool]) -> list[dict[str, Any]]:
        """Rows of (complainant, kind, value) → verified."""
        return [
            {
                "id": (key := new_id()),
                "complainant_id": person,
                "kind": kind,
                "value": sealed(key, value),
                "value_hash": address_hash(self._vault, value) or "",
                "verified": verified,
            }
            for (person, kind, value), verified in contacts.items()
        ]

    def person(self, who: Companion, known: Collection[str] = ()) -> str:
        """The complainant that ``who`` is. ``known`` are others of the case: two of a group who share a
        telephone or an address are two people, the second of whom no contact is known by.
        """
        first = who.contacts[0] if who.contacts else None
        found = self._around.people[first.kind, first.value] if first is not None else ""
        if not found or found in known:
            stranger = self._new_person(who.name, None)
            found = str(stranger["id"])
            self._people.append(stranger)
            self._contacts += self._rows({(found, c.kind, c.value): c.verified for c in who.contacts})
        if who.identity is not None:
            self._identities.append(self._identity(found, who.identity))
        return found

    def write(self) -> None:
        """Those whom no contact is known by, and documents; before the cases they belong to."""
        connection = self._desk.connection
        for table, rows in ((schema.complainant, self._people), (schema.contact, self._contacts)):
            if rows:
                connection.execute(table.insert(), rows)
        if self._identities:
            seen = {(row["complainant_id"], row["kind"]): row for row in self._identities}
            rows = [seen[key] for key in sorted(seen)]
            connection.execute(self._desk.store.insert_new(schema.identity_document), rows)

    def _new_person(self, name: str, contact: Contact | None) -> dict[str, Any]:
        return {
            "id": (key := new_id()),
            "name": sealed(key, name[:200]),
            "kind": contact.kind if contact else None,
            "value": sealed(key, contact.value) if contact else None,
            "value_hash": address_hash(self._vault, contact.value) if contact else None,
            "created_at": self._desk.now,
        }

    def _identity(self, person: str, seen: Identity) -> dict[str, Any]:
        return {
            "complainant_id": person,
            "kind": seen.kind[:24],
            "number_hash": seen.number_hash[:64],
            "last4": seen.last4[:4],
            "seen_at": self._desk.now,
        }


def _people(reading: Reading) -> Iterator[Companion]:
    """Whoever can be known by a contact: the sender first, then those who came along.

    A contact that several share knows the first of them.
    """
    seen: set[tuple[str, str]] = set()
    for person in (Companion(reading.sender_name, reading.contacts, reading.identity), *reading.companions):
        if person.contacts:
            first = person.contacts[0].kind, person.contacts[0].value
            if first not in seen:
                seen.add(first)
                yield person
