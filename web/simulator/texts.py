"""Texts between the page's telephones and the service, and what a carrier does with them on the way."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from channels.twilio.account import TwilioAccount
from web.simulator.callbacks import Callbacks, Unreachable
from web.simulator.crew import Crew
from web.simulator.segments import segments
from web.simulator.stage import LANDLINE, Item, Stage, Upload, new_sid
from web.simulator.twiml import BrokenTwiml, read_twiml

log = logging.getLogger(__name__)

SMS = "/webhooks/twilio/sms"
MOST_CHARACTERS = 1600  # of one message, in and out
MOST_MEDIA = 10
SENT_AFTER, DELIVERED_AFTER = 0.4, 0.9  # seconds
STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
START_WORDS = frozenset({"start", "yes", "unstop"})
STOPPED = "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
STARTED = "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply."
"""Twilio's own words: they come from the carrier's side, not from the service."""


class Texts:
    """``media_url`` is where the files of the account's messages are fetched from."""

    def __init__(
        self, account: TwilioAccount, stage: Stage, crew: Crew, callbacks: Callbacks, media_url: str
    ) -> None:
        self._account, self._stage, self._crew, self._callbacks = account, stage, crew, callbacks
        self._media_url = media_url

    # ------------------------------------------------------------ a person writes

    def write(self, phone: str, body: str, files: Sequence[Upload] = ()) -> Item:
        """``phone`` sends a text, or a picture message; the webhook is called a moment later."""
        facts = self._facts("inbound", phone, self._account.number, body, "sending")
        facts["media"] = [{"key": file.key, "type": file.media_type} for file in files]
        item = self._stage.put("text", phone, facts, new_sid("MM" if files else "SM"))
        if not self._crew.soon(lambda: self._arrive(item)):
            self._stage.change(item.id, status="failed", error="busy")
        return item

    def _facts(self, direction: str, sender: str, to: str, body: str, status: str) -> dict[str, Any]:
        return {
            "direction": direction,
            "from": sender,
            "to": to,
            "body": body,
            "media": [],
            "status": status,
            "error": None,
            "segments": segments(body),
            "callback": "",
        }

    def _arrive(self, item: Item) -> None:
        """Call the webhook; once more when nobody answers, as Twilio does."""
        self._keywords(item)
        url, fields = self._callbacks.public(SMS), self._fields(item)
        for _attempt in range(2):
            try:
                answer = self._callbacks.twilio(url, fields)
                break
            except Unreachable as error:
                failure = str(error)
        else:
            log.warning("simulator: %s", failure)
            self._stage.change(item.id, status="failed", error="11205")
            return
        if answer.status >= 400:
            self._stage.change(item.id, status="failed", error=f"11200 ({answer.status})")
            return
        self._stage.change(item.id, status="received")
        self._reply(item, answer.body)

    def _fields(self, item: Item) -> dict[str, str]:
        """As Twilio posts them, with the blank ones, which count in the signature."""
        facts, sid = item.facts, item.id
        fields = {
            "ToCountry": "US",
            "ToState": "",
            "SmsMessageSid": sid,
            "NumMedia": str(len(facts["media"])),
            "ToCity": "",
            "FromZip": "",
            "SmsSid": sid,
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": facts["body"],
            "FromCountry": "US",
            "To": facts["to"],
            "ToZip": "",
            "NumSegments": str(facts["segments"]),
            "MessageSid": sid,
            "AccountSid": self._account.sid,
            "From": facts["from"],
            "ApiVersion": "2010-04-01",
        }
        for number, file in enumerate(facts["media"]):
            fields[f"MediaUrl{number}"] = f"{self._media_url}/Messages/{sid}/Media/{media_sid(file['key'])}"
            fields[f"MediaContentType{number}"] = file["type"]
        return fields

    def _keywords(self, item: Item) -> None:
        word = item.facts["body"].strip().lower()
        stopped = self._stage.stopped(item.owner)
        if word in STOP_WORDS and not stopped:
            self._stage.stop(item.owner, True)
            self._carrier(item.owner, STOPPED)
        elif word in START_WORDS and stopped:
            self._stage.stop(item.owner, False)
            self._carrier(item.owner, STARTED)

    def _carrier(self, phone: str, words: str) -> None:
        facts = self._facts("outbound-reply", self._account.number, phone, words, "delivered")
        self._stage.put("text", phone, facts | {"carrier": True}, new_sid("SM"))

    def _reply(self, item: Item, body: bytes) -> None:
        """``<Message>`` in the webhook's answer is sent as a text."""
        try:
            verbs = read_twiml(body)
        except BrokenTwiml as error:
            log.warning("simulator: the answer to a text cannot be read: %s", error)
            return
        for verb in verbs:
            if verb.name in ("Message", "Sms"):
                words = verb.text or " ".join(child.text for child in verb.children if child.name == "Body")
                self.take("outbound-reply", item.owner, words, verb.get("statusCallback"))

    # ------------------------------------------------------------ the service writes

    def take(self, direction: str, to: str, body: str, callback: str, media: Sequence[str] = ()) -> Item:
        """The service sends a text; reports go to ``callback``."""
        facts = self._facts(direction, self._account.number, to, body, "queued")
        facts |= {"callback": callback, "links": list(media)}
        phone = to.removeprefix("whatsapp:")
        known = self._stage.ensure_phone(phone)
        item = self._stage.put("text", phone, facts, new_sid("SM"))
        if phone == LANDLINE:
            self._crew.soon(lambda: self._report(item.id, "undelivered", "30006"), SENT_AFTER)
        elif not known:
            self._crew.soon(lambda: self._report(item.id, "undelivered", "30003"), SENT_AFTER)
        else:
            self._crew.soon(lambda: self._report(item.id, "sent"), SENT_AFTER)
            self._crew.soon(lambda: self._report(item.id, "delivered"), DELIVERED_AFTER)
        return item

    def _report(self, sid: str, status: str, error: str | None = None) -> None:
        item = self._stage.change(sid, status=status, error=error)
        if item is None or not item.facts["callback"]:
            return
        fields: Mapping[str, str] = {
            "SmsSid": sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": item.facts["to"],
            "MessageSid": sid,
            "AccountSid": self._account.sid,
            "From": item.facts["from"],
            "ApiVersion": "2010-04-01",
        } | ({"ErrorCode": error} if error else {})
        try:
            self._callbacks.twilio(item.facts["callback"], fields)
        except Unreachable as unreachable:
            log.warning("simulator: %s", unreachable)


def media_sid(key: str) -> str:
    """Twilio's name of a file."""
    return f"ME{key}"
