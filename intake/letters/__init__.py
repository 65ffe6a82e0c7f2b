"""Letters on paper, from the scanner to the submission. Nothing is a complaint before a person confirmed it.

You are here: scan → [arriving] → pages read one by one ([reading]) → a person at the letter desk ([desk]) →
submission. A scan of two letters is cut by [cutting], two scans of one letter are put together by [joining].
What is in the queue is listed by [listing]; who reads
a page is said in [pages].

A letter is ``pending`` while its pages are read, then ``waiting`` or ``unreadable``, both for a person, who
ends it: ``entered`` or ``discarded``.
"""

from __future__ import annotations

from intake.letters.arriving import LetterIntake, Scan, Taken, TooMuch
from intake.letters.cutting import LetterCutter
from intake.letters.desk import LetterDesk, LetterRefused, Taking
from intake.letters.joining import LetterJoiner
from intake.letters.listing import LetterLists
from intake.letters.pages import LetterReader, PageRead, PageUnreadable, ReaderAway
from intake.letters.reading import LetterWorker

__all__ = [
    "LetterCutter",
    "LetterDesk",
    "LetterIntake",
    "LetterJoiner",
    "LetterLists",
    "LetterReader",
    "LetterRefused",
    "LetterWorker",
    "PageRead",
    "PageUnreadable",
    "ReaderAway",
    "Scan",
    "Taken",
    "Taking",
    "TooMuch",
]
