"""How many lines of which paragraph go on which page, as a table."""

from __future__ import annotations

import pytest

from channels.paper.breaking import lines
from channels.paper.flow import Column, Paragraph, em, pages, paragraphs

COLUMN = Column(165, 11, 72 / 25.4 * 10, latin=False)  # ten millimetres a line
ONE = lines("字", em(165, 11), latin=False)[0]


@pytest.mark.parametrize(
    ("counts", "first", "other", "expected"),
    [
        # lines of each paragraph, room on the first page and on later ones → lines on each page
        ([3], 5, 9, [3]),
        ([5], 5, 9, [5]),
        ([7], 5, 9, [5, 2]),
        ([6], 5, 9, [4, 2]),  # its last line would stand alone
        ([4, 4], 5, 9, [4, 4]),  # its first line would
        ([3, 3], 5, 9, [3, 3]),  # two and one: the one would stand alone, and one and two is no better
        ([2, 2, 2], 5, 9, [2, 4]),  # a signature takes two lines with it
        ([1, 1, 1, 1, 1, 1], 5, 9, [3, 3]),
        ([1] * 9, 5, 9, [5, 4]),  # a paragraph of one line is whole anywhere
        ([5, 2], 5, 9, [3, 4]),
        ([3, 2, 2], 5, 9, [3, 4]),
        ([2, 3, 2], 5, 9, [2, 5]),  # of three lines, the first would stand alone
        ([2, 2], 2, 9, [2, 2]),  # nothing can be spared
        ([20], 5, 9, [5, 9, 6]),
        ([15], 5, 9, [5, 8, 2]),
        ([3], 0.5, 0.5, [1, 1, 1]),  # no room at all, and yet it ends
        ([], 5, 9, [0]),
    ],
)
def test_pages(counts: list[int], first: float, other: float, expected: list[int]) -> None:
    text = [Paragraph((ONE,) * count, 0, 0) for count in counts]
    done = pages(text, COLUMN, first * 10, other * 10)
    assert [len(page) for page in done] == expected
    for page in done:
        assert [placed.top for placed in page] == pytest.approx([10.0 * n for n in range(len(page))])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # lines and indent of each paragraph
        ("一\n二\n三", [(3, 0)]),
        ("一\n\n二", [(1, 0), (1, 0)]),
        ("一\n    二\n三", [(1, 0), (1, 7), (1, 0)]),
        ("一\n" + "长" * 100 + "\n二", [(1, 0), (3, 0), (1, 0)]),
        ("一\n" * 20, [(8, 0), (8, 0), (4, 0)]),
        ("\n\n一\n\n\n\n", [(1, 0)]),
        ("", []),
    ],
)
def test_paragraphs(text: str, expected: list[tuple[int, float]]) -> None:
    assert [(len(p.lines), p.indent) for p in paragraphs(text, COLUMN)] == expected
