"""The header block of a message or part, cut into fields without interpreting them.

You are here: first step of reading. The stdlib parser is avoided on purpose: ``policy.default`` is
quadratic on quotes, raises on ``<>`` and recurses; here every step is one linear regex (possessive,
so nothing backtracks) over a block of bounded size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.email.reader import words

MAX_BLOCK = 1_000_000  # bytes of header looked at
MAX_PART_BLOCK = 20_000  # the same for a part within
MAX_VALUE = 100_000  # bytes of one value looked at

_FIELD = rb"[!-9;-~]++[ \t]*+:[^\n]*+(?:\n[ \t]++[^\r\n][^\n]*+)*+(?:\n|\Z)"
_RUN = re.compile(rb"(?:" + _FIELD + rb")*+")
_EACH = re.compile(rb"([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t]++[^\r\n][^\n]*+)*+)")
# The same, where a line that is no field is taken as the rest of the one before it.
_EACH_BROKEN = re.compile(
    rb"^([!-9;-~]{1,100}+)[ \t]*+:([^\n]*+(?:\n(?![!-9;-~]{1,100}+[ \t]*+:)[^\n]*+)*+)", re.M
)
_BLANK = re.compile(rb"\n[ \t]*+\r?\n")
_TYPICAL = re.compile(rb"^(?:from|to|subject|date|message-id|mime-version|content-type)[ \t]*:", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Headers:
    """Raw values by lower-case name, in order of appearance; ``problems`` say what was odd."""

    fields: dict[bytes, list[bytes]]
    problems: tuple[str, ...] = ()

    def raw(self, name: bytes) -> bytes:
        """The first raw value of ``name``, bounded; empty when missing."""
        values = self.fields.get(name)
        return values[0][:MAX_VALUE].strip() if values else b""

    def all(self, name: bytes) -> list[bytes]:
        """The first ten raw values of ``name``, each bounded."""
        return [value[:MAX_VALUE].strip() for value in self.fields.get(name, ())[:10]]

    def value(self, name: bytes) -> str:
        """The first value of ``name`` as one line, encoded words untouched."""
        raw = self.raw(name)
        return words.unfold(raw) if raw else ""


def parse(raw: bytes, start: int, end: int, most: int = MAX_BLOCK) -> tuple[Headers, int]:
    """The fields of ``raw[start:end]``, in at most ``most`` bytes, and where its body begins.

    Linear; never raises.
    """
    limit = min(end, start + most)
    if raw.startswith((b"From ", b">From "), start):  # an mbox separator
        start = min(_after_line(raw, start, end), limit)
    run = _RUN.match(raw, start, limit)
    stop = run.end() if run else start
    if stop >= limit < end:
        return Headers(
            _collect(_EACH, raw, start, limit), ("The header is too long; its end was not read.",)
        ), (_after_blank(raw, limit, end))
    if stop >= end:
        return Headers(_collect(_EACH, raw, start, stop)), end
    if raw.startswith(b"\n", stop):
        return Headers(_collect(_EACH, raw, start, stop)), stop + 1
    if raw.startswith(b"\r\n", stop):
        return Headers(_collect(_EACH, raw, start, stop)), stop + 2
    return _broken(raw, start, stop, limit)


def _broken(raw: bytes, start: int, stop: int, limit: int) -> tuple[Headers, int]:
    """A line that is no field: noise among the fields, or a body without the blank line?"""
    blank = _BLANK.search(raw, stop, limit)
    block_end = blank.start() + 1 if blank else stop
    if stop > start and blank and _TYPICAL.search(raw, stop, block_end):
        fields = _collect(_EACH_BROKEN, raw, start, block_end)
        return Headers(fields, ("The header has lines that are no fields.",)), blank.end()
    if blank and raw[stop : blank.end()].isspace():
        stop = blank.end()
    return Headers(_collect(_EACH, raw, start, stop)), stop


def _collect(pattern: re.Pattern[bytes], raw: bytes, start: int, end: int) -> dict[bytes, list[bytes]]:
    fields: dict[bytes, list[bytes]] = {}
    for name, value in pattern.findall(raw, start, end):
        name = name.lower()
        if name in fields:
            fields[name].append(value)
        else:
            fields[name] = [value]
    return fields


def _after_line(raw: bytes, start: int, end: int) -> int:
    found = raw.find(b"\n", start, end)
    return end if found < 0 else found + 1


def _after_blank(raw: bytes, start: int, end: int) -> int:
    found = [at + len(mark) for mark in (b"\n\n", b"\n\r\n") if (at := raw.find(mark, start - 3, end)) >= 0]
    return min(found, default=end)
