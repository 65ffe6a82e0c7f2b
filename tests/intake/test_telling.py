"""Who is told: never a mailbox that a barred bureau reads, whosever name it bears (promise 7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from intake.case import Case, OpenCase
from intake.contracts import Contact
from intake.lifecycle import State
from intake.telling import tell_bureaus
from tests.support.policies import SmallDirectory

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


class SharedMailbox(SmallDirectory):
    """The health bureau's leader also reads what the housing bureau gets."""

    def recipients(self, bureau: str, level: str) -> Sequence[Contact]:
        if (bureau, level) == ("housing", "handler"):
            return (
                *super().recipients("health", "leader"),
                Contact("email", "housing@housing.example", True),
            )
        return super().recipients(bureau, level)


@pytest.mark.parametrize(
    ("barred", "told"),
    [
        (set(), ["leader@health.example", "housing@housing.example"]),
        ({"traffic"}, ["leader@health.example", "housing@housing.example"]),
        ({"health"}, ["housing@housing.example"]),
    ],
)
def test_a_mailbox_that_the_accused_shares_is_left_out(barred: set[str], told: list[str]) -> None:
    case = OpenCase(
        Case(
            id="0" * 32,
            number=26000001,
            state=State.ASSIGNED,
            channel="email",
            language="en",
            subject="",
            first_submission_id="1" * 32,
            received_at=NOW,
            state_since=NOW,
            answer_due_at=NOW,
            bureau="housing",
        ),
        NOW,
        barred=barred,
    )
    tell_bureaus(case, SharedMailbox(), "handler", "assignment", 1)
    assert [row["address"] for row in case.new_outbox] == told
