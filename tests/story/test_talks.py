"""The real script and the real filing together: odd replies to every question, and what must hold."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.dialogue import Script
from intake.desk import Policies
from intake.references import reference_of
from intake.refusals import Refused
from intake.verbs import Accept, Answer, Ask, Assign, Close, Verb
from intake.verify import verify
from tests.support.clock import SetClock
from tests.support.databases import migrated
from tests.support.policies import policies
from tests.support.talking import OTHER, PHONE, TalkingCounty
from tests.support.worked import CLERK, handler

BUS, LIFT = "公交车不停站，昨天在东门路等了一个小时", "小区的房子漏水已经很久了，大家都受不了，请尽快处理"


class ScriptedCounty(TalkingCounty):
    """A county with the script that citizens meet."""

    def make_policies(self) -> Policies:
        return replace(policies(), dialogue=Script())


@pytest.fixture
def county(database_url: str, tmp_path: Path, clock: SetClock) -> Iterator[ScriptedCounty]:
    made = ScriptedCounty(database_url, tmp_path, clock)
    yield made
    made.close()


def became(county: TalkingCounty) -> list[str | None]:
    return [meaning for _, meaning in county.became()]


# ------------------------------------------------------------ single ways to go wrong


def test_a_button_of_an_older_question_answers_no_later_one(county: ScriptedCounty) -> None:
    """ "1" under "may we name you?" must not become the "1" of "shall we withdraw it?"."""
    county.hear(BUS)
    [(old,)] = county.rows("SELECT id FROM outbox WHERE template = 'acknowledgement'")
    county.clock.advance(minutes=1)
    county.hear("撤回")
    [(new,)] = county.rows("SELECT id FROM outbox WHERE template = 'talk'")
    county.clock.advance(minutes=1)
    county.hear("", choice="1", thread=[old])
    assert "withdrawn" not in county.events(reference_of(first_case(county)))
    county.clock.advance(minutes=1)
    county.hear("", choice="1", thread=[new])
    assert county.events(reference_of(first_case(county)))[-1] == "withdrawn"


def first_case(county: TalkingCounty) -> int:
    return int(county.rows("SELECT min(number) FROM complaint")[0][0])


def test_a_button_of_somebody_elses_message_changes_nothing(county: ScriptedCounty) -> None:
    """A client can forge callback data: whose message it names, and whether there is one, is not told."""
    county.hear(BUS)
    county.hear(LIFT, phone=OTHER)
    [(theirs,)] = county.rows("SELECT id FROM outbox WHERE address_hash = :a", a=county.hashed(PHONE))
    before = county.events(reference_of(first_case(county)))
    answers = []
    for key in (theirs, "0" * 32):
        county.clock.advance(minutes=11)
        county.hear("", choice="status", thread=[key], phone=OTHER)
        answers.append(
            county.rows("SELECT params FROM outbox WHERE template = 'talk' ORDER BY id DESC")[0][0]
        )
    assert answers[0] == answers[1]
    assert reference_of(first_case(county)) not in answers[0]
    assert county.events(reference_of(first_case(county))) == before


def test_a_button_that_nobody_made_opens_no_case(county: ScriptedCounty) -> None:
    county.hear("", choice="x" * 64)
    assert became(county) == ["talk"]
    county.hear(BUS, choice="x" * 64)  # words beside it are heard (a WhatsApp reply)
    assert became(county) == ["talk", "matter"]


@pytest.mark.parametrize("together", [False, True])
def test_what_follows_a_message_that_waited_is_filed_after_it(county: ScriptedCounty, together: bool) -> None:
    """The batch must not decide: "2" makes a case, and the next line belongs to that one."""
    county.hear(BUS)
    county.clock.advance(hours=13)
    county.hear(LIFT)
    for body in ("2", "厨房也漏"):
        county.text(body)
        if not together:
            county.work()
    county.work()
    county.clock.advance(seconds=1)
    county.work()
    assert became(county) == ["matter", "matter", "talk", "addition"]
    rows = county.rows("SELECT complaint_id FROM submission ORDER BY id")
    assert rows[3][0] == rows[1][0] != rows[0][0]


# ------------------------------------------------------------ anything in any order

_WORDS = (
    *(
        "0",
        "1",
        "2",
        "3",
        "一",
        "满意",
        "不满意",
        "基本满意，但是慢",
        "3 修了又坏",
        "很好",
        "满意吗？",
        "👍",
        "",
        "?",
    ),
    *(
        "help",
        "查询",
        "查询 {own}",
        "查询 {foreign}",
        "{own}",
        "{foreign}",
        "{own} 又坏了",
        "撤回 {foreign}",
        "撤回",
    ),
    *(
        "补充",
        "补充：昨晚又响了",
        "补充 {foreign} 我也在场",
        "新投诉",
        "新投诉：" + LIFT,
        "是",
        "不",
        "跳过",
        "全部跳过",
    ),
    *(
        "退订",
        "恢复",
        "English",
        "谢谢",
        "你好",
        "东门路12号",
        "昨晚",
        "保密",
        "I'm driving and will reply later",
    ),
    *("投诉交通局", "about the clinic staff being rude to everyone all day long", "x" * 3000, BUS, LIFT),
)
_message = st.tuples(
    st.just("hear"),
    st.sampled_from((PHONE, PHONE, OTHER)),
    st.sampled_from(_WORDS) | st.text(max_size=30).filter(lambda s: s.isprintable()),
    st.sampled_from(("", "", "", "file", "album", "0", "1", "2", "3", "status", "x", "reply", "unreadable")),
    st.integers(0, 30),
    st.booleans(),  # whether the worker comes before the next message
)
_time = st.tuples(st.just("wait"), st.sampled_from((5, 120, 660, 960, 13 * 3600, 86400, 8 * 86400)))
_office = st.tuples(st.just("office"), st.integers(0, 10), st.booleans())
_steps = st.lists(st.one_of(_message, _message, _message, _time, _office), max_size=30)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("talks") / "empty.sqlite3"
    migrated(f"sqlite:///{path}")
    return path


@settings(max_examples=40)
@given(_steps)
def test_whatever_is_said_in_whatever_order(
    empty: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[object, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("talk")
    shutil.copy(empty, folder / "talk.sqlite3")
    county = ScriptedCounty(f"sqlite:///{folder / 'talk.sqlite3'}", folder, SetClock())
    try:
        for kind, *more in steps:
            _DOES[str(kind)](county, *more)
        county.work()
        county.settle()
        _holds(county)
        for pause in (timedelta(hours=1), timedelta(seconds=5), timedelta(seconds=5)):
            county.clock.advance(pause)
            county.work()
        county.settle()
        assert not county.rows("SELECT id FROM submission WHERE state = 'pending'")
        _holds(county)
    finally:
        county.close()
        shutil.rmtree(folder)


def _own(county: TalkingCounty, phone: str) -> list[str]:
    query = (
        "SELECT number FROM complaint c JOIN participation p ON p.complaint_id = c.id WHERE p.address = :a"
    )
    return [reference_of(number) for (number,) in county.rows(query, a=phone)]


def _hear(county: TalkingCounty, phone: str, words: str, how: str, pick: int, at_once: bool) -> None:
    foreign = _own(county, OTHER if phone == PHONE else PHONE)
    for mark, known in (("{own}", _own(county, phone)), ("{foreign}", foreign)):
        words = words.replace(mark, known[pick % len(known)] if known else "26-000777-7")
    said: dict[str, object] = {}
    if how in ("file", "album"):
        said = {"remote": [["source", "photo.jpg", "image/jpeg"]], "album": "a" if how == "album" else ""}
    elif how == "reply":
        said = {"automatic": "reply"}
    elif how == "unreadable":
        said = {"unreadable": "no text"}
    elif how:
        ours = county.rows("SELECT id FROM outbox ORDER BY id")
        words, said = "", {"choice": how, "thread": [ours[pick % len(ours)][0]] if ours else []}
    county.text(words, phone, **said)
    if at_once:
        county.work()


def _wait(county: TalkingCounty, seconds: int) -> None:
    county.clock.advance(seconds=seconds)
    county.work()
    county.deliver()
    county.sql("UPDATE remote_file SET state = 'done'")
    if seconds > 3600:
        county.office.tick()


def _work_on(county: TalkingCounty, pick: int, ask: bool) -> None:
    """The office or a bureau does what comes next."""
    cases = county.rows("SELECT number, state, bureau FROM complaint ORDER BY number")
    if not cases:
        return
    number, state, bureau = cases[pick % len(cases)]
    actor = handler(bureau) if bureau and state in ("assigned", "in_progress") else CLERK
    verbs: dict[str, Verb] = {
        "triage": Assign("housing"),
        "assigned": Accept(),
        "in_progress": Ask("几楼？") if ask else Answer("已整改"),
        "answered": Close("resolved"),
    }
    county.deliver()
    if state in verbs:
        with suppress(Refused):  # a barred bureau, an answer that reached nobody
            county.say(reference_of(number), actor, verbs[state])


def _holds(county: TalkingCounty) -> None:
    """Every promise; everything said is in a case or is talk; nobody is told of another's case."""
    county.deliver()
    county.sql("UPDATE remote_file SET state = 'done'")
    report = verify(county.store, county.blobs, county.policies.directory, county.clock())
    assert not report.findings
    for state, meaning, case, due in county.rows(
        "SELECT state, became, complaint_id, due_at FROM submission"
    ):
        assert due if state == "pending" else case or meaning in ("talk", "album")
    assert not county.rows("SELECT id FROM complaint WHERE closed_at IS NULL AND next_at IS NULL")
    query = "SELECT address, params, dedupe_key FROM outbox WHERE role = 'complainant'"
    told = county.rows(query)
    assert len({key for _, _, key in told}) == len(told)
    for phone, other in ((PHONE, OTHER), (OTHER, PHONE)):
        theirs = set(_own(county, other)) - set(_own(county, phone))
        assert not [p for address, p, _ in told if address == phone and any(r in p for r in theirs)]


_DOES: dict[str, Callable[..., None]] = {"hear": _hear, "wait": _wait, "office": _work_on}
