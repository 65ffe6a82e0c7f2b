"""What becomes of a message, as Twilio tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from channels.twilio.signature import Signatures
from channels.twilio.statuses import StatusWebhook
from intake.contracts import StorageUnavailable
from tests.support.clock import SetClock
from tests.support.texting import ACCOUNT, SID, call

PATH = "/webhooks/twilio/status?id=0123abcd"


class Book:
    """Writes down what is reported; ``away`` is a database that is not there."""

    def __init__(self, away: bool = False) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.away = away

    def report(
        self,
        outbox_id: str | None,
        provider_id: str,
        status: str,
        note: str = "",
        *,
        permanent: bool = True,
        again_at: datetime | None = None,
        other_way: str = "",
    ) -> bool:
        if self.away:
            raise StorageUnavailable("gone")
        self.told.append((outbox_id, provider_id, status, permanent, again_at is not None, other_way))
        return True


def tell(book: Book, clock: SetClock, target: str = PATH, **fields: str) -> int:
    said = {"MessageSid": SID, "AccountSid": ACCOUNT.sid, "MessageStatus": "sent"} | fields
    return StatusWebhook(Signatures(ACCOUNT), book, clock).receive(call(said, target=target)).status


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("queued", "", None),
        ("sending", "", None),
        ("sent", "", ("sent", True, False, "")),
        ("delivered", "", ("delivered", True, False, "")),
        ("read", "", ("delivered", True, False, "")),
        ("undelivered", "30006", ("failed", True, False, "phone")),
        ("undelivered", "30003", ("failed", False, False, "")),
        ("failed", "30022", ("failed", False, True, "")),
        ("failed", "21610", ("failed", True, False, "")),
        ("failed", "no number", ("failed", False, False, "")),
        ("a new word", "", None),
    ],
)
def test_each_status(status: str, code: str, expected: tuple[Any, ...] | None, clock: SetClock) -> None:
    book = Book()
    assert tell(book, clock, MessageStatus=status, ErrorCode=code) == 200
    assert book.told == ([] if expected is None else [("0123abcd", SID, *expected)])


def test_of_several_messages_the_last_ones_arrival_counts_and_any_ones_failure(clock: SetClock) -> None:
    book = Book()
    for part, status in (("1", "delivered"), ("2", "delivered"), ("1", "undelivered")):
        assert tell(book, clock, f"{PATH}&part={part}&of=2", MessageStatus=status) == 200
    assert [told[2] for told in book.told] == ["delivered", "failed"]


def test_without_an_id_the_sid_finds_it(clock: SetClock) -> None:
    book = Book()
    assert tell(book, clock, "/webhooks/twilio/status") == 200
    assert tell(book, clock, "/webhooks/twilio/status?id=../x") == 200
    assert [told[:2] for told in book.told] == [(None, SID), (None, SID)]


def test_refusals(clock: SetClock) -> None:
    book = Book()
    hook = StatusWebhook(Signatures(ACCOUNT), book, clock)
    assert (
        hook.receive(call({"MessageSid": SID, "MessageStatus": "sent"}, target=PATH, token="forged")).status
        == 403
    )
    assert tell(book, clock, MessageSid="") == 400
    assert not book.told
    assert tell(Book(away=True), clock) == 503
