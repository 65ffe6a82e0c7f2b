"""A telephone line as Twilio keeps it: posts with real signatures, and follows the TwiML that comes back."""

from __future__ import annotations

import inspect
import itertools
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from flask import Flask
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

from channels.phone.twiml import VOICES
from channels.twilio.account import TwilioAccount

ACCOUNT = TwilioAccount(
    sid="AC" + "0" * 32, token="a token for tests", number="+12025550118", public_url="https://county.example"
)
CALLER = "+12025550123"
_SERIAL = itertools.count(1)
_NESTED = {
    "Response": {"Say", "Pause", "Gather", "Record", "Redirect", "Dial", "Hangup"},
    "Gather": {"Say", "Pause"},
}


def check(xml: str) -> ElementTree.Element:
    """Parse TwiML; every verb and attribute must be one that Twilio's own library knows."""
    root = ElementTree.fromstring(xml)
    assert root.tag == "Response"
    for parent in root.iter():
        assert {child.tag for child in parent} <= _NESTED.get(parent.tag, set())
        if parent is root:
            continue
        method = getattr(VoiceResponse, parent.tag.lower())
        known = {
            re.sub(r"_(.)", lambda m: m[1].upper(), name) for name in inspect.signature(method).parameters
        }
        assert set(parent.attrib) <= known, (parent.tag, parent.attrib)
        if parent.tag == "Say":
            assert (parent.get("language"), parent.get("voice")) in VOICES.values()
            assert 0 < len(parent.text or "") <= 4096
    return root


@dataclass
class Line:
    """One call. ``heard`` is all that was said since the last post."""

    app: Flask
    caller: str = CALLER
    outgoing: bool = False
    sid: str = ""
    last: str = ""
    heard: str = ""
    status: int = 0
    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sid = self.sid or f"CA{next(_SERIAL):032x}"

    def post(self, address: str, **fields: str) -> str:
        """One signed post; returns the body."""
        url = address if address.startswith("http") else ACCOUNT.public_url + address
        ends = (ACCOUNT.number, self.caller) if self.outgoing else (self.caller, ACCOUNT.number)
        form = {
            "CallSid": self.sid,
            "AccountSid": ACCOUNT.sid,
            "From": ends[0],
            "To": ends[1],
            "Direction": "outbound-api" if self.outgoing else "inbound",
            "CallStatus": "in-progress",
        } | fields
        self.posts.append((address, fields))
        signature = RequestValidator(ACCOUNT.token).compute_signature(url, form)
        path = url.removeprefix(ACCOUNT.public_url)
        answer = self.app.test_client().post(path, data=form, headers={"X-Twilio-Signature": signature})
        self.status = answer.status_code
        return answer.get_data(as_text=True)

    def step(self, address: str, **fields: str) -> Line:
        """Post, then listen to what comes back; a redirect is followed only by silence()."""
        return self._listen(self.post(address, **fields))

    def dial(self, address: str = "/webhooks/twilio/voice") -> Line:
        """The first post of a call."""
        return self.step(address)

    def _listen(self, xml: str) -> Line:
        self.last = xml
        self.heard = " ".join(say.text or "" for say in check(xml).iter("Say"))
        return self

    @property
    def tree(self) -> ElementTree.Element:
        """What was answered last."""
        return ElementTree.fromstring(self.last)

    def attribute(self, verb: str, name: str) -> str:
        """An attribute of the verb that was answered last."""
        found = self.tree.find(f".//{verb}")
        assert found is not None, self.last
        return found.get(name) or ""

    @property
    def over(self) -> bool:
        """Whether the service hung up."""
        return self.tree.find("Hangup") is not None

    @property
    def at(self) -> str:
        """The step that the last answer waits for; "" when it waits for none."""
        for verb, name in (("Gather", "action"), ("Record", "action"), ("Dial", "action")):
            if (found := self.tree.find(verb)) is not None:
                return parse_qs(urlsplit(found.get(name) or "").query)["step"][0]
        redirect = self.tree.find("Redirect")
        return parse_qs(urlsplit(redirect.text or "").query)["step"][0] if redirect is not None else ""

    def press(self, digits: str) -> Line:
        """Press keys."""
        return self.step(self.attribute("Gather", "action"), Digits=digits)

    def silence(self) -> Line:
        """Press nothing, or say nothing into a recording, or wait where we are told to."""
        if self.tree.find("Gather") is not None:
            return self.step(self.attribute("Gather", "action"), Digits="")
        redirect = self.tree.find("Redirect")
        assert redirect is not None, self.last
        return self.step(redirect.text or "")

    def recording(self, sid: str = "", seconds: int = 20) -> dict[str, str]:
        """The fields of a recording."""
        sid = sid or f"RE{next(_SERIAL):032x}"
        url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT.sid}/Recordings/{sid}"
        return {"RecordingSid": sid, "RecordingUrl": url, "RecordingDuration": str(seconds)}

    def speak(self, seconds: int = 20, key: str = "#", sid: str = "") -> Line:
        """Speak after the beep, then press ``key``; "hangup" hangs up."""
        return self.step(self.attribute("Record", "action"), Digits=key, **self.recording(sid, seconds))

    def report_recording(self, fields: dict[str, str]) -> None:
        """The provider's own report of a recording, which names no caller."""
        address = self.attribute("Record", "recordingStatusCallback")
        self.post(address, From="", To="", RecordingStatus="completed", **fields)

    def hang_up(self, status: str = "completed", address: str = "/webhooks/twilio/call-status") -> None:
        """The line is cut."""
        self.post(address, CallStatus=status, CallDuration="10")
