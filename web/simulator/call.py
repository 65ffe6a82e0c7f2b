"""One call: fetches TwiML, walks its verbs as Twilio documents them, and posts what the person did.

You are here: page → line → **call** → ``/webhooks/twilio/voice`` and back. A call has a thread of its own;
the page sees it as an item of the stage with its steps, and what it waits for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from web.simulator import line as at
from web.simulator.callbacks import Callbacks, Unreachable
from web.simulator.line import HungUp, Line
from web.simulator.recorder import Recorder, Recording
from web.simulator.sound import spoken_seconds
from web.simulator.stage import Stage
from web.simulator.twiml import BrokenTwiml, Verb, read_twiml

log = logging.getLogger(__name__)

MOST_DOCUMENTS = 300  # TwiML answers in one call
MOST_STEPS = 400
LONGEST_PAUSE = 60.0
TWILIO_REGRETS = "We are sorry, an application error has occurred. Goodbye."


@dataclass(frozen=True, slots=True)
class Pace:
    """How time passes. ``speech``: share of the time that saying it aloud takes; ``patience``: how many times
    longer than asked the call waits for a person who reads instead of listening; ``floor``: seconds at least
    before a recording ends for silence."""

    speech: float = 0.45
    patience: float = 4.0
    floor: float = 30.0


@dataclass(frozen=True, slots=True)
class Fetch:
    """The next document: where, and what is sent along."""

    url: str
    fields: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


class Ended(Exception):
    """The document says that the call ends. ``status`` as Twilio reports it."""

    def __init__(self, status: str = "completed") -> None:
        super().__init__(status)
        self.status = status


class Call:
    """``sid`` is the item of the stage; ``base`` are the fields that every request of this call carries."""

    def __init__(
        self,
        sid: str,
        stage: Stage,
        callbacks: Callbacks,
        recorder: Recorder,
        base: Mapping[str, str],
        pace: Callable[[], Pace],
    ) -> None:
        self.sid, self.line = sid, Line()
        self._stage, self._callbacks, self._recorder = stage, callbacks, recorder
        self._base, self._pace = dict(base), pace
        self._url = ""
        self._verbs: Mapping[str, Callable[[Verb], Fetch | None]] = {
            "Say": self._say,
            "Play": self._play,
            "Pause": self._pause,
            "Gather": self._gather,
            "Record": self._record,
            "Redirect": self._redirect,
            "Dial": self._dial,
            "Hangup": self._hangup,
            "Reject": self._reject,
        }

    # ------------------------------------------------------------ the walk

    def run(self, first: Fetch, status: str, twiml: bytes | None = None) -> str:
        """Walk until the end; returns the call's last status. ``status`` is told with the first request."""
        self.tell(status=status)
        try:
            fetch: Fetch | None = first
            for _ in range(MOST_DOCUMENTS):
                if fetch is None:
                    return "completed"
                body, twiml = (twiml, None) if twiml is not None else (self._fetch(fetch), None)
                fetch = self._walk(fetch, body)
            self.step("error", text="The call went round in circles and was ended.")
        except HungUp:
            self.step("end", who="person")
        except Ended as ended:
            self.step("end", who="service")
            return ended.status
        except (BrokenTwiml, Unreachable) as error:
            log.warning("simulator: call %s: %s", self.sid, error)
            self.step("error", text=str(error))
            self.step("say", text=TWILIO_REGRETS, language="en-US")
            return "failed" if status == "ringing" and not self._url else "completed"
        return "completed"

    def _fetch(self, fetch: Fetch) -> bytes:
        fields = {**self._base, "CallStatus": self.status, **fetch.fields}
        answer = self._callbacks.twilio(fetch.url, fields, fetch.method)
        if answer.status >= 400:
            raise Unreachable(f"{fetch.url} answered {answer.status} (Twilio error 11200)")
        return answer.body

    def _walk(self, fetch: Fetch, body: bytes) -> Fetch | None:
        verbs = read_twiml(body)
        self._url = fetch.url
        if self.line.over:
            raise HungUp  # the document after hanging up is read by nobody
        if self.status == "ringing" and not (verbs and verbs[0].name == "Reject"):
            self.tell(status="in-progress")
        for verb in verbs:
            play = self._verbs.get(verb.name)
            if play is None:
                self.step("note", text=f"<{verb.name}>")
                continue
            following = play(verb)
            if following is not None:
                return following
        self.step("end", who="service")
        return None

    # ------------------------------------------------------------ what the page sees

    @property
    def status(self) -> str:
        """As Twilio names it."""
        item = self._stage.find(self.sid)
        return str(item.facts["status"]) if item else "completed"

    def tell(self, **facts: Any) -> None:
        """Change what the page shows of this call."""
        self._stage.change(self.sid, **facts)

    def step(self, kind: str, **facts: Any) -> None:
        """Add a line to what happened."""

        def added(old: dict[str, Any]) -> dict[str, Any]:
            steps = [*old["steps"], {"kind": kind, "n": old["count"], **facts}][-MOST_STEPS:]
            return old | {"steps": steps, "count": old["count"] + 1}

        self._stage.amend(self.sid, added)

    def _waiting(self, what: str, **facts: Any) -> None:
        self.tell(waiting={"for": what, **facts} if what else None)

    # ------------------------------------------------------------ saying

    def _say(self, verb: Verb) -> Fetch | None:
        self._prompt(verb, barge=False)
        return None

    _play = _pause = _say

    def _prompt(self, verb: Verb, *, barge: bool) -> at.Input | None:
        """Say, play or pause; inside a Gather a key or a word interrupts it and is returned."""
        pace = self._pace()
        if verb.name == "Say":
            self.step("say", text=verb.text[:4096], language=verb.get("language", "en-US"))
            seconds = spoken_seconds(verb.text) * pace.speech
        elif verb.name == "Play":
            self.step("play", text=verb.text[:500] or verb.get("digits"))
            seconds = 2.0 * pace.speech
        elif verb.name == "Pause":
            seconds = verb.number("length", 1, LONGEST_PAUSE) * pace.speech
        else:
            self.step("note", text=f"<{verb.name}>")
            return None
        if barge:
            return self.line.hear(seconds, at.KEY, at.WORDS)
        self.line.pause(seconds)
        return None

    # ------------------------------------------------------------ asking

    def _gather(self, verb: Verb) -> Fetch | None:
        modes = (verb.get("input") or "dtmf").split()
        finish = verb.attributes.get("finishOnKey", "#")
        most = int(verb.number("numDigits", 0, 200)) or 200
        patience = verb.number("timeout", 5, 600) * self._pace().patience
        kinds = [at.KEY] * ("dtmf" in modes) + [at.WORDS] * ("speech" in modes)
        self._waiting("keys", speech="speech" in modes, keys="dtmf" in modes)
        try:
            given = self._first(verb, kinds) or self.line.hear(patience, *kinds)
            digits = ""
            while given is not None and given.kind == at.KEY:
                if given.value == finish:
                    break
                digits += given.value
                if len(digits) >= most:
                    break
                given = self.line.hear(patience, at.KEY)
        finally:
            self._waiting("")
        return self._gathered(verb, digits, given)

    def _first(self, verb: Verb, kinds: list[str]) -> at.Input | None:
        for child in verb.children:
            given = self._prompt(child, barge=True)
            if given is not None and given.kind in kinds:
                return given
        return None

    def _gathered(self, verb: Verb, digits: str, last: at.Input | None) -> Fetch | None:
        if last is not None and last.kind == at.WORDS:
            self.step("said", text=last.value)
            heard = {
                "SpeechResult": last.value,
                "Confidence": "0.9",
                "Language": verb.get("language", "en-US"),
            }
            return self._action(verb, heard)
        if digits:
            self.step("keys", text=digits)
            finished = last.value if last is not None and last.value not in digits[-1:] else ""
            return self._action(verb, {"Digits": digits, "FinishedOnKey": finished, "msg": "Gather End"})
        if last is not None or verb.get("actionOnEmptyResult").lower() == "true":
            return self._action(verb, {"Digits": "", "FinishedOnKey": last.value if last else ""})
        self.step("silence")
        return None

    def _action(self, verb: Verb, fields: Mapping[str, str]) -> Fetch:
        url = self._callbacks.resolve(self._url, verb.get("action"))
        return Fetch(url, fields, verb.get("method", "POST"))

    # ------------------------------------------------------------ recording

    def _record(self, verb: Verb) -> Fetch | None:
        pace = self._pace()
        silence = max(verb.number("timeout", 5, 600) * pace.patience, pace.floor)
        finish = verb.attributes.get("finishOnKey", "1234567890*#")
        self.step("beep")
        self._waiting("record", finish=finish)
        recording, ended, hung = Recording(verb.number("maxLength", 3600, 14400)), "", False
        try:
            while not recording.full:
                given = self.line.hear(silence, at.KEY, at.WORDS, at.SOUND)
                if given is None:
                    break
                if given.kind == at.KEY:
                    if given.value in finish:
                        ended = given.value
                        self.step("keys", text=ended)
                        break
                    continue
                recording.add(given)
                self.step("said", text=given.value, sound=bool(given.frames))
        except HungUp:
            ended, hung = "hangup", True
        finally:
            self._waiting("")
        return self._recorded(verb, recording, ended, hung)

    def _recorded(self, verb: Verb, recording: Recording, ended: str, hung: bool) -> Fetch | None:
        """An empty recording never calls ``action`` (Twilio: "Record"); one cut by hanging up does."""
        if not recording.frames:
            if hung:
                raise HungUp
            self.step("silence")
            return None
        if hung:
            self.tell(status="completed")
        fields = self._recorder.keep(recording, verb, self._url, {**self._base, "CallStatus": self.status})
        fetch = self._action(verb, {**fields, "Digits": ended})
        if not hung:
            return fetch
        self._fetch(fetch)
        raise HungUp

    # ------------------------------------------------------------ leading elsewhere

    def _redirect(self, verb: Verb) -> Fetch | None:
        return Fetch(self._callbacks.resolve(self._url, verb.text), {}, verb.get("method", "POST"))

    def _dial(self, verb: Verb) -> Fetch | None:
        number = verb.text or " ".join(child.text for child in verb.children)
        self.step("dial", text=number[:60])
        self._waiting("desk")
        try:
            given = self.line.hear(verb.number("timeout", 30, 600) * self._pace().patience, at.DESK)
        finally:
            self._waiting("")
        outcome = given.value if given is not None else "no-answer"
        self.step("desk", text=outcome)
        if not verb.get("action"):
            return None
        seconds = {"DialCallDuration": "30"} if outcome == "completed" else {}
        return self._action(verb, {"DialCallStatus": outcome, "DialCallSid": "CA" + "0" * 32, **seconds})

    def _hangup(self, verb: Verb) -> Fetch | None:
        raise Ended

    def _reject(self, verb: Verb) -> Fetch | None:
        raise Ended("busy" if verb.get("reason") == "busy" else "no-answer")
