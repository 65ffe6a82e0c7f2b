"""Accounts with providers: what is missing or cannot work is said in one sentence before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.accounts import telegram_account, twilio_account
from config.settings import InvalidSetting, Settings

OFFICE = "+12025550118"
BOT = {"telegram_token": "4200:a-token-of-nobody"}
SID = {"twilio_account_sid": "AC" + "0" * 32}


def settings(folder: Path, **values: Any) -> Settings:
    return Settings(data_dir=folder, secret_key="x" * 32, **values)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (SID, "HUIYIN_TWILIO_AUTH_TOKEN is missing"),
        (SID | {"twilio_auth_token": "t"}, "HUIYIN_TWILIO_FROM is missing"),
    ],
)
def test_half_an_account_is_none(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidSetting, match=said):
        twilio_account(settings(tmp_path, **values), OFFICE)


def test_telegram_calls_no_address_without_tls(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="begin with https://"):
        telegram_account(settings(tmp_path, **BOT, telegram_mode="webhook"))
    url = "https://complaints.gaoyao.example"
    found = telegram_account(settings(tmp_path, **BOT, telegram_mode="webhook", public_url=url))
    assert found is not None
    assert found.webhook_secret


def test_the_simulators_accounts_are_there_without_any_and_only_on_loopback(tmp_path: Path) -> None:
    alone = settings(tmp_path)
    twilio, telegram = twilio_account(alone, OFFICE), telegram_account(alone)
    assert twilio is not None
    assert telegram is not None
    assert twilio.simulated
    assert telegram.simulated
    assert twilio_account(alone, OFFICE) == twilio, "every process derives the same"
    public = settings(tmp_path, web_host="0.0.0.0")
    assert twilio_account(public, OFFICE) is None
    assert telegram_account(public) is None
