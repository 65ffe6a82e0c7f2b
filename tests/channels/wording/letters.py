"""Outbox rows as the postman finds them, for a case with usual values."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from channels.wording import Facts, Wording
from intake.contracts import Text
from intake.outbox import Letter
from tests.support.policies import SmallDirectory

REFERENCE = "26-004217-4"
DUE = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
FACTS = Facts(
    Text("示例县机关效能监督投诉中心", "Sample County Efficiency Office"),
    "+12025550118",
    "https://complaints.county.example",
    ZoneInfo("Asia/Shanghai"),
    {"service": Text("服务", "Service")},
)


def wording() -> Wording:
    """The words of the small county."""
    return Wording(FACTS, SmallDirectory())


def letter(template: str, channel: str, language: str, *, about: bool = True, **params: Any) -> Letter:
    """A message to the complainant; ``about`` False: about no case."""
    row = SimpleNamespace(
        id="m1",
        template=template,
        channel=channel,
        language=language,
        params=params,
        role="complainant",
        name="",
        address="+12025550123",
    )
    case = SimpleNamespace(
        number=26 * 10**8 + 4217,
        subject="房子漏水",
        bureau="housing",
        category="service",
        urgency="ordinary",
        received_at=datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
        answer_due_at=DUE,
        routed_reason=None,
        answer="水管昨天已经修好。",
        outcome="resolved",
    )
    part = SimpleNamespace(name="", anonymous=False, code="123456", token="t0ken")
    return Letter(row, case if about else None, part if about else None, ())
