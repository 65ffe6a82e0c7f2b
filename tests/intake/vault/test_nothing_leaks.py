"""Whoever has the database and not the keys learns nobody's name, number or address from it.

What people typed into the text of a complaint stays readable there (it is routed, searched and shown), as
do the files they sent: docs/decisions/0024 says so.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, Text, cast, select, text, type_coerce

from channels import visit
from channels.letter import reading as letters
from channels.letter.reading import LetterForm
from channels.table import CHANNELS, Channel
from channels.visit import VisitForm, Visitor
from intake import schema
from intake.contracts import DeliveryFailed
from intake.migrate import migrate
from intake.store import Store
from tests.channels.contract.samples import SAMPLES, Sample
from tests.channels.contract.through import Carrier, line
from tests.intake.test_upgrade import ROWS, put
from tests.support.clock import SetClock
from tests.support.worked import County

_MARKS = {
    "email": ("@citizen.example",),
    "web": ("citizen.example", "李"),
    "sms": ("12025550123",),
    "whatsapp": ("12025550123",),
    "telegram": ("12025550",),
    "phone": ("12025550123",),
    "letter": ("欧阳", "Ouyang", "Plum Lane", "12025550124", "ou@citizen.example"),
    "visit": ("欧阳", "诸葛", "Plum Lane", "12025550124", "zhuge@citizen.example"),
}
_NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
_LETTER = LetterForm(
    text="路灯坏了两个星期，晚上一片漆黑。",
    name="欧阳 Ouyang",
    address="示例县, 18 Plum Lane",
    phone="+12025550124",
    email="ou@citizen.example",
    large_print=True,
)
_VISIT = VisitForm(
    text="垃圾站一个月没有人清运，气味很重。",
    visitors=(
        Visitor("欧阳", "+12025550124", document="resident_id", number_hash="4" * 64, last4="017X"),
        Visitor("诸葛", email="zhuge@citizen.example", postal="18 Plum Lane", answer_by="postal"),
    ),
    present=3,
)
_WHOLE_FORMS = {
    "letter": Sample(letters.submission(_LETTER, "letter-whole", _NOON, (), {}).raw),
    "visit": Sample(visit.submission(_VISIT, "visit-whole", _NOON).raw),
}
"""All that a clerk can enter of people, several of them."""
_ALLOWED = {"submission.external_id"}
"""A mail's Message-ID is made by the sender's own program; outsiders look mails up by it."""


def places_of(store: Store, mark: str) -> set[str]:
    """Every column of every table that holds ``mark`` as it stands in the database, and the word index."""
    found = set()
    with store.read() as connection:
        for table in schema.metadata.sorted_tables:
            for column in table.columns:
                is_bytes = column.type.python_type is bytes
                plain: Any = type_coerce(column, LargeBinary)
                if not is_bytes:
                    plain = cast(type_coerce(column, Text), Text)
                for value in connection.execute(select(plain).where(column.is_not(None))).scalars():
                    content = bytes(value) if is_bytes else str(value).encode()
                    if mark.encode() in content:
                        found.add(f"{table.name}.{column.name}")
        for (words,) in connection.execute(text("SELECT CAST(words AS TEXT) FROM complaint_search")):
            if mark.casefold() in str(words):
                found.add("complaint_search.words")
    return found


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_a_complaint_leaves_no_trace_of_who_it_was(
    channel: Channel, database_url: str, tmp_path: Path, clock: SetClock
) -> None:
    marks = _MARKS[channel.name]
    with line(channel, database_url, tmp_path, clock) as one:
        for language, sample in SAMPLES[channel.name].good.items():
            one.hand_in(sample, language)
        if channel.name in _WHOLE_FORMS:
            one.hand_in(_WHOLE_FORMS[channel.name], "whole")
        one.county.register()
        refusal = "550 5.1.1 <li@citizen.example> unknown; call +1 202 555 0123 or 12025550123"
        one.carry(Carrier(DeliveryFailed(refusal, permanent=False)))
        clock.advance(hours=5)
        one.carry(Carrier())
        for mark in marks:
            assert places_of(one.county.store, mark) <= _ALLOWED, mark
        if one.county.store.is_sqlite and channel.name != "email":
            file = Path(str(one.county.store.url.database))
            pieces = b"".join(piece.read_bytes() for piece in file.parent.glob(f"{file.name}*"))
            assert not [mark for mark in marks if mark.encode() in pieces]


def test_a_name_and_a_contact_are_not_in_the_word_index(county: County) -> None:
    county.case(sender_name="欧阳静", contacts=[["phone", "+8613900000000", True]])
    assert places_of(county.store, "欧阳") == set()
    assert places_of(county.store, "13900000000") == set()


def test_of_an_identity_number_the_last_four_stand_in_one_place(
    database_url: str, tmp_path: Path, clock: SetClock
) -> None:
    """They tell people apart and name nobody; the number itself never comes this far."""
    [visits] = [channel for channel in CHANNELS if channel.name == "visit"]
    with line(visits, database_url, tmp_path, clock) as one:
        one.hand_in(_WHOLE_FORMS["visit"])
        one.county.register()
        assert places_of(one.county.store, "017X") == {"identity_document.last4"}


def test_a_bounce_leaves_no_address_in_history(county: County) -> None:
    county.case()
    county.deliver()
    [(key,)] = county.rows("SELECT id FROM outbox WHERE template = 'acknowledgement'")
    county.send(
        automatic="bounce",
        contacts=[],
        sender_name="",
        bounces=[[f"{key}@gaoyao.example", "li@citizen.example", "5.1.1", True, "<li@citizen.example>: no"]],
    )
    county.register()
    [(data,)] = county.rows("SELECT data FROM event WHERE kind = 'bounced'")
    assert "no" in data
    assert "citizen.example" not in data
    assert "li@" not in data


def test_what_stood_in_plain_text_before_the_upgrade_is_gone(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    migrate(store, "0001")
    with store.write() as connection:
        for table, row in ROWS.items():
            put(connection, table, row)
        for n in range(900):  # more than one batch, more than one page
            put(
                connection,
                "complainant",
                ROWS["complainant"] | {"id": f"q{n:04}", "name": "old-name", "value": f"old-{n}@b.example"},
            )
    migrate(store, "0003")
    migrate(store)
    assert places_of(store, "b.example") == places_of(store, "old-name") == set()
    with store.read() as connection:
        c = schema.complainant.c
        rows = connection.execute(select(c.name, c.value).where(c.id >= "q").order_by(c.id)).all()
    assert rows == [("old-name", f"old-{n}@b.example") for n in range(900)]
    store.close()
    if store.is_sqlite:
        file = Path(str(store.url.database))
        pieces = b"".join(piece.read_bytes() for piece in file.parent.glob(f"{file.name}*"))
        assert b"old-name" not in pieces
        assert b"b.example" not in pieces
