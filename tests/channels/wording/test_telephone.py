"""Telephone numbers as people dial them."""

from __future__ import annotations

import pytest

from channels.wording.telephone import dialled


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+867581234567", "0758 123 4567"),
        ("+8613800005678", "138 0000 5678"),
        ("+12025550118", "+1 202-555-0118"),
        ("12345", "12345"),  # the government's hotline
        ("0758-1234567", "0758-1234567"),
        ("", ""),
        ("call the desk", "call the desk"),
    ],
)
def test_as_it_is_dialled(number: str, shown: str) -> None:
    assert dialled(number) == shown
