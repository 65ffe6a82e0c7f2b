"""What Telegram's refusals mean for a message: a table of permanent and try again.

You are here: beside the sender. Kinds of error: core.telegram.org/bots/api, “Making requests”.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from telegram import error as refusals

from intake.clock import Clock
from intake.contracts import DeliveryFailed


@dataclass(frozen=True, slots=True)
class _Verdict:
    """``because`` is for the case's timeline; {said} is what Telegram wrote."""

    kind: type[refusals.TelegramError]
    permanent: bool
    because: str


# first match decides: BadRequest and TimedOut are kinds of NetworkError
_VERDICTS = (
    _Verdict(refusals.Forbidden, True, "this person blocked the bot or left Telegram ({said})"),
    _Verdict(refusals.ChatMigrated, True, "the chat became another one ({said})"),
    _Verdict(refusals.BadRequest, True, "Telegram refuses it: {said}"),
    _Verdict(
        refusals.InvalidToken, False, "Telegram does not know our bot: look at HUIYIN_TELEGRAM_TOKEN ({said})"
    ),
    _Verdict(refusals.Conflict, False, "another program uses our bot ({said})"),
    _Verdict(refusals.TimedOut, False, "Telegram did not answer in time; it may have arrived"),
    _Verdict(refusals.NetworkError, False, "Telegram could not be reached: {said}"),
    _Verdict(refusals.TelegramError, False, "Telegram answered: {said}"),
)


def seconds_of(error: refusals.RetryAfter) -> float:
    """How long Telegram wants to be left alone."""
    rest = error.retry_after
    return rest.total_seconds() if isinstance(rest, timedelta) else float(rest)


def failure(error: refusals.TelegramError, clock: Clock) -> DeliveryFailed:
    """What ``error`` means for the message that met it."""
    if isinstance(error, refusals.RetryAfter):
        rest = seconds_of(error)
        reason = f"Telegram asks for a rest of {rest:g} s"
        return DeliveryFailed(reason, permanent=False, again_at=clock() + timedelta(seconds=rest))
    verdict = next(v for v in _VERDICTS if isinstance(error, v.kind))
    said = " ".join(str(error).split())[:200]
    return DeliveryFailed(verdict.because.format(said=said), permanent=verdict.permanent)
