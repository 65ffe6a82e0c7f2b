"""Who we are to Twilio."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioAccount:
    """One account. ``number`` is ours, E.164; ``base_url`` another server than Twilio's own, for tests.

    ``public_url`` is where Twilio reaches our webhooks, no slash at the end: signatures are made over it.
    ``simulated``: no real account is set, and this service's own simulator stands in for Twilio.
    """

    sid: str
    token: str = field(repr=False)
    number: str
    public_url: str
    base_url: str = ""
    simulated: bool = False
