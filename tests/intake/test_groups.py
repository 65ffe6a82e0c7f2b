"""Several who complain together: each has a part and a code of their own, whatever contact they share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import intake.sheet
import intake.understanding
from intake import schema
from intake.contracts import Companion, Contact, Json, Reader, Reading
from intake.desk import Policies
from intake.files import limits
from intake.registrar import Registrar
from intake.verify import verify
from tests.support.clock import SetClock
from tests.support.policies import policies
from tests.support.worked import County, read_json

PLACE, PHONE, OTHER = "示例省示例市示例路1号", "+12025550123", "+12025550145"


def read_group(raw: bytes, envelope: Json) -> Reading:
    """As ``read_json``; companions are [name, [[kind, value], …]]."""
    said = json.loads(raw)
    others = said.pop("companions", [])
    reading = read_json(json.dumps(said).encode(), envelope)
    people = [Companion(name, tuple(Contact(*each) for each in contacts)) for name, contacts in others]
    return replace(reading, companions=tuple(people))


class GroupCounty(County):
    """A county whose mail may bring companions, and that writes letters and texts, too."""

    def make_policies(self) -> Policies:
        ways = {"postal": "letter", "email": "email", "phone": "sms"}
        return replace(policies(), way_back=lambda contact: ways.get(contact.kind, ""))

    def registrar_named(self, owner: str) -> Registrar:
        readers: dict[str, Reader] = {"email": read_group}
        return Registrar(self.store, self.blobs, self.policies, readers, self.clock, owner)


@pytest.fixture
def group(database_url: str, tmp_path: Path, clock: SetClock) -> Iterator[GroupCounty]:
    county = GroupCounty(database_url, tmp_path, clock)
    yield county
    county.close()


def parts(county: County) -> list[Any]:
    return county.ask(select(schema.participation).order_by(schema.participation.c.id))


TOGETHER: list[tuple[str, list[Any], list[Any], list[tuple[str, str]]]] = [
    # who speaks, who came along, whose part goes where
    ("one telephone", [["phone", PHONE]], [["乙", [["phone", PHONE]]]], [("甲", PHONE), ("乙", PHONE)]),
    ("one address", [["postal", PLACE]], [["乙", [["postal", PLACE]]]], [("甲", PLACE), ("乙", PLACE)]),
    (
        "two of those who came along share",
        [["phone", PHONE]],
        [["乙", [["postal", PLACE]]], ["丙", [["postal", PLACE], ["phone", OTHER]]]],
        [("甲", PHONE), ("乙", PLACE), ("丙", PLACE)],
    ),
    ("entered twice", [["phone", PHONE]], [["乙", [["phone", OTHER]]]] * 2, [("甲", PHONE), ("乙", OTHER)]),
    ("no contact of their own", [["phone", PHONE]], [["乙", []]], [("甲", PHONE)]),
]


@pytest.mark.parametrize(("what", "speaker", "others", "expected"), TOGETHER)
def test_each_has_a_part(
    group: County, what: str, speaker: Any, others: Any, expected: list[tuple[str, str]]
) -> None:
    group.case(contacts=speaker, sender_name="甲", companions=others)
    found = parts(group)
    assert [(part.name, part.address) for part in found] == expected, what
    for column in ("complainant_id", "code", "token"):
        assert len({getattr(part, column) for part in found}) == len(expected), column
    told = group.ask(
        select(schema.outbox.c.id, schema.outbox.c.name, schema.outbox.c.address)
        .where(schema.outbox.c.template == "acknowledgement")
        .order_by(schema.outbox.c.id)
    )
    assert [(row.name, row.address) for row in told] == expected
    assert verify(group.store, group.blobs, group.policies.directory, group.clock(), deep=True).ok


def test_a_shared_contact_knows_the_first_and_stays_with_the_second(group: County) -> None:
    group.case(contacts=[["phone", PHONE]], sender_name="甲", companions=[["乙", [["phone", PHONE]]]])
    people = group.ask(select(schema.complainant).order_by(schema.complainant.c.id))
    assert sorted((one.name, one.value) for one in people) == [("乙", None), ("甲", PHONE)]
    contacts = group.ask(select(schema.contact))
    assert {row.complainant_id for row in contacts} == {one.id for one in people}
    assert {row.value for row in contacts} == {PHONE}


def test_the_telephone_that_they_share_rings_once_for_thanks(group: County) -> None:
    said: dict[str, Any] = {"contacts": [["email", "li@citizen.example", True]], "sender_name": "甲"}
    group.case(**said, companions=[["乙", [["email", "li@citizen.example"]]]])
    token = parts(group)[0].token
    group.send(**said, token=token, body="补充一点")
    group.register()
    assert len(group.rows("SELECT id FROM outbox WHERE template = 'added'")) == 1


def test_of_too_many_files_the_first_are_filed_and_the_rest_is_told_of(
    group: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake.understanding, "MAX_FILES", 3)
    monkeypatch.setattr(intake.sheet, "MAX_FILES", 3)
    assert limits.MAX_FILES == 200
    receipt = group.send(attachments=[[f"{n}.txt", "text/plain", f"page {n}"] for n in range(5)])
    group.register()
    a, s = schema.attachment.c, schema.submission.c
    names = group.ask(select(a.id, a.filename).order_by(a.id))
    assert sorted(row.filename for row in names) == ["0.txt", "1.txt", "2.txt"]
    [row] = group.ask(select(s.id, s.state, s.problems).where(s.id == receipt.submission_id))
    assert row.state == "done"
    assert row.problems == ["2 more file(s) than the 3 that are filed of one message; the original has them"]
    [raw] = group.ask(select(schema.raw_message))
    assert b"page 4" in raw.content
    assert len(list(group.blobs.names())) == 3
