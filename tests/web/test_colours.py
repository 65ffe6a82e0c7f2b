"""The stylesheet's colours can be read by day and by night: contrast AA (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).resolve().parents[2] / "web/static/huiyin.css").read_text("utf-8")
TOKEN = re.compile(r"--([\w-]+): #([0-9a-f]{6});")
LIGHT, DARK = (
    dict(TOKEN.findall(block)) for block in re.findall(r":root \{(.*?)\n\s*\}", SHEET, re.DOTALL)[:2]
)

TEXT_ON = (
    *(
        (ink, ground)
        for ink in ("ink", "ink-soft", "link", "teal", "bad", "seal")
        for ground in ("paper", "sheet")
    ),
    *((ink, "sunk") for ink in ("ink", "ink-soft", "link", "seal")),
    *((name, f"{name}-wash") for name in ("teal", "good", "warn", "bad", "seal")),
    *(("ink", f"{name}-wash") for name in ("teal", "good", "warn", "bad")),
    ("link", "teal-wash"),
    ("link", "warn-wash"),
    ("on-teal", "teal"),
)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)
    assert contrast("777777", "ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_can_be_read(tokens: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(tokens[ink], tokens[ground]) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "sheet"])
def test_edges_of_fields_can_be_seen(tokens: dict[str, str], ground: str) -> None:
    assert contrast(tokens["line-strong"], tokens[ground]) >= 3


def test_dark_changes_every_colour_it_needs() -> None:
    assert set(DARK) == set(LIGHT)


def test_every_token_used_is_defined() -> None:
    defined = set(re.findall(r"(--[\w-]+):", SHEET))
    assert set(re.findall(r"var\((--[\w-]+)", SHEET)) <= defined
