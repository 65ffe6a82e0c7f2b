"""A raw message that is JSON. You are here: raw → *opened* → each channel's reading.

What lies in the queue was written by our own pages and webhooks, but is read as if by anybody.
"""

from __future__ import annotations

import json
from typing import Any

from intake.contracts import UnreadableSubmission


def opened(raw: bytes, most: int, what: str) -> dict[str, Any]:
    """The object in ``raw``; ``what`` names it in errors.

    Raises :class:`UnreadableSubmission` for more than ``most`` bytes and for anything but a JSON object.
    """
    if len(raw) > most:
        raise UnreadableSubmission(f"{what} is larger than {most} bytes")
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UnreadableSubmission(f"{what} is not JSON") from error
    if not isinstance(found, dict):
        raise UnreadableSubmission(f"{what} is not a JSON object")
    return found
