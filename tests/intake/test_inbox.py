"""The hot path: durable before the sender hears so, and once however often it is sent."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from intake import schema
from intake.contracts import Receipt, StorageUnavailable, Submission
from intake.inbox import Inbox
from intake.references import parse_reference
from tests.support.worked import County


def stored(county: County) -> int:
    [(number,)] = county.rows(
        "SELECT count(*) FROM submission JOIN raw_message ON submission.id = raw_message.submission_id"
    )
    return int(number)


def test_a_receipt_means_that_the_bytes_are_there(county: County) -> None:
    receipt = county.inbox.accept(county.submission(body="全文"))
    raw = schema.raw_message.c
    [(content,)] = county.ask(select(raw.content).where(raw.submission_id == receipt.submission_id))
    assert b"\\u5168" in content
    assert (receipt.duplicate, receipt.reference, receipt.code) == (False, None, None)


def test_a_repeat_gets_the_same_receipt_back(county: County) -> None:
    submission = county.submission(wants=True)
    first = county.inbox.accept(submission)
    again = county.inbox.accept(replace(submission, raw=b"other bytes, same key"))
    assert first.reference is not None
    assert parse_reference(first.reference) == first.reference
    assert again == Receipt(first.submission_id, True, first.reference, first.code)
    assert stored(county) == 1


def test_many_at_once_are_each_stored_once(county: County) -> None:
    submissions = [county.submission(key=f"k{n % 40}", wants=True) for n in range(120)]
    with ThreadPoolExecutor(24) as senders:
        receipts = list(senders.map(county.inbox.accept, submissions))
    by_key: dict[str, set[tuple[Any, ...]]] = {}
    for submission, receipt in zip(submissions, receipts, strict=True):
        told = (receipt.submission_id, receipt.reference, receipt.code)
        by_key.setdefault(submission.dedupe_key, set()).add(told)
    assert all(len(told) == 1 for told in by_key.values())
    assert len({r.reference for r in receipts}) == 40
    assert sum(not r.duplicate for r in receipts) == 40
    assert stored(county) == 40


def test_one_commit_for_all_that_wait(county: County) -> None:
    async def send() -> list[Receipt]:
        waiting = [county.inbox.accept_async(county.submission(key=f"k{n % 50}")) for n in range(100)]
        return await asyncio.gather(*waiting)

    receipts = asyncio.run(send())
    assert len({r.submission_id for r in receipts}) == stored(county) == 50


def test_a_repeat_among_new_ones_keeps_what_was_stored_first(county: County) -> None:
    first = county.inbox.accept(county.submission(key="b", body="first"))

    async def send() -> list[Receipt]:
        waiting = [county.inbox.accept_async(county.submission(key=k, body="later")) for k in "abcd"]
        return await asyncio.gather(*waiting)

    receipts = asyncio.run(send())
    assert [r.duplicate for r in receipts] == [False, True, False, False]
    assert receipts[1].submission_id == first.submission_id
    raw = schema.raw_message.c
    contents = dict(tuple(row) for row in county.ask(select(raw.submission_id, raw.content)))
    assert {key for key, content in contents.items() if b"first" in content} == {first.submission_id}
    assert {key for key, content in contents.items() if b"later" in content} == {
        r.submission_id for r in receipts if not r.duplicate
    }


def test_a_poisoned_message_does_not_spoil_its_neighbours(county: County) -> None:
    async def send() -> list[Receipt | BaseException]:
        good = [county.submission() for _ in range(6)]
        poison = replace(county.submission(), envelope={"never": object()})  # no JSON can hold it
        batch: list[Submission] = [*good[:3], poison, *good[3:]]
        waiting = [county.inbox.accept_async(entry) for entry in batch]
        return await asyncio.gather(*waiting, return_exceptions=True)

    outcomes = asyncio.run(send())
    assert isinstance(outcomes.pop(3), StorageUnavailable)
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert stored(county) == 6
    assert isinstance(county.inbox.accept(county.submission()), Receipt)  # and the inbox lives on


def test_storage_that_fails_is_a_temporary_failure(county: County) -> None:
    submission = county.submission()
    county.sql("ALTER TABLE raw_message RENAME TO raw_message_away")
    with pytest.raises(StorageUnavailable) as caught:
        county.inbox.accept(submission)
    assert "raw_message" not in str(caught.value)
    assert county.rows("SELECT id FROM submission") == []  # half of it is nothing
    county.sql("ALTER TABLE raw_message_away RENAME TO raw_message")
    assert county.inbox.accept(submission).duplicate is False


def test_closing_commits_what_waits_and_refuses_the_rest(county: County) -> None:
    inbox = Inbox(county.store)
    with ThreadPoolExecutor(8) as senders:
        sent = [senders.submit(inbox.accept, county.submission()) for _ in range(20)]
        receipts = [entry.result(10) for entry in sent]
    inbox.close()
    assert stored(county) == len(receipts) == 20
    with pytest.raises(StorageUnavailable):
        inbox.accept(county.submission())


def test_references_count_up_without_gaps(county: County) -> None:
    references = [county.inbox.accept(county.submission(wants=True)).reference for _ in range(5)]
    assert [str(r)[:9] for r in references] == [f"26-00000{n}" for n in range(1, 6)]
