"""Messages as Twilio posts them, signed by Twilio's own library."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from channels.twilio.account import TwilioAccount
from channels.twilio.webhook import Call

PUBLIC = "https://complaints.gaoyao.example"
OURS, THEIRS = "+12025550100", "+12025550123"  # 555-01XX is kept for fiction
ACCOUNT = TwilioAccount(sid="AC" + "0" * 32, token="not-a-token-but-as-good", number=OURS, public_url=PUBLIC)
SMS_PATH = "/webhooks/twilio/sms"
SID = "SM" + "1" * 32


def message(**changed: Any) -> dict[str, Any]:
    """The fields of one text; ``changed`` ones replaced, those that are None left out."""
    fields = {
        "ToCountry": "US",
        "ToState": "",
        "MessageSid": SID,
        "SmsMessageSid": SID,
        "AccountSid": ACCOUNT.sid,
        "From": THEIRS,
        "To": OURS,
        "Body": "东门路灯坏了三天",
        "NumMedia": "0",
        "NumSegments": "1",
        "ApiVersion": "2010-04-01",
    } | changed
    return {name: value for name, value in fields.items() if value is not None}


def official(url: str, fields: dict[str, Any], token: str = ACCOUNT.token) -> str:
    """The signature that Twilio's own library computes."""
    made: str = RequestValidator(token).compute_signature(url, MultiDict(fields))
    return made


def call(
    fields: dict[str, Any],
    *,
    target: str = SMS_PATH,
    base: str = PUBLIC,
    token: str = ACCOUNT.token,
    **more: Any,
) -> Call:
    """A call over ``base`` and ``target``, signed with ``token``."""
    given = {
        "body": urlencode(fields, doseq=True).encode(),
        "signature": official(base + target, fields, token),
    }
    return Call(target=target, **(given | more))
