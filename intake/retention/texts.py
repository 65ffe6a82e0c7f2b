"""What people wrote into a case's history, and the history without it.

An event whose words were erased keeps its hash, so that the chain still holds all around it; the event
``anonymised`` at its end names every one of them, and ``verify`` believes nothing else without its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from intake.contracts import Json

ERASED = "〔…〕"
"""Stands where words were, in both languages."""

_WORDS = frozenset(
    {"text", "question", "note", "filename", "why", "no_answer_reason", "correction"}
    | {"remark", "registered"}  # of a letter on paper; the postal service knows whose number it is
)
_BY_HAND = frozenset(
    {"assigned", "returned", "return_granted", "return_refused", "reopened", "withdrawn", "barred"}
    | {"merged", "joined", "separated", "readdressed"}
    | {"failed", "unneeded"}  # a letter that somebody took out of the print queue
)
"""Kinds of events whose ``reason`` a person wrote; elsewhere it is a word of ours, or the rules'."""


def without_words(kind: str, data: Json) -> dict[str, Any]:
    """``data`` of an event with :data:`ERASED` for all that people wrote; what happened and when stays."""
    return {key: _blank(value) if _is_written(kind, key) else value for key, value in data.items()}


def _is_written(kind: str, key: str) -> bool:
    return key in _WORDS or (key == "reason" and kind in _BY_HAND)


def _blank(value: Any) -> Any:
    if isinstance(value, str):
        return ERASED if value else value
    if isinstance(value, Mapping):
        return {key: _blank(each) for key, each in value.items()}
    return value


def erased_seqs(events: Iterable[Any], parse: Any = None) -> frozenset[int]:
    """Which events lost their words, as their ``anonymised`` events say.

    ``parse`` makes JSON of ``data`` that is still text.
    """
    found: set[int] = set()
    for event in events:
        if event.kind == "anonymised":
            data = parse(event.data) if parse is not None and isinstance(event.data, str) else event.data
            found.update(int(seq) for seq in data["erased"])
    return frozenset(found)
