"""The certificate with which incoming mail is encrypted on its way."""

from __future__ import annotations

import ssl

from config.settings import InvalidSetting, Settings


def certificate(settings: Settings) -> ssl.SSLContext | None:
    """STARTTLS for incoming mail; None when no certificate is set. Raises InvalidSetting in one sentence."""
    if settings.smtp_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.smtp_certificate, settings.smtp_key)
    except (OSError, ssl.SSLError) as error:
        raise InvalidSetting(
            f"HUIYIN_SMTP_CERTIFICATE={str(settings.smtp_certificate)!r} cannot be used: {error}."
        ) from error
    return context
