"""Merging and separating: nobody is lost, everybody is answered under their own number."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from intake import schema
from intake.lifecycle import OFFICE, Role
from intake.people import Actor
from intake.references import number_from
from intake.refusals import Refused
from intake.tracking import Tracking
from intake.verbs import (
    Accept,
    Answer,
    Ask,
    Assign,
    Bar,
    Classify,
    Close,
    Merge,
    Rate,
    Reopen,
    Resume,
    Separate,
    Verb,
)
from intake.verify import verify
from tests.support.worked import CLERK, County, handler

ANN, BEN, CAT = "ann@citizen.example", "ben@citizen.example", "cat@citizen.example"


def complain(county: County, who: str, body: str = "公交车不停站", **said: object) -> str:
    """A complaint by e-mail; its reference."""
    return county.case(contacts=[["email", who, True]], sender_name=who[:3].title(), body=body, **said)


def merge(county: County, case: str, into: str) -> None:
    """A clerk merges, and the database is sound afterwards."""
    county.say(case, CLERK, Merge(into, "同一件事"))
    sound(county)


def separate(county: County, case: str) -> None:
    """A clerk separates, and the database is sound afterwards."""
    county.say(case, CLERK, Separate("不是同一件事"))
    sound(county)


def sound(county: County) -> None:
    """``huiyin verify`` finds nothing but the post, which waits until a test delivers it."""
    county.settle()
    report = verify(county.store, county.blobs, county.policies.directory, county.clock())
    found = [f"{found.where}: {found.what.en}" for found in report.findings]
    assert [line for line in found if not line.endswith("nobody sends it")] == []


def answer(county: County, reference: str, words: str = "已整改。") -> None:
    """The office answers."""
    county.say(reference, CLERK, Answer(words))


def told(county: County, template: str) -> list[tuple[str, int]]:
    """To whom ``template`` went, and under which reference."""
    found = []
    for letter in county.outbox.claim(county.clock(), 500):
        if letter.row.template == template:
            found.append((letter.row.address, letter.number))
    return sorted(found)


def test_a_merged_case_keeps_its_number_and_names_its_lead(county: County) -> None:
    first, second = complain(county, ANN), complain(county, BEN)
    merge(county, second, first)
    row = county.row(second)
    assert (row.state, row.outcome, row.merged_into) == ("closed", "merged", county.row(first).id)
    assert (row.responsible, row.action, row.due_at, row.next_at) == ("nobody", "none", None, None)
    assert county.events(second)[-1] == county.events(first)[-1] == "merged"


def test_everybody_is_answered_under_their_own_reference(county: County) -> None:
    first, second = complain(county, ANN), complain(county, BEN)
    county.deliver()
    merge(county, second, first)
    assert told(county, "merged") == [(BEN, number_from(second))]
    county.clock.advance(minutes=10)
    answer(county, first)
    assert told(county, "answer") == [(ANN, number_from(first)), (BEN, number_from(second))]


def test_who_joins_an_answered_case_gets_the_standing_answer_before_it_closes(county: County) -> None:
    first, second = complain(county, ANN), complain(county, BEN)
    answer(county, first)
    county.deliver()
    merge(county, second, first)
    with pytest.raises(Refused) as refused:
        county.say(first, CLERK, Close("resolved"))
    assert refused.value.code == "sending"
    rows = [row for row in county.deliver() if row.template == "answer"]
    assert [row.address for row in rows] == [BEN]
    assert county.say(first, CLERK, Close("resolved")) == "closed"
    asked = [row.address for row in county.deliver() if row.template == "feedback"]
    assert sorted(asked) == [ANN, BEN]
    sound(county)


def test_the_earliest_deadline_holds_and_comes_back(county: County) -> None:
    second = complain(county, BEN)
    county.clock.advance(days=2)
    first = complain(county, ANN)
    mine, theirs = county.row(first).answer_due_at, county.row(second).answer_due_at
    merge(county, second, first)
    assert county.row(first).answer_due_at == theirs < mine
    county.say(first, CLERK, Classify(urgency="complex"))
    county.say(first, CLERK, Classify(urgency="ordinary"))
    assert county.row(first).answer_due_at == theirs, "another class counts from the first receipt too"
    separate(county, second)
    assert (county.row(first).answer_due_at, county.row(second).answer_due_at) == (mine, theirs)


def test_who_joins_a_waiting_case_is_not_paused_for_the_time_before(county: County) -> None:
    """Its pause moved the deadline of people who had never been asked anything (promise 6)."""
    second = complain(county, BEN)
    county.clock.advance(days=2)
    first = complain(county, ANN)
    theirs = county.row(second).answer_due_at
    county.say(first, CLERK, Ask("在哪一站？"))
    asked = county.clock()
    county.clock.advance(days=4)
    merge(county, second, first)
    assert county.row(first).answer_due_at == theirs
    joined = county.clock()
    county.clock.advance(hours=1)
    county.say(first, CLERK, Resume("supplemented"))
    resume, now = county.policies.chaser.resume, county.clock()
    assert county.row(first).answer_due_at == resume(theirs, joined, now)
    assert resume(theirs, joined, now) < resume(theirs, asked, now)
    sound(county)


@pytest.mark.parametrize("stage", ["assigned", "in_progress", "answered"])
def test_separating_puts_the_case_back_where_it_stood(county: County, stage: str) -> None:
    first, second = complain(county, ANN), complain(county, BEN)
    if stage != "assigned":
        county.say(second, handler("traffic"), Accept())
    if stage == "answered":
        county.say(second, handler("traffic"), Answer("已处理"))
        county.deliver()
    before = county.row(second)
    county.clock.advance(hours=3)
    merge(county, second, first)
    county.clock.advance(hours=30)
    separate(county, second)
    after = county.row(second)
    kept = ("state", "state_since", "step", "answered_at", "bureau", "due_at", "next_at", "answer_due_at")
    assert {name: getattr(after, name) for name in kept} == {name: getattr(before, name) for name in kept}
    assert (after.outcome, after.closed_at, after.merged_into) == (None, None, None)


def test_what_is_written_to_a_merged_case_lands_in_its_lead_and_stays_its_writers(county: County) -> None:
    first, second = complain(county, ANN), complain(county, BEN)
    answer(county, first)
    merge(county, second, first)
    county.send(contacts=[["email", BEN, True]], subject=f"补充 [{second}]", body="今天又没停，请再看看")
    county.register()
    assert county.row(first).attention == "message"
    assert county.events(first)[-1] == county.events(second)[-1] == "added"
    sound(county)
    separate(county, second)
    dossier = county.archive.dossier(CLERK, second)
    assert dossier is not None
    assert [row.body for row in dossier.submissions][-1] == "今天又没停，请再看看"
    other = county.archive.dossier(CLERK, first)
    assert other is not None
    assert len(other.submissions) == 1


def test_each_follows_their_own_number_and_reads_nobody_elses_words(county: County) -> None:
    first, second = (
        complain(county, ANN, "公交车不停站，我是安"),
        complain(county, BEN, "公交车不停站，我是本"),
    )
    merge(county, second, first)
    answer(county, first, "已经要求停站")
    with county.store.read() as connection:
        p = schema.participation.c
        codes = dict(connection.execute(select(p.address, p.code)).all())
    tracked = Tracking(county.store).by_code(second, codes[BEN])
    assert tracked is not None
    assert tracked.case is not None
    assert tracked.case.number == number_from(second)
    assert (tracked.case.state, tracked.case.answer) == ("answered", "已经要求停站")
    assert [row.body for row in tracked.submissions] == ["公交车不停站，我是本"]
    assert [row.kind for row in tracked.events] == ["received", "assigned", "merged", "answered"]
    theirs = Tracking(county.store).by_code(first, codes[ANN])
    assert theirs is not None
    assert "merged" not in [row.kind for row in theirs.events]
    assert Tracking(county.store).by_code(first, codes[BEN]) is None


def test_each_rates_for_themselves_and_the_worst_counts(county: County) -> None:
    first, second = complain(county, ANN), complain(county, BEN)
    merge(county, second, first)
    answer(county, first)
    county.deliver()
    county.say(first, CLERK, Close("resolved"))
    with county.store.read() as connection:
        p = schema.participation.c
        tokens = dict(connection.execute(select(p.address, p.token)).all())
    county.office.by_token(tokens[BEN], Rate("dissatisfied", "没用"))
    county.office.by_token(tokens[ANN], Rate("satisfied", "很好"))
    row = county.row(first)
    assert (row.feedback, row.feedback_text, row.attention) == ("dissatisfied", "没用", "dissatisfied")
    with county.store.read() as connection:
        given = dict(connection.execute(select(p.address, p.feedback)).all())
    assert given == {ANN: "satisfied", BEN: "dissatisfied"}
    county.office.by_token(tokens[BEN], Rate("basically_satisfied"))
    assert county.row(first).feedback == "basically_satisfied"
    tracked = Tracking(county.store).by_token(tokens[ANN])
    assert tracked is not None
    assert [row.data["value"] for row in tracked.events if row.kind == "rated"] == ["satisfied"]


def test_a_case_merged_into_a_lead_that_is_merged_follows_it_and_comes_back_with_it(county: County) -> None:
    one, two, three = complain(county, ANN), complain(county, BEN), complain(county, CAT)
    merge(county, three, two)
    merge(county, two, one)
    assert county.row(three).merged_into == county.row(two).merged_into == county.row(one).id
    answer(county, one)
    assert len([row for row in county.deliver() if row.template == "answer"]) == 3
    separate(county, two)
    assert county.row(three).merged_into == county.row(two).id
    assert county.row(two).state == "assigned"
    separate(county, three)
    assert county.row(three).state == "assigned"


REFUSALS = [
    # what is tried, and why it is refused
    ("into itself", "into_itself"),
    ("into nothing", "no_lead"),
    ("into a merged one", "lead_merged"),
    ("into a closed one", "lead_closed"),
    ("a merged one again", "merged_away"),
    ("to a lead whose bureau is barred", "lead_barred"),
    ("with an old version of the lead", "changed"),
    ("without a reason", "reason_needed"),
    ("by closing as merged", "merge_instead"),
    ("reopening a merged one", "merged_away"),
    ("separating what is not merged", "not_merged"),
    ("by a bureau", "forbidden"),
]


def as_verb(verb: Verb) -> Verb:
    """Any verb may follow in its place."""
    return verb


@pytest.mark.parametrize(("tried", "code"), REFUSALS)
def test_what_is_refused(county: County, tried: str, code: str) -> None:
    first, second, third = complain(county, ANN), complain(county, BEN), complain(county, CAT)
    actor: Actor = CLERK
    case, verb = second, as_verb(Merge(first, "同一件事"))
    if tried == "into itself":
        verb = Merge(second, "同一件事")
    elif tried == "into nothing":
        verb = Merge("26-999999-1", "同一件事")
    elif tried == "into a merged one":
        merge(county, first, third)
    elif tried == "into a closed one":
        answer(county, first)
        county.deliver()
        county.say(first, CLERK, Close("resolved"))
    elif tried == "a merged one again":
        merge(county, second, third)
    elif tried == "to a lead whose bureau is barred":
        county.say(second, CLERK, Assign("health"))
        county.say(second, CLERK, Bar("traffic", "被投诉"))
    elif tried == "with an old version of the lead":
        verb = Merge(first, "同一件事", county.row(first).version - 1)
    elif tried == "without a reason":
        verb = Merge(first, " ")
    elif tried == "by closing as merged":
        answer(county, second)
        county.deliver()
        verb = Close("merged")
    elif tried == "reopening a merged one":
        merge(county, second, first)
        verb = Reopen("再办")
    elif tried == "separating what is not merged":
        answer(county, second)
        county.deliver()
        county.say(second, CLERK, Close("resolved"))
        verb = Separate("不是")
    elif tried == "by a bureau":
        actor = handler("traffic")
    before = county.row(case).version
    with pytest.raises(Refused) as refused:
        county.say(case, actor, verb)
    assert refused.value.code == code
    assert county.row(case).version == before
    sound(county)


def test_only_the_office_merges() -> None:
    from intake.lifecycle import LIFECYCLE

    assert LIFECYCLE["merge"].who == LIFECYCLE["separate"].who == OFFICE
    assert Role.DESK not in OFFICE


def test_the_blocks_of_both_hold_for_the_lead(county: County) -> None:
    first = complain(county, ANN, "医院的事")
    second = complain(county, BEN, "公交的事，投诉交通局")
    merge(county, second, first)
    with pytest.raises(Refused) as refused:
        county.say(first, CLERK, Assign("traffic"))
    assert refused.value.code == "barred"


def test_a_bureau_hears_nothing_of_a_case_about_it_that_its_own_was_merged_into(county: County) -> None:
    second = complain(county, BEN, "公交车不停站")
    bureau = str(county.row(second).bureau)
    first = complain(county, ANN, "医院的事")
    county.say(first, CLERK, Bar(bureau, "投诉的是该单位"))
    merge(county, second, first)
    theirs = county.archive.dossier(handler(bureau), second)
    assert theirs is not None
    assert first not in str([event.data for event in theirs.events])
    assert "merged" not in [event.kind for event in theirs.events]
    [listed] = county.archive.dossiers(handler(bureau), [theirs.case])
    assert first not in str([event.data for event in listed.events])
    whole = county.archive.dossier(CLERK, second)
    assert whole is not None
    assert whole.events[-1].data["into"] == first
    separate(county, second)
    theirs = county.archive.dossier(handler(bureau), second)
    assert theirs is not None
    assert "separated" not in [event.kind for event in theirs.events]


def test_anonymous_for_one_is_anonymous_for_all(county: County) -> None:
    first = complain(county, ANN)
    second = complain(county, BEN, confidential=True)
    bureau = handler("traffic")
    assert county.archive.may_know(bureau, county.row(first).id)
    merge(county, second, first)
    assert not county.archive.may_know(bureau, county.row(first).id)
    separate(county, second)
    assert county.archive.may_know(bureau, county.row(first).id)


def test_two_clerks_merge_crosswise_at_once(county: County) -> None:
    for n in range(6):
        first, second = complain(county, f"a{n}@citizen.example"), complain(county, f"b{n}@citizen.example")
        outcomes: list[str] = []
        start = threading.Barrier(2)

        def try_it(case: str, into: str, start: threading.Barrier, outcomes: list[str]) -> None:
            start.wait()
            try:
                county.say(case, CLERK, Merge(into, "同一件事"))
                outcomes.append("merged")
            except Refused as refused:
                outcomes.append(refused.code)

        pairs = [(first, second), (second, first) if n % 2 else (first, second)]
        clerks = [threading.Thread(target=try_it, args=(*pair, start, outcomes)) for pair in pairs]
        for clerk in clerks:
            clerk.start()
        for clerk in clerks:
            clerk.join(20)
        assert sorted(outcomes) in (["lead_merged", "merged"], ["merged", "merged_away"])
    sound(county)


def _read_by(county: County, who: str) -> tuple[str, list[tuple[str, str]]]:
    """The state of somebody's case as they follow it, and all that happened, with the words of answers."""
    with county.store.read() as connection:
        p = schema.participation.c
        parts = connection.execute(select(p.token, p.address)).all()
    [token] = [part.token for part in parts if part.address == who]
    tracked = Tracking(county.store).by_token(token)
    assert tracked is not None
    assert tracked.case is not None
    return tracked.case.state, [(row.kind, row.data.get("text", "")) for row in tracked.events]


@pytest.mark.parametrize("when", ["answered before merging", "answered while merged", "closed while merged"])
def test_whoever_was_told_an_answer_keeps_it_and_hears_that_theirs_is_open(county: County, when: str) -> None:
    first, second = complain(county, ANN), complain(county, BEN)
    before = county.row(second)
    if when == "answered before merging":
        answer(county, first)
    county.clock.advance(hours=1)
    merge(county, second, first)
    county.clock.advance(hours=1)
    if when != "answered before merging":
        answer(county, first)
    county.deliver()
    if when == "closed while merged":
        county.say(first, CLERK, Close("resolved"))
        county.say(second, CLERK, Separate("不是同一件事"))  # Ben's part is closed with its lead
    else:
        separate(county, second)
    sound(county)
    after = county.row(second)
    assert (after.state, after.answer_due_at) == (before.state, before.answer_due_at)
    state, events = _read_by(county, BEN)
    assert state == before.state
    assert ("answered", "已整改。") in events
    assert events.count(("answered", "已整改。")) == 1
    [word] = [row for row in county.deliver() if row.template == "separated"]
    assert (word.address, word.params["answered"]) == (BEN, True)
    assert word.params["due_at"] == before.answer_due_at.isoformat()
    assert [
        row.n for row in county.rows("SELECT count(*) AS n FROM outbox WHERE template = 'separated'")
    ] == [1]
    county.clock.advance(hours=1)
    answer(county, second, "您的这件另有结果。")
    assert ("answered", "您的这件另有结果。") in _read_by(county, BEN)[1]
    assert ("answered", "您的这件另有结果。") not in _read_by(county, ANN)[1]
    assert [row.address for row in county.deliver() if row.template == "answer"] == [BEN]


def test_whoever_was_told_nothing_is_told_of_no_answer(county: County) -> None:
    first, second = complain(county, ANN), complain(county, BEN)
    merge(county, second, first)
    county.deliver()
    separate(county, second)
    [word] = [row for row in county.deliver() if row.template == "separated"]
    assert (word.address, word.params["answered"], word.params["late"]) == (BEN, False, False)
    county.clock.advance(minutes=5)
    answer(county, first)
    assert ("answered", "已整改。") not in _read_by(county, BEN)[1], "that comes later"


def test_an_overdue_case_is_not_promised_a_day_that_is_past(county: County) -> None:
    first, second = complain(county, ANN), complain(county, BEN)
    merge(county, second, first)
    county.clock.advance(days=40)
    county.say(second, CLERK, Separate("不是同一件事"))
    [row] = county.rows("SELECT params FROM outbox WHERE template = 'separated'")
    assert '"late":true' in str(row.params).replace(" ", "")


def test_an_answer_of_the_middle_of_a_chain_stays_with_those_it_was_told(county: County) -> None:
    first, second, third = complain(county, ANN), complain(county, BEN), complain(county, CAT)
    merge(county, third, second)
    county.clock.advance(hours=1)
    answer(county, second, "先答一次。")
    county.deliver()
    county.clock.advance(hours=1)
    merge(county, second, first)
    assert ("answered", "先答一次。") in _read_by(county, CAT)[1], "its lead was merged, the answer stays"
    county.clock.advance(hours=1)
    answer(county, first, "再答一次。")
    county.deliver()
    county.clock.advance(hours=1)
    separate(county, second)
    for who in (BEN, CAT):
        told = [words for kind, words in _read_by(county, who)[1] if kind == "answered"]
        assert sorted(told) == ["先答一次。", "再答一次。"], who
    [ann] = [words for kind, words in _read_by(county, ANN)[1] if kind == "answered"]
    assert ann == "再答一次。"
    heard = sorted(row.address for row in county.deliver() if row.template == "separated")
    assert heard == [BEN, CAT]
    separate(county, third)
    told = [words for kind, words in _read_by(county, CAT)[1] if kind == "answered"]
    assert sorted(told) == ["先答一次。", "再答一次。"], "and once more apart"
