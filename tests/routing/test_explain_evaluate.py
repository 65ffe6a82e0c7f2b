"""`huiyin routing explain` and `huiyin routing evaluate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.evaluate import EvaluationRefused, evaluate, read_examples, report
from routing.explain import explain
from tests.routing.county import sample_router


def test_explaining_in_chinese() -> None:
    said = explain(sample_router(), "樓下燃氣洩漏，物業不理", "zh")
    assert "读作：楼下燃气泄漏,物业不理" in said
    assert "“gas-danger”" in said
    assert "去向：高要区应急管理局 (emergency)" in said
    assert "缓急：紧急" in said
    assert "理由：" in said


def test_explaining_in_english_with_a_block() -> None:
    said = explain(sample_router(), "The housing bureau ignored my report about the developer", "en")
    assert "Names: Gaoyao Housing and Construction Bureau (complained about)" in said
    assert "Must stay out: housing" in said
    assert "Must stay out: gas" in said
    assert "Goes to: triage (a person decides)" in said


def test_near_misses_say_why() -> None:
    said = explain(sample_router(), "村里的事。" * 12 + "还有拖欠工资的问题", "en")
    assert "✗ rule" in said
    assert '"unpaid-wages" [opening]: any word 0/1' in said
    assert "✓ rule" in said


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("text", ["", "你好", "\ud800", "x" * 5000])
def test_explaining_works_for_any_text(text: str, language: str) -> None:
    assert explain(sample_router(), text, language)


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "examples.csv"
    path.write_bytes(text.encode(encoding))
    return path


ROWS = """\
text,label
公司拖欠工资,劳动和社会保障
砖厂偷排废水,环保局
的士拒载,Housing and urban life
没有标签,
你好,nonsense
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_counting(tmp_path: Path, encoding: str) -> None:
    router = sample_router()
    result = evaluate(router, read_examples(write(tmp_path, ROWS, encoding), router))
    assert (result.examples, result.unlabelled) == (3, 1)
    assert result.accuracy == pytest.approx(2 / 3)
    assert result.macro_f1 == pytest.approx(2 / 3)
    assert (result.matched, result.assigned) == (1.0, 1.0)
    assert dict(result.pairs) == {
        ("labour", "labour"): 1,
        ("environment", "environment"): 1,
        ("urban", "transport"): 1,
    }
    (problem,) = result.problems
    assert "line 6" in problem.en
    assert "第 6 行" in problem.zh
    assert "nonsense" in problem.en


def test_reporting_in_both_languages(tmp_path: Path) -> None:
    router = sample_router()
    result = evaluate(router, read_examples(write(tmp_path, ROWS), router))
    said = report(result, router, "en")
    assert "accuracy: 0.667" in said
    assert '1 of "Housing and urban life" decided as "Roads, traffic and post"' in said
    assert "准确率：0.667" in report(result, router, "zh")


def test_an_empty_file_of_examples_counts_nothing(tmp_path: Path) -> None:
    router = sample_router()
    result = evaluate(router, read_examples(write(tmp_path, "text,label\n"), router))
    assert (result.examples, result.accuracy, result.macro_f1) == (0, 0.0, 0.0)
    assert report(result, router, "en")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("body,tag\nx,y\n", "text, label"),
        ("", "text, label"),
        ('text,label\n"x' + "y" * 2**21 + '",z\n', "not valid CSV"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(EvaluationRefused) as caught:
        read_examples(write(tmp_path, text), sample_router())
    assert words in caught.value.problem.en
    assert "examples.csv" in caught.value.problem.zh


def test_a_missing_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationRefused, match="cannot read"):
        read_examples(tmp_path / "none.csv", sample_router())
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\xff\xff\xff\xd8\xff\xe0\x80")
    with pytest.raises(EvaluationRefused, match="not text"):
        read_examples(path, sample_router())


def test_a_row_with_missing_columns_is_skipped(tmp_path: Path) -> None:
    router = sample_router()
    assert read_examples(write(tmp_path, "text,label\nalone\n"), router).unlabelled == 1
