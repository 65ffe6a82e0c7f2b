"""The MIME tree of a message: which bytes are which part (RFC 2046), for broken trees as well.

You are here: after the headers, before anything is decoded. Parts are index ranges into the raw
message, so no level copies what is below it; depth, number of parts and number of boundary-like
lines are bounded.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels.email.reader import headers, parameters

MAX_DEPTH = 12
MAX_PARTS = 100
_MAX_LINES = 3000  # delimiter-like lines looked at in one multipart
_GUESS = re.compile(
    rb"[\s\S]{0,2000}?(?:\A|\n)--([^\s][^\r\n]{0,100}?)[ \t]*\r?\n(?=content-[a-z-]{1,30}[ \t]*:)", re.I
)
_NO_PARAMETERS: dict[str, str] = {}


@dataclass(slots=True)
class Part:
    """One node. ``children`` is filled for multiparts; ``raw[start:end]`` is its undecoded content."""

    headers: headers.Headers
    media_type: str
    parameters: dict[str, str]
    start: int
    end: int
    children: list[Part] = field(default_factory=list)
    disposition: str = ""
    filename: str = ""
    stray: bool = False  # text outside of any part (preamble), used only when there is no other

    @property
    def encoding(self) -> str:
        """The raw Content-Transfer-Encoding."""
        raw = self.headers.fields.get(b"content-transfer-encoding")
        return raw[0][:100].decode("latin-1") if raw else ""


@dataclass(slots=True)
class Tree:
    """What cutting has found so far over the whole message."""

    raw: bytes
    count: int = 0
    problems: list[str] = field(default_factory=list)

    def note(self, problem: str) -> None:
        """Remember ``problem`` once, up to a bound."""
        if problem not in self.problems and len(self.problems) < 50:
            self.problems.append(problem)


def cut(tree: Tree, start: int, end: int, depth: int = 0, default: str = "text/plain") -> Part:
    """The part whose header begins at ``start``, with all parts within it."""
    most = headers.MAX_PART_BLOCK if depth else headers.MAX_BLOCK
    fields, body = headers.parse(tree.raw, start, end, most)
    for problem in fields.problems:
        tree.note(problem)
    tree.count += 1
    part = _describe(fields, body, end, default)
    if part.media_type.startswith("multipart/"):
        _cut_multipart(tree, part, depth)
    elif part.media_type == "text/plain" and depth == 0 and _looks_cut(tree.raw, body, end):
        _cut_multipart(tree, part, depth)  # a wrong Content-Type
    return part


def _describe(fields: headers.Headers, body: int, end: int, default: str) -> Part:
    value = fields.value(b"content-type")
    media_type, found = parameters.parse(value) if value else (default, _NO_PARAMETERS)
    # RFC 2045 section 5.2: what names no type is plain text.
    unnamed = "/" not in media_type or media_type.startswith("text/")
    sane = parameters.media_type(media_type) or ("text/plain" if unnamed else "")
    part = Part(fields, sane or "application/octet-stream", found, body, end)
    raw_disposition = fields.value(b"content-disposition")
    if raw_disposition:
        part.disposition, extra = parameters.parse(raw_disposition)
        part.filename = extra.get("filename", "")
    part.filename = part.filename or found.get("name", "")
    return part


def _looks_cut(raw: bytes, start: int, end: int) -> bool:
    if not raw.startswith((b"--", b"\n--", b"\r\n--", b"This is a multi-part", b"This is a MIME"), start):
        return False
    return bool(_GUESS.match(raw[start : min(end, start + 4000)]))


def _cut_multipart(tree: Tree, part: Part, depth: int) -> None:
    if depth >= MAX_DEPTH:
        tree.note(f"Parts nested deeper than {MAX_DEPTH} were not read.")
        return
    raw, boundary = tree.raw, part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
    lines = list(_delimiters(raw, boundary, part.start, part.end)) if boundary else []
    if not lines:
        guess = _GUESS.match(raw[part.start : min(part.end, part.start + 4000)])
        boundary = guess.group(1) if guess else b""
        lines = list(_delimiters(raw, boundary, part.start, part.end)) if boundary else []
        tree.note("A multipart does not contain its boundary.")
    if not lines:
        part.media_type = "text/plain"
        return
    if not lines[-1][2]:
        tree.note("A multipart is not closed; its end may be missing.")
    _cut_children(tree, part, lines, depth)


def _cut_children(tree: Tree, part: Part, lines: list[tuple[int, int, bool]], depth: int) -> None:
    boundary = part.parameters.get("boundary", "")
    default = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
    preamble = Part(headers.Headers({}), "text/plain", {}, part.start, lines[0][0], stray=True)
    lines.append((part.end, part.end, True))
    into = part
    for (_, start, closing), (end, _, _) in itertools.pairwise(lines):
        if closing or start > end:
            continue
        if tree.count >= MAX_PARTS:
            tree.note(f"More than {MAX_PARTS} parts; the rest was not read.")
            break
        child = cut(tree, start, end, depth + 1, default)
        into.children.append(child)
        if not child.children and len(mark := child.parameters.get("boundary", "")) > 0 and mark == boundary:
            # The same boundary again one level down: what follows belongs to the inner multipart.
            child.media_type = parameters.media_type(
                parameters.parse(child.headers.value(b"content-type"))[0]
            )
            into = child
    if not part.children or preamble.end - preamble.start > 1:
        part.children.append(preamble)


def _delimiters(raw: bytes, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Delimiter lines: (end of what is before, start of what is after, closing?). Linear, bounded."""
    mark = b"\n--" + boundary
    at = start - 1 if raw.startswith(mark[1:], start) else raw.find(mark, start, end)
    for _ in range(_MAX_LINES):
        if at < 0:
            return
        after = at + len(mark)
        line_end = raw.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end
        rest = raw[after : min(line_end, after + 100)].strip()
        if not rest or rest.startswith(b"--"):
            before = at - 1 if at > start and raw.startswith(b"\r", at - 1) else max(at, start)
            yield before, min(line_end + 1, end), bool(rest)
        at = raw.find(mark, line_end, end)
