"""Who is chased, when and how hard: stories a clerk could check, and laws for any facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.contracts import CaseFacts, Chase, Chaser
from routing.deadlines import URGENCIES
from tests.routing.samples import at, ladder, shown

RECEIVED = at("2026-09-28 10:00")  # Mon
WHEN = st.datetimes(datetime(2025, 6, 1), datetime(2027, 6, 1), timezones=st.just(UTC))


def facts(state: str, since: datetime = RECEIVED, urgency: str = "ordinary", **more: object) -> CaseFacts:
    due = ladder().answer_due(urgency, RECEIVED)
    base = CaseFacts(state, urgency, received_at=RECEIVED, state_since=since, answer_due_at=due)
    return replace(base, **more)  # type: ignore[arg-type]


def after(case: CaseFacts, chase: Chase) -> CaseFacts:
    """The facts once the ticker has recorded ``chase``."""
    if chase.attention:
        return replace(case, attention_step=chase.step)
    return replace(case, step=chase.step)


def chased(case: CaseFacts, times: int) -> list[tuple[str, str, str]]:
    """The next chases when the ticker is always on time."""
    story = []
    for _ in range(times):
        moment = ladder().plan(case).next_at
        assert moment is not None
        chase = ladder().chase(case, moment)
        assert chase is not None
        story.append((shown(moment), chase.kind, " ".join(chase.to)))
        case = after(case, chase)
    return story


def test_it_is_what_intake_expects() -> None:
    chaser: Chaser = ladder()
    assert chaser.plan(facts("triage")).action == "route"


# ---------------------------------------------------------------- stories


@pytest.mark.parametrize(
    ("urgency", "state", "due"),
    [  # received, and in this state since, Mon 2026-09-28 10:00; National Day 1–7 October; Sat 10 worked
        ("urgent", "triage", "Mon 2026-09-28 12:00"),  # 2wh
        ("urgent", "assigned", "Mon 2026-09-28 16:30"),  # 4wh
        ("urgent", "in_progress", "Thu 2026-10-08 17:30"),  # 3wd
        ("ordinary", "triage", "Tue 2026-09-29 17:30"),  # 1wd
        ("ordinary", "assigned", "Wed 2026-09-30 17:30"),  # 2wd
        ("ordinary", "in_progress", "Fri 2026-10-23 17:30"),  # 15wd
        ("ordinary", "awaiting_complainant", "Fri 2026-10-16 17:30"),  # 10wd
        ("ordinary", "answered", "Thu 2026-10-08 17:30"),  # 3wd
        ("complex", "triage", "Wed 2026-09-30 17:30"),  # 2wd
        ("complex", "in_progress", "Fri 2026-11-13 17:30"),  # 30wd
        ("never heard of", "triage", "Tue 2026-09-29 17:30"),  # counts as ordinary
    ],
)
def test_deadlines_by_class_and_stage(urgency: str, state: str, due: str) -> None:
    assert shown(ladder().plan(facts(state, urgency=urgency)).due_at) == due


def test_an_answer_is_reminded_urged_escalated_and_supervised_without_end() -> None:
    assert chased(facts("in_progress"), 8) == [
        ("Fri 2026-10-16 09:00", "remind", "handler"),  # -5wd
        ("Wed 2026-10-21 09:00", "remind", "handler leader"),  # -2wd
        ("Fri 2026-10-23 17:30", "urge", "handler leader"),  # 0
        ("Mon 2026-10-26 09:00", "urge", "handler leader office"),  # +1wd
        ("Wed 2026-10-28 09:00", "escalate", "leader office office_leader"),  # +3wd
        ("Fri 2026-10-30 09:00", "supervise", "leader office_leader"),  # +5wd
        ("Tue 2026-11-03 09:00", "supervise", "leader office_leader"),  # and every 2wd
        ("Thu 2026-11-05 09:00", "supervise", "leader office_leader"),
    ]


def test_an_unassigned_urgent_case_reaches_the_leader_next_morning() -> None:
    assert chased(facts("triage", urgency="urgent"), 3) == [
        ("Mon 2026-09-28 12:00", "urge", "office"),
        ("Tue 2026-09-29 09:00", "escalate", "office office_leader"),
        ("Wed 2026-09-30 09:00", "escalate", "office office_leader"),
    ]


def test_steps_from_before_the_stage_began_are_left_out() -> None:
    late = facts("in_progress", since=at("2026-10-22 10:00"))  # Thu, the day before the answer is due
    assert chased(late, 2) == [
        ("Fri 2026-10-23 17:30", "urge", "handler leader"),
        ("Mon 2026-10-26 09:00", "urge", "handler leader office"),
    ]


def test_a_stage_that_begins_overdue_is_still_chased() -> None:
    reassigned = facts("assigned", since=at("2026-12-01 10:00"))  # Tue, five weeks after the deadline
    plan = ladder().plan(reassigned)
    assert shown(plan.due_at) == "Fri 2026-10-23 17:30"
    assert plan.next_at is not None
    assert at("2026-12-01 10:00") < plan.next_at < at("2026-12-05 00:00")


def test_a_late_tick_acts_once_with_the_highest_step() -> None:
    case = facts("in_progress")
    chase = ladder().chase(case, at("2026-10-27 12:00"))  # Tue; four steps have come due
    assert chase is not None
    assert (chase.kind, chase.step, chase.skipped) == ("urge", 4, 3)
    assert ladder().chase(after(case, chase), at("2026-10-27 12:00")) is None


def test_the_complainant_is_reminded_and_then_the_pause_lapses() -> None:
    assert chased(facts("awaiting_complainant"), 3) == [
        ("Sat 2026-10-10 09:00", "remind", "complainant"),  # -5wd; that Saturday is worked
        ("Thu 2026-10-15 09:00", "remind", "complainant"),
        ("Fri 2026-10-16 17:30", "lapse", "complainant handler"),
    ]


def test_feedback_is_asked_once_more_and_then_counted_as_silence() -> None:
    closed = facts("closed")
    assert chased(closed, 2) == [
        ("Sat 2026-10-10 09:00", "remind", "complainant"),  # -5wd; that Saturday is worked
        ("Fri 2026-10-16 17:30", "lapse", ""),
    ]
    for done in (replace(closed, feedback="silent"), replace(closed, feedback_possible=False)):
        plan = ladder().plan(done)
        assert (plan.responsible, plan.action, plan.due_at, plan.next_at) == ("nobody", "none", None, None)
        assert ladder().chase(done, at("2030-01-01 00:00")) is None


def test_what_needs_attention_is_chased_beside_the_stage() -> None:
    bounced = facts("in_progress", since=RECEIVED, attention_since=at("2026-10-14 10:00"))  # Wed
    plan = ladder().plan(bounced)
    assert (plan.responsible, plan.action, shown(plan.due_at)) == ("office", "look", "Thu 2026-10-15 17:30")
    assert chased(bounced, 4) == [
        ("Thu 2026-10-15 17:30", "urge", "office"),
        ("Fri 2026-10-16 09:00", "remind", "handler"),  # the bureau is not forgotten meanwhile
        ("Fri 2026-10-16 09:00", "escalate", "office office_leader"),
        ("Mon 2026-10-19 09:00", "escalate", "office office_leader"),
    ]


def test_a_promised_call_is_due_when_it_was_promised() -> None:
    called = facts("in_progress", since=RECEIVED, attention_since=at("2026-10-14 20:00"))  # Wed evening
    plan = ladder().plan(replace(called, attention="call_back"))
    assert (plan.action, shown(plan.due_at)) == ("look", "Thu 2026-10-15 09:00")
    assert "这时回电" in plan.because.zh
    assert chased(replace(called, attention="call_back"), 1) == [("Thu 2026-10-15 09:00", "urge", "office")]


def test_a_closed_case_whose_answer_bounced_is_on_the_offices_list() -> None:
    bounced = facts("closed", feedback_possible=False, attention_since=at("2026-10-14 10:00"))
    plan = ladder().plan(bounced)
    assert (plan.responsible, plan.action, shown(plan.next_at)) == ("office", "look", "Thu 2026-10-15 17:30")


def test_accepting_may_not_take_longer_than_answering() -> None:
    plan = ladder().plan(facts("assigned", since=at("2026-10-23 10:00")))  # Fri, the answer is due today
    assert shown(plan.due_at) == "Fri 2026-10-23 17:30"
    assert "不晚于答复期限" in plan.because.zh


@pytest.mark.parametrize(
    ("now", "zh", "en"),
    [
        (
            "2026-10-21 09:00",
            "答复期限 2026年10月23日17:30，还有2个工作日。",
            "The answer is due on 23 October 2026, 17:30; 2 working days left.",
        ),
        (
            "2026-10-23 17:30",
            "答复期限 2026年10月23日17:30，现已到期。",
            "The answer was due on 23 October 2026, 17:30; the time is up.",
        ),
        (
            "2026-10-27 09:00",
            "答复期限 2026年10月23日17:30，逾期2个工作日。",
            "The answer was due on 23 October 2026, 17:30; 2 working days late.",
        ),
    ],
)
def test_a_chase_says_which_deadline_and_how_late(now: str, zh: str, en: str) -> None:
    chase = ladder().chase(facts("in_progress"), at(now))
    assert chase is not None
    assert (chase.reason.zh, chase.reason.en) == (zh, en)


def test_a_plan_says_which_days_made_the_deadline() -> None:
    because = ladder().plan(facts("in_progress")).because
    assert because.zh == (
        "答复期限 2026年10月23日17:30：从2026年9月28日次日起15个工作日，"
        "跳过10月1日–7日国庆节；计入10月10日国庆节调休上班。"
    )
    assert because.en == (
        "The answer is due on 23 October 2026, 17:30: 15 working days, counted from 29 September 2026; "
        "skipped 1–7 October (National Day); counted 10 October (worked for National Day)."
    )
    extended = replace(facts("in_progress"), answer_due_at=at("2026-11-06 17:30"))
    assert "已按暂停或延期调整" in ladder().plan(extended).because.zh


@pytest.mark.parametrize(
    ("paused", "resumed", "due"),
    [  # the answer is due Fri 2026-10-23 17:30
        ("2026-10-12 09:00", "2026-10-14 17:30", "Wed 2026-10-28 17:30"),  # Mon – Wed: three days
        ("2026-10-12 10:00", "2026-10-12 11:00", "Mon 2026-10-26 10:00"),  # an hour
        ("2026-10-12 17:30", "2026-10-13 09:00", "Fri 2026-10-23 17:30"),  # a night gains nothing
        ("2026-09-30 17:30", "2026-10-08 09:00", "Fri 2026-10-23 17:30"),  # nor does National Day
        ("2026-10-26 09:00", "2026-10-26 17:30", "Mon 2026-10-26 17:30"),  # a day late it was, and is
    ],
)
def test_a_pause_moves_the_answer_deadline_by_the_office_time_it_took(
    paused: str, resumed: str, due: str
) -> None:
    promised = at("2026-10-23 17:30")
    assert shown(ladder().resume(promised, at(paused), at(resumed))) == due


@given(WHEN, st.lists(st.timedeltas(timedelta(), timedelta(days=9)), min_size=2, max_size=9))
def test_many_short_pauses_gain_no_more_than_one_long_one(start: datetime, spells: list[timedelta]) -> None:
    promised = ladder().answer_due("ordinary", start)
    due, moment = promised, start
    for spell in spells:
        due = ladder().resume(due, moment, moment + spell)
        moment += spell
    assert due == ladder().resume(promised, start, moment)


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown state 'lost'"):
        ladder().plan(facts("lost"))


# ---------------------------------------------------------------- laws

OPEN = ("triage", "assigned", "in_progress", "awaiting_complainant", "answered")
SPANS = st.timedeltas(timedelta(), timedelta(days=120))
MICROSECOND = timedelta(microseconds=1)


@st.composite
def open_cases(draw: st.DrawFn) -> CaseFacts:
    """Any open case, or a closed one that somebody must look at or that waits for a rating."""
    received = draw(WHEN)
    urgency = draw(st.sampled_from(URGENCIES))
    due = ladder().answer_due(urgency, received)
    state = draw(st.sampled_from((*OPEN, "closed")))
    return CaseFacts(
        state=state,
        urgency=urgency,
        received_at=received,
        state_since=received + draw(SPANS),
        answer_due_at=draw(st.sampled_from((None, due, due + draw(SPANS), due - draw(SPANS)))),
        step=draw(st.integers(0, 20)),
        attention_since=draw(st.none() | WHEN),
        attention_step=draw(st.integers(0, 20)),
    )


@given(open_cases())
def test_every_open_case_has_someone_responsible_and_a_next_moment(case: CaseFacts) -> None:
    plan = ladder().plan(case)
    assert plan.next_at is not None
    assert plan.due_at is not None
    begun = min(filter(None, (case.state_since, case.attention_since)))
    assert plan.next_at > begun
    assert plan.responsible in ("office", "bureau", "complainant")
    assert plan.because.zh
    assert plan.because.en
    assert plan == ladder().plan(replace(case))


@given(open_cases())
def test_nothing_is_done_early_and_the_due_tick_always_acts(case: CaseFacts) -> None:
    moment = ladder().plan(case).next_at
    assert moment is not None
    assert ladder().chase(case, moment - MICROSECOND) is None
    assert ladder().chase(case, moment) is not None


@given(open_cases())
def test_ticking_goes_on_and_always_forward(case: CaseFacts) -> None:
    """One act a tick, each later than the last but for the attention's, which may share its moment."""
    moment = ladder().plan(case).next_at
    for _ in range(12):
        assert moment is not None
        chase = ladder().chase(case, moment)
        assert chase is not None
        assert chase.step > (case.attention_step if chase.attention else case.step)
        case = after(case, chase)
        following = ladder().plan(case).next_at
        assert following is not None
        if case.attention_since is None:
            assert following > moment
        assert following >= moment
        moment = following


@given(open_cases(), st.timedeltas(timedelta(), timedelta(days=4000)))
@settings(deadline=None)
def test_a_tick_however_late_acts_once_for_each_ladder(case: CaseFacts, sleep: timedelta) -> None:
    moment = ladder().plan(case).next_at
    assert moment is not None
    now, acts = moment + sleep, 0
    while (chase := ladder().chase(case, now)) is not None:
        assert chase.skipped >= 0
        case = after(case, chase)
        acts += 1
    assert acts <= (1 if case.attention_since is None else 2)
    following = ladder().plan(case).next_at
    assert following is not None
    assert following > now


@given(open_cases())
def test_chases_are_bounded_by_the_ladder(case: CaseFacts) -> None:
    """In sixty days a ladder of at most six steps that repeats daily has no more to say than this."""
    start = ladder().plan(case).next_at
    assert start is not None
    end, acts = start + timedelta(days=60), 0
    moment: datetime | None = start
    while moment is not None and moment <= end:
        chase = ladder().chase(case, moment)
        assert chase is not None
        case = after(case, chase)
        moment = ladder().plan(case).next_at
        acts += 1
    assert acts <= (6 + 60) * (1 if case.attention_since is None else 2)


@given(open_cases(), SPANS)
def test_returns_and_reassignments_do_not_move_the_answer_deadline(case: CaseFacts, later: timedelta) -> None:
    """Promise 6: only the answer deadline itself, moved by pauses and extensions, is looked at."""
    working = replace(case, state="in_progress", attention_since=None)
    moved = replace(working, state_since=working.state_since + later, step=0)
    assert ladder().plan(moved).due_at == ladder().plan(working).due_at
