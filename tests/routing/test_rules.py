"""Each condition of a rule, and the order of rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.contracts import Matter
from routing.lexicon import OPENING, OPENING_LATIN, Lexicon
from routing.normalise import MAXIMUM_BODY, normalise, normalise_keyword
from routing.router import CountyRouter, load_router
from tests.routing.small_county import write

TAIL = 'bureau = "gas"\ncategory = "urban"\nreason_zh = "燃气"\nreason_en = "gas"\n'


def router_with(folder: Path, *conditions: str) -> CountyRouter:
    rules = [f'[[rule]]\nid = "r{n}"\n{text}\n{TAIL}' for n, text in enumerate(conditions, start=1)]
    return load_router(write(folder, rules="\n".join(rules)))


CONDITIONS = [
    # conditions, a message that matches, one that does not
    ('any = ["燃气", "煤气"]', "煤气味", "气味"),
    ('all = ["燃气", "漏"]'.replace('"漏"', '"漏气"'), "燃气管漏气", "燃气管"),
    ('any = ["燃气"]\nnone = ["燃气费"]'.replace("燃气费", "电费"), "燃气", "燃气和电费"),
    ('any = ["燃气", "煤气", "热水"]\nat_least = 2', "燃气热水器", "燃气燃气"),
    ('any = ["pothole*"]', "Many POTHOLES here", "apothole"),
    ('any = ["gas leak"]', "a Gas-Leak!", "gas, leak"),
    ('any = ["bus"]', "坐bus去", "business"),
    ('any = ["12345热线"]', "打12345 热线", "热线12345"),
    ('named = ["housing"]', "请房管局处理", "房管局不作为"),
    ('places = ["南岸"]', "南岸街道路口", "金利镇"),
]


@pytest.mark.parametrize(("conditions", "yes", "no"), CONDITIONS, ids=[row[0] for row in CONDITIONS])
def test_one_condition(tmp_path: Path, conditions: str, yes: str, no: str) -> None:
    router = router_with(tmp_path, conditions)
    assert router.route(Matter("sms", "", yes)).rule == "r1"
    assert router.route(Matter("sms", "", no)).rule is None


def test_channel_category_place_and_sender(tmp_path: Path) -> None:
    router = router_with(
        tmp_path,
        'channels = ["letter"]',
        'senders = ["@school.example", "head@town.example"]',
        'places = ["南岸街道"]',
        'categories = ["urban"]',
    )
    assert router.route(Matter("letter", "", "x")).rule == "r1"
    assert router.route(Matter("email", "", "x", sender="Wang@School.example")).rule == "r2"
    assert router.route(Matter("email", "", "x", sender="head@town.example")).rule == "r2"
    assert router.route(Matter("email", "", "x", sender="ahead@town.example")).rule is None
    assert router.route(Matter("email", "", "x", place="南岸街道 石牌村")).rule == "r3"
    assert router.route(Matter("email", "", "x", category="城乡建设")).rule == "r4"
    assert router.route(Matter("email", "", "x", category="nonsense")).rule is None


def test_where_a_word_must_stand(tmp_path: Path) -> None:
    router = router_with(
        tmp_path,
        'any = ["燃气"]\nwhere = "subject"',
        'any = ["燃气"]\nwhere = "opening"',
        'any = ["燃气"]\nwhere = "body"',
    )
    assert router.route(Matter("web", "燃气", "…")).rule == "r1"
    assert router.route(Matter("web", "", "燃气")).rule == "r2"
    assert router.route(Matter("web", "", "别" * OPENING + "燃气")).rule == "r3"
    assert router.route(Matter("web", "燃", "气")).rule is None


def test_english_says_less_in_as_many_letters() -> None:
    lexicon = Lexicon([normalise_keyword("gas")])
    assert lexicon.scan("", "x " * (OPENING // 2) + " gas").words["opening"]
    assert not lexicon.scan("", "x " * (OPENING_LATIN // 2 + 2) + " gas").words["opening"]


def test_rules_stand_in_the_files_order_or_by_number(tmp_path: Path) -> None:
    router = router_with(
        tmp_path,
        'any = ["燃气"]',
        'any = ["煤气"]',
        'any = ["热水"]\norder = 15',
        'any = ["液化气"]\norder = 1',
    )
    assert [rule.id for rule in router.rules] == ["r4", "r1", "r3", "r2"]
    assert router.route(Matter("web", "", "煤气和热水")).rule == "r3"


WORDS = ("燃气", "煤气", "热水", "gas", "leak*", "12345")


@settings(max_examples=60, deadline=None)
@given(
    picks=st.lists(
        st.permutations(WORDS).map(lambda p: p[:2]), min_size=2, max_size=5, unique_by=lambda p: frozenset(p)
    ),
    text=st.lists(st.sampled_from([*(w.strip("*") for w in WORDS), " ", "。"]), max_size=6).map(" ".join),
)
def test_of_any_rules_the_first_that_matches_wins(
    tmp_path_factory: pytest.TempPathFactory, picks: list[list[str]], text: str
) -> None:
    conditions = [f'all = ["{first}", "{second}"]' for first, second in picks]
    router = router_with(tmp_path_factory.mktemp("rules"), *conditions)
    words = {w for w in WORDS if w.strip("*") in text}
    matching = [f"r{n}" for n, pick in enumerate(picks, start=1) if set(pick) <= words]
    assert router.route(Matter("web", "", text)).rule == (matching[0] if matching else None)


@given(st.text(max_size=200))
def test_normalising_is_total_and_forgets_spelling(text: str) -> None:
    assert normalise(text.upper().lower()) is not None
    assert "\t" not in normalise(text)


SPELLINGS = ["燃气泄漏", "燃氣洩漏", "燃 气 泄 漏", "燃气\n泄漏", "燃氣　洩漏", "燃\u200b气泄漏"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_spelling_for_many(spelling: str) -> None:
    assert normalise(spelling) == normalise("燃气泄漏")


@pytest.mark.parametrize("spelling", ["gas leak", "GAS  LEAK", "Gas-leak", "ｇａｓ　ｌｅａｋ", "gas\nleak"])
def test_one_spelling_for_many_in_english(spelling: str) -> None:
    assert normalise(spelling) == " gas leak "


def test_only_so_much_of_a_message_is_read() -> None:
    lexicon = Lexicon([normalise_keyword("燃气")])
    assert lexicon.scan("", "别" * (MAXIMUM_BODY - 2) + "燃气").first
    assert not lexicon.scan("", "别" * MAXIMUM_BODY + "燃气").first


@settings(max_examples=200, deadline=None)
@given(st.text("燃气泄漏gas leak-，。", max_size=40), st.text("燃气泄漏gas leak-，。", max_size=40))
def test_the_lexicon_finds_exactly_what_a_plain_search_finds(subject: str, body: str) -> None:
    words = [normalise_keyword(word) for word in ("燃气", "泄漏", "气泄", "gas", "leak*", "gas leak")]
    scan = Lexicon(words).scan(subject, body)
    assert dict(scan.first) == {word: scan.text.find(word) for word in words if word in scan.text}
