"""The letter desk: one person at a time in front of a letter, and what they make of it.

You are here: ``letter`` waiting → *taken* by a person → entered (a submission) or discarded. A taking
carries a mark: whoever took the letter later has another one, so a page that was left open cannot enter it
any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from intake import schema
from intake.clock import Clock
from intake.contracts import Json, Receipt, StoredAttachment, Submission, Text
from intake.ids import new_id
from intake.inbox import Inbox
from intake.letters.listing import AT_THE_DESK
from intake.people import Actor
from intake.references import reference_of
from intake.store import Store
from intake.vault import sealed

HELD = timedelta(minutes=10)
"""How long a letter stays with its person after the page's last sign of life."""
MAX_REASON = 500

SENTENCES: Mapping[str, Text] = {
    "gone": Text("没有这封信。", "There is no such letter."),
    "ended": Text("这封信已经处理过了。", "This letter has been dealt with already."),
    "reading": Text("这封信还在识别，请稍等。", "This letter is still being read. A moment, please."),
    "taken": Text("{who}正在录入这封信。", "{who} is entering this letter."),
    "stale": Text(
        "您离开得太久，这封信已交给别人。您写的内容还在本页，请不要再提交。",
        "You were away for long and the letter went to somebody else. What you wrote is still on this page.",
    ),
    "reason_needed": Text("请说明为什么不登记这封信。", "Say why this letter is not entered."),
    "too_long": Text("内容太长了。", "That is too long."),
    "bad_page": Text("请选择第2页以后的一页。", "Choose a page after the first."),
    "bad_other": Text("请选择另一份扫描件。", "Choose another scan."),
    "other_ended": Text("另一份扫描件已经处理过了。", "The other scan has been dealt with already."),
    "too_many": Text("合在一起页数太多了。", "Together they have too many pages."),
    "not_taken": Text(
        "这封信此前已经登记，后来的修改没有采用。要补充或更正，请在投诉件里写备注。",
        "This letter had been registered before: the changes made since were not taken. "
        "To add or correct something, write a note in the case.",
    ),
    "bad_day": Text("收到日期不能晚于扫描日期。", "A letter cannot be received after it was scanned."),
}
_L = schema.letter.c


class LetterRefused(Exception):
    """It was not done; ``text`` says why. Nothing was changed."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        sentence = SENTENCES[code]
        self.text = Text(sentence.zh.format(**values), sentence.en.format(**values))


@dataclass(frozen=True, slots=True)
class Taking:
    """A letter in front of a person, and the mark that proves it."""

    letter_id: str
    mark: str


Compose = Callable[[Any, tuple[StoredAttachment, ...]], Submission]
"""Makes the submission out of the letter's row and its files."""


class LetterDesk:
    """What people do with letters. Thread-safe; of many processes too. Raises StorageUnavailable."""

    def __init__(self, store: Store, inbox: Inbox, clock: Clock) -> None:
        self._store = store
        self._inbox = inbox
        self._clock = clock

    # ------------------------------------------------------------ who has it

    def take_next(self, who: Actor) -> Taking | None:
        """The letter this person has already, else the oldest that nobody has; None when none waits."""
        now = self._clock()
        mine = and_(_L.taken_by == who.id, _L.taken_until >= now)
        for which in (mine, _free(now)):
            query = select(schema.letter).where(_L.state.in_(AT_THE_DESK), which).order_by(_L.id).limit(1)
            with self._store.write() as connection:
                row = connection.execute(query.with_for_update(skip_locked=True)).first()
                if row is not None:
                    return _hand(connection, row, who, now)
        return None

    def take(self, letter_id: str, who: Actor) -> Taking:
        """This very letter; raises :class:`LetterRefused` when somebody has it or nobody may."""
        now = self._clock()
        with self._store.write() as connection:
            row = _locked(connection, letter_id)
            if row.state not in AT_THE_DESK:
                raise LetterRefused("reading" if row.state == "pending" else "ended")
            if row.taken_by not in (None, who.id) and row.taken_until >= now:
                raise LetterRefused("taken", who=_name(connection, row.taken_by))
            return _hand(connection, row, who, now)

    def save(self, taking: Taking, draft: Json) -> None:
        """Keep what was typed so far, and the letter with its person. Raises :class:`LetterRefused`."""
        with self._store.write() as connection:
            self._held(connection, taking)
            _set(
                connection,
                taking.letter_id,
                draft=sealed(taking.letter_id, dict(draft)),
                taken_until=self._clock() + HELD,
            )

    def renew(self, taking: Taking) -> None:
        """The page is still open."""
        with self._store.write() as connection:
            self._held(connection, taking)
            _set(connection, taking.letter_id, taken_until=self._clock() + HELD)

    def give_back(self, taking: Taking) -> None:
        """Somebody else may have it; what was typed stays."""
        with self._store.write() as connection:
            self._held(connection, taking)
            _set(connection, taking.letter_id, **_NOBODY)

    # ------------------------------------------------------------ how it ends

    def confirm(self, taking: Taking, who: Actor, compose: Compose) -> Receipt:
        """Make the letter a submission, both in one transaction; said twice, it is the same one.

        Raises :class:`LetterRefused` when the letter is no longer this person's, and when it is registered
        with other words (``not_taken``): a second confirmation changes nothing.
        """
        with self._store.read() as connection:
            row = connection.execute(select(schema.letter).where(_L.id == taking.letter_id)).first()
            if row is None:
                raise LetterRefused("gone")
            submission = compose(row, _files(connection, row.id))
            if row.state == "entered" and row.taken_mark == taking.mark:
                if not _same_words(connection, row.submission_id, submission):
                    raise LetterRefused("not_taken")
                return _receipt(connection, row.submission_id)

        def also(connection: Connection) -> None:
            self._held(connection, taking)
            s = schema.submission.c
            made = select(s.id).where(s.dedupe_key == submission.dedupe_key)
            key = connection.execute(made).scalar_one()
            self._end(connection, taking.letter_id, who, "entered", submission_id=key)

        [receipt] = self._inbox.accept_together([submission], also)
        return receipt

    def discard(self, taking: Taking, who: Actor, reason: str) -> None:
        """It is no complaint; the scan stays, with who said so and why."""
        reason = reason.strip()
        if not reason:
            raise LetterRefused("reason_needed")
        if len(reason) > MAX_REASON:
            raise LetterRefused("too_long")
        with self._store.write() as connection:
            self._held(connection, taking)
            self._end(connection, taking.letter_id, who, "discarded", reason=reason)

    def bring_back(self, letter_id: str) -> None:
        """A discarded letter waits again: it was thrown away by mistake, or was cut at the wrong page."""
        with self._store.write() as connection:
            row = _locked(connection, letter_id)
            if row.state != "discarded":
                raise LetterRefused("ended")
            if not _files(connection, letter_id):  # its scan was erased by age
                raise LetterRefused("gone")
            _set(connection, letter_id, state="waiting", reason=None, ended_by=None, ended_at=None, **_NOBODY)

    def _end(self, connection: Connection, letter_id: str, who: Actor, state: str, **more: Any) -> None:
        _set(
            connection,
            letter_id,
            state=state,
            ended_by=who.signature(),
            ended_at=self._clock(),
            taken_until=None,
            **more,
        )

    def _held(self, connection: Connection, taking: Taking) -> Any:
        """The row, locked, if the mark still holds. A letter nobody took meanwhile is still theirs."""
        row = _locked(connection, taking.letter_id)
        if row.state not in AT_THE_DESK:
            raise LetterRefused("ended")
        if not taking.mark or row.taken_mark != taking.mark:
            raise LetterRefused("stale")
        return row


def received_at(received_on: str, scanned_at: datetime, zone: tzinfo) -> datetime:
    """When the clock starts: the day of receipt, not of entry.

    ``received_on`` is ISO 8601. The day of the scan: the time of the scan; an earlier day: its beginning in
    ``zone``. Raises :class:`LetterRefused` for a later day and ValueError for no day at all.
    """
    day = date.fromisoformat(received_on)
    scanned = scanned_at.astimezone(zone).date()
    if day > scanned:
        raise LetterRefused("bad_day")
    return scanned_at if day == scanned else datetime.combine(day, time(), zone)


_NOBODY: Mapping[str, Any] = {"taken_by": None, "taken_until": None, "taken_mark": None}


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(_L.taken_by.is_(None), _L.taken_until.is_(None), _L.taken_until < now)


def _hand(connection: Connection, row: Any, who: Actor, now: datetime) -> Taking:
    """Give the letter to ``who``; a second window of the same person is the same taking."""
    again = row.taken_by == who.id and row.taken_mark
    mark = row.taken_mark if again else new_id()
    _set(connection, row.id, taken_by=who.id, taken_until=now + HELD, taken_mark=mark)
    return Taking(row.id, mark)


def _set(connection: Connection, letter_id: str, **values: Any) -> None:
    connection.execute(update(schema.letter).where(_L.id == letter_id).values(**values))


def _locked(connection: Connection, letter_id: str) -> Any:
    row = connection.execute(select(schema.letter).where(_L.id == letter_id).with_for_update()).first()
    if row is None:
        raise LetterRefused("gone")
    return row


def _name(connection: Connection, staff_id: str) -> str:
    query = select(schema.staff.c.name).where(schema.staff.c.id == staff_id)
    return connection.execute(query).scalar() or "?"


def _files(connection: Connection, letter_id: str) -> tuple[StoredAttachment, ...]:
    f = schema.letter_file
    rows = connection.execute(select(f).where(f.c.letter_id == letter_id).order_by(f.c.position))
    return tuple(StoredAttachment(row.filename, row.media_type, row.size, row.sha256) for row in rows)


def _same_words(connection: Connection, submission_id: str, submission: Submission) -> bool:
    r = schema.raw_message.c
    kept = connection.execute(select(r.content).where(r.submission_id == submission_id)).first()
    return kept is None or kept.content == submission.raw  # None: erased by age


def _receipt(connection: Connection, submission_id: str) -> Receipt:
    s = schema.submission.c
    query = select(s.reserved_number, s.reserved_code).where(s.id == submission_id)
    row = connection.execute(query).one()
    return Receipt(submission_id, True, reference_of(row.reserved_number), row.reserved_code)
