"""What short texts may say of a case: names, dates and words out of frozen facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channels.wording.facts import Facts
from channels.wording.languages import called, day, say
from channels.wording.terms import OUTCOMES
from intake.contracts import Directory
from intake.outbox import Letter
from intake.references import reference_of


class Values:
    """The values of texts and spoken messages."""

    def __init__(self, facts: Facts, directory: Directory) -> None:
        self._facts = facts
        self._directory = directory

    def of_letter(self, letter: Letter, language: str) -> dict[str, Any]:
        """For a message about a case."""
        row, case, part = letter.row, letter.case, letter.participation
        known: dict[str, Any] = {}
        if case is not None:
            known = {
                "reference": reference_of(letter.number),
                "bureau": case.bureau,
                "due_at": case.answer_due_at.isoformat(),
                "answer": case.answer,
                "outcome": case.outcome,
                "urgent": case.urgency == "urgent",
            }
        known["code"] = part.code if part else ""
        told = {key: value for key, value in row.params.items() if value not in (None, "")}
        return self.of_line(known | told, language)

    def of_line(self, params: Mapping[str, Any], language: str) -> dict[str, Any]:
        """For one line of talk; what is not known is empty."""
        reference, due = str(params.get("reference") or ""), params.get("due_at")
        query = f"?reference={reference}" if reference else ""
        return {
            "reference": reference,
            "code": params.get("code") or "",
            "bureau": self._bureau(params, language),
            "due": day(datetime.fromisoformat(due), self._facts.zone, language) if due else "",
            "question": params.get("question") or "",
            "answer": params.get("answer") or "",
            "outcome": called(OUTCOMES, params.get("outcome") or "", language),
            "said": params.get("en" if language == "en" else "zh") or "",
            "track_url": f"{self._facts.public_url}/track{query}",
            "phone": self._facts.phone,
            "office": say(self._facts.office, language),
            "n": params.get("n") or "",
            "answered": bool(params.get("answered")),
            "late": bool(params.get("late")),
            "stands": bool(params.get("stands")),
            "urgent": bool(params.get("urgent")),
            "ask": "",
        }

    def _bureau(self, params: Mapping[str, Any], language: str) -> str:
        if code := params.get("bureau"):
            return say(self._directory.name(str(code)), language)
        return str(params.get("bureau_en" if language == "en" else "bureau_zh") or "")
