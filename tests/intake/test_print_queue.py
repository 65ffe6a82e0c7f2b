"""Nothing is printed twice without a mark and nothing is lost, whatever is pressed in whatever order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from intake import schema
from intake.desk import Policies, outbox_row
from intake.ids import new_id
from intake.lifecycle import Role
from intake.people import Actor
from intake.print_checks import check_letters
from intake.print_lists import PrintLists
from intake.print_queue import MOST_GATHERED, PrintQueue
from intake.refusals import Refused
from intake.vault import vault_of
from intake.verbs import Answer, Assign, Readdress
from tests.support.clock import SetClock
from tests.support.policies import policies
from tests.support.worked import CLERK, County, handler

DESK = Actor(Role.DESK, "d1", "前台")
PLACE = "示例省示例市示例路1号"


class PostalCounty(County):
    """A county that also writes letters."""

    def make_policies(self) -> Policies:
        known = policies()
        ways = {"postal": "letter", "email": "email", "web": "web"}
        return replace(
            known, way_back=lambda contact: ways.get(contact.kind, ""), ringing=frozenset({"letter"})
        )


class PostOffice:
    """A print queue, and a witness of every sheet that ever left it."""

    def __init__(self, county: PostalCounty) -> None:
        self.county = county
        self.queue = PrintQueue(county.store, county.policies, county.clock, ZoneInfo("Asia/Shanghai"))
        self.lists = PrintLists(county.store)
        self.handed: Counter[tuple[str, int]] = Counter()
        self.reference = county.case(contacts=[["postal", PLACE, False]])
        self.fill()

    def fill(self) -> None:
        """What a postman does: put first, then record. Put again where he died between the two."""
        for letter in self.county.outbox.claim(self.county.clock(), 50):
            if letter.row.channel == "letter":
                self.hand_on(letter.row.id)

    def hand_on(self, outbox_id: str) -> None:
        for _died_and_came_again in range(2):
            self.queue.put(outbox_id, {"text": "说过的话"})
        self.county.sql("UPDATE outbox SET state = 'sent', owner = NULL WHERE id = :id", id=outbox_id)

    def more(self, count: int) -> list[str]:
        """Further letters of the same case."""
        [model] = self.county.rows("SELECT * FROM outbox WHERE channel = 'letter' ORDER BY id LIMIT 1")
        ids = []
        for _ in range(count):
            key = new_id()
            with self.county.store.write() as connection:
                o = schema.outbox
                row = connection.execute(select(o).where(o.c.id == model.id)).one()._asdict()
                fresh = row | {"id": key, "dedupe_key": f"k:{key}", "state": "pending"}
                connection.execute(o.insert(), outbox_row(vault_of(connection), fresh))
            self.hand_on(key)
            ids.append(key)
        return ids

    def rows(self) -> dict[str, Any]:
        with self.county.store.read() as connection:
            return {row.outbox_id: row for row in connection.execute(select(schema.printout))}

    def ids(self, state: str) -> list[str]:
        return sorted(key for key, row in self.rows().items() if row.state == state)

    def batches(self) -> list[Any]:
        with self.county.store.read() as connection:
            return list(connection.execute(select(schema.print_batch).order_by(schema.print_batch.c.id)))

    def fetch(self, batch_id: str, seen: int) -> int:
        """Print a file; returns how many sheets left the printer."""
        file = self.queue.fetch(batch_id, DESK, seen)
        if file is None:
            return 0
        self.handed.update((sheet.outbox_id, sheet.copy) for sheet in file.sheets)
        return len(file.sheets)

    def to_the_post(self, count: int = 1) -> list[str]:
        """Letters that were printed and posted today."""
        ids = self.more(count)
        batch = self.queue.gather(DESK, ids, "gb")
        assert batch is not None
        self.fetch(batch, 0)
        self.queue.printed(batch, DESK)
        assert self.queue.posted(ids, DESK, self.today) == count
        return ids

    @property
    def today(self) -> str:
        return self.queue.today().isoformat()

    def assert_sound(self) -> None:
        twice = [sheet for sheet, times in self.handed.items() if times > 1]
        assert twice == [], "two sheets of one letter look the same"
        with self.county.store.read() as connection:
            assert list(check_letters(connection)) == []


@pytest.fixture
def office(database_url: str, tmp_path: Path, clock: SetClock) -> Iterator[PostOffice]:
    """A print queue with one letter in it, on each kind of database."""
    county = PostalCounty(database_url, tmp_path, clock)
    yield PostOffice(county)
    county.close()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["more", "gather", "fetch", "fetch", "stale", "printed", "posted", "back", "cancel", "move"]
        ),
        st.integers(0, 2**20),
    ),
    max_size=25,
)


@settings(max_examples=15)
@given(steps=STEPS)
def test_whatever_is_pressed_nothing_is_lost_or_doubled(
    office: PostOffice, steps: list[tuple[str, int]]
) -> None:
    before = set(office.rows())
    for n, (what, luck) in enumerate(steps):
        press(office, what, luck, n)
    assert before <= set(office.rows()), "no letter ever vanishes"
    for key, row in office.rows().items():
        assert row.copies == sum(times for (k, _), times in office.handed.items() if k == key)
        if row.state in ("posted", "came_back"):
            assert row.copies, "nothing is posted that was never printed"
    office.assert_sound()


def press(office: PostOffice, what: str, luck: int, n: int) -> None:
    queue = office.queue
    batches = office.batches()
    some = [key for i, key in enumerate(office.rows()) if luck >> (i % 20) & 1]
    if what == "more":
        office.more(1 + luck % 3)
    elif what == "gather":
        queue.gather(DESK, some, "gb")
    elif what in ("fetch", "stale") and batches:
        batch = batches[luck % len(batches)]
        office.fetch(batch.id, batch.fetched - (what == "stale"))
    elif what == "printed" and batches:
        queue.printed(batches[luck % len(batches)].id, DESK, some)
    elif what == "posted":
        queue.posted(some, DESK, office.today, dict.fromkeys(some[:1], f"XA{n}"))
    elif what == "back" and some:
        if office.rows()[some[0]].state in ("posted", "came_back"):
            queue.came_back(some[0], DESK, office.today, "moved")
        else:
            with pytest.raises(Refused, match="no posted letter"):
                queue.came_back(some[0], DESK, office.today, "moved")
    elif what == "cancel" and some:
        queue.cancel(some[0], DESK, "不用了")
    elif what == "move":
        [part] = office.county.rows("SELECT id FROM participation")
        office.county.say(office.reference, DESK, Readdress(part.id, "postal", f"{PLACE} {luck % 3}室"))
        office.fill()


def test_clerks_who_press_at_once_never_share_a_letter(office: PostOffice) -> None:
    ids = office.more(40)
    with ThreadPoolExecutor(8) as clerks:
        made = list(clerks.map(lambda _n: office.queue.gather(DESK, ids, "gb"), range(8)))
    batches = [key for key in made if key]
    held = [row.batch_id for row in office.rows().values() if row.outbox_id in ids]
    assert len(held) == len(ids)
    assert set(held) == set(batches)
    assert sum(batch.letters for batch in office.batches()) == len(ids)
    office.assert_sound()


def test_two_who_fetch_at_once_do_not_both_get_the_unmarked_file(office: PostOffice) -> None:
    batch = office.queue.gather(DESK, office.ids("waiting"), "gb")
    assert batch is not None
    with ThreadPoolExecutor(4) as clerks:
        files = list(clerks.map(lambda _n: office.queue.fetch(batch, DESK, 0), range(4)))
    assert len([file for file in files if file is not None]) == 1


def test_a_batch_has_a_bound(office: PostOffice) -> None:
    ids = office.more(3)
    assert MOST_GATHERED == 200
    assert office.queue.gather(DESK, ids[:2], "din")
    assert office.ids("printing") == sorted(ids[:2])


def test_only_posted_counts_as_told(office: PostOffice) -> None:
    county = office.county
    county.say(office.reference, CLERK, Assign("traffic"))
    county.clock.advance(minutes=1)
    county.say(office.reference, CLERK, Answer("已整改"))
    office.fill()
    [answer] = county.rows("SELECT id, state FROM outbox WHERE template = 'answer'")
    assert answer.state == "sent"
    batch = office.queue.gather(DESK, [answer.id], "gb")
    assert batch is not None
    assert office.queue.posted([answer.id], DESK, office.today) == 0, "nobody has fetched it yet"
    office.fetch(batch, 0)
    assert office.queue.posted([answer.id], DESK, office.today, {answer.id: " XA 1 "}) == 1
    assert office.queue.posted([answer.id], DESK, office.today, {answer.id: "XA2"}) == 0, "a double click"
    [row] = county.rows("SELECT state FROM outbox WHERE template = 'answer'")
    assert row.state == "delivered"
    assert office.rows()[answer.id].registered == "XA 1"
    office.assert_sound()


@pytest.mark.parametrize("day", ["2026-03-03", "1999-01-01", "02.03.2026", "", "２０２６-03-02x"])
def test_a_day_that_cannot_be_is_refused(office: PostOffice, day: str) -> None:
    with pytest.raises(Refused, match="no day for this"):
        office.queue.posted(office.ids("waiting"), DESK, day)


def test_bureaus_do_not_print(office: PostOffice) -> None:
    who = handler("traffic")
    for refused in (
        lambda: office.queue.gather(who, office.ids("waiting"), "gb"),
        lambda: office.lists.waiting(who),
        lambda: office.queue.posted(office.ids("waiting"), who, office.today),
    ):
        with pytest.raises(Refused, match="role"):
            refused()


def test_what_came_back_stays_on_a_list_until_it_is_seen_to(office: PostOffice) -> None:
    [key] = office.to_the_post()
    for _twice in range(2):
        office.queue.came_back(key, DESK, office.today, "unknown", "原址查无此人")
    county = office.county
    assert county.row(office.reference).attention == "undelivered"
    assert county.events(office.reference).count("bounced") == 1
    assert [row.outbox_id for row in office.lists.returned(DESK)] == [key]
    [part] = county.rows("SELECT id FROM participation")
    county.say(office.reference, DESK, Readdress(part.id, "email", "new@citizen.example"))
    assert office.lists.returned(DESK) == []
    there = {"hashed": county.hashed("new@citizen.example")}
    mails = county.rows(
        "SELECT state FROM outbox WHERE channel = 'email' AND address_hash = :hashed", **there
    )
    assert {mail.state for mail in mails} == {"pending"}


def test_no_letter_comes_back_before_it_was_posted(office: PostOffice) -> None:
    [key] = office.to_the_post()
    day_before = (date.fromisoformat(office.today) - timedelta(days=1)).isoformat()
    with pytest.raises(Refused) as refused:
        office.queue.came_back(key, DESK, day_before, "moved")
    assert refused.value.code == "before_posted"
    assert office.rows()[key].state == "posted"


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("postal", "路1号", "incomplete"),
        ("email", "nobody", "incomplete"),
        ("phone", "0758 555", "incomplete"),
        ("telegram", "123456789", "incomplete"),
        ("phone", "+86 758 555 0100", "No channel"),
    ],
)
def test_what_is_no_address_is_refused(office: PostOffice, kind: str, value: str, why: str) -> None:
    [part] = office.county.rows("SELECT id FROM participation")
    with pytest.raises(Refused, match=why):
        office.county.say(office.reference, DESK, Readdress(part.id, kind, value))


def test_a_letter_that_leaves_for_another_channel_is_not_printed(office: PostOffice) -> None:
    [part] = office.county.rows("SELECT id FROM participation")
    office.county.say(office.reference, DESK, Readdress(part.id, "email", "new@citizen.example"))
    assert office.ids("waiting") == []
    assert len(office.ids("cancelled")) == 1
    states = office.county.rows("SELECT channel, state FROM outbox WHERE role = 'complainant' ORDER BY id")
    assert [tuple(row) for row in states] == [("letter", "suppressed"), ("email", "pending")]
    office.assert_sound()


@pytest.mark.parametrize(
    "spoil",
    [
        "DELETE FROM printout",
        "UPDATE printout SET batch_id = NULL",
        "UPDATE outbox SET state = 'sent' WHERE channel = 'letter'",
        "UPDATE printout SET state = 'printed'",
        "UPDATE print_batch SET letters = 0",
        "UPDATE printout SET state = 'cancelled', batch_id = NULL",
    ],
)
def test_verify_finds_what_does_not_hold(office: PostOffice, spoil: str) -> None:
    office.to_the_post()
    office.assert_sound()
    assert office.county.sql(spoil)
    with office.county.store.read() as connection:
        assert list(check_letters(connection))


def test_old_addresses_leave_with_the_old_paper(office: PostOffice) -> None:
    [key] = office.ids("waiting")
    batch = office.queue.gather(DESK, [key], "gb")
    assert batch is not None
    office.fetch(batch, 0)
    office.queue.printed(batch, DESK)
    [part] = office.county.rows("SELECT id FROM participation")
    office.county.say(office.reference, DESK, Readdress(part.id, "postal", f"{PLACE}新楼"))
    assert office.ids("waiting") == [key], "printed for nobody: it waits for the new address"
    assert office.queue.posted([key], DESK, office.today) == 0
    office.county.clock.advance(timedelta(minutes=5))
    again = office.queue.gather(DESK, [key], "gb")
    assert again is not None
    file = office.queue.fetch(again, DESK, 0)
    assert file is not None
    [sheet] = file.sheets
    assert (sheet.address, sheet.copy) == (f"{PLACE}新楼", 1)
