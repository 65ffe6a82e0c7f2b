"""A setting that cannot be used stops the start with one sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from config.cli import main
from config.settings import InvalidSetting, load_settings


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("HUIYIN_PUBLIC_URL", "gaoyao", "write the whole address"),
        ("HUIYIN_PUBLIC_URL", "ftp://gaoyao.example", "write the whole address"),
        ("HUIYIN_PUBLIC_URL", "https://", "write the whole address"),
        ("HUIYIN_WEB_THREADS", "0", "above 0"),
        ("HUIYIN_TICK_SECONDS", "0", "above 0"),
        ("HUIYIN_TICK_SECONDS", "nan", "above 0"),
        ("HUIYIN_WEB_PORT", "abc", "whole number"),
        ("HUIYIN_WEB_PORT", "99999", "from 0 to 65535"),
        ("HUIYIN_CLOCK_OFFSET", "20", "20d"),
    ],
)
def test_the_sentence_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, advice: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSetting) as refused:
        load_settings()
    assert str(refused.value).startswith(f"{name}='{value}'")
    assert advice in str(refused.value)


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused = CliRunner(env={"HUIYIN_DATA_DIR": str(tmp_path / "file")}).invoke(main, ["migrate"])
    assert refused.exit_code == 1
    assert "HUIYIN_DATA_DIR" in refused.output


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    environment = {"HUIYIN_DATA_DIR": str(tmp_path), "HUIYIN_DATABASE_URL": "postgresql://a@127.0.0.1:1/b"}
    refused = CliRunner(env=environment).invoke(main, ["verify"])
    assert refused.exit_code == 1
    assert "HUIYIN_DATABASE_URL" in refused.output
    assert refused.output.count("\n") == 1
