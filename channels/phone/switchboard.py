"""Walks the script: hears what was posted, carries it out, and says the next step.

You are here: post → [switchboard] → TwiML. A step that is posted again gets the same words again and does
nothing twice; one that comes late or out of order hears where the call stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from channels.phone import acts, keeping, outgoing, twiml
from channels.phone.acts import ACTS, ENTRANCES, Act
from channels.phone.exchange import Exchange
from channels.phone.leg import Leg, Say
from channels.phone.posted import HUNG_UP, NotACall, Posted, Recording, posted
from channels.phone.script import AGAIN, MAX_TURNS, SCRIPT
from channels.phone.twiml import Lines
from channels.wording.speech import SPOKEN, Speech
from intake.calls import Call, Calls
from intake.contracts import Submission

_ACTS: Mapping[str, Act] = {
    **ACTS,
    "outgoing_language": acts.language,
    "waiting": outgoing.waiting,
    "read_rate": outgoing.read_rate,
    "reply": outgoing.reply,
}
_ENTRANCES: Mapping[str, Act] = {**ENTRANCES, "read_out": outgoing.read_out}
_RECORDED = {"complain": keeping.COMPLAINT, "remark": keeping.REMARK, "reply": keeping.REPLY}
"""Which kind of recording a step makes."""
_LANGUAGE_STEPS = frozenset({"language", "outgoing_language"})
_OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


class Switchboard:
    """Answers every post of every call. Thread-safe; raises StorageUnavailable."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._lines = Lines(exchange.public_url)

    # ------------------------------------------------------------ steps

    def answer(self, posted: Posted) -> str:
        """The TwiML of the next step."""
        calls = self._exchange.calls
        call = calls.find(posted.sid) or self._begin(posted)
        if call.turn and posted.turn != call.turn:
            if posted.recording is not None:  # late, yet said: it is kept like any other
                self._keep_late(call, posted)
            return call.said
        if call.turn and posted.step != call.step:
            return call.said
        leg = Leg(call, posted, self._exchange.name)
        if call.turn:
            self._hear(leg)
        else:
            self._start(leg)
        return calls.move(self._next(leg)).said

    def _begin(self, posted: Posted) -> Call:
        exchange = self._exchange
        if posted.outgoing:
            language = outgoing.language_of(exchange, posted)
        else:
            language = exchange.calls.language_of(posted.other) or "zh-Hans"
        call = Call(posted.sid, posted.other, posted.outgoing, language, "", exchange.clock())
        known = exchange.calls.letter(posted.outbox_id) if posted.outgoing else None
        return exchange.calls.begin(replace(call, outbox_id=known.id if known is not None else None))

    def _start(self, leg: Leg) -> None:
        exchange = self._exchange
        if leg.posted.recording is not None:  # the call began while storage was away
            self._keep_late(leg.call, leg.posted)
        if leg.call.outgoing:
            return outgoing.greet(leg, exchange)
        if exchange.calls.language_of(leg.call.address) is None:
            return leg.go("language")
        leg.say("welcome")
        leg.say("change_language")
        leg.go("menu")

    def _hear(self, leg: Leg) -> None:
        """Carry out what was pressed, entered or recorded at the step where the call stands."""
        exchange, step = self._exchange, SCRIPT[leg.call.step]
        if leg.call.turn >= MAX_TURNS:
            return leg.go("goodbye")
        outgoing.heard(leg, exchange)
        target = "" if step.digits != 1 or step.record else step.keys.get(leg.posted.digits, "")
        if entrance := _ENTRANCES.get(target):
            entrance(leg, exchange)
        elif step.act and target not in SCRIPT:
            _ACTS[leg.call.step](leg, exchange)
        elif target == AGAIN:
            leg.memory.pop("tries", None)
        elif target:
            leg.go(target)
        else:
            acts.missed(leg, "wrong_key" if leg.posted.digits else "no_key")

    def _next(self, leg: Leg) -> Call:
        """The call as it stands after this leg, with what is said now."""
        turn = leg.call.turn + 1
        ended = self._exchange.clock() if leg.posted.digits == HUNG_UP else leg.call.ended_at
        call = replace(
            leg.call, language=leg.language, step=leg.step, turn=turn, memory=leg.memory, ended_at=ended
        )
        return replace(call, said=self._words(leg, turn))

    def _words(self, leg: Leg, turn: int) -> str:
        name, step, exchange = leg.step, SCRIPT[leg.step], self._exchange
        self._ask(leg)
        if name == "goodbye":
            return twiml.end(leg.parts)
        if name == "dialling":
            return self._lines.dial(leg.parts, name, turn, exchange.person, exchange.number)
        if name == "waiting":
            return self._lines.wait(leg.parts, name, turn)
        if step.record:
            words = leg.language == "en" and exchange.dictated is not None
            return self._lines.record(leg.parts, name, step, turn, _report(leg), words)
        return self._lines.ask(leg.parts, name, step, turn)

    def _ask(self, leg: Leg) -> None:
        """What the step asks, at the end; which language, in every language."""
        if leg.step in _LANGUAGE_STEPS:
            leg.parts += [Say(Speech(each).say("call.language"), each) for each in SPOKEN]
        elif key := SCRIPT[leg.step].ask:
            leg.say(key)

    # ------------------------------------------------------------ reports

    def recording(self, posted: Posted) -> None:
        """The provider's own report of a recording, which comes also when the caller hung up."""
        if posted.recording is None:
            return
        call = self._exchange.calls.find(posted.sid)
        if call is None:
            call = Call(posted.sid, posted.other, posted.outgoing, "zh-Hans", "", self._exchange.clock())
        self._keep_late(call, posted)

    def _keep_late(self, call: Call, posted: Posted) -> None:
        if posted.recording is not None:
            now = self._exchange.clock()
            self._exchange.inbox.accept(_late(call, posted, posted.recording, now))

    def transcription(self, posted: Posted) -> None:
        """The provider wrote down what was said."""
        dictated = self._exchange.dictated
        if dictated and posted.recording and posted.text and posted.text_status == "completed":
            dictated(posted.recording.sid, posted.text, "twilio")

    def status(self, posted: Posted) -> None:
        """How a call ended: noted once; a message that nobody heard is tried again."""
        if posted.status not in _OVER:
            return
        calls = self._exchange.calls
        call = calls.find(posted.sid) or self._begin(posted)
        if call.ended_at is not None:
            return
        if call.outgoing:
            outgoing.ended(self._exchange, call, posted.seconds)
        calls.end(posted.sid, self._exchange.clock())


def missed(calls: Calls, fields: Mapping[str, str], at: datetime) -> Submission | None:
    """The submission of a recording that no report told us of; None for what is no recording of a caller.

    ``fields`` are those of a recording's report together with its call's From, To and Direction.
    """
    try:
        found = posted({}, fields)
    except NotACall:
        return None
    if found.recording is None:
        return None
    call = calls.find(found.sid)
    if call is None:
        call = Call(found.sid, found.other, found.outgoing, "zh-Hans", "", at)
    kind = _RECORDED.get(call.step, keeping.COMPLAINT)
    first = str(call.memory.get("first", "")) if kind == keeping.COMPLAINT else ""
    return _late(call, replace(found, kind=kind, first=first), found.recording, at)


def ended(board: Switchboard, fields: Mapping[str, str], outbox_id: str) -> None:
    """Take the end of a call that no report told us of: the same door as the report's.

    ``fields`` are those of the report, whose address would have named ``outbox_id``.
    """
    board.status(posted({"id": outbox_id}, fields))


def _late(call: Call, heard: Posted, recording: Recording, at: datetime) -> Submission:
    """The submission of a recording that comes beside the step which it belongs to."""
    kind = heard.kind or _RECORDED.get(heard.step, keeping.COMPLAINT)
    token = _token(call, kind, heard.case)
    if kind not in keeping.KINDS - {keeping.CALL_BACK} or (kind != keeping.COMPLAINT and not token):
        kind = keeping.COMPLAINT  # whatever it was meant for: what was said must reach a person
    first = heard.first if kind == keeping.COMPLAINT else ""
    return keeping.recorded(call, recording, at, kind=kind, first=first, token=token)


def _report(leg: Leg) -> dict[str, str | int]:
    """What the address of a recording's report says, so that it is kept as the step would keep it."""
    kind = _RECORDED[leg.step]
    report: dict[str, str | int] = {"kind": kind}
    if kind == keeping.COMPLAINT and leg.memory.get("first"):
        report["first"] = str(leg.memory["first"])
    if kind == keeping.REMARK:
        report["case"] = len(leg.memory.get("tokens", ())) - 1
    return report


def _token(call: Call, kind: str, place: int | None) -> str:
    """The token of the case that a recording belongs to."""
    if kind == keeping.REPLY:
        return str(call.memory.get("token", ""))
    tokens = call.memory.get("tokens") or []
    if kind == keeping.REMARK and tokens:
        return str(tokens[place] if place is not None and place < len(tokens) else tokens[-1])
    return ""
