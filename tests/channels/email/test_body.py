"""The end of a message, whatever the chunks: compared with a plain reading of RFC 5321."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.body import OVERHEAD, Body, Refusal, Room

PIECES = [b".", b"\r\n", b"\n", b"\r", b"a", b"..", b"\r\n.\r\n", b"\n.\n", b"\r\n.", b"\xe4\xbd\xa0"]


def by_the_book(wire: bytes) -> tuple[bytes, bytes] | None:
    """RFC 5321 section 4.5.2, line by line: message and what follows; None while unfinished."""
    message = b""
    while True:
        line, ending, wire = wire.partition(b"\r\n")
        if not ending:
            return None
        if line == b".":
            return message, wire
        message += line.removeprefix(b".") + b"\r\n"


@given(st.lists(st.sampled_from(PIECES), max_size=30), st.lists(st.integers(1, 7), min_size=1))
def test_any_chunking_reads_as_the_book_says(pieces: list[bytes], sizes: list[int]) -> None:
    wire = b"".join(pieces) + b"\r\n.\r\nNEXT"
    body = Body(10_000, Room(100_000))
    rest, at, turn = None, 0, 0
    while rest is None:
        size = sizes[turn % len(sizes)]
        chunk, at, turn = wire[at : at + size], at + size, turn + 1
        assert chunk, "the end was missed"
        rest = body.feed(chunk)
    assert (body.content(), rest + wire[at:]) == by_the_book(wire)


@pytest.mark.parametrize(
    "wire", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"a\n.\r\n"]
)
def test_look_alikes_do_not_end_it(wire: bytes) -> None:
    assert Body(1000, Room(10_000)).feed(b"line" + wire) is None


def test_too_big_is_read_on_but_not_kept() -> None:
    room = Room(10_000_000)
    body = Body(1000, room)
    for _ in range(100):
        assert body.feed(b"x" * 1000) is None
    assert len(body._buffer) < 10
    assert room.held == 0
    assert body.feed(b"\r\n.\r\nQUIT") == b"QUIT"
    assert body.refusal is Refusal.TOO_BIG


def test_the_limit_is_exact_and_does_not_count_transparent_dots() -> None:
    def refusal(message: bytes) -> Refusal | None:
        body = Body(640, Room(100_000))
        assert body.feed(message + b"\r\n.\r\n") == b""
        if body.refusal is None:
            body.content()
        return body.refusal

    assert refusal(b"x" * 638) is None
    assert refusal(b"x" * 639) is Refusal.TOO_BIG
    assert refusal(b".." + b"x" * 637) is None


def test_without_room_nothing_is_held() -> None:
    room = Room(OVERHEAD + 100)
    body = Body(1000, room)
    assert room.held == OVERHEAD
    body.feed(b"x" * 200)
    assert body.refusal is Refusal.NO_ROOM
    assert room.held == 0


def test_what_was_kept_is_given_back() -> None:
    room = Room(100_000)
    body = Body(1000, room)
    body.feed(b"x" * 200)
    assert room.held == OVERHEAD + 200
    body.drop()
    assert room.held == 0
