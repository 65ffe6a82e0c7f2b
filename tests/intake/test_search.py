"""Search finds the same on both databases: Chinese by neighbours, Latin by words, all phrases of a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.archive import CaseFilter
from intake.references import number_from
from intake.search import PARTS, SearchIndex, indexed, phrases, slot, words
from tests.support.worked import ADMIN, CLERK, County, handler

TEXTS = [
    "高要区南岸街道的路灯坏了三个月",
    "路边灯箱广告太亮，影响休息",
    "The street light on South Road is broken",
    "Ｂｕｓ ２０３ 不停站，司机态度差",
    "café 噪音 扰民 naïve",
    "车牌 粤H12345 乱停；电话12345没人接",
    "a_b snake_case it's e-mail 1e5 3.14 x2",
]
QUESTIONS: list[tuple[str, set[int]]] = [
    ("路灯", {0}),
    ("灯", set()),  # a lone character is no word of a longer text
    ("路灯坏了", {0}),
    ("灯路", set()),
    ("南岸街道 路灯", {0}),
    ("南岸街道 灯箱", set()),
    ("light", {2}),
    ("LIGHT south", {2}),
    ("street light", {2}),
    ("lig", {2}),  # the beginning of a word
    ("LIGHTS", set()),
    ("li", set()),  # two letters begin too many
    ("lig bro", {2}),
    ("ight", set()),
    ("1234", set()),  # half a number is none
    ("bus 203", {3}),
    ("司机态度", {3}),
    ("café", {4}),
    ("cafe", {4}),
    ("NAÏVE", {4}),
    ("12345", {5}),
    ("粤H12345", {5}),
    ("snake_case", {6}),
    ("e-mail", {6}),
    ("1e5", {6}),
    ("3.14", {6}),
    ("'; DROP TABLE complaint; --", set()),
    ('"', set()),
    ("* OR NEAR(", set()),
    ("& | ! <->", set()),
    ("", set()),
]


def find(county: County, query: str) -> set[int]:
    with county.store.read() as connection:
        return set(SearchIndex(county.store).find(connection, query, None, 100))


def fill(county: County, texts: Sequence[str]) -> None:
    with county.store.write() as connection:
        SearchIndex(county.store).add(
            connection, [(slot(n, 0), indexed(text)) for n, text in enumerate(texts)]
        )


def test_what_a_query_finds(county: County) -> None:
    fill(county, TEXTS)
    for query, expected in QUESTIONS:
        assert find(county, query) == expected, query


def test_pages_go_from_new_to_old(county: County) -> None:
    fill(county, ["公交车" for _ in range(10)])
    index = SearchIndex(county.store)
    with county.store.read() as connection:
        assert index.find(connection, "公交", None, 4) == [9, 8, 7, 6]
        assert index.find(connection, "公交", 6, 4) == [5, 4, 3, 2]


def test_what_was_added_later_is_found(county: County) -> None:
    with county.store.write() as connection:
        index = SearchIndex(county.store)
        for part in range(PARTS + 3):
            index.add(connection, [(slot(7, part), indexed(f"第{part}封 letter{part}"))])
    for part in (0, 1, PARTS - 2, PARTS + 2):
        assert find(county, f"letter{part}") == {7}, part


def test_a_case_that_was_taken_out_is_found_no_more(county: County) -> None:
    fill(county, ["公交车" for _ in range(10)])
    index = SearchIndex(county.store)
    with county.store.write() as connection:
        index.add(connection, [(slot(4, 3), indexed("后来补充的公交车"))])
        index.remove(connection, [4, 7])
    assert find(county, "公交") == {0, 1, 2, 3, 5, 6, 8, 9}
    with county.store.write() as connection:
        index.add(connection, [(slot(4, 0), indexed("又来的公交车"))])
    assert 4 in find(county, "公交")


def test_the_beginning_of_a_word_finds_its_longer_forms(county: County) -> None:
    fill(county, ["street lamps are dark", "a lamppost fell", "the lamp", "lam", "Lampen, lámparas", "clamp"])
    assert find(county, "lamp") == {0, 1, 2, 4}
    assert find(county, "lamp street") == {0}


def test_a_reference_without_its_check_digit_is_found(county: County) -> None:
    reference = county.case(body="公交车不停")
    for typed in (reference[:-2], f" {reference[:-1]}", reference[:-2].replace("-", "－")):
        assert [row.number for row in county.archive.cases(ADMIN, CaseFilter(query=typed)).rows] == [
            number_from(reference)
        ], typed
    assert county.archive.cases(ADMIN, CaseFilter(query="26-999999")).rows == []
    assert county.archive.cases(handler("health"), CaseFilter(query=reference[:-2])).rows == []


def test_a_case_is_found_by_what_came_later_and_only_by_who_may(county: County) -> None:
    reference = county.case(body="公交车不停")
    county.send(subject=f"Re: [{reference}]", body="车牌尾号八八")
    county.register()
    wanted = CaseFilter(query="车牌尾号")
    assert len(county.archive.cases(ADMIN, wanted).rows) == 1
    assert len(county.archive.cases(handler("traffic"), wanted).rows) == 1
    assert county.archive.cases(handler("health"), wanted).rows == []


@given(st.text(max_size=80), st.text(max_size=30))
def test_words_never_hold_what_an_index_would_misread(content: str, query: str) -> None:
    for word in [*words(content), *(word for phrase in phrases(query) for word in phrase)]:
        assert word.isalnum() or all(not c.isspace() and c not in "'\"&|!():*<>\\" for c in word)


hanzi = st.text(st.sampled_from("公交车站路灯坏了不停水电"), min_size=2, max_size=12)


@given(hanzi, st.data())
def test_every_piece_of_a_text_is_a_phrase_of_it(content: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content) - 2))
    end = data.draw(st.integers(start + 2, len(content)))
    [phrase], whole = phrases(content[start:end]), words(content)
    assert any(whole[i : i + len(phrase)] == phrase for i in range(len(whole)))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("欧阳静", True),
        ("欧阳 静", True),  # as the desk may type it
        ("欧阳", False),  # part of a name finds nobody: names are in no index
        ("+8613900000000", True),
        ("139 0000 0000", True),
        ("13900000000", True),
        ("139000000", False),
        ("ouyang@citizen.example", True),
        ("OuYang@Citizen.example", True),
        ("citizen.example", False),
    ],
)
def test_a_person_is_found_by_the_whole_name_number_or_address(
    county: County, asked: str, found: bool
) -> None:
    contacts = [["phone", "+8613900000000", True], ["email", "ouyang@citizen.example", False]]
    reference = county.case(sender_name="欧阳静", contacts=contacts, body="路灯不亮")
    county.case(sender_name="赵二", contacts=[["email", "zhao@citizen.example", True]], body="路灯不亮")
    page = county.archive.cases(CLERK, CaseFilter(query=asked))
    assert [row.number for row in page.rows] == ([county.row(reference).number] if found else [])


def test_a_bureau_finds_nobody_who_does_not_want_to_be_known(county: County) -> None:
    known, hidden = (
        county.case(sender_name="欧阳静", contacts=[["phone", number, True]], confidential=confidential)
        for number, confidential in (("+8613900000000", False), ("+8613900000001", True))
    )
    seen = county.archive.cases(handler("traffic"), CaseFilter(query="欧阳静")).rows
    assert [row.number for row in seen] == [county.row(known).number]
    both = county.archive.cases(CLERK, CaseFilter(query="欧阳静")).rows
    assert [row.number for row in both] == [county.row(hidden).number, county.row(known).number]


def test_a_person_with_many_cases_is_paged_through(county: County) -> None:
    for n in range(7):
        county.case(sender_name="欧阳静", body=f"路灯{n}")
    seen: list[int] = []
    cursor: Any = None
    for _ in range(4):
        page = county.archive.cases(CLERK, CaseFilter(query="欧阳静"), cursor, limit=2)
        seen += [row.number for row in page.rows]
        cursor = page.next_cursor
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 7
