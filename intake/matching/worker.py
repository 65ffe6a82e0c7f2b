"""The worker that looks for companions: claims filed complaints, indexes them, offers what fits.

Index first, then look: of two that come in at once, whichever looks later finds the other. Everything is
written so that doing it twice changes nothing; a worker that dies leaves its rows to the next.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import SQLAlchemyError

from intake import schema
from intake.clock import Clock
from intake.contracts import StorageUnavailable
from intake.lifecycle import OPEN
from intake.matching import look_ups
from intake.matching.judging import NEAR, Signs, Verdict, judge
from intake.matching.places import places_in
from intake.matching.sketching import UNLIKE, Sketch, compared, key_of, lanes_of, packed, sketch_of
from intake.store import Store
from intake.work import backoff, claim, put_back, still_ours

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)
BATCH = 16
MAX_ATTEMPTS = 5
MOST_OFFERED = 5
"""Companions that one complaint is offered with at most, the likeliest."""
MOST_COMPARED = 24
"""Texts that are compared, of all that share a run with it: those that share most."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A filed complaint with all that it is compared by."""

    submission_id: str
    case: Any
    sketch: Sketch | None
    text_bands: frozenset[int]
    places: dict[int, str]  # band → word


class MatchWorker:
    """Looks for companions. As many as you like."""

    def __init__(self, store: Store, clock: Clock, owner: str) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner

    def work(self, limit: int = BATCH) -> int:
        """Look for the companions of up to ``limit`` complaints; returns how many were taken."""
        rows = claim(self._store, schema.matching, self._owner, self._clock(), LEASE, limit, alone_after=2)
        if rows:
            self._handle(rows)
        return len(rows)

    def _handle(self, rows: Sequence[Any]) -> None:
        try:
            items = self._index([row for row in rows if row.attempts <= MAX_ATTEMPTS])
            self._finish(rows, items)
        except StorageUnavailable:
            raise
        except (SQLAlchemyError, ValueError, KeyError) as error:  # one text must not stop the others
            if len(rows) > 1:
                for row in rows:
                    self._handle([row])
                return
            log.exception("matching: submission %s could not be compared", rows[0].id)
            due = self._clock() + backoff(rows[0].attempts, first=30)
            ids = [row.id for row in rows]
            put_back(self._store, schema.matching, self._owner, ids, due, type(error).__name__)

    # ------------------------------------------------------------ index

    def _index(self, rows: Sequence[Any]) -> list[Indexed]:
        """Write each text's sketch, and where it meets others."""
        with self._store.read() as connection:
            items = self._read(connection, rows)
        at = {item.submission_id: item.case.received_at for item in items}
        meets = [
            {
                "band": band,
                "submission_id": item.submission_id,
                "complaint_id": item.case.id,
                "at": at[item.submission_id],
            }
            for item in items
            for band in sorted({*item.text_bands, *item.places})
        ]
        drawn = [
            {"submission_id": item.submission_id, "minima": packed(item.sketch)}
            for item in items
            if item.sketch is not None
        ]
        if meets or drawn:
            with self._store.write() as connection:
                for table, values in ((schema.likeness, meets), (schema.sketch, drawn)):
                    if values:
                        connection.execute(self._store.insert_new(table), values)
        return items

    @staticmethod
    def _read(connection: Connection, rows: Sequence[Any]) -> list[Indexed]:
        s, places = schema.submission.c, {row.id: row.place or "" for row in rows}
        query = select(s.id, s.complaint_id, s.subject, s.body, s.author)
        found = connection.execute(query.where(s.id.in_(list(places)), s.complaint_id.is_not(None))).all()
        known = look_ups.cases(connection, {row.complaint_id for row in found})
        return [
            indexed(row.id, known[row.complaint_id], f"{row.subject or ''}\n{row.body or ''}", places[row.id])
            for row in found
            if row.author == "complainant"
        ]

    # ------------------------------------------------------------ look

    def _finish(self, rows: Sequence[Any], items: Sequence[Indexed]) -> None:
        with self._store.read() as connection:
            offers = [offer for item in items for offer in companions_of(connection, item)]
        t, now = schema.matching, self._clock()
        values = [_pair(a, b, verdict) | {"found_at": now} for a, b, verdict in offers]
        with self._store.write() as connection:
            ours = still_ours(connection, t, self._owner, [row.id for row in rows])
            if values:  # what was ruled on before stays as it was ruled
                connection.execute(self._store.insert_new(schema.companion), values)
            parked = [row.id for row in rows if row.id in ours and row.attempts > MAX_ATTEMPTS]
            for state, ids in (("done", ours - set(parked)), ("parked", set(parked))):
                if ids:
                    ended = update(t).where(t.c.id.in_(ids))
                    connection.execute(ended.values(state=state, owner=None, lease_until=None))


def indexed(submission_id: str, case: Any, text: str, place: str) -> Indexed:
    """What a complaint is compared by. Its bureau and its category are offices to share a place with."""
    sketch = sketch_of(text)
    words = places_in(f"{place}\n{text}")
    offices = [office for office in dict.fromkeys((case.bureau, case.category)) if office]
    return Indexed(
        submission_id,
        case,
        sketch,
        frozenset(lanes_of(sketch)) if sketch is not None else frozenset(),
        {key_of("place", office, word): word for office in offices for word in words},
    )


def companions_of(connection: Connection, item: Indexed) -> list[tuple[str, str, Verdict]]:
    """The likeliest companions of a complaint: its case, the other case, why. All found by index."""
    case = item.case
    if case.state not in OPEN:
        return []
    by_text = _likeliest(look_ups.meeting(connection, item.text_bands, None, item.submission_id))
    since = case.received_at - NEAR
    by_place = look_ups.meeting(connection, item.places, since, item.submission_id)
    reached = look_ups.reached_alike(connection, case.id)
    homes = look_ups.cases_of(connection, {*by_text, *by_place})
    others = look_ups.cases(connection, {*homes.values(), *reached} - {case.id})
    texts = {key: home for key, home in homes.items() if home in others}
    texts |= {others[key].first_submission_id: key for key in reached if key in others}
    drawn = look_ups.sketches(connection, texts)
    verdicts: dict[str, Verdict] = {}
    for submission_id, key in texts.items():
        other = others[key]
        bands = by_place.get(submission_id, set())
        signs = Signs(
            likeness=compared(item.sketch, drawn[submission_id])
            if item.sketch is not None and submission_id in drawn
            else UNLIKE,
            contact=key in reached,
            verified=reached.get(key, False),
            channels=(case.channel, other.channel),
            office=_shared(case.bureau, other.bureau) or _shared(case.category, other.category),
            places=tuple(dict.fromkeys(item.places[band] for band in item.places if band in bands)),
            apart=case.received_at - other.received_at,
        )
        verdict = judge(signs)
        lead = other.merged_into or other.id
        if verdict.reasons and lead != case.id and verdict.score > _score(verdicts.get(lead)):
            verdicts[lead] = verdict
    leads = look_ups.cases(connection, verdicts)
    best = sorted(
        (key for key in verdicts if key in leads and leads[key].state in OPEN),
        key=lambda key: (-verdicts[key].score, key),
    )
    return [(case.id, key, verdicts[key]) for key in best[:MOST_OFFERED]]


def _likeliest(meeting: Mapping[str, set[int]]) -> Mapping[str, set[int]]:
    """Those that share most; a lane that others crowd says half as much as one of few."""
    if len(meeting) <= MOST_COMPARED:
        return meeting
    crowd = Counter(band for bands in meeting.values() for band in bands)
    weigh = {
        key: sum(1 if crowd[b] < look_ups.NEWEST - 1 else 0.5 for b in bands)
        for key, bands in meeting.items()
    }
    best = sorted(meeting, key=lambda key: (-weigh[key], key))
    return {key: meeting[key] for key in best[:MOST_COMPARED]}


def _score(verdict: Verdict | None) -> int:
    return verdict.score if verdict is not None else 0


def _shared(one: str | None, other: str | None) -> bool:
    return bool(one) and one == other


def _pair(one: str, other: str, verdict: Verdict) -> dict[str, Any]:
    """A row of ``companion``: the younger case first."""
    return {
        "complaint_id": max(one, other),
        "other_id": min(one, other),
        "state": "offered",
        "reasons": [{"zh": reason.zh, "en": reason.en} for reason in verdict.reasons],
        "likeness": verdict.score,
    }
