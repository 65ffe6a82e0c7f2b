"""Every row of the table keeps the contract. Nothing here names a channel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.table import CHANNELS, Channel
from tests.channels.contract.checks import READER_CHECKS, survives_bytes
from tests.channels.contract.samples import SAMPLES, Samples
from tests.channels.contract.through import INTAKE_CHECKS, Line, line
from tests.support.clock import SetClock
from web.catalogues import ENGLISH, SIMPLIFIED, TRADITIONAL, Catalogues

every_channel = pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)


def test_every_row_has_samples_and_every_sample_a_row() -> None:
    assert set(SAMPLES) == {channel.name for channel in CHANNELS}


@every_channel
@pytest.mark.parametrize("check", READER_CHECKS, ids=lambda check: check.__name__)
def test_the_reader(channel: Channel, check: Callable[[Channel, Samples], None]) -> None:
    check(channel, SAMPLES[channel.name])


@every_channel
@given(raw=st.binary(max_size=2000))
@settings(max_examples=60)
def test_any_bytes_at_all(channel: Channel, raw: bytes) -> None:
    survives_bytes(channel, SAMPLES[channel.name].good["en"], raw)


@every_channel
@pytest.mark.parametrize("check", INTAKE_CHECKS, ids=lambda check: check.__name__)
def test_through_intake(
    channel: Channel,
    check: Callable[[Line, Samples], None],
    database_url: str,
    tmp_path: Path,
    clock: SetClock,
) -> None:
    with line(channel, database_url, tmp_path, clock) as one:
        check(one, SAMPLES[channel.name])


@every_channel
def test_people_read_its_name_in_their_language(channel: Channel) -> None:
    catalogues = Catalogues.read()
    chinese, traditional, english = (
        catalogues.text(language, channel.title) for language in (SIMPLIFIED, TRADITIONAL, ENGLISH)
    )
    assert chinese == channel.title.zh
    assert english == channel.title.en
    assert english.isascii()
    assert traditional
    assert channel.name not in (chinese, english), "a name for people, not the code"
