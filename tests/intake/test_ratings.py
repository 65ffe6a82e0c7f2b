"""What people write when asked whether they were content, as a table a clerk could read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.lifecycle import Feedback
from intake.ratings import rating_of, wants_a_look

GOOD, FAIR, BAD = Feedback.SATISFIED, Feedback.BASICALLY_SATISFIED, Feedback.DISSATISFIED

SAID = [
    ("满意", GOOD, ""),
    ("滿意。", GOOD, ""),
    ("“满意”", GOOD, ""),
    ("非常满意，谢谢！", GOOD, "谢谢！"),
    ("我很满意", GOOD, ""),
    ("谢谢，满意", GOOD, ""),
    ("对你们的答复很满意", GOOD, ""),
    ("１", GOOD, ""),
    ("satisfied", GOOD, ""),
    ("Satisfied, thank you.", GOOD, "thank you."),
    ("Hello,\n\nsatisfied\n-- \nAnn Example", GOOD, ""),
    ("We are very satisfied with the answer", GOOD, "with the answer"),
    ("基本满意", FAIR, ""),
    ("基本滿意，謝謝", FAIR, "謝謝"),
    ("基本上满意吧，就是慢了点", FAIR, "就是慢了点"),
    ("我觉得还可以", FAIR, ""),
    ("一般", FAIR, ""),
    ("选2", FAIR, ""),
    ("Mostly satisfied, but slow", FAIR, "but slow"),
    ("不满意", BAD, ""),
    ("不滿意！你們沒有處理", BAD, "你們沒有處理"),
    ("不满意，路灯还没修\n第二行", BAD, "路灯还没修\n第二行"),
    ("您好：\n我对处理结果不满意。灯还是坏的", BAD, "灯还是坏的"),
    ("不满意你们的处理", BAD, "你们的处理"),
    ("不太满意", BAD, ""),
    ("３", BAD, ""),
    ("3，灯还是黑的", BAD, "灯还是黑的"),
    ("3，不满意，灯还是黑的", BAD, "不满意，灯还是黑的"),
    ("I am not satisfied. The lamp is dark.", BAD, "The lamp is dark."),
    ("Dear office,\nvery dissatisfied", BAD, ""),
]
NOT_SAID = [
    "",
    "满意吗？",
    "满意度调查是什么",
    "是否满意",
    "满意个屁",
    "satisfied?",
    "happy new year",
    "一般情况下我不会投诉",
    "3 weeks and nothing happened",
    "1. 灯坏了\n2. 路坏了",
    "1，灯坏了 2，路坏了",
    "谢谢你们，灯修好了",
    "我要投诉另一件事：公交车不停站",
    "12",
    "1，不满意",
    "3。满意",
    "选1\n不满意，没有人来",
]


@pytest.mark.parametrize(("text", "value", "remark"), SAID)
def test_a_verdict_is_understood(text: str, value: Feedback, remark: str) -> None:
    assert rating_of(text) == (value, remark)


@pytest.mark.parametrize("text", NOT_SAID)
def test_in_doubt_it_is_none(text: str) -> None:
    assert rating_of(text) is None


@given(st.text(max_size=300))
def test_any_text_is_a_verdict_or_none(text: str) -> None:
    found = rating_of(text)
    assert found is None or (found[0] in (GOOD, FAIR, BAD) and found[1] in text)


@pytest.mark.parametrize(
    "piece", ["谢谢，", "hello ", "对", "我", "不", "很", " ", "1", "dear a", "满", "非常"]
)
def test_long_texts_are_quickly_judged(piece: str) -> None:
    rating_of(piece * 200_000)


@pytest.mark.parametrize(
    ("value", "remark", "wanted"),
    [
        (GOOD, "", False),
        (GOOD, "谢谢", False),
        (GOOD, "但是路口的灯又坏了", True),
        (FAIR, "but slow", True),
        (GOOD, "另外" * 60, True),
        (BAD, "但是路口的灯又坏了", False),  # the office is called in any case
    ],
)
def test_a_good_verdict_with_a_complaint_in_it_is_read(value: str, remark: str, wanted: bool) -> None:
    assert wants_a_look(value, remark) is wanted
