"""Whatever is wrong in a county's file is told in one sentence: file, line, key, what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.toml_lines import key_lines
from routing.toml_source import MAXIMUM_BYTES, ConfigurationError, Table, parse_toml, read_toml


def problem(text: str, ask: Callable[[Table], object]) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        ask(parse_toml(text, "office.toml"))
    return caught.value


def ask_all(table: Table) -> None:
    table.text("name")
    table.integer("floor", minimum=1, maximum=9)
    table.choice("class", ("urgent", "ordinary", "complex"))
    table.strings("words")
    table.date("since")
    table.boolean("open")
    table.finish()


GOOD = """\
name = "投诉中心"
floor = 3
class = "urgent"
words = ["a", "b"]
since = 2026-10-01
open = true
"""


def test_a_good_file_gives_its_values() -> None:
    table = parse_toml(GOOD, "office.toml")
    ask_all(table)
    assert table.text("name") == "投诉中心"
    assert table.strings("words") == ("a", "b")
    assert table.date("since") == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ('"投诉中心"', "7", 1, "name", "must be a text in quotes, but is a whole number"),
        ('"投诉中心"', '" "', 1, "name", "must not be empty"),
        ('name = "投诉中心"\n', "", 1, "", 'the key "name" is missing'),
        ("name", "nane", 1, "nane", 'is "name" meant?'),
        ("floor = 3", "floor = 12", 2, "floor", "between 1 and 9, but is 12"),
        ("floor = 3", "floor = true", 2, "floor", "must be a whole number, but is true or false"),
        ('"urgent"', '"urgnt"', 3, "class", "must be one of: complex, ordinary, urgent"),
        ('["a", "b"]', '["a",\n\n 5]', 6, "words[2]", "every item must be a text in quotes"),
        ("2026-10-01", "2026-10-01T00:00:00", 5, "since", "but is a date with a time"),
        ("2026-10-01", "2026-13-01", 5, "", "not valid TOML"),
        ("open = true", "open = true\nopne = true", 7, "opne", 'is "open" meant?'),
        ("open = true", "open = true\n[zebra]\n", 7, "zebra", "correct or remove it"),
        ("open = true", "open = true\n= ", 7, "", "not valid TOML"),
        ("open = true", "open = [1,", 6, "", "not valid TOML"),
    ],
)
def test_one_sentence_says_where_and_what(old: str, new: str, line: int, key: str, says: str) -> None:
    assert old in GOOD
    error = problem(GOOD.replace(old, new, 1), ask_all)
    assert (error.file, error.line, error.key) == ("office.toml", line, key)
    assert says in error.problem.en
    assert str(error).startswith(f"office.toml, line {line}")
    assert f"第 {line} 行" in error.text().zh


def test_errors_inside_tables_of_tables_point_at_their_line() -> None:
    text = '[stage.answer]\n[[stage.answer.step]]\nat = "0"\n\n[[stage.answer.step]]\nat = 5\n'

    def ask(table: Table) -> None:
        for step in table.table("stage").table("answer").tables("step"):
            step.text("at")

    error = problem(text, ask)
    assert (error.line, error.key) == (6, "stage.answer.step[2].at")


def test_a_caller_can_object_in_the_same_words() -> None:
    table = parse_toml('a = 1\nto = ["x", "y"]\n', "f.toml")
    error = table.error("to", "不行。", "no good.", item=1)
    assert str(error) == "f.toml, line 2, to[2]: no good.\nf.toml 第 2 行，to[2]：不行。"


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b'a = "\xff"', 1, "save this file in UTF-8"),
        (b'a = 1\nb = "\xc4\xe3"', 2, "save this file in UTF-8"),
        (b"#" * (MAXIMUM_BYTES + 1), None, "over 4 MB"),
        (b"a = " + b"[" * 100_000, None, "nested too deeply"),
    ],
)
def test_hostile_files(tmp_path: Path, content: bytes, line: int | None, says: str) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        read_toml(file)
    assert caught.value.line == line
    assert says in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: cannot read this file"):
        read_toml(tmp_path / "none.toml")


def test_a_mark_in_front_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes('\ufeffa = 1\r\nb = """x\r\ny"""\r\nc = 2\r\n'.encode())
    table = read_toml(file)
    assert table.integer("c") == 2
    assert table.error("c", "", "").line == 4


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, int]]:
    """A document of numbered keys with awkward values between, and the line of each key."""
    awkward = st.sampled_from(
        [
            '"""\n[x]\ny = 1 "" \\""" \n"""',
            "'''\n'' [[x]]\n'''",
            "[ # ]\n 1,\n [2, '\"'],\n]",
            '{ a = "}", b.c = [1] }',
            '"\\"#"',
            "'\\'",
            "1.5e3",
            "2026-01-01 10:00:00",
            '""""""',
            '"""""ab"""""',
            "[]",
            "{}",
        ]
    )
    text, lines = "", {}
    for number in range(draw(st.integers(0, 12))):
        text += "\n" * draw(st.integers(0, 2)) + draw(st.sampled_from(["", "# [no] = '''\n", " \t"]))
        key = f"k{number}"
        lines[key] = text.count("\n") + 1
        text += f"{key} = {draw(awkward)} # {draw(TEXTS)}\n"
    return text, lines


@given(documents())
def test_lines_are_right_whatever_the_values_are(document: tuple[str, dict[str, int]]) -> None:
    text, lines = document
    parse_toml(text, "x")  # valid, or the property would say nothing
    found = {path[0]: line for path, line in key_lines(text).items() if len(path) == 1}
    assert found == lines


@given(st.text(alphabet="ab=.[]{}\"'\\#\n, 1", max_size=40))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    found: Table | ConfigurationError
    try:
        found = parse_toml(text, "x.toml")
    except ConfigurationError as error:
        found = error
    assert found.line is not None
    assert found.line >= 1
