"""The contract, one check a function: each takes a row of the table and its samples.

They need nothing of the table itself, so a channel that is only being written can be held against them.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from random import Random
from typing import Any

from channels.table import Channel
from intake.contracts import Contact, Reading, UnreadableSubmission
from tests.channels.contract.samples import TEXTS, Sample, Samples, hostile

LONGEST = 5.0  # seconds for one hostile message on a busy machine; a good one takes milliseconds
_CANONICAL = {
    "email": re.compile(r"[^\s@A-Z]+@[^\s@A-Z]+"),
    "phone": re.compile(r"\+[1-9]\d{5,14}"),
    "whatsapp": re.compile(r"\+[1-9]\d{5,14}"),
    "telegram": re.compile(r"-?\d{1,20}"),
}
_ANY_VALUE = re.compile(r"\S(?:.{0,398}\S)?")
_SURROGATE = re.compile("[\ud800-\udfff]")


# ---------------------------------------------------------------- the reader


def reads_good_messages(channel: Channel, samples: Samples) -> None:
    """Each is understood: its text, its language, and whom to answer, where that can be known."""
    assert set(samples.good) <= set(TEXTS), "no other language is written"
    assert samples.spoken or set(samples.good) == set(TEXTS), "a good sample in each language"
    for language, sample in samples.good.items():
        reading = channel.read(sample.raw, sample.envelope)
        if samples.spoken:
            assert [file.media_type.partition("/")[0] for file in reading.remote] == ["audio"]
        else:
            assert TEXTS[language] in f"{reading.subject}\n{reading.body}", language
        assert reading.language == language
        _is_sound(reading)


def names_the_sender_canonically(channel: Channel, samples: Samples) -> None:
    """The first contact is in its kind's canonical form: it is who the person is."""
    for sample in samples.good.values():
        contacts = channel.read(sample.raw, sample.envelope).contacts
        for contact in contacts[:1]:
            assert _is_canonical(contact), contact


def is_pure(channel: Channel, samples: Samples) -> None:
    """The same message is read the same twice, and nothing is opened or asked for it."""
    for sample in samples.good.values():
        first = channel.read(sample.raw, sample.envelope)  # may still import what it needs
        with _nothing_outside() as asked:
            second = channel.read(sample.raw, sample.envelope)
        assert (first, asked) == (second, [])


def survives_hostile_messages(channel: Channel, samples: Samples) -> None:
    """A reading or UnreadableSubmission, soon, and never anything else (promise 3)."""
    for number, sample in enumerate(hostile(samples)):
        begun = time.monotonic()
        reading = _read(channel, sample)
        took = time.monotonic() - begun
        assert took < LONGEST, f"hostile message {number} ({sample.raw[:40]!r}) took {took:.1f} s"
        if reading is not None:
            _is_sound(reading)


def survives_broken_messages(channel: Channel, samples: Samples) -> None:
    """Bytes of a good message changed at random; always the same ones, so that a failure comes again."""
    chance = Random(20260302)
    for sample in samples.good.values():
        for _ in range(60):
            raw = bytearray(sample.raw)
            for _ in range(chance.randint(1, 12)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            survives_bytes(channel, sample, bytes(raw))


def survives_bytes(channel: Channel, sample: Sample, raw: bytes) -> None:
    """Any bytes at all in the place of a good message."""
    reading = _read(channel, Sample(raw, sample.envelope))
    if reading is not None:
        _is_sound(reading)


READER_CHECKS = (
    reads_good_messages,
    names_the_sender_canonically,
    is_pure,
    survives_hostile_messages,
    survives_broken_messages,
)


# ---------------------------------------------------------------- what a reading must be


def _read(channel: Channel, sample: Sample) -> Reading | None:
    try:
        return channel.read(sample.raw, sample.envelope)
    except UnreadableSubmission as error:
        why = str(error)
    assert why, "a person must learn what was wrong"
    return None


def _is_sound(reading: Reading) -> None:
    assert isinstance(reading, Reading)
    facts = asdict(reading)
    for file in facts["attachments"]:
        file["content"] = len(file["content"])
    json.dumps(facts)
    for text in _texts(facts):
        assert "\0" not in text
        assert not _SURROGATE.search(text)
    assert reading.language in ("zh-Hans", "zh-Hant", "en", "yue") or not reading.body, (
        "no words tell nothing"
    )
    assert len(reading.subject) <= 1000
    assert all(problem for problem in reading.problems)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _is_canonical(contact: Contact) -> bool:
    return bool(_CANONICAL.get(contact.kind, _ANY_VALUE).fullmatch(contact.value))


# ---------------------------------------------------------------- no way out


_watching: list[list[str]] = []
_OUTSIDE = ("open", "socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "shutil.", "urllib.")


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event.startswith(_OUTSIDE):
        _watching[-1].append(f"{event}{arguments[:1]!r}")


sys.addaudithook(_watch)


@contextmanager
def _nothing_outside() -> Iterator[list[str]]:
    """Collects what this process opens, connects to or starts meanwhile."""
    seen: list[str] = []
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)
