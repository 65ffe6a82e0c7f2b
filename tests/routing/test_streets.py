"""The name of a street says where; it is not what a message is about."""

from __future__ import annotations

import time

import pytest

from routing.lexicon import Lexicon
from routing.normalise import normalise_keyword
from tests.routing.county import ask

WORDS = (
    "road",
    "station",
    "school",
    "market",
    "bridge",
    "pothole*",
    "bad smell",
    "车站",
    "公路",
    "学校",
    "路面",
)


def found(body: str, subject: str = "") -> set[str]:
    scan = Lexicon(map(normalise_keyword, WORDS)).scan(subject, body)
    return {word.strip() for word in scan.first}


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("Dogs bark all night at Station Road, nobody does anything.", set()),
        ("Letters sent to 12 Station Road are never answered", set()),
        ("Our stall at 5 School Lane was closed", set()),
        ("Station Road, Gaoyao: nobody came", set()),
        ("They burn leaves near Old Market Street every evening", set()),
        ("There are potholes in Station Road", {"pothole"}),
        ("A bad smell at Market Street, and the school is closed", {"bad smell", "school"}),
        ("We live in Station Road. The station has no light", {"station"}),
        ("Station Road is full of holes", {"station", "road"}),  # it is about the road itself
        ("We wait for help. Station Road is full of holes", {"station", "road"}),
        ("The road to the village is broken", {"road"}),
        ("They dig up the road on every side", {"road"}),
        ("Broken Road Near Our School", {"road", "school"}),  # a headline, no name
        ("我住在车站路12号,楼上漏水", set()),
        ("學校街 8 號的鄰居養雞", set()),
        ("车站路坑坑洼洼", {"车站"}),  # may be the road to the station
        ("公路12号桥断了", {"公路"}),
        ("这条公路 12 号杆倒了,车站路9号没电", {"公路"}),
    ],
)
def test_what_stands_only_in_the_name_of_a_street_does_not_count(said: str, about: set[str]) -> None:
    assert found(said) == about


def test_a_name_in_the_subject_does_not_count_either() -> None:
    assert found("Nobody came.", "Rats at Station Road") == set()
    assert found("Since May the road has been closed.", "Rats at Station Road") == {"road"}


def test_the_sample_county_does_not_send_letters_to_the_roads_bureau() -> None:
    assert ask("Nobody answers the letters that I sent to 12 Station Road.").bureau is None
    assert ask("The road to the station was never mended.").bureau == "transport"


def test_a_text_of_nothing_but_streets_is_read_in_no_time() -> None:
    for said in ("at Station Road " * 2000, "in A B C D Road, " * 2000, "Aa " * 20_000, "车站路12号" * 4000):
        begun = time.process_time()
        found(said)
        assert time.process_time() - begun < 0.5
