"""What a call leaves behind, as submissions: recordings, and promises to call back.

A recording is reported twice, by the step after it and by the provider's own report, which also comes when
the caller hung up; both make the same submission.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from channels.phone.posted import Recording
from intake.calls import CHANNEL, Call
from intake.columns import canonical_json
from intake.contracts import Submission

COMPLAINT, REMARK, REPLY, CALL_BACK = "complaint", "remark", "reply", "call_back"
KINDS = frozenset({COMPLAINT, REMARK, REPLY, CALL_BACK})


def recorded(
    call: Call,
    recording: Recording,
    received_at: datetime,
    *,
    kind: str = COMPLAINT,
    first: str = "",
    token: str = "",
) -> Submission:
    """The submission of one recording. ``first`` is the id of the complaint's first piece, when this is a
    later one; ``token`` that of the case which it belongs to."""
    said: dict[str, Any] = _common(call, kind) | {
        "recording": {"sid": recording.sid, "url": recording.url, "seconds": recording.seconds}
    }
    if first and first != recording.sid:
        said["first"] = first
    if token:
        said["token"] = token
    alone = kind == COMPLAINT and "first" not in said
    return _submission(recording.sid, said, received_at, wants_reference=alone)


def call_back(call: Call, back_at: datetime, received_at: datetime, token: str = "") -> Submission:
    """The promise to call back, once a call; ``token`` is that of the case which it is about, if any."""
    said = _common(call, CALL_BACK) | {"back_at": back_at.isoformat()}
    if token:
        said["token"] = token
    return _submission(f"{call.sid}-{CALL_BACK}", said, received_at, wants_reference=not token)


def _common(call: Call, kind: str) -> dict[str, Any]:
    return {"kind": kind, "call": call.sid, "from": call.address, "language": call.language}


def _submission(
    key: str, said: dict[str, Any], received_at: datetime, *, wants_reference: bool
) -> Submission:
    return Submission(
        channel=CHANNEL,
        external_id=key,
        dedupe_key=hashlib.sha256("\0".join((CHANNEL, key)).encode()).hexdigest(),
        received_at=received_at,
        raw=canonical_json(said).encode(),
        envelope={"language": said["language"]},  # as it is spoken; what is written back has its own
        wants_reference=wants_reference,
    )
