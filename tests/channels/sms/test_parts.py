"""How many parts a text takes, and that a long one loses nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.parts import is_gsm, messages, sms_parts, utf16_length


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # two septets each
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the euro sign does not fit into the first part's last septet
        ("a" * 151 + "€" + "a" * 153, 2),
        ("你" * 70, 1),
        ("你" * 71, 2),
        ("你" * 134, 2),
        ("你" * 135, 3),
        ("👍" * 35, 1),
        ("👍" * 36, 2),
        ("👍" * 66, 2),  # 33 pairs a part: the 67th unit stays empty
        ("👍" * 67, 3),
        ("a" * 70 + "…", 2),  # one character outside the alphabet makes all of them wide
        ("é@£ñ" * 40, 1),
        ("`" * 70, 1),
        ("ç" * 71, 2),  # only the capital is in the alphabet
    ],
)
def test_parts(text: str, parts: int) -> None:
    assert sms_parts(text) == parts


def test_the_alphabet() -> None:
    assert is_gsm("Hello @ {3} €5\n")
    assert not is_gsm("您好")
    assert not is_gsm("`")


LONG = "东门路灯坏了三天没人修，晚上很黑。我们已经派人去看了！请问还有别的问题吗？" * 60


def test_a_long_answer_goes_as_numbered_messages_that_end_with_sentences() -> None:
    sent = messages(LONG)
    assert [m.split(" ")[0] for m in sent] == [f"({n}/{len(sent)})" for n in range(1, len(sent) + 1)]
    assert all(message.endswith(("。", "！", "？")) for message in sent)
    assert "".join(message.split(" ", 1)[1] for message in sent) == LONG


def test_a_short_one_goes_as_it_is() -> None:
    assert messages("  两个空格 ") == ("  两个空格 ",)
    assert messages("a" * 1600) == ("a" * 1600,)
    assert len(messages("a" * 1601)) == 2


@given(
    text=st.text(st.sampled_from("ab 。！?.\n，👍🇨👨\u200d👩e\u0301你"), max_size=400),
    limit=st.integers(min_value=30, max_value=80),
)
def test_nothing_is_lost_and_nothing_too_long(text: str, limit: int) -> None:
    sent = messages(text, limit)
    assert all(utf16_length(message) <= limit for message in sent)
    bare = [re.sub(r"^\([0-9]+/[0-9]+\) ", "", m) for m in sent] if len(sent) > 1 else list(sent)
    assert "".join("".join(bare).split()) == "".join(text.split())


def test_signs_stay_whole() -> None:
    sent = messages("👨\u200d👩\u200d👧" * 40, 60)
    assert all(m.endswith("👧") for m in sent)
