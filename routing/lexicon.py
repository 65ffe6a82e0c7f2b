"""You are here: intake → routing → normalise → *lexicon* → rules.

All the words of all the rules, found in one pass over a message. The index by first two
characters costs one C-level set of the text's pairs and leaves few words to look for: 1,500 words
in a 500-character message take some 60 µs, without a compiled automaton to install.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import add
from typing import Literal

from routing.normalise import MAXIMUM_BODY, MAXIMUM_SUBJECT, normalise
from routing.streets import Span, find_outside, streets

Where = Literal["any", "opening", "subject", "body"]
WHERES: tuple[Where, ...] = ("any", "opening", "subject", "body")

OPENING = 50
OPENING_LATIN = 160
"""Characters of the body that count as its opening: people say what it is about at once. English
takes about three characters where Chinese takes one."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A message and the lexicon's words in it, but for those within the name of a street.

    ``first`` maps each normalised word found to its first place in ``text`` (subject, a newline,
    body); ``words`` holds the same words by the part of the message they stand in.
    """

    text: str
    first: Mapping[str, int]
    words: Mapping[Where, frozenset[str]]


class Lexicon:
    """The words to look for. Build once, scan often; immutable after building."""

    def __init__(self, words: Iterable[str]) -> None:
        """``words`` are normalised already (:func:`routing.normalise.normalise_keyword`)."""
        index: dict[str, list[str]] = {}
        for word in sorted(set(words)):
            index.setdefault(_pair(word), []).append(word)
        self._index = {pair: tuple(found) for pair, found in index.items()}
        self._pairs = frozenset(self._index)

    def scan(self, subject: str, body: str) -> Scan:
        """Look at the first :data:`MAXIMUM_SUBJECT` and :data:`MAXIMUM_BODY` characters."""
        head = normalise(subject[:MAXIMUM_SUBJECT])
        tail = normalise(body[:MAXIMUM_BODY])
        text = f"{head}\n{tail}"
        body_at = len(head) + 1
        named = streets(f"{subject[:MAXIMUM_SUBJECT]}\n{body}", text)
        first: dict[str, int] = {}
        for pair in self._pairs.intersection(map(add, text, text[1:])):
            for word in self._index[pair]:
                at = find_outside(word, text, named)
                if at >= 0:
                    first[word] = at
        return Scan(text, first, _by_part(text, first, body_at, named))


def _by_part(
    text: str, first: Mapping[str, int], body_at: int, named: tuple[Span, ...]
) -> dict[Where, frozenset[str]]:
    latin = text[body_at : body_at + OPENING].isascii()
    opening_end = body_at + (OPENING_LATIN if latin else OPENING)
    return {
        "any": frozenset(first),
        "opening": frozenset(word for word, at in first.items() if at + len(word) <= opening_end),
        "subject": frozenset(word for word, at in first.items() if at + len(word) <= body_at),
        "body": frozenset(
            word
            for word, at in first.items()
            if at >= body_at or find_outside(word, text, named, body_at) >= 0
        ),
    }


def _pair(word: str) -> str:
    """The two characters to index by; a Latin word's leading space tells little and is skipped."""
    start = 1 if word.startswith(" ") and len(word) > 2 else 0
    return word[start : start + 2]
