"""How long one plan and one chase take, over varied cases: ``python -m benchmarks.plan_and_chase``.

The limit is 30 µs each, so that planning anew a million open cases takes half a minute.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from intake.contracts import CaseFacts
from routing.chasing import STAGES, Ladder
from routing.deadlines import URGENCIES
from routing.office import load_office
from routing.schedule_file import load_ladder

SAMPLE = Path(__file__).parents[1] / "config" / "gaoyao"
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


def main() -> None:
    ladder = load_ladder(SAMPLE, load_office(SAMPLE))
    cases = varied_cases(ladder)
    due = [(case, ladder.plan(case).next_at) for case in cases]
    print(f"{'work':<28}{'µs per case':>12}{'limit':>8}")
    print(f"{'plan':<28}{microseconds(lambda: [ladder.plan(case) for case in cases]):>12.1f}{30:>8}")
    on_time = microseconds(lambda: [ladder.chase(case, now) for case, now in due if now])
    print(f"{'chase, on time':<28}{on_time:>12.1f}{30:>8}")
    early = microseconds(lambda: [ladder.chase(case, case.received_at) for case in cases])
    print(f"{'chase, nothing due':<28}{early:>12.1f}{30:>8}")


if __name__ == "__main__":
    main()
