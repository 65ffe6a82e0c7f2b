"""Who acts, and what they may see: the conflict firewall's last line (promise 7)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from intake.contracts import Directory, Json
from intake.lifecycle import BUREAU, OFFICE, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, or something, that says a verb. ``bureau`` is set for a bureau's people only."""

    role: Role
    id: str = ""
    name: str = ""
    bureau: str | None = None

    def signature(self) -> Json:
        """How history names the actor."""
        return {"kind": str(self.role), "id": self.id, "name": self.name}


SYSTEM = Actor(Role.SYSTEM, name="huiyin")
COMPLAINANT = Actor(Role.COMPLAINANT)


def complainant(participation_id: str) -> Actor:
    """One of those who complained, by their part in the case; their name stays out of the history."""
    return Actor(Role.COMPLAINANT, participation_id)


def sees_everything(actor: Actor) -> bool:
    """Office staff and machines that read for the office; never anybody bound to a bureau."""
    return actor.bureau is None and actor.role in OFFICE | {Role.READER, Role.SYSTEM, Role.DESK}


def leads(actor: Actor, bureau: str | None, directory: Directory) -> bool:
    """Whether ``actor`` may speak for the responsible bureau: the office, that bureau, those above it.

    A supporting bureau helps and may write notes, but it does not accept, answer or return for another.
    """
    return actor.role not in BUREAU or (actor.bureau is not None and bureau in directory.family(actor.bureau))


def may_see(
    actor: Actor,
    bureau: str | None,
    supporting: Collection[str],
    barred: Collection[str],
    directory: Directory,
) -> bool:
    """Whether ``actor`` may find and open a case with these bureaus.

    A bureau sees what it leads or supports, and what its subordinates do; never what is about it.
    """
    if actor.bureau is not None and actor.bureau in barred:
        return False
    if sees_everything(actor) or actor.role is Role.COMPLAINANT:
        return True
    if actor.bureau is None or actor.role not in BUREAU | {Role.READER}:
        return False
    own = directory.family(actor.bureau)
    return bureau in own or any(other in own for other in supporting)
