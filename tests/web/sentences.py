"""Every English sentence that templates and code of the pages can say, as Babel's extractor finds them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file

WEB = Path(__file__).resolve().parents[2] / "web"
_KEYWORDS = {**DEFAULT_KEYWORDS, "_n": None}  # ``_n`` marks what is translated where it is shown
_OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}


def sentences() -> Iterator[tuple[str, str]]:
    """Pairs of where it stands and what it says (of a plural, the singular)."""
    for path in sorted(WEB.rglob("*")):
        place = path.relative_to(WEB).as_posix()
        if path.suffix == ".py":
            found = extract_from_file("python", path, keywords=_KEYWORDS)
        elif path.suffix in (".html", ".txt", ".svg") and "templates" in place:
            found = extract_from_file("jinja2.ext:babel_extract", path, options=_OPTIONS)
        else:
            continue
        for line, message, _comments, _context in found:
            yield f"{place}:{line}", message[0] if isinstance(message, tuple) else message
