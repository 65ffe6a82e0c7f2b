"""The language of short texts: figures belong to none, and a reference in a text decides nothing."""

from __future__ import annotations

import pytest

from channels.reading.clean import line
from channels.reading.language import detect


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("查询 26-000001-9", "zh-Hans"),
        ("撤回 26-000001-9", "zh-Hans"),
        ("補充 26-000001-9", "zh-Hant"),
        ("status 26-000001-9", "en"),
        ("3 修了又坏 2026-03-02 13:30:00", "zh-Hans"),
        ("The 302 bus does not stop at 中山路", "en"),
        ("26-000001-9", "zh-Hans"),
    ],
)
def test_figures_are_of_no_language(text: str, expected: str) -> None:
    assert detect(text) == expected


@pytest.mark.parametrize("raw", ["0\r\x1b\r0", "a \u200b b", "a \x07 b"])
def test_a_line_cleaned_once_is_clean(raw: str) -> None:
    assert line(line(raw)) == line(raw)
    assert "  " not in line(raw)
