"""Accounts and tokens are made under the names of the roles that people know."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from config.cli import main
from intake.accounts import STAFF_ROLES, TOKEN_ROLES


@pytest.fixture
def command(tmp_path: Path) -> CliRunner:
    return CliRunner(env={"HUIYIN_DATA_DIR": str(tmp_path)})


def bureau_of(role: str) -> list[str]:
    return ["--bureau", "housing"] if role in ("handler", "bureau_leader") else []


@pytest.mark.parametrize("role", [str(role) for role in TOKEN_ROLES])
def test_a_token_stands_alone_on_the_last_line(command: CliRunner, role: str) -> None:
    made = command.invoke(main, ["token", "create", "--role", role, *bureau_of(role)])
    assert made.exit_code == 0, made.output
    assert made.stdout.splitlines()[-1].startswith("hy_")


@pytest.mark.parametrize("role", [str(role) for role in STAFF_ROLES])
def test_an_account_of_every_role(command: CliRunner, role: str) -> None:
    made = command.invoke(
        main, ["user", "add", "somebody", "--role", role, *bureau_of(role), "--password", "-"]
    )
    assert made.exit_code == 0, made.output
    assert f"added somebody ({role})" in made.stdout


def test_an_unknown_role_is_told_which_there_are(command: CliRunner) -> None:
    refused = command.invoke(main, ["token", "create", "--role", "nobody"])
    assert refused.exit_code == 2
    assert "clerk" in refused.output


def test_no_password_is_shown_for_an_account_that_was_not_made(command: CliRunner) -> None:
    refused = command.invoke(main, ["user", "add", "somebody", "--role", "handler", "--password", "-"])
    assert refused.exit_code == 1
    assert "password:" not in refused.stdout
