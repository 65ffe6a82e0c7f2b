"""One channel through a whole intake: accepted, filed, acknowledged in its words, sent or not sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from channels.postman import Postman
from channels.table import CHANNELS, Channel
from channels.wording import Facts, Wording
from intake import schema
from intake.contracts import Contact, Delivery, DeliveryFailed, Message, Receipt, Submission, Text
from intake.outbox import Outbox
from intake.registrar import Registrar
from tests.channels.contract.samples import Sample, Samples
from tests.support.clock import SetClock
from tests.support.policies import policies
from tests.support.worked import County

_FACTS = Facts(
    office=Text("机关效能监督投诉中心", "Efficiency Complaints Office"),
    phone="0758 555 0100",
    public_url="https://complaints.gaoyao.example",
    zone=policies().zone,  # type: ignore[arg-type]
    categories={},
)


class Carrier:
    """A sender that does as it is told: takes what comes, or fails."""

    def __init__(self, failure: DeliveryFailed | None = None) -> None:
        self.failure = failure
        self.taken: list[Message] = []

    def send(self, message: Message) -> Delivery:
        if self.failure is not None:
            raise self.failure
        self.taken.append(message)
        return Delivery(f"p-{message.outbox_id}")


class Line:
    """The county with this channel in its table, and nothing else changed."""

    def __init__(self, channel: Channel, county: County) -> None:
        self.channel, self.county = channel, county
        rows = {each.name: each for each in (*CHANNELS, channel)}

        def way_back(contact: Contact) -> str:
            fits = (
                each.name
                for each in (channel, *rows.values())
                if contact.kind in each.reaches and each.can_reach(contact.value)
            )
            return next(fits, "")

        ours = replace(county.policies, way_back=way_back, silent={channel.name: channel.silent})
        county.policies = ours
        readers = {name: row.read for name, row in rows.items()}
        county.registrar = Registrar(county.store, county.blobs, ours, readers, county.clock, "worker-1")
        county.outbox = Outbox(county.store, ours, "worker-1")

    def hand_in(self, sample: Sample, key: str = "1") -> Receipt:
        """Accept it, as the channel's receiver does."""
        digest = hashlib.sha256(f"{self.channel.name}\0{key}".encode()).hexdigest()
        submission = Submission(
            self.channel.name,
            f"{self.channel.name}-{key}",
            digest,
            self.county.clock(),
            sample.raw,
            sample.envelope,
            conversation=sample.conversation,
        )
        return self.county.inbox.accept(submission)

    def carry(self, carrier: Carrier) -> None:
        """Let the postman try what is due to complainants."""
        senders = {each.name: carrier for each in CHANNELS} | {self.channel.name: carrier}
        wording = Wording(_FACTS, self.county.policies.directory)
        postman = Postman(self.county.outbox, senders, wording, "gaoyao.example", self.county.clock)
        while postman.work():
            continue

    def letters(self) -> list[Any]:
        """What is to be said, or was said, to complainants."""
        o = schema.outbox
        return self.county.ask(select(o).where(o.c.role == "complainant").order_by(o.c.id))


@contextmanager
def line(channel: Channel, url: str, folder: Path, clock: SetClock) -> Iterator[Line]:
    """A county of its own for one check."""
    county = County(url, folder, clock)
    try:
        yield Line(channel, county)
    finally:
        county.close()


# ---------------------------------------------------------------- the checks


def becomes_one_case(one: Line, samples: Samples) -> None:
    """Accepted once; the same again is the same; the case is somebody's, and knows where it came from."""
    first = one.hand_in(samples.good["zh-Hans"])
    again = one.hand_in(samples.good["zh-Hans"])
    assert (first.duplicate, again.duplicate) == (False, True)
    assert first.submission_id == again.submission_id
    one.county.register()
    reference = one.county.reference_of(first)
    case = one.county.row(reference)
    assert (case.channel, case.language) == (one.channel.name, "zh-Hans")
    assert case.responsible in ("office", "bureau")
    assert case.next_at is not None
    assert len(one.county.rows("SELECT id FROM complaint")) == 1


def parks_what_it_cannot_read(one: Line, samples: Samples) -> None:
    """Whatever comes, it is somebody's work and stops nobody else's (promise 3)."""
    good = samples.good["zh-Hans"]
    one.hand_in(replace(good, raw=b"\xff\0 not a message of this channel"), "bad")
    fine = one.hand_in(good, "good")
    one.county.register()
    states = {row.state for row in one.county.rows("SELECT state FROM submission")}
    assert states <= {"done", "parked"}
    assert one.county.reference_of(fine)


def acknowledges_in_the_persons_language(one: Line, samples: Samples) -> None:
    """With the reference in it; or keeps silent on the record, where the row says so."""
    proofs = {"zh-Hans": ("投诉", "编号"), "zh-Hant": ("投訴", "編號"), "en": ("complaint",)}
    for language, sample in samples.good.items():
        before = len(one.letters())
        receipt = one.hand_in(sample, language)
        one.county.register()
        reference, carrier = one.county.reference_of(receipt), Carrier()
        fresh = one.letters()[before:]
        (letter,) = [row for row in fresh if row.template == "acknowledgement"]
        if "acknowledgement" in one.channel.silent:
            assert letter.state == "suppressed"
            continue
        one.carry(carrier)
        (message,) = [each for each in carrier.taken if each.template == "acknowledgement"]
        words = message.text.casefold()
        assert message.language == language
        assert reference in f"{message.subject}\n{message.text}"
        assert any(proof in words for proof in proofs[language])
        assert "{{" not in words, "every value is filled in"
        if samples.own_words:
            assert not any(said in words for said in ("e-mail", "邮件", "郵件")), "it speaks of this channel"


def keeps_what_could_not_be_sent_for_now(one: Line, samples: Samples) -> None:
    """A carrier that is away: it is tried again later, with the same id."""
    one.hand_in(samples.good["zh-Hans"])
    one.county.register()
    one.carry(Carrier(DeliveryFailed("the carrier is away", permanent=False)))
    waiting = [row for row in one.letters() if row.state != "suppressed"]
    assert {row.state for row in waiting} <= {"pending"}
    one.county.clock.advance(hours=5)
    carrier = Carrier()
    one.carry(carrier)
    assert {row.id for row in waiting} <= {message.outbox_id for message in carrier.taken}


def tells_the_office_what_can_never_be_sent(one: Line, samples: Samples) -> None:
    """A refusal for good is on the record of the case (promise 5)."""
    receipt = one.hand_in(samples.good["zh-Hans"])
    one.county.register()
    one.carry(Carrier(DeliveryFailed("no such address", permanent=True)))
    tried = [row for row in one.letters() if row.state != "suppressed"]
    assert {row.state for row in tried} <= {"failed"}
    if tried:
        assert "failed" in one.county.events(one.county.reference_of(receipt))


INTAKE_CHECKS = (
    becomes_one_case,
    parks_what_it_cannot_read,
    acknowledges_in_the_persons_language,
    keeps_what_could_not_be_sent_for_now,
    tells_the_office_what_can_never_be_sent,
)
