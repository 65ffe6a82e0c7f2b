"""Calls out: an answer read aloud to whoever presses a key, so that a voicemail counts for nothing.

``greet`` when somebody picks up, ``read_out`` when they want to hear it; ``ended`` when the line is cut.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from channels.phone import keeping, spoken
from channels.phone.acts import missed, say_rating
from channels.phone.exchange import Exchange
from channels.phone.leg import Leg
from channels.phone.posted import HUNG_UP, Posted
from channels.phone.script import RATINGS, SCRIPT
from intake.calls import Call

TRIES = 6
"""Calls to bring one message; then a person must think of another way."""
_NOT_BEFORE = timedelta(hours=2)
_WAITS = 10  # times that we wait two seconds for the text to be written down
_SPOKEN = {"en": "en", "yue": "yue", "zh-Hant": "yue"}
"""Who reads Traditional is spoken to in Cantonese until they choose otherwise; all others in Mandarin."""
_SLACK = 5  # seconds between picking up and our first word of it
_SHARE = 0.35  # of our slow reckoning of a text's length: about half of it, as voices really speak
READING = frozenset({"read_out", "read_rate"})


def greet(leg: Leg, exchange: Exchange) -> None:
    """Somebody, or something, picked up. Whose case it is about is not said to whoever it is."""
    letter = exchange.calls.letter(leg.posted.outbox_id)
    if letter is None or letter.address != leg.call.address:
        leg.say("wrong_number")
        return leg.go("goodbye")
    leg.go("outgoing")


def language_of(exchange: Exchange, posted: Posted) -> str:
    """As this number spoke with us last; else as the person writes."""
    remembered = exchange.calls.language_of(posted.other)
    if remembered is None:
        letter = exchange.calls.letter(posted.outbox_id)
        remembered = letter.language if letter is not None else ""
    return _SPOKEN.get(remembered, "zh-Hans")


def read_out(leg: Leg, exchange: Exchange) -> None:
    """Read the message; wait a little when the postman is still writing it down."""
    letter = exchange.calls.letter(leg.call.outbox_id or "")
    if letter is None:
        return leg.go("goodbye")
    if letter.text is None:
        waited = int(leg.memory.get("waited", 0)) + 1
        leg.memory["waited"] = waited
        if waited == 1:
            leg.say("one_moment")
        elif waited > _WAITS:
            leg.say("sorry")
            return leg.go("goodbye")
        return leg.go("waiting")
    leg.memory |= {"reading_since": exchange.clock().isoformat(), "token": letter.token or ""}
    leg.read(letter.text)
    leg.pause()
    leg.go("read_rate" if letter.closed_at is not None and letter.token else "read_out")


def waiting(leg: Leg, exchange: Exchange) -> None:
    """Look again whether the text is there."""
    read_out(leg, exchange)


def read_rate(leg: Leg, exchange: Exchange) -> None:
    """A key after a closed case was read: a rating, or anything the table knows."""
    value = SCRIPT["read_rate"].keys.get(leg.posted.digits)
    if value not in RATINGS:
        return missed(leg, "wrong_key" if leg.posted.digits else "no_key")
    _delivered(leg, exchange)  # who judges it has heard it
    say_rating(leg, exchange, str(leg.memory.get("token", "")), value)


def reply(leg: Leg, exchange: Exchange) -> None:
    """What they said to it joins the case."""
    recording, token = leg.posted.recording, str(leg.memory.get("token", ""))
    if recording is None or not token:
        return missed(leg, "nothing_heard")
    _delivered(leg, exchange)
    entry = keeping.recorded(leg.call, recording, exchange.clock(), kind=keeping.REPLY, token=token)
    exchange.inbox.accept(entry)
    leg.say("remark_kept")
    leg.go("goodbye")
    leg.memory["hung_up"] = leg.posted.digits == HUNG_UP


def heard(leg: Leg, exchange: Exchange) -> None:
    """The text was read to somebody who had pressed a key: it is delivered, and once is enough to say so.

    A key cuts the reading short: who presses one at once has not heard it yet.
    """
    if leg.memory.get("delivered") or leg.call.step not in READING:
        return
    if _heard_enough(exchange, leg.call, exchange.clock()):
        _delivered(leg, exchange)


def _delivered(leg: Leg, exchange: Exchange) -> None:
    exchange.reports.report(leg.call.outbox_id, leg.call.sid, "delivered", "read aloud")
    leg.memory["delivered"] = True


# ---------------------------------------------------------------- the end of a call


def ended(exchange: Exchange, call: Call, seconds: int = 0) -> None:
    """What became of the message when the line was cut: heard, or to be tried again at a decent hour.

    ``seconds`` is how long the call was, as the provider says; 0 when it does not. Its report may come late.
    """
    if call.outbox_id is None or call.memory.get("delivered"):
        return
    now = exchange.clock()
    cut = min(now, call.started_at + timedelta(seconds=seconds + _SLACK)) if seconds else now
    if _heard_enough(exchange, call, cut):
        exchange.reports.report(call.outbox_id, call.sid, "delivered", "read aloud, then hung up")
        return
    tries = exchange.calls.tries(call.outbox_id)
    if tries >= TRIES:
        note = f"called {tries} times, nobody listened"
        exchange.reports.report(call.outbox_id, call.sid, "failed", note, permanent=True)
        return
    again = exchange.hours.next_call(now + _NOT_BEFORE)
    note = f"call {tries} of {TRIES}: nobody listened"
    exchange.reports.report(call.outbox_id, call.sid, "failed", note, permanent=False, again_at=again)


def _heard_enough(exchange: Exchange, call: Call, now: datetime) -> bool:
    """People hang up when they have heard; whoever cuts in at once has not."""
    since = call.memory.get("reading_since")
    letter = exchange.calls.letter(call.outbox_id or "")
    if call.step not in READING or since is None or letter is None:
        return False
    listened = (now - datetime.fromisoformat(since)).total_seconds()
    return listened >= _SHARE * spoken.reading_seconds(letter.text or "")
