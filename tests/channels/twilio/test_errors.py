"""What each error of Twilio's leads to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.twilio.client import failure
from channels.twilio.errors import ERRORS, Kind, verdict
from tests.support.clock import MONDAY_MORNING as NOW


@pytest.mark.parametrize(
    ("code", "status", "permanent", "other_way", "waits"),
    [
        (30006, 0, True, "phone", False),  # a landline: a call reads it aloud
        (21614, 400, True, "phone", False),
        (21635, 400, True, "phone", False),
        (21610, 400, True, "", False),  # STOP
        (21211, 400, True, "", False),
        (30003, 0, False, "", False),  # switched off
        (30008, 0, False, "", False),
        (20429, 429, False, "", True),
        (14107, 429, False, "", True),
        (None, 429, False, "", True),
        (20003, 401, False, "", False),  # our token: the operator's to mend, nobody's answer is lost
        (None, 401, False, "", False),
        (None, 403, False, "", False),
        (None, 404, False, "", False),
        (None, 500, False, "", False),
        (None, 503, False, "", False),
        (99999, 502, False, "", False),
        (99999, 400, True, "", False),  # an unknown complaint about the message
        (99999, 0, False, "", False),  # an unknown word of a carrier
    ],
)
def test_a_code_says_what_to_do(
    code: int | None, status: int, permanent: bool, other_way: str, waits: bool
) -> None:
    failed = failure(code, status, NOW)
    assert (failed.permanent, failed.other_way) == (permanent, other_way)
    assert (failed.again_at is not None) == waits
    if failed.again_at is not None:
        assert NOW < failed.again_at <= NOW + timedelta(hours=1)
    assert verdict(code, status).reason in failed.reason


def test_the_table_is_whole() -> None:
    for code, meant in ERRORS.items():
        assert 10000 <= code <= 69999
        assert meant.reason
        assert not meant.reason.endswith(".")
        assert (meant.wait is not None) == (meant.kind is Kind.LATER)
