"""What the steps of a call to us do beside asking: look up, keep, rate, put through, promise.

Each act hears one leg and says where the call goes on. Acts may run twice for one step (two processes,
one post): everything they do outside is safe to do again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from channels.phone import keeping, spoken
from channels.phone.exchange import Exchange
from channels.phone.leg import Leg
from channels.phone.posted import HUNG_UP, Recording
from channels.phone.script import RATINGS, SCRIPT, TRIES
from intake.calls import CHANNEL
from intake.lifecycle import State
from intake.references import InvalidReference, parse_reference, reference_of
from intake.refusals import Refused
from intake.tracking import Tracked
from intake.verbs import Rate

Act = Callable[[Leg, Exchange], None]
_TOLD = 3  # own cases that are read out unasked
_MEANT_LONGER = 2  # seconds short of the limit that still count as cut off by it


def missed(leg: Leg, why: str) -> None:
    """No key or a wrong one, nothing said or a wrong number: once more, twice; then goodbye."""
    tries = int(leg.memory.get("tries", 0)) + 1
    leg.memory["tries"] = tries
    if tries > TRIES:
        leg.go("goodbye")
    else:
        leg.say(why)


# ---------------------------------------------------------------- language


def language(leg: Leg, exchange: Exchange) -> None:
    """1 普通话, 2 粵語, 3 English: spoken from now on, and when this number calls again."""
    chosen = SCRIPT["language"].keys.get(leg.posted.digits)
    if chosen is None:
        return missed(leg, "no_key" if not leg.posted.digits else "wrong_key")
    leg.language = chosen
    if not leg.call.outgoing and exchange.calls.language_of(leg.call.address) is None:
        leg.say("welcome")
    exchange.calls.remember_language(leg.call.address, chosen, exchange.clock())
    leg.go("outgoing" if leg.call.outgoing else "menu")


# ---------------------------------------------------------------- complaining


def complaint(leg: Leg, exchange: Exchange) -> None:
    """A new complaint begins: what was recorded before in this call is another matter."""
    for name in ("first", "reference", "code"):
        leg.memory.pop(name, None)
    leg.go("complain")


def complain(leg: Leg, exchange: Exchange) -> None:
    """One piece was recorded; the first is given a reference."""
    recording = leg.posted.recording
    if recording is None:
        return missed(leg, "nothing_heard")
    _keep(leg, exchange, recording)
    if leg.posted.digits == HUNG_UP:
        leg.memory["hung_up"] = True
        return leg.go("goodbye")
    if recording.seconds >= SCRIPT["complain"].record - _MEANT_LONGER:
        leg.say("speak_on")
        return leg.go("complain")
    receipt(leg, exchange)


def _keep(leg: Leg, exchange: Exchange, recording: Recording) -> None:
    first = str(leg.memory.get("first", ""))
    entry = keeping.recorded(leg.call, recording, exchange.clock(), first=first)
    kept = exchange.inbox.accept(entry)
    if not first:
        leg.memory |= {"first": recording.sid, "reference": kept.reference, "code": kept.code}


def receipt(leg: Leg, exchange: Exchange) -> None:
    """The reference digit by digit, twice; its code; when an answer comes; whether a text follows."""
    reference, code = leg.memory.get("reference"), leg.memory.get("code")
    if not reference or not code:
        return leg.go("menu")
    leg.say("thanks")
    for key in ("your_reference", "once_more"):
        leg.say(key)
        leg.spell(reference)
    for key in ("your_code", "once_more"):
        leg.say(key)
        leg.spell(code)
    due = exchange.answer_due(leg.call.started_at)
    leg.say("answer_by", day=spoken.day(due, leg.language, exchange.zone))
    caller = leg.call.address
    by_text = bool(caller) and exchange.texts(caller) and not exchange.calls.takes_no_texts(caller)
    leg.say("text_follows" if by_text else "write_it_down")
    leg.go("kept")


# ---------------------------------------------------------------- how a case stands


def status(leg: Leg, exchange: Exchange) -> None:
    """Read the caller's own cases; ask for a reference when there are none."""
    leg.memory["purpose"] = "status"
    own = _own(leg, exchange)
    if not own:
        return leg.go("reference")
    leg.say("one_case" if len(own) == 1 else "some_cases", count=len(own))
    for tracked in own[:_TOLD]:
        tell(leg, exchange, tracked)
    leg.go("told")


def tell(leg: Leg, exchange: Exchange, tracked: Tracked) -> None:
    """How one case stands, with the answer when there is one."""
    leg.say("case")
    leg.spell(reference_of(tracked.reserved_number or 0))
    case = tracked.case
    if case is None:
        return leg.say("state_waiting")
    values = {
        "received": spoken.day(case.received_at, leg.language, exchange.zone),
        "due": spoken.day(case.answer_due_at, leg.language, exchange.zone),
    }
    leg.say(f"state_{case.state}", **values)
    if case.answer and case.state in (State.ANSWERED, State.CLOSED):
        leg.say("the_answer")
        leg.read(case.answer, _written_in(case.language, leg.language))
    leg.pause()


def _written_in(written: str, spoken_language: str) -> str:
    """Whose voice reads a text: Chinese ones are read in the caller's Chinese."""
    if written == "en":
        return "en"
    return spoken_language if spoken_language != "en" else "zh-Hans"


def reference(leg: Leg, exchange: Exchange) -> None:
    """A reference was entered: the check digit is verified, then whose case it is."""
    typed = leg.posted.digits.strip("#*")
    try:
        found = parse_reference(typed)
    except InvalidReference:
        return missed(leg, "wrong_reference" if typed else "no_key")
    own = next((t for t in _own(leg, exchange) if reference_of(t.reserved_number or 0) == found), None)
    if own is not None:
        return _found(leg, exchange, own)
    leg.memory["asked"] = found
    leg.go("code")


def code(leg: Leg, exchange: Exchange) -> None:
    """The 6 digits given with a reference. One sentence for a wrong reference and a wrong code."""
    typed, asked = leg.posted.digits.strip("#*"), str(leg.memory.get("asked", ""))
    if not typed or not asked:
        return missed(leg, "no_key")
    attempt = exchange.throttle.attempt(asked, leg.call.address or None)
    if attempt is None:
        leg.say("too_many_tries")
        return leg.go("menu")
    tracked = exchange.cases.by_code(asked, typed)
    if tracked is None:
        wrong = int(leg.memory.get("wrong", 0)) + 1
        leg.memory["wrong"] = wrong
        leg.say("do_not_fit")
        return leg.go("reference" if wrong <= TRIES else "goodbye")
    exchange.throttle.forgive(attempt)
    _found(leg, exchange, tracked)


def _found(leg: Leg, exchange: Exchange, tracked: Tracked) -> None:
    if leg.memory.get("purpose") == "rate":
        return _offer_rating(leg, tracked)
    tell(leg, exchange, tracked)
    leg.go("told")


def _own(leg: Leg, exchange: Exchange) -> tuple[Tracked, ...]:
    """The caller's own cases, newest first; a hidden number has none."""
    return exchange.cases.of_contact(CHANNEL, leg.call.address) if leg.call.address else ()


# ---------------------------------------------------------------- rating


def rate(leg: Leg, exchange: Exchange) -> None:
    """Offer the newest closed case that was not rated; ask for a reference when there is none."""
    leg.memory["purpose"] = "rate"
    for tracked in _own(leg, exchange):
        if _closed(tracked) and tracked.case is not None and tracked.case.feedback not in RATINGS:
            return _offer_rating(leg, tracked)
    leg.say("none_to_rate")
    leg.go("reference")


def _closed(tracked: Tracked) -> bool:
    return tracked.case is not None and tracked.case.state == State.CLOSED


def _offer_rating(leg: Leg, tracked: Tracked) -> None:
    if not _closed(tracked) or tracked.participation is None:
        leg.say("not_closed_yet")
        return leg.go("rated")
    leg.memory["token"] = tracked.participation.token
    leg.say("case")
    leg.spell(reference_of(tracked.reserved_number or 0))
    leg.go("rating")


def rating(leg: Leg, exchange: Exchange) -> None:
    """1, 2 or 3 was pressed; then a sentence, if they like."""
    value = SCRIPT["rating"].keys.get(leg.posted.digits)
    if value is None:
        return missed(leg, "wrong_key" if leg.posted.digits else "no_key")
    say_rating(leg, exchange, str(leg.memory.get("token", "")), value)


def say_rating(leg: Leg, exchange: Exchange, token: str, value: str) -> None:
    """Note the rating of the case whose participation carries ``token``."""
    try:
        exchange.office.by_token(token, Rate(value))
    except Refused:
        leg.say("not_closed_yet")
        return leg.go("rated")
    leg.memory["tokens"] = _with(leg.memory.get("tokens"), token)
    leg.say("dissatisfied" if value == "dissatisfied" else "rating_noted")
    leg.go("remark")


def _with(tokens: Any, token: str) -> list[str]:
    """The cases rated in this call, in order; a recording's report says which by its place."""
    kept = [t for t in tokens or [] if t != token]
    return [*kept, token]


def remark(leg: Leg, exchange: Exchange) -> None:
    """The spoken sentence joins the case; silence is fine."""
    recording, tokens = leg.posted.recording, leg.memory.get("tokens")
    if recording is not None and tokens:
        entry = keeping.recorded(leg.call, recording, exchange.clock(), kind=keeping.REMARK, token=tokens[-1])
        exchange.inbox.accept(entry)
        leg.say("remark_kept")
    leg.go("goodbye" if leg.posted.digits == HUNG_UP else "rated")


# ---------------------------------------------------------------- a person


def person(leg: Leg, exchange: Exchange) -> None:
    """Ring the office during its hours; else promise to call back."""
    is_open = exchange.hours.open_at(exchange.clock())
    if exchange.person and is_open:
        leg.say("connecting")
        return leg.go("dialling")
    leg.say("nobody_there" if is_open else "office_closed")
    promise(leg, exchange)


def dialling(leg: Leg, exchange: Exchange) -> None:
    """They spoke, or nobody picked up."""
    if leg.posted.dial_status in ("completed", "answered"):
        return leg.go("goodbye")
    leg.say("nobody_there")
    promise(leg, exchange)


def promise(leg: Leg, exchange: Exchange) -> None:
    """A promise to call back, which becomes a task of the office, and is spoken only when it is kept."""
    if not leg.call.address:
        leg.say("number_hidden")
        return leg.go("goodbye" if leg.call.outgoing else "menu")
    now = exchange.clock()
    back_at = exchange.hours.next_morning(now)
    token = _open_case(leg, exchange)
    exchange.inbox.accept(keeping.call_back(leg.call, back_at.astimezone(exchange.zone), now, token))
    leg.say("will_call", when=spoken.day_and_hour(back_at, leg.language, exchange.zone))
    leg.go("goodbye")


def _open_case(leg: Leg, exchange: Exchange) -> str:
    """The token of the caller's newest open case, which they most likely ring about; "" for none."""
    for tracked in _own(leg, exchange):
        if tracked.case is not None and not _closed(tracked) and tracked.participation is not None:
            return str(tracked.participation.token)
    return ""


ACTS: Mapping[str, Act] = {
    "language": language,
    "complain": complain,
    "reference": reference,
    "code": code,
    "rating": rating,
    "remark": remark,
    "dialling": dialling,
}
"""By the step that was answered."""

ENTRANCES: Mapping[str, Act] = {
    "complaint": complaint,
    "receipt": receipt,
    "status": status,
    "rate": rate,
    "person": person,
}
"""What keys lead to that is not a step: it ends in one."""
