"""The forms in which names and addresses are hashed, so that what somebody types later finds them."""

from __future__ import annotations

import unicodedata

from intake.vault.sealing import Vault

ADDRESS, CONVERSATION, NAME, TOKEN = "address", "conversation", "name", "token"
"""Purposes of keyed hashes. Every address of a person, in whichever table, has the first."""
_HASH = 32
"""Hex digits kept in columns: of 128 bits no two of a county's contacts will ever share all."""


def normal_name(name: str) -> str:
    """A full name as it is compared: half width, lower case, no spaces between Chinese characters."""
    words = unicodedata.normalize("NFKC", name).casefold().split()
    joined = " ".join(words)
    return joined if joined.isascii() or any("a" <= letter <= "z" for letter in joined) else "".join(words)


def address_hash(vault: Vault, address: str | None) -> str | None:
    """The hash of an e-mail address, a number or another contact in its canonical form; None for none."""
    return vault.hash(ADDRESS, address)[:_HASH] if address else None


def delivery_id(vault: Vault, provider_id: str) -> str:
    """A carrier's id of a message as it is stored and found: of "chat/message" the chat is hashed."""
    address, slash, message = provider_id.partition("/")
    return f"{address_hash(vault, address)}/{message}" if slash and address else provider_id


def name_hash(vault: Vault, name: str) -> str | None:
    """The hash of a full name; None for none."""
    return vault.hash(NAME, normal)[:_HASH] if (normal := normal_name(name)) else None


def token_hash(vault: Vault, token: str) -> str:
    """The hash of a reply token."""
    return vault.hash(TOKEN, token)[:_HASH]


def conversation_hash(vault: Vault, conversation: str) -> str:
    """The hash of "channel:address"."""
    return vault.hash(CONVERSATION, conversation)[:_HASH]
