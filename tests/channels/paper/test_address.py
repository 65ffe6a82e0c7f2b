"""How an address that a clerk typed on one line stands in the window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.paper.address import MOST_LINES, SIZES, AddressDoesNotFit, address_block
from channels.paper.characters import one_line
from channels.paper.envelopes import ENVELOPES

WINDOW = ENVELOPES["din"].address


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        (
            "甲示例",
            "123456 某省某市示例县示例镇示例村三组18号",
            ["123456", "某省某市示例县示例镇示例村三组", "18号", "甲示例 收"],
        ),
        ("甲示例", "示例县示例路1号，邮编：123456", ["123456", "示例县示例路1号", "甲示例 收"]),
        (
            "甲示例",
            "邮政编码 123456\n示例县示例路1号\n2栋",
            ["123456", "示例县示例路1号", "2栋", "甲示例 收"],
        ),
        ("", "示例县示例路1号", ["示例县示例路1号", "住户 收"]),
        ("Jia Sample", "示例县示例路1号", ["示例县示例路1号", "Jia Sample 收"]),
        (
            "Jia Sample",
            "1 Sample Road, Sample Town, 123456",
            ["Jia Sample", "1 Sample Road", "Sample Town", "123456"],
        ),
        (
            "Jia Sample",
            "1 Sample Road\nSample Town, AB1 2CD",
            ["Jia Sample", "1 Sample Road", "Sample Town, AB1 2CD"],
        ),
        ("", "1 Sample Road", ["The Resident", "1 Sample Road"]),
        (
            "Jia Sample",
            "Flat 3, Block 2, 18 Sample Lane, Sample Village, Sample Town, Sample County, Some Province",
            [
                "Jia Sample",
                "Flat 3, Block 2, 18 Sample Lane",
                "Sample Village, Sample Town",
                "Sample County, Some Province",
            ],
        ),
        ("甲\u202e示例", "示例\x07县\t示例路1号", ["示例县 示例路1号", "甲示例 收"]),
    ],
)
def test_order_and_lines(name: str, address: str, expected: list[str]) -> None:
    block = address_block(name, address, WINDOW.width, WINDOW.height)
    assert list(block.lines) == expected
    assert block.size == SIZES[0]


@given(st.text(max_size=40), st.text(min_size=1, max_size=160))
def test_any_address_fits_whole_or_is_refused(name: str, address: str) -> None:
    try:
        block = address_block(name, address, WINDOW.width, WINDOW.height)
    except AddressDoesNotFit:
        return
    assert len(block.lines) <= MOST_LINES
    assert len(block.lines) * block.line_height <= WINDOW.height
    printed = "".join("".join(block.lines).split())
    for character in one_line(name).replace(" ", ""):
        assert character in printed
    for character in one_line(address):
        assert character in printed or character in " ,，;；:：邮编政码"
