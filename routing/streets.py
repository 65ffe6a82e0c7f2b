"""You are here: intake → routing → *streets* → lexicon → rules.

Where a message names a street: "at Station Road", "12 School Lane", "车站路12号". Such a name says where
something is, not what it is about: dogs that bark in Station Road are no matter of roads or stations. A
name is told by its ending and by what stands around it, so no list of streets is needed. "Station Road is
full of holes" is about the street itself, and counts.
"""

from __future__ import annotations

import re

from routing.normalise import MAXIMUM_BODY, normalise

MAXIMUM_STREETS = 20
"""Names looked at in one message."""

Span = tuple[int, int]

_KIND = r"(?:Road|Street|Lane|Avenue|Drive|Close|Crescent|Terrace|Rd|St|Ave|Ln)"
_NAME = rf"(?:[A-Z][A-Za-z'’]{{1,20}} ){{1,3}}{_KIND}\b"
_BEFORE = r"\b(?:at|in|on|near|off|from|outside|opposite|behind|beside|along|around|off of) (?:No\.? ?)?"
_ENGLISH = re.compile(
    rf"(?:{_BEFORE}(?:\d{{1,4}}[A-Za-z]? )?|\b\d{{1,4}}[A-Za-z]?,? )(?P<name>{_NAME})"
    rf"|(?P<listed>{_NAME})(?=,| \d{{1,4}}\b)"
)
_CHINESE = re.compile(
    r"[\u4e00-\u9fff]{1,4}(?:大道|街|巷|弄|里|(?<![公马铁道条这那泥速])路)"
    r"(?= \d{1,4} (?:号(?![桥线杆井闸])|弄))"
)
"""In normalised text, where numbers stand apart. Without a number, 车站路 may be the road to the station;
公路12号桥 is a bridge."""


def streets(raw: str, text: str) -> tuple[Span, ...]:
    """Where in ``text``, the normalised form of ``raw``, the names of streets stand; in order."""
    spans = [match.span() for match in _CHINESE.finditer(text)]
    names = dict.fromkeys(
        normalise(match["name"] or match["listed"]) for match in _ENGLISH.finditer(raw[:MAXIMUM_BODY])
    )
    for name in list(names)[:MAXIMUM_STREETS]:
        spans += _after_a_sign(name, text)
    return tuple(sorted(spans)[: 4 * MAXIMUM_STREETS])


def _after_a_sign(name: str, text: str) -> list[Span]:
    """Every place of a name, but where it begins a sentence: there it is what the sentence is about."""
    found, at = list[Span](), text.find(name)
    while at >= 0 and len(found) < MAXIMUM_STREETS:
        before, after = text[:at].rstrip(), text[at + len(name) : at + len(name) + 1]
        if (before and before[-1] not in ".!?;:\n") or after == ",":
            found.append((at, at + len(name)))
        at = text.find(name, at + len(name) - 1)
    return found


def find_outside(word: str, text: str, spans: tuple[Span, ...], start: int = 0) -> int:
    """The first place of ``word`` from ``start`` on that is not within the name of a street; -1 for none."""
    at = text.find(word, start)
    while at >= 0 and any(begin <= at and at + len(word) <= end for begin, end in spans):
        at = text.find(word, at + 1)
    return at
