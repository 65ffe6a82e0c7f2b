"""What a case wants said, put into the outbox in the same transaction as the reason for it.

The words are chosen when the message is sent (``channels.wording``); here only the facts are frozen.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from intake.case import OpenCase, Participation
from intake.contracts import Directory
from intake.ids import new_id

AGAIN = ":again:"
"""Stands in the key of what is said once more, before the seq of the event that was the reason."""
OFFICE_LEVELS = {"office": "handler", "office_leader": "leader"}


def tell_complainants(case: OpenCase, template: str, seq: int, **params: Any) -> None:
    """Say ``template`` to everybody who complained, each on their own channel and in their language."""
    for part in case.participations:
        tell_complainant(case, part, template, seq, **params)


def tell_complainant(
    case: OpenCase, part: Participation, template: str, seq: int, state: str = "pending", **params: Any
) -> None:
    """Say ``template`` to one complainant. ``state`` "suppressed" keeps it on the record unsent."""
    case.new_outbox.append(
        _row(case, f"{seq}:{template}:{part.id}", template, params)
        | {
            "participation_id": part.id,
            "role": "complainant",
            "channel": part.channel,
            "address": part.address,
            "name": part.name,
            "language": part.language,
            "state": state,
        }
    )


def tell_again(case: OpenCase, part: Participation, said: Any, seq: int) -> None:
    """Say what the outbox row ``said`` was to say once more, on the way that now reaches ``part``."""
    first = str(said.dedupe_key).partition(AGAIN)[0]
    case.new_outbox.append(
        _row(case, "", said.template, said.params)
        | {
            "dedupe_key": f"{first}{AGAIN}{seq}"[:160],
            "participation_id": part.id,
            "role": "complainant",
            "channel": part.channel,
            "address": part.address,
            "name": part.name,
            "language": part.language,
            "state": "pending",
        }
    )


def tell_bureaus(
    case: OpenCase, directory: Directory, level: str, template: str, seq: int, **params: Any
) -> None:
    """Say ``template`` to a level of the responsible bureaus or of the office.

    ``level``: handler or leader of the leading bureau (an assignment goes to supporting ones too, and
    carries ``supports``); office or office_leader. A barred bureau is never told anything (promise 7),
    not even in a mailbox that it shares.
    """
    shut = {
        contact.value
        for code in case.barred
        for each in ("handler", "leader")
        for contact in directory.recipients(code, each)
    }
    if level in OFFICE_LEVELS:
        bureaus, level = ["office"], OFFICE_LEVELS[level]
    else:
        helping = case.row.supporting if template == "assignment" else ()  # the lead alone is chased
        bureaus = [code for code in (case.row.bureau, *helping) if code]
    for code in bureaus:
        if code in case.barred:
            continue
        supports = {"supports": True} if code in case.row.supporting else {}
        for n, contact in enumerate(directory.recipients(code, level)):
            if contact.value in shut:
                continue
            case.new_outbox.append(
                _row(case, f"{seq}:{template}:{code}:{level}:{n}", template, params | supports)
                | {
                    "participation_id": None,
                    "role": "office" if code == "office" else level,
                    "channel": contact.kind,
                    "address": contact.value,
                    "name": directory.name(code).zh,
                    "language": "zh-Hans",
                    "state": "pending",
                }
            )


def _row(case: OpenCase, key: str, template: str, params: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "dedupe_key": f"{case.row.id}:{key}"[:160],
        "complaint_id": case.row.id,
        "template": template,
        "params": {k: v.isoformat() if isinstance(v, datetime) else v for k, v in params.items()},
        "created_at": case.now,
        "due_at": case.now,
        "attempts": 0,
    }
