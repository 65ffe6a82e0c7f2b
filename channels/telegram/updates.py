"""One update, as Telegram gave it, becomes a submission. You are here: before intake, nothing is understood.

We talk with single people. What is said in groups and channels is nobody's complaint to us: it is not kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard

from intake.columns import canonical_json
from intake.contracts import Submission
from intake.conversation import conversation_key

CHANNEL = "telegram"
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we ask Telegram for (``allowed_updates``)."""

Update = Mapping[str, Any]
"""One ``Update`` object of the Bot API."""


def update_id(update: object) -> int | None:
    """Its number, or None when this is no update."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if _is_id(number) else None


def _is_id(number: object) -> TypeGuard[int]:
    """Ids have at most 52 significant bits (Bot API, ``Chat``)."""
    return isinstance(number, int) and not isinstance(number, bool) and abs(number) < 2**53


def part(value: object, *names: str) -> dict[str, Any]:
    """The object at ``names`` inside ``value``; an empty one when there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def chat_of(update: Update) -> dict[str, Any]:
    """The chat that it came from; empty when it came from none."""
    for kind in KINDS:
        found = part(update, kind)
        if found:
            return part(found, "message", "chat") if kind == "callback_query" else part(found, "chat")
    return {}


def submission(update: Update, bot_id: str, received_at: datetime, via: str) -> Submission | None:
    """The submission of ``update``, or None when it is not a single person's; ``via`` polling or webhook.

    The same update gives the same dedupe key on both ways.
    """
    number, chat = update_id(update), chat_of(update)
    if number is None or chat.get("type") != "private" or not _is_id(chat.get("id")):
        return None
    digest = hashlib.sha256("\0".join((CHANNEL, bot_id, str(number))).encode()).hexdigest()
    return Submission(
        channel=CHANNEL,
        external_id=str(number),
        dedupe_key=digest,
        received_at=received_at,
        # JSON may hold half a surrogate pair; the encoder keeps it as the escape it came as
        raw=canonical_json(update).encode("utf-8", "backslashreplace"),
        envelope={"bot": bot_id, "via": via},
        conversation=conversation_key(CHANNEL, str(chat["id"])),
    )


def joined_group(update: Update) -> int | None:
    """The group or channel that somebody has just put our bot into, by its chat id."""
    change = part(update, "my_chat_member")
    chat, status = part(change, "chat"), part(change, "new_chat_member").get("status")
    if chat.get("type") == "private" or status not in ("member", "administrator", "restricted"):
        return None
    return chat["id"] if _is_id(chat.get("id")) else None
