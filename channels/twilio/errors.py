"""What Twilio's error codes mean for a message: a table, not a chain of ifs.

You are here: Twilio says no → **verdict** → the outbox tries again, later, otherwise, or tells a person.
After Twilio's error dictionary, https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from intake.contracts import DeliveryFailed


class Kind(StrEnum):
    """What is to be done."""

    PERMANENT = "permanent"  # this message will never reach this address
    AGAIN = "again"  # trying again helps, or may
    LATER = "later"  # a rate limit: nobody's failure, and counts as no attempt
    LANDLINE = "landline"  # no text reaches it; a call does
    STOPPED = "stopped"  # the person asked for no more messages
    OURS = "ours"  # our account or its settings: the operator must act, then trying again helps


@dataclass(frozen=True, slots=True)
class Verdict:
    """One code's meaning. ``wait`` is when to try again, for LATER."""

    kind: Kind
    reason: str
    wait: timedelta | None = None

    @property
    def permanent(self) -> bool:
        """Whether trying again on this channel is useless."""
        return self.kind in (Kind.PERMANENT, Kind.STOPPED, Kind.LANDLINE)

    @property
    def other_way(self) -> str:
        """The channel that reaches this number instead."""
        return "phone" if self.kind is Kind.LANDLINE else ""

    def again_at(self, now: datetime) -> datetime | None:
        """When trying again helps, if that can be told."""
        return None if self.wait is None else now + self.wait

    def failure(self, now: datetime, code: object = "") -> DeliveryFailed:
        """What the sender raises; ``code`` is the provider's own, for whoever reads the record."""
        reason = f"{self.reason} (Twilio {code})" if code else self.reason
        return DeliveryFailed(
            reason, permanent=self.permanent, again_at=self.again_at(now), other_way=self.other_way
        )


_SOON, _HOUR = timedelta(seconds=30), timedelta(hours=1)
_P, _A, _L, _W, _S, _O = (
    Kind.PERMANENT,
    Kind.AGAIN,
    Kind.LANDLINE,
    Kind.LATER,
    Kind.STOPPED,
    Kind.OURS,
)

ERRORS: Mapping[int, Verdict] = {
    # our account and its settings
    10001: Verdict(_O, "our account is not active"),
    20003: Verdict(_O, "account SID or token is wrong"),
    20005: Verdict(_O, "our account is suspended"),
    20006: Verdict(_O, "our account may not do this"),
    20403: Verdict(_O, "our account may not do this"),
    21212: Verdict(_O, "our own number is not valid"),
    21266: Verdict(_P, "it was addressed to our own number"),
    21267: Verdict(_O, "a trial account may not send under a name"),
    21408: Verdict(_O, "texts to this country are switched off in our account"),
    21603: Verdict(_O, "our own number is missing"),
    21606: Verdict(_O, "our own number cannot send texts"),
    21608: Verdict(_O, "a trial account reaches verified numbers only"),
    21609: Verdict(_O, "our status address is not valid: HUIYIN_PUBLIC_URL must be reachable from outside"),
    21611: Verdict(_W, "our own number has too many texts waiting", timedelta(minutes=15)),
    21626: Verdict(_O, "our status address is not valid"),
    21659: Verdict(_O, "our own number is not one of Twilio's"),
    21660: Verdict(_O, "our own number belongs to another account"),
    21661: Verdict(_O, "our own number cannot send texts"),
    21730: Verdict(_W, "Twilio is under maintenance", timedelta(minutes=15)),
    30002: Verdict(_O, "our account is suspended"),
    30027: Verdict(_W, "the day's limit of our registered sender is reached", _HOUR),
    30034: Verdict(_O, "our number is not registered with the carriers (A2P 10DLC)"),
    # how fast
    14107: Verdict(_W, "too many messages at once", _SOON),
    20429: Verdict(_W, "too many requests at once", _SOON),
    30001: Verdict(_W, "Twilio's queue for our number is full", timedelta(minutes=15)),
    30022: Verdict(_W, "the carrier's rate limit is reached", timedelta(minutes=5)),
    30023: Verdict(_W, "the carrier's limit for the day is reached", _HOUR),
    63018: Verdict(_W, "WhatsApp's rate limit is reached", timedelta(minutes=5)),
    63038: Verdict(_W, "our account's limit for the day is reached", _HOUR),
    # the number
    21211: Verdict(_P, "没有这个号码 / there is no such number"),
    21214: Verdict(_P, "这个号码联系不上 / the number cannot be reached"),
    21217: Verdict(_P, "没有这个号码 / there is no such number"),
    21265: Verdict(_P, "a short code takes no texts"),
    21604: Verdict(_P, "the number is missing"),
    21610: Verdict(_S, "对方要求不再发送 / the person asked us to send no more messages"),
    21612: Verdict(_P, "our number has no way to this one"),
    21614: Verdict(_L, "这个号码收不了短信 / this number takes no texts"),
    21635: Verdict(_L, "这个号码是座机 / this number is a landline"),
    30003: Verdict(_A, "手机关机或不在服务区 / the telephone is switched off or out of reach"),
    30004: Verdict(_P, "the telephone or its carrier blocks our texts"),
    30005: Verdict(_P, "空号或已停用 / the number is unknown or no longer in service"),
    30006: Verdict(
        _L, "这个号码是座机，或运营商不收短信 / this number is a landline, or its carrier takes no texts"
    ),
    # the message
    21602: Verdict(_P, "the message is empty"),
    21605: Verdict(_P, "the message is too long"),
    21617: Verdict(_P, "the message is too long"),
    21619: Verdict(_P, "the message is empty"),
    30007: Verdict(_P, "the carrier took the message for spam"),
    30008: Verdict(_A, "运营商没有说明原因 / the carrier gave no reason"),
    30009: Verdict(_A, "a part of the message got lost"),
    30010: Verdict(_O, "the message costs more than our account allows"),
    30017: Verdict(_A, "the carrier's network is congested"),
    30410: Verdict(_A, "the carrier did not answer in time"),
    30500: Verdict(_A, "Twilio had an internal fault"),
    # WhatsApp
    63001: Verdict(_O, "WhatsApp does not accept our sender's credentials"),
    63003: Verdict(_P, "this number has no WhatsApp"),
    63005: Verdict(_P, "WhatsApp does not take this message"),
    63007: Verdict(_O, "our own number is not set up for WhatsApp"),
    63013: Verdict(_P, "WhatsApp's rules forbid this message"),
    63015: Verdict(_P, "WhatsApp's sandbox does not know this number"),
    63016: Verdict(_P, "more than a day has passed since the person last wrote; WhatsApp wants a template"),
    63024: Verdict(_P, "this number has no WhatsApp"),
    63032: Verdict(_P, "WhatsApp shields this person from further messages"),
    63033: Verdict(_S, "对方屏蔽了我们 / the person blocked us"),
}
"""Codes that come back from the API at once and those that come later with a status alike."""

_BY_STATUS: Mapping[int, Verdict] = {
    401: Verdict(_O, "account SID or token is wrong"),
    403: Verdict(_O, "our account may not do this"),
    404: Verdict(_O, "Twilio does not know our account, or another server answers in its place"),
    408: Verdict(_A, "Twilio did not answer in time"),
    429: Verdict(_W, "too many requests at once", _SOON),
}


def verdict(code: int | None, status: int = 0) -> Verdict:
    """The meaning of ``code``; of the HTTP ``status`` where the code is unknown.

    An unknown 4xx is about the message and final; everything else unknown may be better next time.
    """
    if code is not None and code in ERRORS:
        return ERRORS[code]
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 400 <= status < 500:
        return Verdict(_P, "Twilio refused the message")
    return Verdict(_A, "Twilio could not take the message just now")
