"""You are here: calendar.toml and chasing.toml → *one checked schedule* → chaser.

What is refused here could otherwise leave a case without a next date: a stage without a ladder, a
ladder that ends, a year whose days contradict each other.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from intake.contracts import Text
from routing.calendar import WorkingCalendar
from routing.chasing import Ladder
from routing.china import DaysOfYear, DecreedDays, days_of_china
from routing.deadlines import LIMITS, URGENCIES, DeadlineTable
from routing.duration import Duration
from routing.ladder import KINDS, LEVELS, StageLadder, Step
from routing.office import Office
from routing.toml_source import Table, read_toml

LAPSING = ("complete", "feedback")  # waiting for a citizen ends by itself
_LONGEST_RUN = 31  # days; more is a slip of the pen, not a holiday
_EARLIEST, _LATEST = 1950, 2200
_LAPSE_AGAIN = Duration(1, "wd")  # should the lapse itself fail, it is tried the next day


def load_ladder(folder: Path, office: Office) -> Ladder:
    """The chaser of ``folder``: ``calendar.toml`` and ``chasing.toml``. ConfigurationError if wrong."""
    return load_chasing(folder / "chasing.toml", load_calendar(folder / "calendar.toml", office))


def load_calendar(file: Path, office: Office) -> WorkingCalendar:
    """The office's working calendar."""
    root = read_toml(file)
    decreed = _years(root)
    off: dict[date, Text] = {}
    work: dict[date, Text] = {}
    for entry in root.optional_tables("day"):
        kind = entry.choice("kind", ("off", "work"))
        name = entry.text("name", maximum=40)
        label = Text(name, entry.optional_text("name_en", name, maximum=60))
        for day in _days(entry):
            if day in off or day in work:
                raise entry.error("date", f"{day} 写了两次。", f"{day} is given twice.")
            (off if kind == "off" else work)[day] = label
        entry.finish()
    root.finish()
    return WorkingCalendar(office.zone, office.hours, _overlaid(off, work, decreed))


def load_chasing(file: Path, calendar: WorkingCalendar) -> Ladder:
    """The deadlines and ladders, on ``calendar``."""
    root = read_toml(file)
    classes = root.table("deadlines")
    limits = {urgency: _limits(classes.table(urgency)) for urgency in URGENCIES}
    stages = root.table("stage")
    ladders = {action: _ladder(stages.table(action), action in LAPSING) for action in LIMITS}
    for part in (classes, stages, root):
        part.finish()
    return Ladder(calendar, DeadlineTable(limits), ladders)


# ---- calendar.toml


def _years(root: Table) -> frozenset[int]:
    years = root.integers("decreed", minimum=_EARLIEST, maximum=_LATEST) if root.has("decreed") else ()
    return frozenset(years)


def _days(entry: Table) -> list[date]:
    first = entry.date("date")
    last = entry.date("until") if entry.has("until") else first
    if not _EARLIEST <= first.year <= _LATEST:
        raise entry.error("date", "年份不对，请检查。", "please check the year.")
    length = (last - first).days + 1
    if not 1 <= length <= _LONGEST_RUN:
        raise entry.error(
            "until",
            f"应不早于 date，且不超过 {_LONGEST_RUN} 天。",
            f"must not be before date, nor more than {_LONGEST_RUN} days.",
        )
    return [first + timedelta(days=offset) for offset in range(length)]


def _overlaid(off: dict[date, Text], work: dict[date, Text], decreed: frozenset[int]) -> DaysOfYear:
    def days_of_year(year: int) -> DecreedDays:
        known = DecreedDays() if year in decreed else days_of_china(year)
        here_off = {day: name for day, name in off.items() if day.year == year}
        here_work = {day: name for day, name in work.items() if day.year == year}
        return DecreedDays(
            off={day: name for day, name in known.off.items() if day not in here_work} | here_off,
            work={day: name for day, name in known.work.items() if day not in here_off} | here_work,
            decreed=known.decreed,
        )

    return days_of_year


# ---- chasing.toml


def _limits(table: Table) -> dict[str, Duration]:
    limits = {purpose: _duration(table, purpose) for purpose in LIMITS}
    table.finish()
    return limits


def _duration(table: Table, key: str) -> Duration:
    """A length of time, without sign and not zero."""
    length = _offset(table, key)
    if length.amount < 1 or table.text(key).startswith("+"):
        raise table.error(
            key, "应是大于零、不带正负号的时长，如 15wd。", "must be a length such as 15wd, above 0."
        )
    return length


def _offset(table: Table, key: str) -> Duration:
    written = table.text(key)
    try:
        return Duration.parse(written)
    except ValueError as error:
        raise table.error(
            key,
            f"看不懂“{written}”，请写如 2wh（工作小时）、15wd（工作日）、3d（自然日）。",
            f'cannot read "{written}"; write 2wh (working hours), 15wd (working days) or 3d (days).',
        ) from error


def _ladder(stage: Table, lapsing: bool) -> StageLadder:
    entries = stage.tables("step")
    stage.finish()
    if not entries:
        raise stage.error("step", "至少要有一级。", "needs at least one step.")
    steps: list[Step] = []
    for entry in entries:
        steps.append(_step(entry, lapsing and entry is entries[-1]))
        if len(steps) > 1 and steps[-1].at.nominal_hours() <= steps[-2].at.nominal_hours():
            raise entry.error("at", "应晚于上一级。", "must be later than the step before it.")
    last = entries[-1]
    if lapsing:
        every = _LAPSE_AGAIN
    elif last.has("every"):
        every = _duration(last, "every")
    else:
        raise last.error(
            "every",
            "最后一级要写 every，催办才会一直到有人办。",
            'the last step needs "every", so that chasing goes on until someone acts.',
        )
    for entry in entries:
        entry.finish()
    return StageLadder(tuple(steps), every)


def _step(entry: Table, lapses: bool) -> Step:
    at = _offset(entry, "at")
    kind = entry.choice("kind", KINDS)
    if (kind == "lapse") != lapses:
        raise entry.error(
            "kind",
            "等投诉人的两个阶段（complete、feedback）最后一级是 lapse，别处不能用。",
            'the last step of "complete" and of "feedback" is "lapse", and no other step is.',
        )
    to = entry.strings("to", allowed=LEVELS)
    if not to and not lapses:
        raise entry.error("to", "至少写一个收件人。", "name at least one level to send word to.")
    return Step(at, kind, to)
