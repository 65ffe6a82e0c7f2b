"""How long one plan and one chase take, over varied cases.

The limit is 30 µs each, so that planning anew a million open cases takes half a minute.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from benchmarks.bench import SAMPLE, Bench
from benchmarks.table import show
from intake.contracts import CaseFacts
from routing.chasing import STAGES, Ladder
from routing.deadlines import URGENCIES
from routing.office import load_office
from routing.schedule_file import load_ladder

CASES = 5_000


def varied_cases(ladder: Ladder) -> list[CaseFacts]:
    """Cases of all states and classes, received over 2026; none of them yet rated."""
    pick = random.Random(1)
    cases = []
    for _ in range(CASES):
        received = datetime(2026, 1, 5, 1, tzinfo=UTC) + timedelta(minutes=pick.randrange(400_000))
        urgency = pick.choice(URGENCIES)
        cases.append(
            CaseFacts(
                state=pick.choice(list(STAGES)),
                urgency=urgency,
                received_at=received,
                state_since=received + timedelta(minutes=pick.randrange(5_000)),
                answer_due_at=ladder.answer_due(urgency, received),
                step=pick.choice((0, 0, 0, 1, 2, 5)),
            )
        )
    return cases


def microseconds(work: Callable[[], object]) -> float:
    """CPU time per case of the best of nine rounds."""
    rounds = []
    for _ in range(9):
        begun = time.process_time()
        work()
        rounds.append(time.process_time() - begun)
    return min(rounds) / CASES * 1e6


def run(bench: Bench) -> None:
    """Print CPU time per case."""
    ladder = load_ladder(SAMPLE, load_office(SAMPLE))
    cases = varied_cases(ladder)
    due = [(case, ladder.plan(case).next_at) for case in cases]
    work = (
        ("plan", lambda: [ladder.plan(case) for case in cases]),
        ("chase, on time", lambda: [ladder.chase(case, now) for case, now in due if now]),
        ("chase, nothing due", lambda: [ladder.chase(case, case.received_at) for case in cases]),
    )
    show(
        ["work", "µs a case", "target"], [[name, f"{microseconds(each):.1f}", "< 30"] for name, each in work]
    )
