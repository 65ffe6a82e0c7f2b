"""The worked example of docs/adding-a-channel.md is code that runs and keeps the contract."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from channels.table import CHANNELS, Channel
from intake.contracts import Message, Text
from tests.channels.contract import samples as contract
from tests.channels.contract.checks import READER_CHECKS
from tests.channels.contract.samples import Samples
from tests.channels.contract.through import INTAKE_CHECKS, Line, line
from tests.support.clock import SetClock
from tests.support.databases import SqliteDatabases, migrated
from tests.support.service import ROOT

PAGE = (ROOT / "docs" / "adding-a-channel.md").read_text(encoding="utf-8")
EXAMPLE = PAGE.partition("## A worked example")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```python\n(.*?)```", EXAMPLE, re.DOTALL)


@pytest.fixture(scope="module")
def dropfolder() -> Iterator[ModuleType]:
    """The module on the page."""
    module = ModuleType("channels.dropfolder")
    sys.modules[module.__name__] = module
    exec(compile(BLOCKS[0], "docs/adding-a-channel.md", "exec"), module.__dict__)
    yield module
    del sys.modules[module.__name__]


@pytest.fixture(scope="module")
def row(dropfolder: ModuleType) -> Channel:
    """The row on the page."""
    found = eval(BLOCKS[1], {"Channel": Channel, "Text": Text, "dropfolder": dropfolder})
    assert isinstance(found, Channel)
    return found


@pytest.fixture(scope="module")
def samples() -> Samples:
    """The samples on the page."""
    found = eval(BLOCKS[2], vars(contract))
    assert isinstance(found, Samples)
    return found


def test_it_is_short() -> None:
    assert len(BLOCKS) == 3
    assert sum(block.count("\n") for block in BLOCKS) < 80


@pytest.mark.parametrize("check", READER_CHECKS, ids=lambda check: check.__name__)
def test_its_reader(row: Channel, samples: Samples, check: Callable[[Channel, Samples], None]) -> None:
    check(row, samples)


@pytest.mark.parametrize("check", INTAKE_CHECKS, ids=lambda check: check.__name__)
def test_it_goes_through_intake(
    row: Channel,
    samples: Samples,
    check: Callable[[Line, Samples], None],
    sqlite_databases: SqliteDatabases,
    tmp_path: Path,
    clock: SetClock,
) -> None:
    with line(row, sqlite_databases.copy_of(migrated), tmp_path, clock) as one:
        check(one, samples)


def test_files_come_in_and_letters_go_out(
    dropfolder: ModuleType,
    row: Channel,
    sqlite_databases: SqliteDatabases,
    tmp_path: Path,
    clock: SetClock,
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "tax.001.txt").write_text("路灯坏了\n西江路的路灯坏了两个星期。", "utf-8")
    with line(row, sqlite_databases.copy_of(migrated), tmp_path, clock) as one:
        assert dropfolder.collect(tmp_path, one.county.inbox, clock) == 1
        assert dropfolder.collect(tmp_path, one.county.inbox, clock) == 0, "it is gone, and with us"
        one.county.register()
        (letter,) = one.letters()
        assert (letter.channel, letter.address) == ("drop", "tax")
        sender = dropfolder.DropSender(tmp_path)
        message = Message("1", "drop", letter.address, "", "subject", "text", "zh-Hans")
        for _ in range(2):
            assert sender.send(message).final
        (left,) = (tmp_path / "out").iterdir()
        assert left.read_text("utf-8") == "subject\n\ntext"


def test_no_channel_of_ours_has_its_name() -> None:
    assert "drop" not in {channel.name for channel in CHANNELS}
