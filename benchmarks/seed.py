"""Archives of any size, made in bulk: cases with their people, submissions, history and search words.

Rows hang together (keys, hash chains, plans by the county's own ladder); texts come from a pool. Not
every promise that ``huiyin verify`` proves holds here: answers and deliveries are left out. Everything
is dated before :data:`NOW`, so that an archive kept from an earlier day measures the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, text

from benchmarks.bench import SAMPLE
from benchmarks.databases import KEYS
from benchmarks.mails import complaint as complaint_text
from intake import schema
from intake.case import Case, localized
from intake.columns import canonical_json
from intake.contracts import CaseFacts
from intake.history import GENESIS, link
from intake.lifecycle import State
from intake.people import SYSTEM
from intake.references import number_of
from intake.search import slot, words
from intake.store import Store
from intake.vault import Keyring, Vault
from intake.vault.names import address_hash, token_hash
from routing.bureaus import load_bureaus
from routing.categories import load_categories
from routing.chasing import Ladder
from routing.office import load_office
from routing.schedule_file import load_ladder

NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)  # a Wednesday, 10 in the morning in the county
COMMON, RARE = "路灯", "鹤唳"
RARE_CASES = 20
_POOL = 2000
_CHUNK = 5000
_OPEN = (State.TRIAGE, State.ASSIGNED, State.ASSIGNED, State.IN_PROGRESS, State.IN_PROGRESS, State.ANSWERED)
_URGENCIES = ("ordinary", "ordinary", "ordinary", "urgent", "complex")

_SIGNED = canonical_json(SYSTEM.signature())

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Archive:
    """What is asked for: every ``open_every``-th case is open; ``light`` leaves texts and search out."""

    cases: int
    open_every: int
    light: bool = False

    @property
    def name(self) -> str:
        """Tells archives apart in a kept folder."""
        return f"sealed_{'light' if self.light else 'full'}_{self.cases}_{self.open_every}"


@dataclass(frozen=True, slots=True)
class _Text:
    subject: str
    body: str
    indexed: str  # as the search index takes it


def fill(archive: Archive) -> Callable[[Store], None]:
    """A function that fills an empty, migrated database with ``archive``."""

    def go(store: Store) -> None:
        with store.write() as connection:
            _hurry(connection, store)
            pool = _texts(connection, store)
            indexes = [index for table in schema.metadata.sorted_tables for index in table.indexes]
            for index in indexes:
                index.drop(connection)
            if not store.is_sqlite:
                connection.execute(text("DROP INDEX ix_complaint_search_words"))
            for rows in _chunks(archive, pool):
                for name, lines in rows.items():
                    _put(connection, store, name, lines)
            for index in indexes:
                index.create(connection)
            if not store.is_sqlite:
                connection.execute(
                    text("CREATE INDEX ix_complaint_search_words ON complaint_search USING gin (words)")
                )
        _know_yourself(store)

    return go


def _hurry(connection: Connection, store: Store) -> None:
    """Nobody needs a half-made archive: leave out what protects a real one."""
    if store.is_sqlite:  # with a small cache every index page goes to the log again and again
        connection.execute(text("PRAGMA cache_size = -1500000"))
    else:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL synchronous_commit = off"))


def _know_yourself(store: Store) -> None:
    """Let the planner know what is in the tables, as a database in service does."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if store.is_sqlite else "VACUUM ANALYZE")


def _texts(connection: Connection, store: Store) -> list[_Text]:
    pick = random.Random(1)
    pool = []
    for _ in range(_POOL):
        subject, body = complaint_text(pick, pick.randrange(80, 200))
        indexed = " ".join(words(f"{subject}\n{body}"))
        pool.append(_Text(subject, body, _index_form(connection, store, indexed)))
    indexed = " ".join(words(f"风声{RARE}"))
    pool.append(_Text("风声", f"风声{RARE}", _index_form(connection, store, indexed)))
    return pool


def _index_form(connection: Connection, store: Store, indexed: str) -> str:
    if store.is_sqlite:
        return indexed
    query = text("SELECT CAST(to_tsvector('simple', :words) AS text)")
    return str(connection.execute(query, {"words": indexed}).scalar_one())


# ---------------------------------------------------------------- rows


def _chunks(archive: Archive, pool: Sequence[_Text]) -> Iterator[Rows]:
    bureaus = [
        b.code for b in load_bureaus(SAMPLE / "bureaus.toml", load_categories(SAMPLE / "categories.toml"))
    ]
    ladder = load_ladder(SAMPLE, load_office(SAMPLE))
    pick = random.Random(2)

    @cache
    def plan(state: State, urgency: str, received: datetime, since: datetime) -> tuple[Any, ...]:
        return _plan(ladder, state, urgency, received, since)

    rows: Rows = {}
    for n in range(archive.cases):
        is_open = n % archive.open_every == 0
        state = _OPEN[n // archive.open_every % len(_OPEN)] if is_open else State.CLOSED
        # An open case came in within the last hours, so that nothing of it is due yet.
        age = (
            timedelta(minutes=pick.randrange(1, 100))
            if is_open
            else timedelta(hours=pick.randrange(3_000, 3_400))
        )
        received = NOW - age
        urgency = _URGENCIES[n % len(_URGENCIES)]
        bureau = None if state is State.TRIAGE else _bureau(bureaus, n, pick)
        rare = (n + 1) % max(1, archive.cases // RARE_CASES) == 0
        words_of = pool[-1] if rare else pool[n * 7919 % _POOL]
        _add(rows, archive, n, state, bureau, urgency, received, words_of, plan)
        if (n + 1) % _CHUNK == 0:
            yield rows
            rows = {}
    yield rows


def _bureau(bureaus: Sequence[str], n: int, pick: random.Random) -> str:
    """Some have much to do, and the last one gets one case in ten thousand."""
    return bureaus[-1] if n % 10_000 == 7 else bureaus[int((len(bureaus) - 1) * pick.random() ** 2)]


def _plan(ladder: Ladder, state: State, urgency: str, received: datetime, since: datetime) -> tuple[Any, ...]:
    due = ladder.answer_due(urgency, received)
    facts = CaseFacts(
        state, urgency, received, since, due, feedback="silent" if state is State.CLOSED else None
    )
    plan = ladder.plan(facts)
    moments = (due, plan.due_at, plan.next_at)
    because = canonical_json(localized(plan.because))
    return (*(None if m is None else _moment(m) for m in moments), plan.responsible, plan.action, because)


def _add(
    rows: Rows,
    archive: Archive,
    n: int,
    state: State,
    bureau: str | None,
    urgency: str,
    received: datetime,
    words_of: _Text,
    plan: Callable[..., tuple[Any, ...]],
) -> None:
    case, sub, person, part = (f"{kind:x}{n:031x}" for kind in (1, 2, 3, 4))
    number, address, at = number_of(26, n + 1), f"citizen-{n}@mail.example", _moment(received)
    answer_due, due, following, responsible, action, because = plan(state, urgency, received, received)
    events, head = _history(case, sub, bureau, received)
    closed = at if state is State.CLOSED else None
    values = {
        "id": case, "number": number, "version": 1, "state": str(state),
        "outcome": "resolved" if closed else None, "channel": "email", "language": "zh-Hans",
        "subject": words_of.subject, "first_submission_id": sub, "category": "urban", "urgency": urgency,
        "bureau": bureau, "supporting": "[]", "routed_by": "rule", "routed_rule": "seed",
        "routed_reason": '{"en":"seed","zh":"样例"}', "received_at": at, "state_since": at,
        "answer_due_at": answer_due, "closed_at": closed, "answered_at": closed,
        "answer": "已经处理。" if closed else None, "feedback": "silent" if closed else None,
        "responsible": responsible, "action": action, "due_at": due, "next_at": following,
        "plan_reason": because, "step": 0, "attention_step": 0, "last_seq": len(events), "last_hash": head,
    }  # fmt: skip
    _row(rows, "complaint", [values.get(column) for column in _CASE])
    name, hashed, contact = "某人", address_hash(_VAULT, address), f"5{n:031x}"
    _row(rows, "complainant", [person, _seal("complainant.name", person, name), at])
    _row(rows, "contact", [contact, person, "email", _seal("contact.value", contact, address), hashed, False])
    _row(rows, "participation", [
        part, case, person, "email", _seal("participation.address", part, address),
        _seal("participation.name", part, name), "zh-Hans", False, False,
        _seal("participation.code", part, "000000"), _seal("participation.token", part, part),
        token_hash(_VAULT, part), False,
    ])  # fmt: skip
    rows.setdefault("event", []).extend(events)
    if archive.light:
        return
    envelope = '{"mail_from":"","rcpt_to":[]}'
    _row(rows, "submission", [sub, "email", f"{n}@mail.example", f"{n:064x}", at,
                              _seal("submission.envelope", sub, envelope), "[]", "done", at,
                              1, case, "complainant", _seal("submission.from_name", sub, name), "email",
                              _seal("submission.from_address", sub, address), words_of.subject,
                              words_of.body, "none", "[]"])  # fmt: skip
    raw = b"Subject: seed\r\n\r\nseed\r\n"
    _row(rows, "raw_message", [sub, _VAULT.seal_bytes("raw_message.content", sub, raw)])
    key, out = f"{case}:1:acknowledgement", f"6{n:031x}"
    _row(rows, "outbox", [out, key, case, part, "complainant", "email", _seal("outbox.address", out, address),
                          hashed, _seal("outbox.name", out, name), "zh-Hans",
                          "acknowledgement", "{}", at, "sent", at, 1, at])  # fmt: skip
    _row(rows, "complaint_search", [slot(number, 0), words_of.indexed])


_VAULT = Vault(Keyring(KEYS))
_seal = _VAULT.seal


def _history(case: str, sub: str, bureau: str | None, at: datetime) -> tuple[list[tuple[Any, ...]], str]:
    told: list[tuple[str, dict[str, Any]]] = [("received", {"submission": sub, "channel": "email"})]
    if bureau is not None:
        told.append(("assigned", {"bureau": bureau, "reason": "", "supporting": []}))
    head, signature, events = GENESIS, SYSTEM.signature(), []
    for seq, (kind, said) in enumerate(told, 1):
        head = link(head, case, seq, at, signature, kind, said)
        events.append((case, seq, _moment(at), _SIGNED, kind, canonical_json(said), head))
    return events, head


def _row(rows: Rows, table: str, values: Sequence[Any]) -> None:
    rows.setdefault(table, []).append(tuple(values))


@cache
def _moment(at: datetime) -> str:
    """As SQLite keeps it and PostgreSQL reads it (its session stands in UTC)."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


# ---------------------------------------------------------------- into the database

_CASE = tuple(column.name for column in fields(Case))
_COLUMNS = {
    "complaint": _CASE,
    "complainant": ("id", "name", "created_at"),
    "contact": ("id", "complainant_id", "kind", "value", "value_hash", "verified"),
    "participation": ("id", "complaint_id", "complainant_id", "channel", "address", "name", "language",
                      "anonymous", "confidential", "code", "token", "token_hash", "large_print"),
    "event": ("complaint_id", "seq", "at", "actor", "kind", "data", "hash"),
    "submission": ("id", "channel", "external_id", "dedupe_key", "received_at", "envelope", "attachments",
                   "state", "due_at", "attempts", "complaint_id", "author", "from_name", "from_kind",
                   "from_address", "subject", "body", "automatic", "problems"),
    "raw_message": ("submission_id", "content"),
    "outbox": ("id", "dedupe_key", "complaint_id", "participation_id", "role", "channel", "address",
               "address_hash", "name", "language", "template", "params", "created_at", "state", "due_at",
               "attempts", "sent_at"),
    "complaint_search": ("rowid", "words"),
}  # fmt: skip


def _put(connection: Connection, store: Store, name: str, lines: Sequence[tuple[Any, ...]]) -> None:
    cursor: Any = connection.connection.cursor()
    columns = _COLUMNS[name]
    if store.is_sqlite:
        marks = ", ".join("?" * len(columns))
        cursor.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", lines)
        return
    listed = ", ".join(columns).replace("rowid", "slot")
    with cursor.copy(f"COPY {name} ({listed}) FROM STDIN") as copy:
        for line in lines:
            copy.write_row(line)
