"""Paths of MAIL and RCPT, and whose mail we take, as tables."""

from __future__ import annotations

import time

import pytest

from channels.email.doorkeeper import Doorkeeper, peer_key
from channels.email.paths import Mailboxes, masked, parse_path

ADDRESSES = [
    # as written                          address                  parameters
    ("<li@home.example>", "li@home.example", {}),
    (" <li@home.example> SIZE=100 BODY=8BITMIME", "li@home.example", {"SIZE": "100", "BODY": "8BITMIME"}),
    ("<li@home.example> smtputf8", "li@home.example", {"SMTPUTF8": ""}),
    ("<>", "", {}),
    ("<> SIZE=5", "", {"SIZE": "5"}),
    ("li@home.example", "li@home.example", {}),
    ("<@relay.example,@b.example:li@home.example>", "li@home.example", {}),
    ('<"li si"@home.example>', '"li si"@home.example', {}),
    ("<李@例子.example>", "李@例子.example", {}),
    ("<postmaster>", "postmaster", {}),
    ("<li@[192.0.2.1]>", "li@[192.0.2.1]", {}),
]
NOT_ADDRESSES = [
    "",
    "li",
    "<li>",
    "<li@home.example",
    "<a@b@c>",
    "<li @home.example>",
    "<a@b>junk",
    "<<a@b>>",
]


@pytest.mark.parametrize(("text", "address", "parameters"), ADDRESSES)
def test_addresses(text: str, address: str, parameters: dict[str, str]) -> None:
    path = parse_path(text)
    assert path is not None
    assert (path.address, path.parameters) == (address, parameters)


@pytest.mark.parametrize("text", NOT_ADDRESSES)
def test_no_addresses(text: str) -> None:
    assert parse_path(text) is None


@pytest.mark.parametrize(
    "hostile", ['<"' + "\\" * 2000, "<" + "@a," * 700, "<" + "a" * 2000, '<"' + '"' * 2000 + ">"]
)
def test_hostile_paths_cost_nothing(hostile: str) -> None:
    begun = time.perf_counter()
    assert parse_path(hostile) is None
    assert time.perf_counter() - begun < 0.05


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("complaints@gaoyao.example", True),
        ("Complaints@GAOYAO.Example", True),
        ("complaints+k7Xq@gaoyao.example", True),
        ("postmaster@gaoyao.example", True),
        ("Postmaster", True),
        ("complaints@other.example", False),
        ("postmaster@other.example", False),
        ("mayor@gaoyao.example", False),
        ("+complaints@gaoyao.example", False),
        ("complaints", False),
        ("", False),
    ],
)
def test_whose_mail_we_take(address: str, taken: bool) -> None:
    assert Mailboxes(["complaints@gaoyao.example"]).takes(address) is taken


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("li.si@home.example", "l***@home.example"),
        ("", "<>"),
        ("postmaster", "***"),
        ("李@home.example", "\\u674e***@home.example"),
    ],
)
def test_masking(address: str, shown: str) -> None:
    assert masked(address) == shown


@pytest.mark.parametrize(
    ("peer", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("fe80::1%eth0", "fe80:0000:0000:0000"),
        ("no:address", "no:address"),
    ],
)
def test_what_counts_as_one_peer(peer: str, key: str) -> None:
    assert peer_key(peer) == key


def test_doorkeeper_counts_out_again() -> None:
    door = Doorkeeper(limit=2, limit_per_peer=1)
    assert door.admit("192.0.2.1")
    assert not door.admit("192.0.2.1")
    assert door.admit("192.0.2.2")
    assert not door.admit("192.0.2.3")
    door.leave("192.0.2.1")
    assert door.admit("192.0.2.3")
