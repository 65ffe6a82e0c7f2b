"""Personal data at rest: names, addresses and messages are sealed; what must be found again is hashed.

You are here: every room → schema → [vault] → database. ``keyring`` is the file of keys, ``sealing`` the
cipher and the keyed hash, ``column`` the column type, ``fitting`` the proof that the keys are the ones
of this database, ``rotation`` the change of keys while the service runs.
"""

from intake.vault.column import (
    Sealed,
    SealedText,
    Unreadable,
    UnreadableBytes,
    UnreadableJson,
    is_unreadable,
    sealed,
    vault_of,
)
from intake.vault.keyring import Keyring, KeyringBroken, KeyringMissing
from intake.vault.sealing import Unsealable, Vault

__all__ = [
    "Keyring",
    "KeyringBroken",
    "KeyringMissing",
    "Sealed",
    "SealedText",
    "Unreadable",
    "UnreadableBytes",
    "UnreadableJson",
    "Unsealable",
    "Vault",
    "is_unreadable",
    "sealed",
    "vault_of",
]
