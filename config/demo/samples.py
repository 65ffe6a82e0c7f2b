"""The sample messages: read from ``samples.toml`` and chosen by number and seed."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("samples.toml")


@dataclass(frozen=True, slots=True)
class Sample:
    """One message and what becomes of it; see the head of ``samples.toml`` for the fields."""

    key: str
    by: str
    text: str
    subject: str = ""
    name: str = ""
    charset: str = "utf-8"
    html: bool = False
    attach: str = ""
    pocket: str = ""
    follows: str = ""
    automatic: str = ""
    unreadable: bool = False
    language: str = "zh"
    identity: str = ""
    email: bool = False
    phone: str = ""
    place: str = ""
    category: str = ""
    bureau: str = ""
    about: str = ""
    first: str = ""
    steps: tuple[str, ...] = ()
    answer: str = ""
    question: str = ""
    reason: str = ""
    reply: str = ""
    note: str = ""

    @property
    def address(self) -> str:
        """The sender's address; a follow-up comes from where the first mail came from."""
        return f"{self.follows or self.key}@citizen.example"


def chosen(count: int, seed: int | None) -> list[Sample]:
    """``count`` messages in the order they are sent; more than there are begin again in other places."""
    written = tomllib.loads(FILE.read_text("utf-8"))
    known = [_sample(values) for values in written["sample"]]
    dice = random.Random(seed)
    picked: list[Sample] = []
    for number in range(count):
        round_, place = number // len(known), dice.randrange(len(written["places"]))
        words = {"place" + tail: written["places" + tail][place] for tail in ("", "_hant", "_en")}
        picked.append(_set(known[number % len(known)], words, round_))
    return picked


def without_pocket(sample: Sample) -> Sample:
    """The sample as a mail: who wrote one cannot rate by a figure."""
    return replace(sample, pocket="", steps=tuple(s for s in sample.steps if not s.startswith("rate")))


def _sample(values: dict[str, Any]) -> Sample:
    values["steps"] = tuple(values.get("steps", ()))
    if first := values.get("first"):
        values["steps"] = (first, *values["steps"])
    return Sample(**values)


def _set(sample: Sample, words: dict[str, str], round_: int) -> Sample:
    """The sample at its place; people of a later round have a number in their address."""
    again = f"-{round_ + 1}" if round_ else ""
    return replace(
        sample,
        key=sample.key + again,
        pocket="" if round_ else sample.pocket,
        follows=sample.follows + again if sample.follows else "",
        text=sample.text.format(**words),
        place=sample.place.format(**words),
    )
