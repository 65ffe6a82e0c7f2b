"""A service that has run for a while is brought to the newest schema: nothing is lost, nothing differs."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, select, text

from intake import schema
from intake.columns import canonical_json
from intake.migrate import current, head, migrate
from intake.store import Store
from intake.vault import Sealed

ROOT = Path(__file__).parents[2]
AT = "2026-03-02 01:00:00"
ROWS: dict[str, dict[str, Any]] = {
    "complaint": {
        "id": "c1", "number": 2600000001, "version": 1, "state": "assigned", "channel": "email",
        "language": "en", "subject": "s", "first_submission_id": "s1", "category": "", "urgency": "ordinary",
        "bureau": "traffic", "supporting": "[]", "routed_by": "rule", "routed_reason": "{}",
        "received_at": AT, "state_since": AT, "answer_due_at": AT, "responsible": "bureau",
        "action": "accept", "due_at": AT, "next_at": AT, "plan_reason": "{}", "step": 0,
        "attention_step": 0, "last_seq": 0, "last_hash": "",
    },
    "submission": {
        "id": "s1", "channel": "email", "external_id": "m1", "dedupe_key": "k1", "received_at": AT,
        "envelope": "{}", "attachments": "[]", "state": "done", "due_at": AT, "attempts": 1,
        "complaint_id": "c1",
    },
    "complainant": {"id": "p1", "name": "n", "kind": "email", "value": "a@b.example", "created_at": AT},
    "participation": {
        "id": "t1", "complaint_id": "c1", "complainant_id": "p1", "channel": "email",
        "address": "a@b.example",
        "name": "n", "language": "en", "anonymous": False, "confidential": True, "code": "123456",
        "token": "tok",
    },
    "outbox": {
        "id": "o1", "dedupe_key": "c1:1:acknowledgement", "complaint_id": "c1", "participation_id": "t1",
        "role": "complainant", "channel": "email", "address": "a@b.example", "name": "n", "language": "en",
        "template": "acknowledgement", "params": "{}", "created_at": AT, "state": "pending", "due_at": AT,
        "attempts": 0,
    },
}  # fmt: skip


SEALED = {
    table.name: {c.name for c in table.columns if isinstance(c.type, Sealed)}
    for table in schema.metadata.sorted_tables
}


def put(connection: Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def shape(store: Store) -> dict[str, Any]:
    """Columns, indexes with their conditions, unique and foreign keys of every table."""
    there, found = inspect(store.engine), {}
    for table in schema.metadata.sorted_tables:
        indexes = {
            (
                str(i["name"]),
                tuple(i["column_names"]),
                str(i.get("dialect_options", {}).get("sqlite_where")),
                str(i.get("dialect_options", {}).get("postgresql_where")),
            )
            for i in there.get_indexes(table.name)
        }
        found[table.name] = (
            {(c["name"], str(c["type"]), c["nullable"]) for c in there.get_columns(table.name)},
            indexes,
            {tuple(u["column_names"]) for u in there.get_unique_constraints(table.name)},
            {
                (tuple(f["constrained_columns"]), f["referred_table"])
                for f in there.get_foreign_keys(table.name)
            },
            tuple(there.get_pk_constraint(table.name)["constrained_columns"]),
        )
    return found


def wanted() -> dict[str, Any]:
    """What the schema says of the same."""
    return {
        table.name: (
            {(c.name, bool(c.nullable)) for c in table.columns},
            {(str(i.name), tuple(c.name for c in i.columns)) for i in table.indexes},
            {
                (tuple(c.name for c in key.columns), key.referred_table.name)
                for key in table.foreign_key_constraints
            },
        )
        for table in schema.metadata.sorted_tables
    }


def test_a_used_database_is_upgraded_with_all_it_holds(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    migrate(store, "0001")
    with store.write() as connection:
        for table, row in ROWS.items():
            put(connection, table, row)
    assert migrate(store) is True
    assert current(store) == head()
    with store.read() as connection:
        for table, row in ROWS.items():
            [there] = connection.execute(text(f"SELECT * FROM {table}")).mappings()
            plain = {name: value for name, value in row.items() if value != AT and name not in SEALED[table]}
            assert {name: there[name] for name in plain} == plain
            [opened] = connection.execute(select(schema.metadata.tables[table])).mappings()
            for name in SEALED[table] & row.keys():
                assert there[name].startswith("k1.")
                read = opened[name]
                assert (read if isinstance(read, str) else canonical_json(read)) == row[name]
    for name, (has, indexes, _, keys, _) in shape(store).items():
        assert {(column, nullable) for column, _, nullable in has} == wanted()[name][0], name
        assert {index[:2] for index in indexes} >= wanted()[name][1], name
        assert keys == wanted()[name][2], name
    with store.write() as connection:  # what 0002 allows, and what both still forbid
        put(
            connection, "outbox", ROWS["outbox"] | {"id": "o2", "dedupe_key": "talk:s1", "complaint_id": None}
        )
    store.close()


def test_an_upgraded_database_is_like_a_new_one(empty_database_url: str, database_url: str) -> None:
    old = Store(empty_database_url)
    migrate(old, "0001")
    with old.write() as connection:
        for table, row in ROWS.items():
            put(connection, table, row)
    migrate(old)
    new = Store(database_url)
    assert shape(old) == shape(new)
    partial = {i[0] for table in shape(old).values() for i in table[1] if "pending" in f"{i[2]}{i[3]}"}
    assert partial >= {"ix_outbox_work", "ix_submission_work", "ix_remote_file_work", "ix_transcript_work"}
    old.close()
    new.close()


KILLED_BEFORE_WIPING = """
import os, signal, sys
from intake import migrate as steps
from intake.store import Store

def killed(store):
    os.kill(os.getpid(), signal.SIGKILL)
steps._wipe = killed
steps.migrate(Store(sys.argv[1]))
"""


def test_plain_text_is_wiped_by_the_next_start_when_the_first_was_killed(tmp_path: Path) -> None:
    """Sealed and committed, then killed: what was plain still lies in freed places of the file."""
    url, file = f"sqlite:///{tmp_path}/huiyin.sqlite3", tmp_path / "huiyin.sqlite3"
    store = Store(url)
    migrate(store, "0001")
    with store.write() as connection:
        for table, row in ROWS.items():
            put(connection, table, row)
        for serial in range(400):  # enough for pages that become free
            person = {"id": f"q{serial}", "name": f"Zhou-Marker-{serial}", "created_at": AT}
            put(connection, "complainant", person)
    store.close()
    ran = subprocess.run([sys.executable, "-c", KILLED_BEFORE_WIPING, url], cwd=ROOT, capture_output=True)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    store = Store(url)
    assert current(store) == head()
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar() != 0
    assert migrate(store) is False
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar() == 0
    store.close()
    left = b"".join(path.read_bytes() for path in tmp_path.glob("huiyin.sqlite3*"))
    assert file.exists()
    assert b"Zhou-Marker" not in left


def test_what_is_open_is_compared_anew_after_the_sketches_changed(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    migrate(store, "0004")
    closed = {"state": "closed", "closed_at": "2020-01-01 01:00:00"}
    with store.write() as connection:
        for n, how in enumerate(({}, closed, closed | {"merged_into": "c0"}, closed | {"anonymised_at": AT})):
            case = {"id": f"c{n}", "number": 2600000001 + n, "first_submission_id": f"s{n}"}
            put(connection, "complaint", ROWS["complaint"] | case | how)
            come = {"id": f"s{n}", "dedupe_key": f"k{n}", "complaint_id": f"c{n}"}
            put(connection, "submission", ROWS["submission"] | come)
            work = {"id": f"s{n}", "repeats": "r", "state": "done", "due_at": AT, "attempts": 3}
            put(connection, "matching", work)
            place = {"band": n, "submission_id": f"s{n}", "complaint_id": f"c{n}", "at": AT}
            put(connection, "likeness", place)
    assert migrate(store) is True
    with store.read() as connection:
        rows = connection.execute(select(schema.matching).order_by(schema.matching.c.id)).all()
        left = connection.execute(select(schema.likeness)).all()
    assert [(row.state, row.attempts, row.repeats) for row in rows] == [
        ("pending", 0, "r"),
        ("done", 3, "r"),
        ("pending", 0, "r"),
        ("done", 3, "r"),
    ]
    assert left == []
    store.close()
