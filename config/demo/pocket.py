"""Samples that come by text and by Telegram, while the simulator stands in for the providers.

A text is the call that Twilio would make, signed as Twilio signs, to the real webhook. A chat is written on
the simulator's page; the service fetches it from there as from Telegram. With real accounts neither is
sent: made-up numbers would cost money and belong to nobody.
"""

from __future__ import annotations

import secrets
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from channels.twilio.account import TwilioAccount
from config.demo.browser import Browser, File, Form, PageRefused
from config.demo.samples import Sample

_SMS = "/webhooks/twilio/sms"
_TIMEOUT = 30.0
_NUMBERS = 6
"""So many telephones; the simulator has room for twelve."""
_CHATS = {"zh": "700100001", "en": "700100002"}
"""The two people of the simulator's page."""
_NEW = {"zh": "新投诉：", "en": "New complaint: "}
"""Said by everybody, for a second demo comes from the same telephones and means new matters."""
_RATINGS = {"satisfied": "1", "basically_satisfied": "2", "dissatisfied": "3"}


def words_of(sample: Sample) -> str:
    """What is written: a text has no subject."""
    return _NEW[sample.language] + sample.text


def key_of(rating: str) -> str:
    """The figure that stands for a rating."""
    return _RATINGS[rating]


class Texts:
    """Telephones that text the service."""

    def __init__(self, account: TwilioAccount, host: str, port: int) -> None:
        self._account, self._host, self._port = account, host, port
        self._validator = RequestValidator(account.token)
        self._phones: dict[str, str] = {}

    def send(self, sample: Sample, words: str) -> str:
        """Send one text; returns its MessageSid. Raises :class:`PageRefused` when it is not taken."""
        sid = "SM" + secrets.token_hex(16)
        fields = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": self._account.sid,
            "ApiVersion": "2010-04-01",
            "From": self._phone(sample.key),
            "To": self._account.number,
            "Body": words,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
        }
        url = self._account.public_url + _SMS
        signed = {
            "X-Twilio-Signature": self._validator.compute_signature(url, fields),
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "Connection": "close",
        }
        connection = HTTPConnection(self._host, self._port, timeout=_TIMEOUT)
        try:
            connection.request("POST", _SMS, urlencode(fields), signed)
            status = connection.getresponse().status
        except (OSError, HTTPException) as error:
            raise PageRefused(f"{_SMS} does not answer: {error}") from error
        finally:
            connection.close()
        if status != 200:
            raise PageRefused(f"{_SMS} did not take a text (HTTP {status})")
        return sid

    def _phone(self, key: str) -> str:
        """A number of the range reserved for fiction, one a person."""
        if key not in self._phones:
            self._phones[key] = f"+120255501{50 + len(self._phones) % _NUMBERS}"
        return self._phones[key]


class Chats:
    """People who write to the bot, on the simulator's page."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._form: Form | None = None

    def send(self, sample: Sample, words: str, files: list[File]) -> None:
        """Write one message, with its files; raises :class:`PageRefused`."""
        if self._form is None:
            protected = self._browser.get("/simulator").form("/simulator/text")
            self._form = Form("/simulator/chat", protected.values)
        page = self._browser.submit(
            self._form, {"chat": _CHATS[sample.language], "what": "text", "text": words}, files
        )
        if page.status != 200:
            raise PageRefused(f"the simulator's chat did not take a message (HTTP {page.status})")
