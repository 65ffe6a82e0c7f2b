"""What the console says at the start: every address, in two languages, in straight columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from config.settings import load_settings
from config.start import announce, width
from config.wiring import System

EVERYTHING = ("web", "mail", "telegram", "worker", "clock")
TWILIO = {
    "HUIYIN_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "HUIYIN_TWILIO_AUTH_TOKEN": "very secret",
    "HUIYIN_TWILIO_FROM": "+12025550118",
    "HUIYIN_PUBLIC_URL": "https://complaints.gaoyao.example",
}


def said(
    set_to: Mapping[str, str],
    roles: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> str:
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(tmp_path))
    for name, value in set_to.items():
        monkeypatch.setenv(name, value)
    system = System(load_settings())
    try:
        announce(system, roles, "first-password")
    finally:
        system.close()
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("set_to", "roles", "there", "absent"),
    [
        pytest.param(
            {},
            EVERYTHING,
            ["http://127.0.0.1:8000/simulator", "played by the simulator · 由模拟器代替", "first-password"],
            ["/webhooks/"],
            id="no account: the simulator",
        ),
        pytest.param(
            TWILIO,
            EVERYTHING,
            [
                "https://complaints.gaoyao.example/webhooks/twilio/sms",
                "https://complaints.gaoyao.example/webhooks/twilio/voice",
                "未设账号 (HUIYIN_TELEGRAM_TOKEN)",
            ],
            ["simulator", "very secret", "only logged"],
            id="Twilio",
        ),
        pytest.param(
            TWILIO | {"HUIYIN_TWILIO_SIGNATURES": "log"},
            EVERYTHING,
            ["! signatures are only logged", "谁都能冒充"],
            [],
            id="signatures not checked",
        ),
        pytest.param(
            {"HUIYIN_TELEGRAM_TOKEN": "4200:abc"},
            EVERYTHING,
            ["bot 4200, polling", "未设账号 (HUIYIN_TWILIO_…)"],
            ["4200:abc", "simulator"],
            id="Telegram",
        ),
        pytest.param(
            {
                "HUIYIN_TELEGRAM_TOKEN": "4200:abc",
                "HUIYIN_TELEGRAM_MODE": "webhook",
                "HUIYIN_PUBLIC_URL": "https://complaints.gaoyao.example",
            },
            ("telegram",),
            ["bot 4200, https://complaints.gaoyao.example/webhooks/telegram"],
            ["complain ·", "短信电话", "4200:abc"],
            id="Telegram's role alone, by webhook",
        ),
    ],
)
def test_it_says_where_everything_is(
    set_to: dict[str, str],
    roles: tuple[str, ...],
    there: list[str],
    absent: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = said(set_to, roles, tmp_path, monkeypatch, capsys)
    assert [part for part in there if part not in out] == []
    assert [part for part in absent if part in out] == []


def test_the_columns_are_straight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said({}, EVERYTHING, tmp_path, monkeypatch, capsys)
    addresses = [line for line in out.splitlines() if "http://" in line]
    assert len(addresses) == 5
    assert len({width(line.partition("http")[0]) for line in addresses}) == 1
