"""A variable that is misspelt does not silently change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from config.cli import main
from config.misspelt import unknown
from config.settings import Settings

MISSPELT = [
    # what was typed, what was meant
    ("HUIYIN_WEB_PROT", "HUIYIN_WEB_PORT"),
    ("HUIYIN_DATADIR", "HUIYIN_DATA_DIR"),
    ("HUIYIN_DATA_FOLDER", "HUIYIN_DATA_DIR"),
    ("HUIYIN_DB_URL", "HUIYIN_DATABASE_URL"),
    ("HUIYIN_DATABASE", "HUIYIN_DATABASE_URL"),
    ("HUIYIN_SECRETKEY", "HUIYIN_SECRET_KEY"),
    ("HUIYIN_PUBLIC_URI", "HUIYIN_PUBLIC_URL"),
    ("HUIYIN_KEYS_FILE", "HUIYIN_KEY_FILE"),
    ("HUIYIN_TELEGRAM_TOKN", "HUIYIN_TELEGRAM_TOKEN"),
    ("HUIYIN_TWILIO_SID", "HUIYIN_TWILIO_ACCOUNT_SID"),
    ("huiyin_web_prot", "HUIYIN_WEB_PORT"),
]
NOT_OURS = ["HUIYIN_IMAGE", "HUIYIN_VERSION", "HUIYIN_", "HUIYINX", "PATH"]


@pytest.mark.parametrize(("typed", "meant"), MISSPELT)
def test_the_nearest_right_name_is_told(typed: str, meant: str) -> None:
    assert [found.meant for found in unknown([typed], Settings.model_fields)] == [meant]


def test_what_is_right_is_not_in_the_way() -> None:
    names = [f"HUIYIN_{name.upper()}" for name in Settings.model_fields]
    assert unknown([*names, *map(str.lower, names)], Settings.model_fields) == []


@pytest.mark.parametrize("name", NOT_OURS)
def test_what_looks_like_nothing_is_not_guessed(name: str) -> None:
    assert [found.meant for found in unknown([name], Settings.model_fields) if found.meant] == []


def test_the_start_is_refused_in_one_sentence(tmp_path: Path) -> None:
    env = {"HUIYIN_DATA_DIR": str(tmp_path), "HUIYIN_WEB_PROT": "9000"}
    refused = CliRunner(env=env).invoke(main, ["migrate"])
    assert refused.exit_code == 1
    assert refused.output == (
        "Error: HUIYIN_WEB_PROT is no setting; did you mean HUIYIN_WEB_PORT? Rename it or take it away.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_another_ones_variable_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    env = {"HUIYIN_DATA_DIR": str(tmp_path), "HUIYIN_IMAGE": "registry/huiyin:3"}
    assert CliRunner(env=env).invoke(main, ["migrate"]).exit_code == 0
    assert "HUIYIN_IMAGE is no setting of Huiyin and changes nothing" in caplog.text
    assert "registry" not in caplog.text
