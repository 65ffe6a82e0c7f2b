"""A broken rulebook refuses to start and names file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.router import load_router
from routing.toml_source import ConfigurationError
from tests.routing.small_county import CATEGORIES, FILES, RULES, write


def test_the_unbroken_files_load(tmp_path: Path) -> None:
    assert [rule.id for rule in load_router(write(tmp_path)).rules] == ["homes", "gas"]


BROKEN = [
    # file, what is changed, into what, line, key, words of the message
    ("rules", 'bureau = "gas"', 'bureau = "gaz"', 15, "rule[2].bureau", 'is "gas" meant'),
    (
        "rules",
        'bureau = "gas"',
        'bureau = "gas"\nelse_bureau = "huosing"',
        16,
        "rule[2].else_bureau",
        '"housing"',
    ),
    (
        "rules",
        'bureau = "gas"',
        'bureau = "gas"\nsupporting = ["huosing"]',
        16,
        "rule[2].supporting[1]",
        '"housing"',
    ),
    (
        "rules",
        'bureau = "gas"',
        'bureau = "gas"\nsupporting = ["gas"]',
        16,
        "rule[2].supporting",
        "leading bureau",
    ),
    ("rules", 'id = "gas"', 'id = "homes"', 13, "rule[2].id", "line 4"),
    ("rules", '"燃气"]', '"燃气"]\nnone = ["燃气"]', 15, "rule[2].none[1]", "excludes"),
    ("rules", '"燃气"]', '"燃气"]\nnone = ["气", "天气"]', 15, "rule[2].none[1]", "too short"),
    ("rules", 'any = ["燃气"]', "any = []", 14, "rule[2].any", "empty"),
    ("rules", 'any = ["燃气"]', 'any = ["燃气", "燃氣"]', 14, "rule[2].any[2]", "says the same"),
    ("rules", 'any = ["燃气"]', 'any = ["@hones"]', 14, "rule[2].any[1]", '"@homes"'),
    ("rules", 'any = ["燃气"]', 'any = ["交房"]', 12, "rule[2]", '"homes" on line 4'),
    ("rules", 'any = ["燃气"]', 'any = ["交房", "房产证"]\nnone = ["燃气"]', 12, "rule[2]", "never match"),
    ("rules", 'any = ["燃气"]', 'any = ["燃气"]\nat_least = 2', 15, "rule[2].at_least", "can never match"),
    ("rules", 'any = ["燃气"]\n', "", 12, "rule[2]", "no condition"),
    ("rules", 'any = ["燃气"]', 'any = ["燃气"]\nchannels = ["fax"]', 15, "rule[2].channels[1]", "sms"),
    ("rules", 'any = ["燃气"]', 'any = ["燃气"]\nwhere = "title"', 15, "rule[2].where", "subject"),
    ("rules", 'any = ["燃气"]', 'any = ["燃气"]\nurgency = "asap"', 15, "rule[2].urgency", "urgent"),
    ("rules", 'any = ["燃气"]', 'any = ["燃气"]\nnamed = ["gass"]', 15, "rule[2].named[1]", '"gas"'),
    ("rules", 'any = ["燃气"]', 'any = ["燃气"]\nkeyword = ["x"]', 15, "rule[2].keyword", "not known"),
    (
        "rules",
        'category = "urban"\nreason_zh = "燃气"',
        'category = "ruban"\nreason_zh = "燃气"',
        16,
        "rule[2].category",
        "urban",
    ),
    ("rules", 'homes = ["房产证", "交房"]', "homes = []", 2, "words.homes", "empty"),
    ("rules", RULES, "", 1, "", "rule"),
    ("bureaus", 'code = "gas"', 'code = "housing"', 15, "bureau[2].code", "line 4"),
    ("bureaus", 'code = "gas"', 'code = "Gas!"', 15, "bureau[2].code", "lower-case"),
    ("bureaus", 'zh = "燃气公司"', 'zh = "房管局"', 16, "bureau[2].zh", "housing"),
    ("bureaus", '["房管局"]', '["房管局", "燃氣公司"]', 16, "bureau[2].zh", "housing"),
    ("bureaus", 'parent = "housing"', 'parent = "hosing"', 18, "bureau[2].parent", 'is "housing" meant'),
    ("bureaus", 'aliases = ["房管局"]', 'parent = "gas"', 12, "bureau[1].parent", "housing → gas → housing"),
    ("bureaus", 'handler = "gas@gaoyao.example"', 'handler = "gas"', 21, "bureau[2].handler", "e-mail"),
    ("categories", 'key = "urban"', 'key = ""', 2, "category[1].key", "empty"),
    ("categories", CATEGORIES, CATEGORIES + CATEGORIES, 6, "category[2].key", "taken"),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "key", "words"),
    BROKEN,
    ids=[f"{row[4]}: {row[2][:30]!r}" for row in BROKEN],
)
def test_what_is_wrong_is_told_with_file_line_and_key(
    tmp_path: Path, file: str, old: str, new: str, line: int, key: str, words: str
) -> None:
    assert old in FILES[f"{file}.toml"]
    write(tmp_path, **{file: FILES[f"{file}.toml"].replace(old, new)})
    with pytest.raises(ConfigurationError) as caught:
        load_router(tmp_path)
    error = caught.value
    assert (Path(error.file).name, error.line, error.key) == (f"{file}.toml", line, key)
    assert words in error.problem.en
    assert error.problem.zh.endswith(("。", "？"))
    assert "\n" not in error.text().en


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "rules.toml").unlink()
    with pytest.raises(ConfigurationError, match=r"rules\.toml"):
        load_router(tmp_path)
