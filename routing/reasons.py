"""You are here: a plan or a chase → *the sentence that says which deadline and which days*."""

from __future__ import annotations

from datetime import datetime, timedelta

from intake.contracts import Text
from routing.calendar import WorkingCalendar
from routing.calendar_year import MONTHS
from routing.duration import Duration

_NAMES = {  # action: what its deadline is called; the English one begins "… is due", "… was due"
    "route": Text("分拨", "Assignment"),
    "accept": Text("受理", "Acceptance"),
    "answer": Text("答复", "The answer"),
    "complete": Text("补充材料", "More information"),
    "check": Text("核查", "The check"),
    "look": Text("查看", "A look at the case"),
    "feedback": Text("回访", "Feedback"),
}
_LAPSES = {
    "complete": Text("未等到补充，恢复办理", "nothing came, so work goes on"),
    "feedback": Text("没有收到评价，记为未评价", "no rating came, which is counted as silence"),
}


def plan_reason(
    calendar: WorkingCalendar, action: str, start: datetime, due: datetime, limit: Duration | None
) -> Text:
    """Why the deadline is when it is: the limit and the days that did not count."""
    when, name = _moment(calendar, due), _NAMES[action]
    how = _OTHERWISE[action] if limit is None else _counted(calendar, start, due, limit)
    return Text(f"{name.zh}期限 {when.zh}：{how.zh}。", f"{name.en} is due on {when.en}: {how.en}.")


def chase_reason(calendar: WorkingCalendar, action: str, kind: str, due: datetime, now: datetime) -> Text:
    """Which deadline made this chase, and how near or how late it is."""
    when, name = _moment(calendar, due), _NAMES[action]
    verb = "is" if now < due else "was"
    how = _LAPSES.get(action, _STANDING_NOW) if kind == "lapse" else _standing(calendar, due, now)
    return Text(f"{name.zh}期限 {when.zh}，{how.zh}。", f"{name.en} {verb} due on {when.en}; {how.en}.")


_STANDING_NOW = Text("现已到期", "the time is up")
_OTHERWISE = {
    "accept": Text("不晚于答复期限", "no later than the answer itself"),
    "look": Text("答应了来电人这时回电", "the caller was promised a call then"),
    "answer": Text("已按暂停或延期调整", "moved by a pause or an extension"),
}


def _counted(calendar: WorkingCalendar, start: datetime, due: datetime, limit: Duration) -> Text:
    length, days = limit.text(), calendar.explain(start, due)
    if limit.unit == "wh":
        since = _moment(calendar, start)
        zh, en = f"从{since.zh}起{length.zh}", f"{length.en} from {since.en}"
    else:  # in days the hour of receipt plays no part, nor does its day count
        day = calendar.day(start)
        zh = f"从{day.year}年{day.month}月{day.day}日次日起{length.zh}"
        first = day + timedelta(days=1)
        en = f"{length.en}, counted from {first.day} {MONTHS[first.month - 1]} {first.year}"
    return Text(f"{zh}，{days.zh}", f"{en}; {days.en}") if days.zh else Text(zh, en)


def _standing(calendar: WorkingCalendar, due: datetime, now: datetime) -> Text:
    if now < due:
        left = calendar.working_days_between(now, due)
        if not left:
            return Text("今天到期", "that is today")
        return Text(f"还有{left}个工作日", f"{left} working {_days(left)} left")
    late = calendar.working_days_between(due, now)
    if not late:
        return _STANDING_NOW
    return Text(f"逾期{late}个工作日", f"{late} working {_days(late)} late")


def _days(count: int) -> str:
    return "day" if count == 1 else "days"


def _moment(calendar: WorkingCalendar, moment: datetime) -> Text:
    """10月15日17:30 with the year in front, in the office's zone."""
    at = moment.astimezone(calendar.zone)
    clock = f"{at.hour:02}:{at.minute:02}"
    return Text(
        f"{at.year}年{at.month}月{at.day}日{clock}", f"{at.day} {MONTHS[at.month - 1]} {at.year}, {clock}"
    )
