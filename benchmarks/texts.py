"""Text messages as Twilio's webhook delivers them, signed, made before anything is measured.

The form's fields: https://www.twilio.com/docs/messaging/guides/webhook-request; the signature: HMAC-SHA1 over
the address followed by the fields in order, https://www.twilio.com/docs/usage/security.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from urllib.parse import urlencode

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-for-measuring"
PATH = "/webhooks/twilio/sms"
PUBLIC_URL = "https://huiyin.example"

SETTINGS = {
    "HUIYIN_TWILIO_ACCOUNT_SID": ACCOUNT,
    "HUIYIN_TWILIO_AUTH_TOKEN": TOKEN,
    "HUIYIN_TWILIO_FROM": "+12025550100",
    "HUIYIN_PUBLIC_URL": PUBLIC_URL,
}
"""The account that the service under test is set up with."""

_FIXED = {
    "ToCountry": "US",
    "ToState": "DC",
    "SmsStatus": "received",
    "NumMedia": "0",
    "NumSegments": "1",
    "ToCity": "WASHINGTON",
    "ToZip": "20001",
    "FromCountry": "US",
    "FromState": "DC",
    "FromCity": "WASHINGTON",
    "FromZip": "20001",
    "To": "+12025550100",
    "AccountSid": ACCOUNT,
    "ApiVersion": "2010-04-01",
}


def requests(count: int, stamp: int) -> Iterator[bytes]:
    """``count`` whole HTTP requests, each with a MessageSid of its own."""
    for number in range(count):
        sid = f"SM{stamp:08x}{number:024x}"
        fields = _FIXED | {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "From": f"+1202555{100 + number % 100:04}",
            "Body": f"河西路第{number}号路灯坏了三天，晚上看不见路，请派人来修。",
        }
        body = urlencode(fields).encode()
        yield (
            f"POST {PATH} HTTP/1.1\r\nHost: huiyin.example\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
            "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"I-Twilio-Idempotency-Token: {sid}\r\nX-Twilio-Signature: {signature(fields)}\r\n\r\n"
        ).encode() + body


def signature(fields: dict[str, str]) -> str:
    """What Twilio sends as X-Twilio-Signature."""
    signed = PUBLIC_URL + PATH + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.digest(TOKEN.encode(), signed.encode(), hashlib.sha1)).decode()
