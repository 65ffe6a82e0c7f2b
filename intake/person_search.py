"""Finding the cases of a person by their whole name, number or address, through keyed hashes.

You are here: staff search → archive → [person search]. Names and contacts stand sealed in the database
and never in the word index: what is typed must be the whole of it.
"""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import Connection, Select, select, union

from intake import schema
from intake.vault import Vault, vault_of
from intake.vault.names import address_hash, name_hash

_LONGEST = 320  # characters: an address (RFC 3696 erratum 1690)
_NUMBER = re.compile(r"\+?[0-9][0-9 ().\-]{4,30}")
_NOT_A_DIGIT = re.compile(r"[^0-9]")
_HOME = "86"

_c, _p, _t = schema.complaint.c, schema.participation.c, schema.contact.c


def spellings(query: str) -> set[str]:
    """The canonical contacts that ``query`` may mean: an address, a number with or without its country."""
    plain = unicodedata.normalize("NFKC", query).strip()[:_LONGEST]
    found = {plain, plain.casefold()}
    if _NUMBER.fullmatch(plain):
        digits = _NOT_A_DIGIT.sub("", plain)
        found |= {digits, f"+{digits}", f"+{digits.removeprefix('00')}"}
        if not plain.startswith(("+", "00")):
            found |= {f"+{_HOME}{digits}", f"+{_HOME}{digits.removeprefix('0')}"}
    return {spelling for spelling in found if spelling}


def numbers_of_person(connection: Connection, query: str, below: int | None, limit: int) -> list[int]:
    """Numbers of the cases of whoever ``query`` names, newest first, smaller than ``below``."""
    if not query.strip() or len(query) > _LONGEST:
        return []
    vault = vault_of(connection)
    either = union(_by_contact(vault, query), _by_name(vault, query)).subquery()
    numbers = select(_c.number).where(_c.id.in_(select(either.c.complaint_id)))
    if below is not None:
        numbers = numbers.where(_c.number < below)
    return list(connection.execute(numbers.order_by(_c.number.desc()).limit(limit)).scalars())


def _by_contact(vault: Vault, query: str) -> Select[tuple[str]]:
    hashes = sorted(filter(None, (address_hash(vault, spelling) for spelling in spellings(query))))
    return (
        select(_p.complaint_id)
        .join_from(schema.contact, schema.participation, _p.complainant_id == _t.complainant_id)
        .where(_t.value_hash.in_(hashes))
    )


def _by_name(vault: Vault, query: str) -> Select[tuple[str]]:
    return select(_p.complaint_id).where(_p.name_hash == (name_hash(vault, query) or ""))
