"""A file that the complainant sent carries a virus: nobody opens it, and somebody asks for it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from intake.case import OpenCase
from intake.desk import Desk
from intake.people import Actor


@dataclass(frozen=True, slots=True)
class Withhold:
    """The file is on disk and is not handed out; ``virus`` is the scanner's name for what was found."""

    name: ClassVar[str] = "withhold"
    attachment_id: str
    filename: str
    virus: str

    def act(self, case: OpenCase, actor: Actor, desk: Desk) -> None:
        """Put it on the record and the case on the office's list."""
        case.record(
            actor,
            "withheld",
            attachment=self.attachment_id,
            filename=self.filename[:200],
            why=self.virus[:200],
        )
        case.call_attention("unfetched")
