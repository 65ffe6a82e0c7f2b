"""How much of a file is looked at, and the words for why it is not shown.

You are here: a number for every way in which a file can be too much. Sizes of what may come in at all are the
channels' own; these bound what is done with a file that is here.
"""

from __future__ import annotations

from enum import StrEnum

from intake.files.sandbox import Limits

MAX_BYTES = 50 * 1024 * 1024
"""A larger file is not opened; it is kept and handed out."""
MAX_FILES = 200
"""Of one submission so many are filed; the raw message keeps the others."""
MAX_PIXELS = 64_000_000
"""Of a picture, and of a page of a TIFF: more than telephones take, far less than fills a gigabyte."""
MAX_SIDE = 30_000
MAX_PAGES_SHOWN = 40
MAX_PAGES_COUNTED = 5_000
PREVIEW_SIDE = 1_800
"""Pixels of a preview's longer side: a letter is readable at it."""
PREVIEW_BYTES = 48 * 1024 * 1024
LOOKING = Limits(seconds=45, cpu_seconds=40, memory=1536 * 1024 * 1024, output_bytes=PREVIEW_BYTES)


class Verdict(StrEnum):
    """What is done with a file. The words of ``inspection.verdict``."""

    UNKNOWN = ""  # nobody looked yet
    SHOWN = "shown"  # its preview, or its sound, in place; the original for download
    KEPT = "kept"  # only handed out
    REFUSED = "refused"  # not opened; the original is evidence and handed out with a warning
    INFECTED = "infected"  # never handed out


class Why(StrEnum):
    """Why a file is not shown, or what to beware of. The words of ``inspection.reason``."""

    ENCRYPTED = "encrypted"
    ACTIVE = "active"  # scripts, programs to launch, or files inside; shown as pictures only
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_PAGES = "too_many_pages"  # the first ones are shown
    DAMAGED = "damaged"
    TOO_SLOW = "too_slow"
    TOO_HEAVY = "too_heavy"
    ARCHIVE = "archive"
    PROGRAM = "program"
    UNKNOWN_KIND = "unknown_kind"
    MARKUP = "markup"  # a page that could run in a browser
    TWO_NATURES = "two_natures"  # a polyglot
    EMPTY = "empty"
    VIRUS = "virus"
    LOST = "lost"  # the file itself is gone
