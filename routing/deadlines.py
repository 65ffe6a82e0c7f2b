"""You are here: class of urgency → *how long each stage may take* → calendar → due.

Counties differ, so the lengths come from ``chasing.toml``; here is only what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from routing.duration import Duration

URGENCIES = ("urgent", "ordinary", "complex")
LIMITS = ("route", "accept", "answer", "complete", "check", "look", "feedback")
"""What a limit is for: the office assigns, the bureau accepts, the bureau answers, the complainant
adds what is missing (the pause's limit), the office checks the answer, the office looks at what
needs attention, the complainant rates the answer."""


@dataclass(frozen=True, slots=True)
class DeadlineTable:
    """The limit for each urgency and purpose: ``limits["ordinary"]["answer"]``."""

    limits: Mapping[str, Mapping[str, Duration]]

    def limit(self, urgency: str, purpose: str) -> Duration:
        """How long ``purpose`` may take. A class the table does not have counts as ordinary."""
        return self.limits.get(urgency, self.limits["ordinary"])[purpose]
