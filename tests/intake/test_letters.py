"""Letters in the queue, on both databases: in once, read page by page, one person at a time, out once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from intake import schema
from intake.contracts import StorageUnavailable, StoredAttachment, Submission
from intake.files.folder import FolderStorage
from intake.inbox import Inbox
from intake.letters import (
    LetterCutter,
    LetterDesk,
    LetterIntake,
    LetterJoiner,
    LetterLists,
    LetterRefused,
    LetterWorker,
    Taking,
    TooMuch,
)
from intake.letters.arriving import MAX_FILES
from intake.letters.desk import HELD, received_at
from intake.letters.reading import MAX_ATTEMPTS
from intake.lifecycle import Role
from intake.owners import Owner
from intake.people import Actor
from intake.store import Store
from tests.support.clock import SetClock
from tests.support.scans import KnowingReader, line, png, scan

ZONE = ZoneInfo("Asia/Shanghai")
ANN, BO = Actor(Role.DESK, "a" * 32, "Sample Ann"), Actor(Role.DESK, "b" * 32, "Sample Bo")


@dataclass
class Room:
    """The queue and all who work on it."""

    store: Store
    blobs: FolderStorage
    clock: SetClock
    reader: KnowingReader
    inbox: Inbox

    def __post_init__(self) -> None:
        self.letters = LetterIntake(self.store, self.blobs, ZONE)
        self.desk = LetterDesk(self.store, self.inbox, self.clock)
        self.cutter = LetterCutter(self.store, self.blobs, self.clock)
        self.joiner = LetterJoiner(self.store, self.clock)
        self.lists = LetterLists(self.store)
        self.worker = LetterWorker(self.store, self.blobs, self.reader, self.clock, "worker-1")

    def bring(self, *numbers: int) -> str:
        """A letter of these pages; read."""
        key = self.letters.take_in(map(scan, numbers or (1,)), "upload", self.clock()).letter_id
        self.read()
        return key

    def read(self) -> int:
        steps = 0
        while self.worker.work():
            steps += 1
        return steps

    def row(self, key: str) -> Any:
        found = self.lists.letter(key)
        assert found is not None
        return found.row

    def count(self, table: Any) -> int:
        with self.store.read() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def room(database_url: str, tmp_path: Path, clock: SetClock) -> Iterator[Room]:
    store = Store(database_url)
    inbox = Inbox(store, zone=ZONE)
    yield Room(store, FolderStorage(tmp_path / "blobs"), clock, KnowingReader(), inbox)
    inbox.close()
    store.close()


def compose(row: Any, files: tuple[StoredAttachment, ...]) -> Submission:
    return Submission("letter", row.id, f"letter-{row.id}", row.scanned_at, b"{}", {}, files, True)


class TestComingIn:
    def test_a_letter_is_a_row_with_its_files_in_order(self, room: Room) -> None:
        taken = room.letters.take_in(map(scan, (3, 1, 2)), "folder", room.clock())
        whole = room.lists.letter(taken.letter_id)
        assert whole is not None
        assert [file.filename for file in whole.files] == ["page3.png", "page1.png", "page2.png"]
        assert all(room.blobs.path(file.sha256).stat().st_size == file.size for file in whole.files)
        assert (whole.row.state, whole.row.pages, whole.row.pages_read) == ("pending", None, 0)

    def test_the_same_scan_twice_is_one_letter(self, room: Room) -> None:
        first = room.letters.take_in([scan(1, "a.png"), scan(2)], "folder", room.clock())
        room.clock.advance(days=1)
        again = room.letters.take_in([scan(1, "b.png"), scan(2)], "upload", room.clock())
        assert again.duplicate
        assert again.letter_id == first.letter_id
        assert (room.count(schema.letter), room.count(schema.letter_file)) == (1, 2)

    def test_other_order_is_another_letter(self, room: Room) -> None:
        room.letters.take_in([scan(1), scan(2)], "folder", room.clock())
        assert not room.letters.take_in([scan(2), scan(1)], "folder", room.clock()).duplicate

    def test_the_same_scan_at_the_same_time_is_one_letter(self, room: Room) -> None:
        def bring() -> None:
            room.letters.take_in([scan(7)], "folder", room.clock())

        threads = [threading.Thread(target=bring) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (room.count(schema.letter), room.count(schema.letter_file)) == (1, 1)

    def test_none_or_too_many_files(self, room: Room) -> None:
        with pytest.raises(TooMuch):
            room.letters.take_in([], "upload", room.clock())
        with pytest.raises(TooMuch):
            room.letters.take_in(map(scan, range(MAX_FILES + 1)), "upload", room.clock())
        assert room.count(schema.letter) == 0

    def test_a_full_disk_is_a_temporary_refusal(self, room: Room, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        full = LetterIntake(room.store, FolderStorage(tmp_path / "file" / "blobs"), ZONE)
        with pytest.raises(StorageUnavailable):
            full.take_in([scan()], "upload", room.clock())
        assert room.count(schema.letter) == 0

    def test_received_on_is_the_offices_day(self, room: Room) -> None:
        evening = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)  # Saturday, 1 o'clock, in the office's zone
        key = room.letters.take_in([scan()], "folder", evening).letter_id
        assert room.row(key).received_on == "2026-03-07"


class TestReading:
    def test_pages_are_kept_one_by_one(self, room: Room) -> None:
        key = room.letters.take_in(map(scan, (1, 2, 3)), "folder", room.clock()).letter_id
        seen = []
        while room.worker.work():
            row = room.row(key)
            seen.append((row.state, row.pages, row.pages_read))
        assert seen == [("pending", 3, 0), ("pending", 3, 1), ("pending", 3, 2), ("waiting", 3, 3)]

    def test_a_file_of_many_pages(self, room: Room) -> None:
        room.reader.pages = 3
        whole = room.lists.letter(room.bring(1, 2))
        assert whole is not None
        assert [page.number for page in whole.pages] == [1, 2, 3, 4, 5, 6]
        assert room.reader.read_pages == [1, 2, 3, 1, 2, 3]

    def test_another_worker_goes_on_at_the_next_page(self, room: Room, tmp_path: Path) -> None:
        key = room.letters.take_in(map(scan, (1, 2)), "folder", room.clock()).letter_id
        room.worker.work()
        room.worker.work()
        other = LetterWorker(room.store, room.blobs, room.reader, room.clock, "worker-2")
        while other.work():
            pass
        assert room.row(key).state == "waiting"
        assert room.count(schema.letter_page) == 2

    def test_a_dead_workers_page_is_taken_over_at_once(self, room: Room, tmp_path: Path) -> None:
        key = room.letters.take_in([scan()], "folder", room.clock()).letter_id
        with room.store.write() as connection:
            held = {"owner": "gone.1.x", "lease_until": room.clock() + timedelta(minutes=5)}
            connection.execute(update(schema.letter).values(**held))
        assert room.read() == 0
        (tmp_path / "owners").mkdir()
        (tmp_path / "owners" / "gone.1.x").touch()
        owner = Owner(tmp_path / "owners")
        assert owner.release_dead(room.store, (schema.letter,)) == 1
        owner.close()
        room.read()
        assert room.row(key).state == "waiting"

    def test_what_was_found_is_kept_with_its_line(self, room: Room) -> None:
        room.reader.words[png(2)] = (line("路灯坏了。", 0.1), line("投诉人：示例甲", 0.2))
        row = room.row(room.bring(1, 2))
        assert row.fields == {"sender": {"value": "示例甲", "page": 2, "line": 1}}

    def test_a_page_that_cannot_be_shown_is_noted_and_the_others_are_read(self, room: Room) -> None:
        room.reader.pages, room.reader.broken = 3, {2}
        room.reader.words[png(1)] = (line("路灯坏了。", 0.1),)
        whole = room.lists.letter(room.bring(1))
        assert whole is not None
        assert (whole.row.state, whole.row.pages_read) == ("waiting", 3)
        assert [page.number for page in whole.pages] == [1, 3]
        assert whole.row.note == {"zh": "第2页：图片已损坏。", "en": "Page 2: The picture is damaged."}

    def test_a_letter_without_any_readable_page_is_a_persons(self, room: Room) -> None:
        room.reader.broken = {1}
        key = room.bring(1)
        assert room.row(key).state == "unreadable"
        taking = room.desk.take(key, ANN)
        room.desk.confirm(taking, ANN, compose)
        assert room.row(key).state == "entered"

    def test_handwriting_waits_without_a_note(self, room: Room) -> None:
        row = room.row(room.bring(1))
        assert (row.state, row.note) == ("waiting", None)

    def test_a_page_that_always_fails_is_left_out_after_some_tries(self, room: Room) -> None:
        room.reader.pages, room.reader.crashes = 2, {1}
        key = room.letters.take_in([scan()], "folder", room.clock()).letter_id
        for _ in range(MAX_ATTEMPTS + 4):
            room.clock.advance(minutes=1)
            room.read()
        row = room.row(key)
        assert (row.state, row.pages_read) == ("unreadable", 2)
        assert room.reader.read_pages.count(1) == MAX_ATTEMPTS
        assert "Page 1" in row.note["en"]

    def test_a_reader_that_is_away_costs_no_attempt(self, room: Room) -> None:
        room.reader.away = True
        key = room.letters.take_in([scan()], "folder", room.clock()).letter_id
        for _ in range(10):
            room.read()
            room.clock.advance(minutes=1)
        assert room.row(key).attempts == 0
        room.reader.away = False
        room.read()
        assert room.row(key).state == "waiting"


class TestOnePersonAtATime:
    def test_the_oldest_first_and_nobody_gets_anothers(self, room: Room) -> None:
        first, second = room.bring(1), room.bring(2)
        ann, bo = room.desk.take_next(ANN), room.desk.take_next(BO)
        assert ann is not None
        assert bo is not None
        assert (ann.letter_id, bo.letter_id) == (first, second)
        assert room.desk.take_next(ANN) == ann, "what one has comes first"

    def test_many_at_once_get_one_each(self, room: Room) -> None:
        for number in range(6):
            room.bring(number)
        got: list[Taking | None] = []
        people = [Actor(Role.DESK, f"{n:032x}", f"Sample {n}") for n in range(8)]
        threads = [
            threading.Thread(target=lambda who=who: got.append(room.desk.take_next(who))) for who in people
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        letters = [taking.letter_id for taking in got if taking is not None]
        assert len(got) == 8
        assert len(letters) == len(set(letters)) == 6

    def test_taken_is_refused_to_others_while_the_page_lives(self, room: Room) -> None:
        taking = room.desk.take(room.bring(1), ANN)
        room.clock.advance(minutes=9)
        room.desk.renew(taking)
        room.clock.advance(minutes=9)
        with pytest.raises(LetterRefused, match="taken"):
            room.desk.take(taking.letter_id, BO)

    def test_a_page_left_open_cannot_enter_what_another_took(self, room: Room) -> None:
        stale = room.desk.take(room.bring(1), ANN)
        room.clock.advance(seconds=HELD.total_seconds() + 1)
        fresh = room.desk.take_next(BO)
        assert fresh is not None
        for act in (
            lambda: room.desk.save(stale, {"text": "x"}),
            lambda: room.desk.confirm(stale, ANN, compose),
            lambda: room.desk.discard(stale, ANN, "blank"),
            lambda: room.desk.give_back(stale),
            lambda: room.cutter.cut(stale, ANN, 2),
        ):
            with pytest.raises(LetterRefused, match="stale"):
                act()
        assert room.count(schema.submission) == 0
        room.desk.confirm(fresh, BO, compose)
        assert room.count(schema.submission) == 1

    def test_a_page_left_open_is_still_good_when_nobody_came(self, room: Room) -> None:
        taking = room.desk.take(room.bring(1), ANN)
        room.clock.advance(hours=3)
        room.desk.confirm(taking, ANN, compose)
        assert room.row(taking.letter_id).state == "entered"

    def test_a_mark_that_is_empty_or_forged_opens_nothing(self, room: Room) -> None:
        key = room.bring(1)
        for mark in ("", "0" * 32):
            with pytest.raises(LetterRefused, match="stale"):
                room.desk.save(Taking(key, mark), {})

    def test_drafts_go_with_the_letter(self, room: Room) -> None:
        taking = room.desk.take(room.bring(1), ANN)
        room.desk.save(taking, {"text": "路灯"})
        room.desk.give_back(taking)
        assert room.desk.take_next(BO) is not None
        assert room.row(taking.letter_id).draft == {"text": "路灯"}

    def test_what_is_still_being_read_is_not_taken(self, room: Room) -> None:
        key = room.letters.take_in([scan()], "folder", room.clock()).letter_id
        assert room.desk.take_next(ANN) is None
        with pytest.raises(LetterRefused, match="reading"):
            room.desk.take(key, ANN)


class TestTheEnd:
    def test_a_confirmation_makes_one_submission_with_the_scan(self, room: Room) -> None:
        taking = room.desk.take(room.bring(1, 2), ANN)
        receipt = room.desk.confirm(taking, ANN, compose)
        again = room.desk.confirm(taking, ANN, compose)
        assert receipt.reference is not None
        assert (again.duplicate, again.reference, again.code) == (True, receipt.reference, receipt.code)
        with room.store.read() as connection:
            submission = connection.execute(select(schema.submission)).one()
        assert [file["filename"] for file in submission.attachments] == ["page1.png", "page2.png"]
        row = room.row(taking.letter_id)
        assert (row.state, row.submission_id) == ("entered", submission.id)
        assert row.ended_by["name"] == "Sample Ann"

    def test_a_confirmation_that_is_refused_leaves_no_submission(self, room: Room) -> None:
        taking = room.desk.take(room.bring(1), ANN)
        room.desk.discard(taking, ANN, "duplicate")
        with pytest.raises(LetterRefused, match="ended"):
            room.desk.confirm(taking, ANN, compose)
        assert room.count(schema.submission) == 0

    def test_discarding_wants_a_reason_and_can_be_undone(self, room: Room) -> None:
        taking = room.desk.take(room.bring(1), ANN)
        with pytest.raises(LetterRefused, match="reason_needed"):
            room.desk.discard(taking, ANN, "  ")
        room.desk.discard(taking, ANN, "advertising")
        row = room.row(taking.letter_id)
        assert (row.state, row.reason, row.ended_by["id"]) == ("discarded", "advertising", ANN.id)
        assert room.desk.take_next(BO) is None
        room.desk.bring_back(taking.letter_id)
        assert room.desk.take_next(BO) is not None
        with pytest.raises(LetterRefused, match="ended"):
            room.desk.bring_back(taking.letter_id)

    def test_two_letters_in_one_scan(self, room: Room) -> None:
        room.reader.words |= {png(1): (line("投诉人：示例甲", 0.1),), png(3): (line("投诉人：示例乙", 0.1),)}
        taking = room.desk.take(room.bring(1, 2, 3), ANN)
        room.desk.save(taking, {"text": "甲的信"})
        first = room.cutter.cut(taking, ANN, 3)
        room.read()
        one = room.lists.letter(first.letter_id)
        assert one is not None
        assert [file.filename for file in one.files] == ["page1.png", "page2.png"]
        assert (one.row.pages, one.row.draft, one.row.state) == (2, {"text": "甲的信"}, "waiting")
        following = room.desk.take_next(BO)
        assert following is not None
        other = room.lists.letter(following.letter_id)
        assert other is not None
        assert [file.filename for file in other.files] == ["page3.png"]
        assert other.row.fields["sender"] == {"value": "示例乙", "page": 1, "line": 0}
        scan_itself = room.row(taking.letter_id)
        assert (scan_itself.state, scan_itself.reason) == ("discarded", "cut")
        room.desk.confirm(first, ANN, compose)
        room.desk.confirm(following, BO, compose)
        assert room.count(schema.submission) == 2

    def test_nobodys_part_carries_anothers_page(self, room: Room) -> None:
        """One file of two pages: each part has the picture of its own page, not the file."""
        room.reader.pages = 2
        taking = room.desk.take(room.bring(1), ANN)
        whole = room.lists.letter(taking.letter_id)
        assert whole is not None
        first = room.cutter.cut(taking, ANN, 2)
        part = room.lists.letter(first.letter_id)
        assert part is not None
        assert [(f.filename, f.sha256) for f in part.files] == [("page-001.png", whole.pages[0].sha256)]

    @pytest.mark.parametrize("page", [0, 1, 3, 99])
    def test_a_cut_needs_a_page_on_both_sides(self, room: Room, page: int) -> None:
        taking = room.desk.take(room.bring(1, 2), ANN)
        with pytest.raises(LetterRefused, match="bad_page"):
            room.cutter.cut(taking, ANN, page)
        assert room.count(schema.letter) == 1


def follows(letter: Any) -> dict[str, str]:
    return {"text": f"first, then {len(letter.pages)} more"}


@pytest.mark.parametrize("turn", [0, 90])
def test_a_page_that_lay_turned_has_an_upright_picture(room: Room, turn: int) -> None:
    taking = room.desk.take(room.bring(1, 2), ANN)
    with room.store.write() as connection:
        lay = schema.letter_page.c
        connection.execute(update(schema.letter_page).where(lay.number == 2).values(turn=turn))
    room.desk.confirm(taking, ANN, compose)
    key, whole = room.row(taking.letter_id).submission_id, room.lists.letter(taking.letter_id)
    assert whole is not None
    first, second = (file.sha256 for file in whole.files)
    found = room.lists.turned_page(key, second, 1)
    assert (found.number if found is not None else None) == (2 if turn else None)
    assert room.lists.turned_page(key, first, 1) is None, "it lay upright"
    assert room.lists.turned_page(key, second, 2) is None, "it has no such page"
    assert room.lists.turned_page("0" * 32, second, 1) is None


class TestJoining:
    def test_a_letter_in_two_scans_is_one(self, room: Room) -> None:
        room.reader.words |= {
            png(1): (line("投诉人：示例甲", 0.1),),
            png(3): (line("电话：+12025550123", 0.1),),
        }
        later = room.bring(3)
        taking = room.desk.take(room.bring(1, 2), ANN)
        whole = room.joiner.join(taking, ANN, later, follows)
        one = room.lists.letter(whole.letter_id)
        assert one is not None
        assert [file.filename for file in one.files] == ["page1.png", "page2.png", "page3.png"]
        assert [(page.number, bool(page.lines)) for page in one.pages] == [(1, True), (2, False), (3, True)]
        assert one.row.fields["sender"] == {"value": "示例甲", "page": 1, "line": 0}
        assert one.row.draft == {"text": "first, then 1 more"}
        assert (one.row.state, one.row.pages, one.row.taken_by) == ("waiting", 3, ANN.id)
        for part in (taking.letter_id, later):
            assert (room.row(part).state, room.row(part).reason) == ("discarded", "joined")
        receipt = room.desk.confirm(whole, ANN, compose)
        assert not receipt.duplicate
        assert room.count(schema.submission) == 1

    def test_a_cut_parts_them_again(self, room: Room) -> None:
        later, taking = room.bring(3), room.desk.take(room.bring(1, 2), ANN)
        whole = room.joiner.join(taking, ANN, later, follows)
        first = room.cutter.cut(whole, ANN, 3)
        room.read()
        parts = [room.lists.letter(first.letter_id)]
        following = room.desk.take_next(BO)
        assert following is not None
        parts.append(room.lists.letter(following.letter_id))
        names = [[file.filename for file in part.files] for part in parts if part is not None]
        assert names == [["page1.png", "page2.png"], ["page3.png"]]

    def test_a_scan_in_somebodys_hands_is_theirs(self, room: Room) -> None:
        later, taking = room.bring(3), room.desk.take(room.bring(1), ANN)
        room.desk.take(later, BO)
        with pytest.raises(LetterRefused, match="taken"):
            room.joiner.join(taking, ANN, later, follows)
        assert room.count(schema.letter) == 2
        room.clock.advance(minutes=11)  # their page was closed
        with pytest.raises(LetterRefused, match="bad_other"):
            room.joiner.join(taking, ANN, taking.letter_id, follows)
        room.joiner.join(taking, ANN, later, follows)

    def test_what_is_read_or_done_joins_nothing(self, room: Room) -> None:
        taking = room.desk.take(room.bring(1), ANN)
        unread = room.letters.take_in([scan(7)], "upload", room.clock()).letter_id
        with pytest.raises(LetterRefused, match="reading"):
            room.joiner.join(taking, ANN, unread, follows)
        room.read()
        done = room.desk.take(unread, BO)
        room.desk.confirm(done, BO, compose)
        with pytest.raises(LetterRefused, match="other_ended"):
            room.joiner.join(taking, ANN, unread, follows)
        with pytest.raises(LetterRefused, match="gone"):
            room.joiner.join(taking, ANN, "0" * 32, follows)
        with pytest.raises(LetterRefused, match="stale"):
            room.joiner.join(Taking(taking.letter_id, "0" * 32), ANN, room.bring(9), follows)

    def test_two_people_join_each_others_scan_at_once(self, room: Room) -> None:
        """One of them is refused, or both: never a page in two open letters."""
        for round_ in range(4):
            one, other = room.bring(10 * round_ + 1), room.bring(10 * round_ + 2)
            takings = room.desk.take(one, ANN), room.desk.take(other, ANN)
            done: list[str] = []

            def join(taking: Taking, with_: str, done: list[str] = done) -> None:
                with contextlib.suppress(LetterRefused):
                    done.append(room.joiner.join(taking, ANN, with_, follows).letter_id)

            threads = [
                threading.Thread(target=join, args=(takings[0], other)),
                threading.Thread(target=join, args=(takings[1], one)),
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(done) == 1
            assert {room.row(key).state for key in (one, other)} == {"discarded"}


SCANNED = datetime(2026, 3, 9, 1, 30, tzinfo=UTC)  # Monday 9 March 2026, 9:30 in the office


@pytest.mark.parametrize(
    ("received_on", "begins"),
    [
        ("2026-03-09", datetime(2026, 3, 9, 9, 30, tzinfo=ZONE)),  # Monday: scanned the day it came
        ("2026-03-06", datetime(2026, 3, 6, 0, 0, tzinfo=ZONE)),  # Friday: it lay over the weekend
        ("2025-12-31", datetime(2025, 12, 31, 0, 0, tzinfo=ZONE)),
    ],
)
def test_the_day_of_receipt_starts_the_clock(received_on: str, begins: datetime) -> None:
    assert received_at(received_on, SCANNED, ZONE) == begins


def test_a_letter_is_not_received_after_its_scan() -> None:
    with pytest.raises(LetterRefused, match="bad_day"):
        received_at("2026-03-10", SCANNED, ZONE)
    for nonsense in ("", "today", "2026-02-30"):
        with pytest.raises(ValueError, match=r".+"):
            received_at(nonsense, SCANNED, ZONE)
