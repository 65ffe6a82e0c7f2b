"""A submission becomes a case, or joins one: the two ends that filing comes to (promises 3, 4, 8).

You are here: filing → [registering] → verbs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from intake import schema
from intake.case import Case, OpenCase, Participation, localized
from intake.contracts import Automatic, Companion, Contact, Decision, Reading, Text
from intake.desk import Desk, Policies
from intake.ids import new_code, new_id, new_token
from intake.lifecycle import State
from intake.newcomers import Newcomers
from intake.notes import without_addresses
from intake.people import COMPLAINANT, SYSTEM, Actor, complainant
from intake.ratings import rating_in_reply, wants_a_look
from intake.sheet import Sheet
from intake.surroundings import Belonging, Surroundings, our_id
from intake.telling import tell_complainant
from intake.understanding import Understood
from intake.verbs import Add, Deliver, Rate, acknowledge, assign_as_decided, bar, perform, record_route

_FROM_BUREAU = Text(
    "来自责任单位或本办公室的邮箱，需要人工判断",
    "Sent from a bureau's or the office's own address; a person must judge it",
)
_BY_HAND = Decision(None, "none", None, _FROM_BUREAU)
_WITH_CODE = frozenset({"web", "phone", "visit"})
"""Channels whose nameless senders got reference and code at once, and look up the answer with them."""
_ADDED_PER_HOUR = 3  # short thanks for what was added to a case; more would feed a loop


class Registering:
    """Makes and joins cases on the desk of one transaction."""

    def __init__(self, desk: Desk, around: Surroundings, sheet: Sheet) -> None:
        self._desk = desk
        self._around = around
        self._sheet = sheet
        self._policies: Policies = desk.policies
        self.newcomers = Newcomers(desk, around)
        self._bounced: list[str] = []

    # ------------------------------------------------------------ joining

    def join(
        self, item: Understood, belonging: Belonging, became: str = "addition", *, thanks: bool = True
    ) -> OpenCase:
        """The submission joins the case it belongs to; one that was merged lets its lead act on it."""
        own, row = self._desk.cases[belonging.complaint_id], item.row
        case = own.leading
        human = belonging.author != "machine" and not belonging.copy
        rating = self._rating(case, item) if human and belonging.author == "complainant" else None
        if rating is not None:  # a verdict is no further message; a long remark is both
            human = bool(item.files) or wants_a_look(*rating)
        before = len(case.new_events)
        actor = self.writer(own, item) if belonging.author == "complainant" else SYSTEM
        add = Add(row.id, row.channel, belonging.author, human, belonging.because)
        perform(self._desk, case, actor, add)
        if own is not case:
            own.record(actor, "added", **add.facts())
        if rating is not None:
            perform(self._desk, case, actor, Rate(*rating))
        self._take_back(own, item)
        if human and case.row.bureau in {block.bureau for block in item.proposal.blocks}:
            case.call_attention("message")  # what was added is about the bureau that handles the case
        if thanks and human and belonging.author == "complainant":
            self._thank(own, item, case.new_events[before].seq)
        self._attend(case, item)
        self._sheet.index(own, own.row.last_seq, item.words)
        self._sheet.finish(item, own.row.id, belonging.author, became)
        return own

    def writer(self, case: OpenCase, item: Understood) -> Actor:
        """Who of those who complained writes, as far as it shows."""
        first = next(iter(item.reading.contacts), None)
        person = self._around.people.get((first.kind, first.value), "") if first else ""
        part = case.part_of(person) if person else None
        return complainant(part.id) if part and len(case.leading.participations) > 1 else COMPLAINANT

    def _rating(self, case: OpenCase, item: Understood) -> tuple[str, str] | None:
        """The verdict in a reply to our question for one, while the case is closed."""
        if case.row.state is not State.CLOSED or item.row.conversation:
            return None
        return rating_in_reply(item.reading, self._around.ours)

    def _take_back(self, case: OpenCase, item: Understood) -> None:
        """Note each message of ours that did not arrive, once; a report that names none calls somebody."""
        reading, named = item.reading, False
        for bounce in reading.bounces:
            sent = self._around.ours.get(our_id(bounce.message_id))
            if sent is None or sent.complaint_id != case.row.id:
                continue
            named = True
            if bounce.permanent and sent.state != "bounced" and sent.id not in self._bounced:
                note = without_addresses(f"{bounce.status} {bounce.diagnostic}".strip())
                perform(self._desk, case, SYSTEM, Deliver(sent.id, sent.template, sent.role, "bounced", note))
                self._bounced.append(sent.id)
        hopeful = reading.bounces and not any(bounce.permanent for bounce in reading.bounces)
        if reading.automatic is Automatic.BOUNCE and not named and not hopeful:
            case.call_attention("undelivered")  # QQ and 163 return a mail without its Message-ID

    def _thank(self, case: OpenCase, item: Understood, seq: int) -> None:
        """Tell whoever wrote that it arrived, unless this address has heard enough."""
        sender = item.reading.contacts[0].value if item.reading.contacts else ""
        theirs = [part for part in case.own() if part.address == sender]
        for part in theirs[:1]:  # several of a group may share it: it need not ring for each
            quiet = self._quiet(item.reading, min(_ADDED_PER_HOUR, self._policies.replies_per_hour))
            tell_complainant(case.leading, part, "added", seq, "suppressed" if quiet else "pending")

    # ------------------------------------------------------------ registering

    def register(
        self, item: Understood, number: int, way: tuple[str, str] | None = None, ask: str = ""
    ) -> OpenCase:
        """The submission becomes a case. ``way`` is the channel and address that word goes to, if known."""
        row, reading, desk = item.row, item.reading, self._desk
        decision = _BY_HAND if self._from_bureau(reading) else item.proposal
        if reading.urgent:
            decision = replace(decision, urgency="urgent")
        case = OpenCase(
            Case(
                id=new_id(),
                number=number,
                state=State.TRIAGE,
                channel=row.channel,
                language=reading.language or "zh-Hans",  # too short to tell
                subject=reading.subject[:500],
                first_submission_id=row.id,
                category=decision.category,
                urgency=decision.urgency,
                routed_by=decision.by,
                routed_rule=decision.rule,
                routed_reason=localized(decision.reason),
                received_at=row.received_at,
                state_since=desk.now,
                answer_due_at=self._policies.chaser.answer_due(decision.urgency, row.received_at),
            ),
            desk.now,
            is_new=True,
        )
        desk.place(case)
        case.participations.extend(self._participations(case, item, way))
        seq = case.record(
            SYSTEM, "received", submission=row.id, channel=row.channel, at=row.received_at.isoformat()
        )
        self._route(case, decision)
        quiet = self._quiet(reading, self._policies.replies_per_hour, way[1] if way else "")
        if way is not None and reading.automatic is Automatic.NONE and not self._is_known(reading):
            quiet = False
        acknowledge(case, seq, quiet=quiet, ask=ask)
        self._attend(case, item)
        self._sheet.index(case, 0, item.words)
        author = "machine" if reading.automatic is not Automatic.NONE else "complainant"
        again = self.repeats_of(item)
        self._sheet.finish(item, case.row.id, author, "matter", repeats=again)
        if again:
            self._around.repeated[again] = case.row.id
        return case

    def repeats_of(self, item: Understood) -> str:
        """What finds this text of this person again; "" when nothing does."""
        return self._around.repeats_of(item) if not self._from_bureau(item.reading) else ""

    def _is_known(self, reading: Reading) -> bool:
        """Whether the sender has a case by now: a first complaint's reference is never kept from anybody."""
        people = {self._around.people.get((c.kind, c.value)) for c in reading.contacts[:1]}
        return any(self._around.own_cases.get(person) for person in people if person)

    @staticmethod
    def _attend(case: OpenCase, item: Understood) -> None:
        if item.reading.attention:
            case.call_attention(item.reading.attention[:16])

    def _route(self, case: OpenCase, decision: Decision) -> None:
        bar(case, SYSTEM, list(decision.blocks))
        record_route(case, SYSTEM, decision)
        assign_as_decided(self._desk, case, decision)

    def _participations(
        self, case: OpenCase, item: Understood, way: tuple[str, str] | None
    ) -> list[Participation]:
        """Everybody's part who complained; none where nothing tells how word could ever reach them.

        Of a group that came together (集体来访) each whom word can reach has a part and a code of their own,
        also those who share a telephone or an address: word goes there in each one's name. Who named
        nowhere at all is named in the submission, and hears of it from the others.
        """
        reading, row = item.reading, item.row
        sender = Companion(reading.sender_name, reading.contacts, reading.identity)
        channel, address = way or self._way_back(row.channel, reading.contacts)
        parts = [self._part(case, item, sender, channel, address, row.reserved_code)] if channel else []
        known = {part.complainant_id for part in parts}
        for other in dict.fromkeys(reading.companions):  # entered twice, it is one person
            channel, address = self._way_back("", other.contacts)
            if not channel:
                continue
            part = self._part(case, item, other, channel, address, None, known)
            known.add(part.complainant_id)
            parts.append(part)
        return parts

    def _part(
        self,
        case: OpenCase,
        item: Understood,
        who: Companion,
        channel: str,
        address: str,
        code: str | None,
        known: Collection[str] = (),
    ) -> Participation:
        """A person's part; ``known`` are complainants who have one already and are somebody else."""
        reading = item.reading
        person = self.newcomers.person(who, known)
        return Participation(
            id=new_id(),
            complaint_id=case.row.id,
            complainant_id=person,
            channel=channel,
            address=address,
            name=who.name[:200],
            language=reading.language or "zh-Hans",  # too short to tell
            anonymous=reading.anonymous,
            confidential=reading.confidential,
            code=code or new_code(),
            token=new_token(),
            large_print=reading.large_print,
        )

    def _way_back(self, channel: str, contacts: Sequence[Contact]) -> tuple[str, str]:
        """Which channel carries the answer, and to what address: the first contact that one reaches.

        Who left none, yet was given a code, finds it on the case's page (or asks by telephone).
        """
        for contact in contacts:
            if way := self._policies.way_back(contact):
                return way, contact.value
        return ("web", "") if channel in _WITH_CODE else ("", "")

    # ------------------------------------------------------------ common

    def _from_bureau(self, reading: Reading) -> bool:
        """Whether the mail comes from an address that we chase.

        Were it routed like a citizen's, two autoresponders without headers could keep us writing for ever.
        """
        return any(contact.value in self._around.chased for contact in reading.contacts[:1])

    def _quiet(self, reading: Reading, limit: int, address: str = "") -> bool:
        """Whether no automatic reply may go out: no citizen wrote, or the address had its share.

        ``address`` is where the reply would go when that is not the sender's contact.
        """
        if reading.automatic is not Automatic.NONE or self._from_bureau(reading):
            return True
        address = address or (reading.contacts[0].value if reading.contacts else "")
        sent = self._around.replies.get(address, 0)
        self._around.replies[address] = sent + 1
        return bool(address) and sent >= limit

    def write_bounced(self) -> None:
        """So that nothing closes on an answer that came back (promise 5)."""
        if self._bounced:
            o = schema.outbox
            came_back = o.update().where(o.c.id.in_(self._bounced), o.c.state.in_(("sent", "delivered")))
            self._desk.connection.execute(came_back.values(state="bounced"))
