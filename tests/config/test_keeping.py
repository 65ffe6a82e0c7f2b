"""``huiyin backup``, ``restore`` and ``token create`` as an operator types them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.cli import main


def typed(folder: Path, *words: str) -> Result:
    """Type ``huiyin …`` with its own data folder."""
    return CliRunner().invoke(main, words, env={"HUIYIN_DATA_DIR": str(folder), "HUIYIN_DATABASE_URL": ""})


@pytest.mark.parametrize("role", ["clerk", "reader"])
def test_roles_are_typed_as_they_are_written(tmp_path: Path, role: str) -> None:
    made = typed(tmp_path, "token", "create", "--role", role)
    assert made.exit_code == 0, made.output
    assert made.output.splitlines()[-1].startswith("hy_")


def test_a_service_moves_to_another_folder(tmp_path: Path) -> None:
    old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / "county.backup"
    assert typed(old, "token", "create", "--role", "reader").exit_code == 0
    kept = typed(old, "backup", str(file))
    assert kept.exit_code == 0, kept.output
    assert "0 complaints, 3 rows, 0 files" in kept.output
    back = typed(new, "restore", str(file))
    assert back.exit_code == 0, back.output
    assert (new / "secret.key").read_text() == (old / "secret.key").read_text()
    assert (new / "keys.json").read_text() == (old / "keys.json").read_text()
    assert (new / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (new / "keys.json").stat().st_mode & 0o777 == 0o600
    again = typed(new, "restore", str(file))
    assert again.exit_code == 1
    assert "The database is not empty: there are rows in “api_token”" in again.output


def test_keys_that_lay_in_the_way_of_a_restore_are_set_aside(tmp_path: Path) -> None:
    old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / "county.backup"
    typed(old, "token", "create", "--role", "reader")
    typed(old, "backup", str(file))
    typed(new, "migrate")  # with keys of its own
    theirs = (new / "keys.json").read_text()
    back = typed(new, "restore", str(file))
    assert back.exit_code == 0, back.output
    assert (new / "keys.json").read_text() == (old / "keys.json").read_text()
    [aside] = new.glob("keys.json.before-*")
    assert aside.read_text() == theirs
    assert typed(new, "verify", "--deep").exit_code == 0


def test_a_service_without_its_keys_does_not_start(tmp_path: Path) -> None:
    typed(tmp_path, "token", "create", "--role", "reader")
    keys = tmp_path / "keys.json"
    kept = keys.read_text()
    keys.unlink()
    gone = typed(tmp_path, "verify")
    assert gone.exit_code == 1
    assert f"There is no file of keys at {keys}" in gone.output
    assert not keys.exists()
    keys.write_text(kept)
    assert typed(tmp_path, "verify").exit_code == 0


def test_keys_are_listed_rotated_and_dropped(tmp_path: Path) -> None:
    """What the operator reads: which is active, since when, what each seals, and to keep a copy."""
    typed(tmp_path, "token", "create", "--role", "reader")
    path, secret = tmp_path / "keys.json", re.compile(r'"key": "([^"]+)"')
    secrets = set(secret.findall(path.read_text()))
    first = typed(tmp_path, "keys", "list").output
    assert re.search(r"^k1 +active since \d{4}-\d\d-\d\d \d\d:\d\d UTC +0 values$", first, re.M), first
    assert f"{path}. Keep a copy" in first
    early = typed(tmp_path, "keys", "drop", "k1")
    assert (early.exit_code, early.output.count("\n")) == (1, 1)
    assert "k1 is the active key" in early.output
    done = typed(tmp_path, "keys", "rotate")
    assert done.exit_code == 0, done.output
    for said in (
        "Changing the key k1 for a new one: 0 values",
        f"Have a copy of {path} from before. It may be interrupted at any moment, nothing is lost",
        "sealed 0 values anew with k2, which is the active key now",
        f"Copy {path} again now: copies from before do not have k2.",
    ):
        assert said in done.output
    told = typed(tmp_path, "keys", "list").output
    assert re.search(r"^k1 +retired .* UTC, for old backups +0 values$", told, re.M), told
    assert re.search(r"^k2 +active since .* UTC +0 values$", told, re.M), told
    assert "“huiyin keys drop k1” takes it away" in told
    secrets |= set(secret.findall(path.read_text()))
    gone = typed(tmp_path, "keys", "drop", "k1")
    assert gone.exit_code == 0, gone.output
    assert "k1" not in typed(tmp_path, "keys", "list").output
    assert typed(tmp_path, "verify", "--deep").exit_code == 0
    assert [one for one in secrets if one in first + done.output + told + gone.output] == []
    unknown = typed(tmp_path, "keys", "drop", "k9")
    assert (unknown.exit_code, unknown.output) == (
        1,
        f"Error: There is no key “k9” in {path}; it holds k2.\n",
    )


def test_a_backup_does_not_replace_a_file_unless_forced(tmp_path: Path) -> None:
    file = tmp_path / "county.backup"
    file.write_text("precious")
    kept = typed(tmp_path / "data", "backup", str(file))
    assert (kept.exit_code, kept.output.count("\n")) == (1, 1)
    assert "is there already and was not touched; choose another name, or say --force" in kept.output
    assert file.read_text() == "precious"
    typed(tmp_path / "data", "migrate")
    forced = typed(tmp_path / "data", "backup", "--force", str(file))
    assert forced.exit_code == 0, forced.output
    assert typed(tmp_path / "new", "restore", str(file)).exit_code == 0


def test_what_cannot_be_done_is_one_sentence(tmp_path: Path) -> None:
    typed(tmp_path, "migrate")
    kept = typed(tmp_path, "backup", str(tmp_path / "nowhere" / "x.backup"))
    assert (kept.exit_code, kept.output.count("\n")) == (1, 1)
    assert "Cannot write" in kept.output
    other = tmp_path / "other"
    other.write_text("hello")
    back = typed(tmp_path, "restore", str(other))
    assert (back.exit_code, back.output) == (
        1,
        "Error: The file is not a backup of Huiyin, or it is damaged.\n",
    )


def test_what_is_made_is_not_for_everybody_on_the_machine(tmp_path: Path) -> None:
    tmp_path.joinpath("data").mkdir(mode=0o755)
    before = os.umask(0o022)
    try:
        assert typed(tmp_path / "data", "migrate").exit_code == 0
    finally:
        os.umask(before)
    made = [file for file in tmp_path.joinpath("data").iterdir() if file.is_file()]
    assert made
    assert [file.name for file in made if file.stat().st_mode & 0o007] == []
