"""A ladder against a deadline: in order whatever its units, and quick to catch up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from routing.duration import Duration
from routing.ladder import StageLadder, Step, Timeline
from tests.routing.samples import at, calendar, shown

WHEN = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


def ladder_of(*written: str, every: str = "2wd") -> StageLadder:
    steps = tuple(Step(Duration.parse(at), "remind", ("handler",)) for at in written)
    return StageLadder(steps, Duration.parse(every))


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Any ladder, its steps in the order the file must have, against any deadline."""
    units = st.sampled_from(("wh", "wd", "d"))
    offsets = draw(st.lists(st.builds(Duration, st.integers(-30, 30), units), min_size=1, max_size=6))
    offsets.sort(key=Duration.nominal_hours)
    every = draw(st.builds(Duration, st.integers(1, 20), units))
    steps = tuple(Step(offset, "remind", ("handler",)) for offset in offsets)
    return StageLadder(steps, every).timeline(calendar(), draw(WHEN))


@given(timelines())
def test_no_step_is_due_before_the_one_below_it(timeline: Timeline) -> None:
    moments = [timeline.moment(index) for index in range(12)]
    assert moments == sorted(moments)


@given(timelines())
def test_repeats_always_move_on(timeline: Timeline) -> None:
    assert all(timeline.moment(index) < timeline.moment(index + 1) for index in range(6, 20))


@given(timelines(), WHEN, st.integers(0, 10))
def test_the_first_step_after_a_moment_is_found(timeline: Timeline, moment: datetime, index: int) -> None:
    one_by_one = index
    while timeline.moment(one_by_one) <= moment:
        one_by_one += 1
    assert timeline.first_after(moment, index) == one_by_one


def test_hours_over_a_short_day_wait_for_the_step_written_before_them() -> None:
    """Eight working hours before Wed 10:00 are Mon 16:30, earlier than a day before: Tue 09:00."""
    timeline = ladder_of("-1wd", "-8wh", "0").timeline(calendar(), at("2026-03-11 10:00"))
    assert [shown(timeline.moment(index)) for index in range(4)] == [
        "Tue 2026-03-10 09:00",
        "Tue 2026-03-10 09:00",
        "Wed 2026-03-11 10:00",
        "Fri 2026-03-13 09:00",
    ]


class CountingTimeline(Timeline):
    """A timeline that counts how often it was asked."""

    asked = 0

    def moment(self, index: int) -> datetime:
        self.asked += 1
        return super().moment(index)


def test_ten_years_asleep_are_caught_up_in_a_few_leaps() -> None:
    due = at("2026-03-11 10:00")
    timeline = CountingTimeline(ladder_of("0", every="1wh"), calendar(), due)
    index = timeline.first_after(due + timedelta(days=3653), 0)
    assert index > 10_000
    assert timeline.asked < 60
