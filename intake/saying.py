"""What is said in a conversation: one row of the outbox for each turn, its values frozen now.

You are here: turns → [saying] → outbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from intake.case import OpenCase
from intake.conversation import Conversation, Line
from intake.desk import Desk
from intake.ids import new_id
from intake.own_cases import told_of

TEMPLATE = "talk"


def talk_row(
    submission_id: str,
    conversation: Conversation,
    lines: Sequence[Line],
    own: Mapping[str, OpenCase],
    person: str,
    desk: Desk,
) -> dict[str, Any]:
    """The row that carries ``lines``; it belongs to a case when all of them speak of that one.

    A line about an own case gets that case's values beside its own (see ``own_cases.told_of``); one that
    would speak of another's case is left out.
    """
    allowed = [line for line in lines if line.complaint_id is None or line.complaint_id in own]
    spoken_of = {line.complaint_id for line in allowed}
    case = own[next(iter(spoken_of)) or ""] if len(spoken_of) == 1 and None not in spoken_of else None
    part = next((p for p in case.participations if p.complainant_id == person), None) if case else None
    return {
        "id": new_id(),
        "dedupe_key": f"talk:{submission_id}",
        "complaint_id": case.row.id if case else None,
        "participation_id": part.id if part else None,
        "role": "complainant",
        "channel": conversation.channel,
        "address": conversation.address,
        "name": part.name if part else "",
        "language": "zh-Hans" if conversation.language == "yue" else conversation.language,
        "template": TEMPLATE,
        "params": {
            "lines": [{"template": line.template, "params": _values(line, own, desk)} for line in allowed],
            "language": conversation.language,
        },
        "created_at": desk.now,
        "state": "pending",
        "due_at": desk.now,
        "attempts": 0,
    }


def _values(line: Line, own: Mapping[str, OpenCase], desk: Desk) -> dict[str, Any]:
    of_case = told_of(own[line.complaint_id], desk.policies.directory) if line.complaint_id else {}
    return of_case | dict(line.params)
