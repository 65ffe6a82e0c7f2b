"""Who we are to Telegram."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramAccount:
    """One bot. ``token`` is ``<bot id>:<secret>``; ``base_url`` another server than Telegram's, no slash
    at the end (``<base_url>/bot<token>/<method>``, files at ``<base_url>/file/bot<token>/<path>``).

    ``webhook_secret`` is what Telegram sends with each call of our webhook; "" when we poll.
    """

    token: str = field(repr=False)
    public_url: str
    base_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    simulated: bool = False

    @property
    def bot_id(self) -> str:
        """The public half of the token."""
        return self.token.partition(":")[0]
