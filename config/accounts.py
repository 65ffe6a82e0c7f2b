"""The accounts with providers: those that are set, or the simulator's when none are."""

from __future__ import annotations

import hashlib
import hmac

from channels.telegram.account import TelegramAccount
from channels.twilio.account import TwilioAccount
from config.settings import InvalidSetting, Settings, secret_key


def twilio_account(settings: Settings, office_number: str) -> TwilioAccount | None:
    """The account for texts and calls; None when there is neither one nor a simulator."""
    if settings.twilio_account_sid:
        for name in ("auth_token", "from"):
            if not getattr(settings, f"twilio_{name}"):
                raise InvalidSetting(
                    f"HUIYIN_TWILIO_{name.upper()} is missing: it belongs to HUIYIN_TWILIO_ACCOUNT_SID."
                )
        return TwilioAccount(
            sid=settings.twilio_account_sid,
            token=settings.twilio_auth_token,
            number=settings.twilio_from,
            public_url=settings.base_url,
            base_url=settings.twilio_base_url,
        )
    if not settings.simulator:
        return None
    return TwilioAccount(
        sid="AC" + _derived(settings, "twilio-sid")[:32],
        token=_derived(settings, "twilio-token")[:32],
        number=office_number,
        public_url=settings.base_url,
        base_url=f"{settings.local_url}/simulator/twilio",
        simulated=True,
    )


def telegram_account(settings: Settings) -> TelegramAccount | None:
    """The bot; None when there is neither one nor a simulator."""
    if settings.telegram_token:
        real = not settings.telegram_base_url
        if settings.telegram_mode == "webhook" and real and not settings.base_url.startswith("https://"):
            raise InvalidSetting(
                "HUIYIN_TELEGRAM_MODE='webhook': Telegram only calls addresses that begin with https://; "
                "set HUIYIN_PUBLIC_URL to yours, or use polling."
            )
        secret = _derived(settings, "telegram-webhook") if settings.telegram_mode == "webhook" else ""
        return TelegramAccount(
            token=settings.telegram_token,
            public_url=settings.base_url,
            base_url=settings.telegram_base_url,
            webhook_secret=secret,
        )
    if not settings.simulator:
        return None
    return TelegramAccount(
        token=f"100200300:{_derived(settings, 'telegram-token')[:35]}",
        public_url=settings.base_url,
        base_url=f"{settings.local_url}/simulator/telegram",
        simulated=True,
    )


def _derived(settings: Settings, purpose: str) -> str:
    """64 hex digits of this service's own for one purpose, the same in all its processes."""
    return hmac.new(secret_key(settings).encode(), purpose.encode(), hashlib.sha256).hexdigest()
