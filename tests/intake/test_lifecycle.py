"""Whatever is said by whomever in whatever order: no open case is without somebody and a date, the clock
stands, the history holds, and what is refused has changed nothing."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from intake import schema, verbs
from intake.lifecycle import LIFECYCLE, Role
from intake.migrate import migrate
from intake.outbox import refused
from intake.people import COMPLAINANT, Actor
from intake.refusals import Refused
from intake.store import Store
from intake.verify import verify
from tests.support.clock import SetClock
from tests.support.worked import ADMIN, CLERK, LEADER, READER, County, handler

ACTORS = (
    ADMIN,
    LEADER,
    CLERK,
    READER,
    COMPLAINANT,
    handler("traffic"),
    handler("health"),
    Actor(Role.DESK, "d1"),
)
bureaus = st.sampled_from(["traffic", "traffic-west", "health", "housing", "moon"])
texts = st.sampled_from(["", " ", "理由", "x" * 20_001])
SAYINGS = st.one_of(
    st.builds(
        verbs.Assign, bureaus, st.lists(bureaus, max_size=2).map(tuple), texts.filter(lambda t: len(t) < 9)
    ),
    st.builds(verbs.Accept),
    st.builds(verbs.Return, texts),
    st.builds(verbs.GrantReturn),
    st.builds(verbs.RefuseReturn, texts),
    st.builds(verbs.Ask, texts),
    st.builds(verbs.Resume),
    st.builds(verbs.Answer, texts),
    st.builds(verbs.Close, st.sampled_from(["resolved", "nonsense"])),
    st.builds(verbs.CloseUnanswered, st.just("explained"), texts),
    st.builds(verbs.Reopen, texts),
    st.builds(verbs.Classify, st.just("服务"), st.sampled_from(["", "urgent", "complex", "never"])),
    st.builds(verbs.Bar, bureaus, texts),
    st.builds(verbs.Attend),
    st.builds(verbs.Note, texts),
    st.builds(verbs.Withdraw),
    st.builds(verbs.Rate, st.sampled_from(["satisfied", "dissatisfied", "silent"])),
)
_KEPT = tempfile.TemporaryDirectory(prefix="huiyin-life-")  # removed when the tests end
_FOLDER = Path(_KEPT.name)
_TEMPLATE = _FOLDER / "template.sqlite"
_SERIAL = itertools.count()


def empty() -> str:
    """A migrated SQLite file: the cheapest real database for thousands of steps."""
    if not _TEMPLATE.exists():
        store = Store(f"sqlite:///{_TEMPLATE}")
        migrate(store)
        store.close()
    copy = _FOLDER / f"life_{next(_SERIAL)}.sqlite"
    shutil.copy(_TEMPLATE, copy)
    return f"sqlite:///{copy}"


class Life(RuleBasedStateMachine):
    """One case, and everybody who may or may not say something to it."""

    def __init__(self) -> None:
        super().__init__()
        self.county = County(empty(), _FOLDER, SetClock())

    def teardown(self) -> None:
        self.county.close()

    @initialize(
        body=st.sampled_from(["公交车不停站", "别的事情", "投诉交通局的公交调度员"]), signed=st.booleans()
    )
    def arrive(self, body: str, signed: bool) -> None:
        said = {} if signed else {"contacts": [], "sender_name": ""}
        self.reference = self.county.case(body=body, **said)
        self.received_at = self.county.row(self.reference).received_at

    def everything(self) -> list[list[Any]]:
        tables = ("complaint", "event", "block", "support", "outbox", "participation")
        return [self.county.rows(f"SELECT * FROM {name} ORDER BY 1, 2") for name in tables]

    @rule(actor=st.sampled_from(ACTORS), verb=SAYINGS)
    def say(self, actor: Actor, verb: Any) -> None:
        before, row = self.everything(), self.county.row(self.reference)
        refusal = self.attempt(actor, verb)
        if refusal is not None:
            assert refusal.text.zh
            assert refusal.text.en
            assert self.everything() == before
            return
        assert actor.role in LIFECYCLE[verb.name].who
        assert row.state in LIFECYCLE[verb.name].sources

    def attempt(self, actor: Actor, verb: Any) -> Refused | None:
        try:
            self.county.say(self.reference, actor, verb)
        except Refused as refusal:
            return refusal
        return None

    @rule(hours=st.integers(1, 72))
    def wait(self, hours: int) -> None:
        self.county.clock.advance(hours=hours)
        self.county.office.tick()

    @rule()
    def post(self) -> None:
        self.county.deliver()

    @rule()
    def lose_the_post(self) -> None:
        for letter in self.county.outbox.claim(self.county.clock(), 10):
            failed = refused(letter.row, "550", permanent=True)
            self.county.outbox.record([failed], self.county.clock())

    @rule(kind=st.sampled_from(["none", "reply"]))
    def write_again(self, kind: str) -> None:
        tokens = self.county.ask(select(schema.participation.c.token))
        if tokens:
            self.county.send(token=tokens[0][0], automatic=kind, body="还有一事")
            self.county.register()

    @invariant()
    def promises_hold(self) -> None:
        county = self.county
        county.settle()
        report = verify(county.store, county.blobs, county.policies.directory, county.clock())
        waiting = "the outgoing message waits and nobody sends it"  # nobody does, until a rule says so
        assert [f for f in report.findings if f.what.en != waiting] == []
        row = county.row(self.reference)
        assert row.received_at == self.received_at
        assert row.closed_at is not None or (row.responsible != "nobody" and row.next_at is not None)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
