"""Merging and separating in any order, with messages and answers between: nothing is lost, nothing breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from intake.refusals import Refused
from intake.verbs import Accept, Answer, Ask, Classify, Close, Merge, Reopen, Separate, Verb
from intake.verify import verify
from tests.support.clock import SetClock
from tests.support.databases import SqliteDatabases, migrated
from tests.support.worked import CLERK, County

CASES = 4
SAID: tuple[Verb, ...] = (
    Accept(),
    Answer("已处理。"),
    Ask("是哪一路车？"),
    Classify(urgency="urgent"),
    Classify(urgency="ordinary"),
    Close("resolved"),
    Reopen("再看一看"),
)


class Matters(RuleBasedStateMachine):
    """A few complaints of a few people, and a clerk who changes their mind."""

    folder: Path
    databases: SqliteDatabases

    @initialize()
    def begin(self) -> None:
        self.county = County(self.databases.copy_of(migrated), self.folder, SetClock())
        self.references = [
            self.county.case(contacts=[["email", f"p{n}@citizen.example", True]]) for n in range(CASES)
        ]
        self.wrote = [1] * CASES
        self.people = self._people()

    def teardown(self) -> None:
        if hasattr(self, "county"):
            self.county.close()

    def _try(self, reference: str, verb: Verb) -> None:
        self.county.clock.advance(hours=1)
        try:
            self.county.say(reference, CLERK, verb)
        except Refused:
            return

    def _people(self) -> list[Any]:
        return self.county.rows(
            "SELECT id, complaint_id, address, code, token FROM participation ORDER BY id"
        )

    @rule(case=st.integers(0, CASES - 1), into=st.integers(0, CASES - 1))
    def merge(self, case: int, into: int) -> None:
        self._try(self.references[case], Merge(self.references[into], "同一件事"))

    @rule(case=st.integers(0, CASES - 1))
    def separate(self, case: int) -> None:
        before = self.county.row(self.references[case])
        self._try(self.references[case], Separate("不是同一件事"))
        after = self.county.row(self.references[case])
        if before.merged_into and after.merged_into is None:
            assert after.answer_due_at == before.answer_due_at
            assert after.state != "closed"

    @rule(case=st.integers(0, CASES - 1), verb=st.sampled_from(SAID))
    def work(self, case: int, verb: Verb) -> None:
        self._try(self.references[case], verb)

    @rule(case=st.integers(0, CASES - 1))
    def write(self, case: int) -> None:
        reference = self.references[case]
        contacts = [["email", f"p{case}@citizen.example", True]]
        self.county.send(contacts=contacts, subject=f"补充 [{reference}]", body="还有一点")
        self.county.register()
        self.wrote[case] += 1

    @rule()
    def post(self) -> None:
        self.county.deliver()

    @invariant()
    def sound(self) -> None:
        if not hasattr(self, "county"):
            return
        county = self.county
        county.settle()
        report = verify(county.store, county.blobs, county.policies.directory, county.clock())
        found = [f"{each.where}: {each.what.en}" for each in report.findings]
        assert [line for line in found if not line.endswith("nobody sends it")] == []
        assert self._people() == self.people, "everybody keeps their part, code and token"
        written = dict(county.rows("SELECT complaint_id, count(*) FROM submission GROUP BY complaint_id"))
        ids = [county.row(reference).id for reference in self.references]
        assert [written[key] for key in ids] == self.wrote, "what somebody wrote stays theirs"


def test_in_any_order(sqlite_databases: SqliteDatabases, tmp_path: Path) -> None:
    class Here(Matters):
        folder, databases = tmp_path, sqlite_databases

    quick = settings(max_examples=12, stateful_step_count=20, deadline=None)
    Here.TestCase.settings = quick
    Here.TestCase().runTest()
    sqlite_databases.clear()
