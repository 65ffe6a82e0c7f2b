"""``huiyin verify --deep`` finds each way in which a merge can be broken behind the verbs' back."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import text, update

from intake import schema
from intake.history import Event, link
from intake.verbs import Answer, Close, Merge
from intake.verify import verify
from tests.support.worked import CLERK, County

BROKEN: list[tuple[str, str, str]] = [
    # what was done by hand; to which rows (:s merged, :l its lead, :o another case); what verify says of it
    ("what its lead never heard of", "forged", "knows nothing of it"),
    ("no lead any more", "UPDATE complaint SET merged_into = NULL WHERE id = :s", "its history"),
    ("another lead", "UPDATE complaint SET merged_into = :o WHERE id = :s", "not the one of its history"),
    ("a lead that is not there", "UPDATE complaint SET merged_into = 'none' WHERE id = :s", "does not exist"),
    ("its own lead", "UPDATE complaint SET merged_into = id WHERE id = :s", "is merged itself"),
    ("a circle", "UPDATE complaint SET merged_into = :s WHERE id = :l", "is merged itself"),
    ("a case that never was merged", "UPDATE complaint SET merged_into = :l WHERE id = :o", "its history"),
    ("open though merged", "UPDATE complaint SET state = 'assigned' WHERE id = :s", "not closed as merged"),
    ("another outcome", "UPDATE complaint SET outcome = 'resolved' WHERE id = :s", "not closed as merged"),
    ("no day of closing", "UPDATE complaint SET closed_at = NULL WHERE id = :s", "not closed as merged"),
    ("a duty", "UPDATE complaint SET action = 'check' WHERE id = :s", "somebody still has to"),
    (
        "closed as merged into nothing",
        "UPDATE complaint SET outcome = 'merged' WHERE id = :l",
        "into nothing",
    ),
    ("its event gone", "DELETE FROM event WHERE complaint_id = :s AND kind = 'merged'", "changed or cut"),
    (
        "the lead's event gone",
        "DELETE FROM event WHERE complaint_id = :l AND kind = 'merged'",
        "changed or cut",
    ),
    (
        "the answer to one of them gone",
        "DELETE FROM outbox WHERE template = 'answer' AND participation_id IN"
        " (SELECT id FROM participation WHERE complaint_id = :s)",
        "one complainant was never sent the answer",
    ),
    (
        "its person moved into the lead",
        "UPDATE participation SET complaint_id = :l WHERE complaint_id = :s",
        "somebody who complained here is in another case",
    ),
    (
        "its letter moved into the lead",
        "UPDATE submission SET complaint_id = :l WHERE complaint_id = :s",
        "the message that it began with is another case's",
    ),
]


def _found(county: County) -> list[str]:
    report = verify(county.store, county.blobs, county.policies.directory, county.clock(), deep=True)
    return [finding.what.en for finding in report.findings if not finding.what.en.endswith("nobody sends it")]


@pytest.mark.parametrize(("what", "sql", "said"), BROKEN, ids=[each[0] for each in BROKEN])
def test_what_was_broken_by_hand(county: County, what: str, sql: str, said: str) -> None:
    lead, merged, other = (county.case(contacts=[["email", f"p{n}@citizen.example", True]]) for n in range(3))
    county.say(merged, CLERK, Merge(lead, "同一件事"))
    county.say(lead, CLERK, Answer("已处理。"))
    county.deliver()
    county.say(lead, CLERK, Close("resolved"))
    county.settle()
    assert _found(county) == []
    ids = {"l": county.row(lead).id, "s": county.row(merged).id, "o": county.row(other).id}
    if sql == "forged":  # a sound chain in the one case, nothing in the other
        sql = _forged(county, other, lead)
    with county.store.write() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        connection.execute(text(sql), {name: ids[name] for name in ids if f":{name}" in sql})
    assert [line for line in _found(county) if said in line], (what, _found(county))


def _forged(county: County, case: str, lead: str) -> str:
    """Merge ``case`` by hand, with an event that its history holds; the SQL that is left to be done."""
    row, into = county.row(case), county.row(lead)
    told = {"into": lead, "path": [into.id], "reason": "x", "state": row.state, "kept": {}}
    seq, now = row.last_seq + 1, county.clock()
    hashed = link(row.last_hash, row.id, seq, now, CLERK.signature(), "merged", told)
    event = Event(row.id, seq, now, CLERK.signature(), "merged", told, hashed)
    with county.store.write() as connection:
        connection.execute(schema.event.insert(), [asdict(event)])
        c = schema.complaint.c
        values = {"merged_into": into.id, "outcome": "merged", "state": "closed", "closed_at": now}
        duty = {"responsible": "nobody", "action": "none", "due_at": None, "next_at": None}
        head = {"last_seq": seq, "last_hash": hashed}
        connection.execute(update(schema.complaint).where(c.id == row.id).values(values | duty | head))
    return "UPDATE complaint SET step = 0 WHERE id = :o"
