"""All calls: from the page's telephones to the service, and from the service to them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import Any

from channels.twilio.account import TwilioAccount
from web.simulator import line as at
from web.simulator.call import Call, Fetch, Pace
from web.simulator.callbacks import Callbacks, Unreachable
from web.simulator.crew import Crew
from web.simulator.line import HungUp, Input
from web.simulator.recorder import Recorder
from web.simulator.stage import Item, Stage, new_sid

log = logging.getLogger(__name__)

MOST_CALLS = 8  # at once; each has a thread
LONGEST_RING = 60.0
VOICE, STATUS = "/webhooks/twilio/voice", "/webhooks/twilio/status"
FINAL = frozenset({"completed", "busy", "no-answer", "canceled", "failed"})
UNHURRIED, LIFELIKE = Pace(), Pace(speech=1.0, patience=1.0, floor=0.0)


class Switchboard:
    """Starts calls and hands them what is done at the telephone."""

    def __init__(
        self, account: TwilioAccount, stage: Stage, crew: Crew, callbacks: Callbacks, media_url: str
    ) -> None:
        self._account, self._stage, self._crew, self._callbacks = account, stage, crew, callbacks
        self._recorder = Recorder(stage, crew, callbacks, media_url)
        self._calls: dict[str, Call] = {}
        self._lock = threading.Lock()
        self.unhurried = True  # calls wait for somebody who reads

    # ------------------------------------------------------------ beginning

    def dial(self, phone: str) -> Item | None:
        """``phone`` calls the service; None when too many calls are on."""
        item = self._open("inbound", phone, self._account.number)
        if item is None:
            return None
        first = Fetch(self._callbacks.public(VOICE))
        self._start(item, lambda call: self._come_in(call, first))
        return item

    def ring(
        self, phone: str, caller: str, first: Fetch, twiml: str, wishes: Mapping[str, Any]
    ) -> Item | None:
        """The service calls ``phone``. ``wishes``: ``timeout`` seconds, ``callback`` address, ``events``."""
        item = self._open("outbound-api", caller, phone)
        if item is not None:
            self._start(item, lambda call: self._go_out(call, first, twiml, wishes))
        return item

    def _open(self, direction: str, caller: str, called: str) -> Item | None:
        with self._lock:
            if len(self._calls) >= MOST_CALLS:
                return None
            sid = new_sid("CA")
            phone = caller if direction == "inbound" else called
            facts = {
                "direction": direction,
                "status": "queued",
                "from": caller,
                "to": called,
                "steps": [],
                "count": 0,
                "waiting": None,
                "seconds": None,
            }
            item = self._stage.put("call", phone, facts, sid)
            base = self._fields(sid, direction, caller, called)
            self._calls[sid] = Call(
                sid,
                self._stage,
                self._callbacks,
                self._recorder,
                base,
                lambda: UNHURRIED if self.unhurried else LIFELIKE,
            )
            return item

    def _fields(self, sid: str, direction: str, caller: str, called: str) -> dict[str, str]:
        blank = {f"{end}{part}": "" for end in ("From", "To") for part in ("City", "State", "Zip")}
        return {
            "CallSid": sid,
            "AccountSid": self._account.sid,
            "ApiVersion": "2010-04-01",
            "Direction": direction,
            "From": caller,
            "Caller": caller,
            "To": called,
            "Called": called,
            "FromCountry": "US",
            "ToCountry": "US",
            **blank,
        }

    def _start(self, item: Item, play: Any) -> None:
        call = self._calls[item.id]

        def run() -> None:
            try:
                play(call)
            except Exception:
                log.exception("simulator: call %s failed", call.sid)
                call.tell(status="failed", waiting=None)
            finally:
                with self._lock:
                    self._calls.pop(call.sid, None)

        threading.Thread(target=run, name=f"call-{item.id[-6:]}", daemon=True).start()

    # ------------------------------------------------------------ from end to end

    def _come_in(self, call: Call, first: Fetch) -> None:
        begun = time.monotonic()
        status = call.run(first, "ringing")
        self._end(call, status, begun, self._callbacks.public(STATUS), 0)

    def _go_out(self, call: Call, first: Fetch, twiml: str, wishes: Mapping[str, Any]) -> None:
        callback, events = str(wishes["callback"]), set(wishes["events"])
        last = callback if "completed" in events else ""
        for number, status in enumerate(("initiated", "ringing")):
            call.tell(status=status)
            if status in events:
                self._report(call, callback, status, number)
        begun = time.monotonic()
        try:
            answer = call.line.hear(min(wishes["timeout"], LONGEST_RING), at.ANSWER, at.DECLINE, at.MOVE)
        except HungUp:
            answer = None
        if answer is None or answer.kind != at.ANSWER:
            status = "canceled" if answer is not None and answer.kind == at.MOVE else "no-answer"
            self._end(call, status, None, last, 2)
            return
        begun = time.monotonic()
        call.tell(status="in-progress")
        if "answered" in events:
            self._report(call, callback, "in-progress", 2)
        status = call.run(first, "in-progress", twiml.encode() if twiml else None)
        self._end(call, status, begun, last, 3)

    def _end(self, call: Call, status: str, begun: float | None, callback: str, number: int) -> None:
        seconds = max(1, round(time.monotonic() - begun)) if begun is not None else 0
        call.tell(status=status, waiting=None, seconds=seconds)
        if callback:
            self._report(call, callback, status, number, seconds)

    def _report(self, call: Call, url: str, status: str, number: int, seconds: int | None = None) -> None:
        if not url:
            return
        item = self._stage.find(call.sid)
        if item is None:
            return
        facts = item.facts
        fields = self._fields(call.sid, facts["direction"], facts["from"], facts["to"]) | {
            "CallStatus": status,
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(number),
            "Timestamp": formatdate(self._stage.clock().timestamp()),
        }
        if seconds is not None:
            fields |= {"CallDuration": str(seconds), "Duration": str(-(-seconds // 60))}

        def tell() -> None:
            try:
                self._callbacks.twilio(url, fields)
            except Unreachable as error:
                log.warning("simulator: %s", error)

        self._crew.soon(tell)

    # ------------------------------------------------------------ during

    def do(self, sid: str, given: Input) -> bool:
        """Hand an input to a call; False when it is over."""
        with self._lock:
            call = self._calls.get(sid)
        return call is not None and call.line.send(given)

    def busy(self, phone: str) -> bool:
        """Whether ``phone`` is in a call."""
        calls: Sequence[Item] = self._stage.items("call", owner=phone)
        return any(item.facts["status"] not in FINAL for item in calls)
