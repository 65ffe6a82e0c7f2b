"""Turns: what the dialogue makes of each message, carried out in the transaction that files it.

You are here: filing → dialogue → [turns] → registering, verbs, outbox. The dialogue decides by the values
in :class:`intake.conversation.Heard` alone; here nothing is believed that would reach another's case.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from intake.case import OpenCase
from intake.contracts import Automatic
from intake.conversation import Act, Heard, Line, Turn
from intake.conversations import Talk
from intake.desk import Desk
from intake.lifecycle import Feedback
from intake.own_cases import as_own, unrouted, written_in
from intake.people import COMPLAINANT
from intake.ratings import wants_a_look
from intake.references import find_references
from intake.refusals import Refused
from intake.registering import Registering
from intake.saying import talk_row
from intake.sheet import Sheet
from intake.surroundings import Belonging, Surroundings
from intake.understanding import Understood
from intake.verbs import Identify, Rate, Verb, Withdraw, perform, route_again
from intake.work import not_later

log = logging.getLogger(__name__)


class NumberGiver(Protocol):
    """Gives case numbers."""

    def of(self, item: Understood) -> int:
        """The number of the case that ``item`` becomes."""
        ...


class Turns:
    """The messages of one batch that belong to conversations, one after another."""

    def __init__(
        self,
        desk: Desk,
        around: Surroundings,
        sheet: Sheet,
        registering: Registering,
        talks: Mapping[str, Talk],
        numbers: NumberGiver,
    ) -> None:
        self._desk = desk
        self._around = around
        self._sheet = sheet
        self._registering = registering
        self._talks = talks
        self._numbers = numbers
        self._repeated: set[str] = set()  # messages that say what their sender said before
        self._said: dict[str, list[str]] = {}  # what was written in cases that may be routed once more

    def prepare(self, spoken: Sequence[Understood]) -> None:
        """Read, once for all, what was written in the cases whose routing may be decided anew."""
        keys = {self._talks[item.row.conversation].conversation.complaint_id for item in spoken}
        cases = [self._desk.cases[key] for key in sorted(k for k in keys if k) if key in self._desk.cases]
        self._read([case.row.id for case in unrouted(cases)])

    def take(self, item: Understood) -> None:
        """File one message."""
        talk = self._talks[item.row.conversation]
        if talk.released and item.row.id not in talk.released:
            self._sheet.put_off(item.row.id, self._desk.now)  # what was released is older, and comes first
            return
        fetched = talk.fetches(len(item.reading.remote), self._desk.now)
        if not fetched:
            self._sheet.leave_files(item.row.id)
        if self._is_part_of_album(item, talk):
            return
        decided, now = talk.decided(item.row.id), self._desk.now
        held = talk.conversation.held_id == item.row.id
        until = talk.conversation.held_until
        if held and decided is None and until is not None and until > now:
            self._sheet.put_off(item.row.id, not_later(until, now))
            return
        if held:
            talk.conversation = replace(talk.conversation, held_id=None, held_until=None)
        talk.count(now)
        talk.listen(item.reading.choice or item.reading.body, now)
        person = self._person(item)
        cases = [self._desk.cases[key] for key in self._around.own_cases.get(person, [])]
        if item.parked is not None:
            turn = self._plainly(talk, cases)
        elif decided is not None and decided[0] == "addition":
            turn = Turn(Act.ADD, talk.conversation, complaint_id=decided[1])
        else:
            turn = self._hear(item, talk, cases, person, waited=held or decided is not None)
        turn = self._sound(turn, item, talk, cases, held or decided is not None)
        self._carry_out(item, talk, self._said_before(turn, item, {case.row.id for case in cases}))
        about = self._desk.cases.get(talk.conversation.complaint_id or "")
        if not fetched and about is not None:
            about.call_attention("unfetched")

    # ------------------------------------------------------------ what it is

    def _hear(
        self, item: Understood, talk: Talk, cases: list[OpenCase], person: str, *, waited: bool
    ) -> Turn:
        reading, dialogue, asked = item.reading, self._desk.policies.dialogue, talk.conversation
        said_at = self._around.answers_what_was_said_at(item)
        old = said_at is not None and asked.asked_at is not None and said_at < asked.asked_at
        own = {case.row.id for case in cases}
        heard = Heard(
            text=reading.body,
            choice=reading.choice,
            files=len(item.files) + len(reading.remote),
            language="" if reading.wordless and asked.heard_at is not None else reading.language,
            now=self._desk.now,
            # a button of an older message answers that one, not the question that we asked since
            conversation=replace(asked, asking="", asked_at=None) if old else asked,
            cases=tuple(as_own(case, person) for case in cases),
            belongs=next((key for key in self._around.pointed_to(item) if key in own), None),
            named=find_references(reading.body),
            proposal=item.proposal,
            place=reading.place,
            held=waited,
        )
        assert dialogue is not None
        try:
            turn = dialogue.turn(heard)
        except Exception:  # promise 3: whatever the script stumbles over, the message is kept
            log.exception("dialogue: no turn for submission %s", item.row.id)
            return self._plainly(talk, cases)
        if old and not turn.conversation.asking:  # that question still stands
            stands = replace(turn.conversation, asking=asked.asking, asked_at=asked.asked_at)
            turn = replace(turn, conversation=stands)
        return turn

    def _plainly(self, talk: Talk, cases: Sequence[OpenCase]) -> Turn:
        """Without the script: it joins the case that is being talked about, or becomes one."""
        current = talk.conversation.complaint_id
        own = [case.row.id for case in cases]
        joins = current if current in own else None
        return Turn(Act.ADD if joins else Act.NEW, talk.conversation, complaint_id=joins)

    def _sound(self, turn: Turn, item: Understood, talk: Talk, cases: list[OpenCase], waited: bool) -> Turn:
        """The turn with nothing in it that cannot be: foreign cases, waiting twice, too many cases."""
        own, wants_person = [case.row.id for case in cases], bool(item.reading.attention)
        if turn.complaint_id is not None and turn.complaint_id not in own:
            turn = replace(turn, complaint_id=None)
        if turn.act in (Act.ADD, Act.RATE, Act.WITHDRAW) and turn.complaint_id is None:
            turn = replace(turn, act=Act.NEW)
        if turn.act is Act.HOLD and waited:
            turn = replace(turn, act=Act.NEW)
        if turn.act is Act.TALK and wants_person:  # somebody must look, and only cases are looked at
            plain = self._plainly(talk, cases)
            turn = replace(turn, act=plain.act, complaint_id=turn.complaint_id or plain.complaint_id)
        if turn.conversation.complaint_id not in (*own, None):
            turn = replace(turn, conversation=replace(turn.conversation, complaint_id=None))
        if turn.act is Act.RATE and talk.crowded(self._desk.now):  # each change of mind calls the office
            turn = replace(turn, act=Act.ADD, say=())
        if turn.act in (Act.NEW, Act.HOLD) and own and talk.crowded(self._desk.now):
            current = talk.conversation.complaint_id
            joins = current if current in own else own[0]
            self._desk.cases[joins].call_attention("message")
            turn = replace(turn, act=Act.ADD, complaint_id=joins, say=())
        return turn

    def _said_before(self, turn: Turn, item: Understood, own: set[str]) -> Turn:
        """The same words again are no second matter: they join the first, whose reference is told again."""
        again = self._around.repetition(item) if turn.act in (Act.NEW, Act.HOLD) else None
        if again is None or again.complaint_id not in own:
            return turn
        self._repeated.add(item.row.id)
        calm = replace(turn.conversation, asking="", asked_at=None)
        return replace(
            turn,
            act=Act.ADD,
            complaint_id=again.complaint_id,
            conversation=calm,
            say=(),
            ask="",
            reroute=False,
        )

    # ------------------------------------------------------------ what comes of it

    def _carry_out(self, item: Understood, talk: Talk, turn: Turn) -> None:
        before = talk.conversation
        talk.become(turn.conversation)
        talk.conversation = replace(talk.conversation, heard_at=item.row.received_at)
        self._release(turn, talk)
        extra: tuple[Line, ...] = ()
        case: OpenCase | None = None
        if turn.act is Act.NEW:
            case = self._new(item, talk, turn)
        elif turn.act is Act.HOLD:
            self._hold(item, talk, turn)
        elif turn.act is Act.TALK:
            self._sheet.finish(item, None, "complainant", "talk")
        else:
            case = self._desk.cases[turn.complaint_id or ""]
            extra = self._to_case(item, turn, case)
            talk.conversation = replace(talk.conversation, complaint_id=case.row.id)
        about = case or self._desk.cases.get(turn.complaint_id or "")
        if about is not None:
            self._identify(about, item, turn)
        talk.begin_album(item.reading.album, item.row.id, case.row.id if case else None, self._desk.now)
        self._answer(item, talk, before.stopped_at is not None, turn.say + extra)

    def _new(self, item: Understood, talk: Talk, turn: Turn) -> OpenCase:
        reading = item.reading
        if turn.confidential is not None:
            reading = replace(reading, confidential=turn.confidential)
        if turn.anonymous is not None:
            reading = replace(reading, anonymous=turn.anonymous)
        tongue = talk.conversation.language  # word goes back as they talk to us, whatever this message is in
        reading = replace(reading, language="zh-Hans" if tongue == "yue" else tongue)
        item = replace(item, reading=reading)
        way = (talk.conversation.channel, talk.conversation.address)
        case = self._registering.register(
            item, self._numbers.of(item), way if reading.contacts else None, turn.ask
        )
        self._around.own_cases.setdefault(self._person(item), []).insert(0, case.row.id)
        self._said[case.row.id] = [f"{reading.subject}\n{reading.body}".strip()]
        talk.opened(self._desk.now, 1)
        talk.conversation = replace(talk.conversation, complaint_id=case.row.id)
        return case

    def _hold(self, item: Understood, talk: Talk, turn: Turn) -> None:
        """Wait until we know; only one message of a conversation waits, an older one is filed now."""
        held, now = talk.conversation.held_id, self._desk.now
        if held is not None:
            talk.decide(held, "matter", None)
            talk.released.add(held)
            self._sheet.release(held)
        until = turn.conversation.held_until or now
        talk.conversation = replace(talk.conversation, held_id=item.row.id, held_until=until)
        self._sheet.put_off(item.row.id, not_later(until, now))

    def _release(self, turn: Turn, talk: Talk) -> None:
        held = talk.conversation.held_id
        if held is None or turn.release not in ("new", "add"):
            return
        joins = turn.complaint_id or talk.conversation.complaint_id
        became = "addition" if turn.release == "add" and joins else "matter"
        talk.decide(held, became, joins if became == "addition" else None)
        talk.conversation = replace(talk.conversation, held_id=None, held_until=None)
        talk.released.add(held)
        self._sheet.release(held)

    def _to_case(self, item: Understood, turn: Turn, case: OpenCase) -> tuple[Line, ...]:
        """Add, rate or withdraw; what the case refuses joins it all the same, and the sender is told."""
        verbs: dict[Act, tuple[Verb, str]] = {
            Act.RATE: (Rate(turn.value, turn.text), "rating"),
            Act.WITHDRAW: (Withdraw(turn.text), "withdrawal"),
        }
        refusal: tuple[Line, ...] = ()
        if turn.act in verbs:
            verb, became = verbs[turn.act]
            try:
                perform(self._desk, case.leading, self._registering.writer(case, item), verb)
            except Refused as refused:
                said = {"zh": refused.text.zh, "en": refused.text.en}
                refusal = (Line("refused", said, case.row.id),)
            else:
                if turn.act is Act.RATE and _more_than_a_rating(item, turn):
                    case.call_attention("message")
                self._sheet.index(case.leading, case.leading.row.last_seq, item.words)
                self._sheet.finish(item, case.row.id, "complainant", became)
                return ()
        belonging = Belonging(case.row.id, "complainant", "conversation")
        self._registering.join(item, belonging, thanks=item.row.id in self._repeated)
        self._again(item, turn, case.leading)
        return refusal

    def _again(self, item: Understood, turn: Turn, case: OpenCase) -> None:
        """Let what was added decide once more: with all that was written, where nobody decided yet.

        A case that has its place is only taken away from whom these very words accuse (promise 7).
        """
        key = case.row.id
        if key in self._said:
            self._said[key].append(item.reading.body)
        if not turn.reroute:
            return
        if key not in self._said and unrouted([case]):
            self._read([key])
        accused = {block.bureau for block in item.proposal.blocks} - case.barred
        if key in self._said or accused:
            said = "\n".join(self._said.get(key, [item.reading.body]))
            route_again(self._desk, case, said, place=item.reading.place)

    def _identify(self, case: OpenCase, item: Understood, turn: Turn) -> None:
        if turn.confidential is None and turn.anonymous is None:
            return
        person = self._person(item)
        for part in case.participations:
            if part.complainant_id == person:
                verb = Identify(part.id, turn.confidential, turn.anonymous)
                perform(self._desk, case, COMPLAINANT, verb)

    # ------------------------------------------------------------ what is said

    def _answer(self, item: Understood, talk: Talk, was_stopped: bool, lines: tuple[Line, ...]) -> None:
        """Say the lines, unless a machine wrote, the person wants no messages or has heard enough."""
        stopping = talk.conversation.stopped_at is not None
        address = talk.conversation.address
        if not lines or (stopping and was_stopped) or item.reading.automatic is not Automatic.NONE:
            return
        sent = self._around.replies.get(address, 0)
        if sent >= self._desk.policies.replies_per_hour and not stopping:
            return
        if talk.tired(self._desk.now):
            return
        talk.said(self._desk.now)
        self._around.replies[address] = sent + 1
        person = self._person(item)
        own = {key: self._desk.cases[key] for key in self._around.own_cases.get(person, [])}
        self._sheet.say(talk_row(item.row.id, talk.conversation, lines, own, person, self._desk))

    # ------------------------------------------------------------ common

    def _is_part_of_album(self, item: Understood, talk: Talk) -> bool:
        """A further picture of an album goes to the album's first message; words of its own do not."""
        first = talk.album(item.reading.album, self._desk.now)
        if first is None or item.parked is not None or item.reading.body.strip():
            return False
        submission_id, complaint_id = first
        if submission_id == item.row.id:
            return False
        self._sheet.finish(item, complaint_id, "complainant", "album", part_of=submission_id)
        return True

    def _read(self, complaint_ids: Sequence[str]) -> None:
        found = written_in(self._desk.connection, complaint_ids)
        self._said |= {key: found.get(key, []) for key in complaint_ids}

    def _person(self, item: Understood) -> str:
        first = next(iter(item.reading.contacts), None)
        return self._around.people.get((first.kind, first.value), "") if first else ""


def _more_than_a_rating(item: Understood, turn: Turn) -> bool:
    """Whether somebody should read what came with a good verdict."""
    said_more = wants_a_look(turn.value, turn.text) or bool(item.files or item.reading.remote)
    return said_more and turn.value != Feedback.DISSATISFIED
