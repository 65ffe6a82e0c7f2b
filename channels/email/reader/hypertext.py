"""HTML to plain text in one pass, for HTML that may want to do harm.

You are here: HTML-only mails, and the HTML side of a mail whose plain side is empty. A mail's HTML
needs no tree: what counts is text, line breaks and what is quoted. One regex that cannot backtrack
cuts the input into text and tags; time is linear in the input whatever the input is.
"""

from __future__ import annotations

import html
import re

MAX_TAGS = 150_000
_TAG = re.compile(r"""(<(?:/?[a-zA-Z]|[!?])(?:[^<>"']++|"[^"<]*+"|'[^'<]*+'|["'])*+>?)""")
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:]{0,15})")
_LONG_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{8,}+;?")  # int() refuses thousands of digits
_QUOTE = re.compile(r"""cite|quote|isReplyContent""", re.I)
_SKIPPED = frozenset(("script", "style", "head", "title", "template", "xml", "svg"))
_PARAGRAPHS = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre", "hr")
)
_LINES = frozenset(
    (
        "div",
        "br",
        "tr",
        "li",
        "section",
        "article",
        "header",
        "footer",
        "center",
        "address",
        "dt",
        "dd",
        "form",
        "fieldset",
        "caption",
        "body",
        "option",
    )
)


def to_text(source: str, *, mark_quotes: bool = False) -> str:
    """The text of ``source``; with ``mark_quotes``, lines of quoted mail begin with ``> ``.

    Never raises. Beyond 150,000 tags, tags are only dropped.
    """
    source = _without_comments(source.replace("\x00", ""))
    pieces = _TAG.split(source, MAX_TAGS)
    if len(pieces) > 2 * MAX_TAGS:
        pieces[-1] = _TAG.sub("\n", pieces[-1])
    return _Rendering(pieces, mark_quotes).run()


def _without_comments(source: str) -> str:
    if "<!--" not in source:
        return source
    out: list[str] = []
    position = 0
    while (start := source.find("<!--", position)) >= 0:
        end = source.find("-->", start + 4)
        if end < 0:  # never closed: keep the text rather than lose it
            break
        out.append(source[position:start])
        position = end + 3
    out.append(source[position:].replace("<!--", ""))
    return "".join(out)


class _Rendering:
    """One run over the pieces: text at even places, tags at odd ones."""

    def __init__(self, pieces: list[str], mark_quotes: bool) -> None:
        self.pieces = pieces
        self.mark_quotes = mark_quotes
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes: list[bool] = []
        self.depth = 0
        self.pre = 0
        self.never_closed: set[str] = set()

    def run(self) -> str:
        pieces, position = self.pieces, 0
        while position < len(pieces):
            piece = pieces[position]
            if position % 2:
                position = self._tag(piece, position)
            elif piece:
                self._text(piece)
            position += 1
        self._break()
        return _squeeze(self.lines)

    def _text(self, piece: str) -> None:
        if "&" in piece:
            piece = html.unescape(_LONG_NUMBER.sub("\ufffd", piece) if "&#" in piece else piece)
        if self.pre:
            first, *rest = piece.split("\n")
            self.line.append(first)
            for line in rest:
                self._break()
                self.line.append(line)
            return
        flat = " ".join(piece.split())
        if not flat:
            if self.line:
                self.line.append(" ")
            return
        self.line.append((" " if piece[0].isspace() else "") + flat + (" " if piece[-1].isspace() else ""))

    def _tag(self, tag: str, position: int) -> int:
        match = _NAME.match(tag)
        if not match:
            return position
        name = match.group(1).lower()
        closing = tag[1] == "/"
        if name in _SKIPPED and not closing and not tag.endswith("/>"):
            return self._skip(name, position)
        if name in _LINES:
            if name == "br" or self.line:
                self._break()
            if name == "li" and not closing:
                self.line.append("- ")
        elif name in _PARAGRAPHS:
            self._paragraph(name, tag, closing)
        elif name in ("td", "th") and closing:
            self.line.append("\t")
        return position

    def _paragraph(self, name: str, tag: str, closing: bool) -> None:
        if self.line:
            self._break()
        if self.lines and self.lines[-1]:
            self.lines.append("")
        if name == "blockquote":
            self._blockquote(tag, closing)
        elif name == "pre":
            self.pre = max(0, self.pre + (-1 if closing else 1))

    def _blockquote(self, tag: str, closing: bool) -> None:
        if not closing:
            quoted = self.mark_quotes and bool(_QUOTE.search(tag, 11, 500))
            self.quotes.append(quoted)
            self.depth += quoted
        elif self.quotes:
            self.depth -= self.quotes.pop()

    def _skip(self, name: str, position: int) -> int:
        """Where the closing tag of ``name`` is; stay when there is none, so that no text is lost."""
        if name in self.never_closed:
            return position
        wanted = "</" + name
        for ahead in range(position + 2, len(self.pieces), 2):
            if self.pieces[ahead][: len(wanted)].lower() == wanted:
                return ahead
        self.never_closed.add(name)
        return position

    def _break(self) -> None:
        joined = "".join(self.line).replace("\xa0", " ")
        joined = joined.rstrip() if self.pre else joined.strip()
        if self.depth:
            joined = "> " * min(self.depth, 5) + joined
        self.lines.append(joined)
        self.line = []


def _squeeze(lines: list[str]) -> str:
    """Lines joined, with at most one empty line in a row."""
    out: list[str] = []
    for line in lines:
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).strip("\n")
