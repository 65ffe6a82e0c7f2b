"""What a scanned letter suggests: the bureau complained about only where the letter accuses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.letters import suggestions
from routing.router import load_router
from tests.support.scans import line

ROUTER = load_router(Path(__file__).parents[2] / "config" / "gaoyao")

ABOUT = (
    # the lines of a letter, the bureau that is accused, the line that names it (from 0)
    (["我要投诉高要区城管局的工作人员态度恶劣。"], "urban_management", 0),
    (["尊敬的领导：", "现举报", "高要区城管局执法人员乱罚款。"], "urban_management", 2),
    (["路灯坏了。", "被投诉单位：高要区城市管理局"], "urban_management", 1),
    (["高要区城管局门前的路坏了。", "我反映城管局不作为。"], "urban_management", 1),
    (["This is a complaint against the Urban Management Bureau."], "urban_management", 0),
    # only mentioned
    (["夜市很吵。我打过两次电话给城管局，没有人管。"], None, None),
    (["我多次投诉城管局无果，夜市还是很吵。"], None, None),
    (["我向城管局反映过，一直没有结果。"], None, None),
    (["反映给城管局没有结果。"], None, None),
    (["投诉城管局门口的烧烤摊。"], None, None),
    (["关于夜市的投诉", "城管局领导：", "夜市很吵。"], None, None),
    (["请城管局严查。"], None, None),
    (["I called the Urban Management Bureau twice and nobody answered."], None, None),
    (["I complained about the noise to the Urban Management Bureau, without reply."], None, None),
    (["My complaint about the stalls outside the Urban Management Bureau."], None, None),
)


@pytest.mark.parametrize(("lines", "bureau", "place"), ABOUT)
def test_the_bureau_complained_about(lines: list[str], bureau: str | None, place: int | None) -> None:
    page = [line(words, 0.1 + 0.05 * number) for number, words in enumerate(lines)]
    found = suggestions([page], router=ROUTER).get("bureau")
    assert found == (None if bureau is None else {"value": bureau, "page": 1, "line": place})


def test_a_name_on_the_second_page_is_found_there() -> None:
    pages = [[line("路灯坏了。", 0.1), line("城管局来过。", 0.2)], [line("投诉城管局不作为。", 0.1)]]
    assert suggestions(pages, router=ROUTER)["bureau"] == {"value": "urban_management", "page": 2, "line": 0}
