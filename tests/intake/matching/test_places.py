"""Which words name a place, by a table: real names are kept, scraps of sentences are none."""

from __future__ import annotations

import pytest

from intake.matching.places import places_in


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("星湖路口到小学一排路灯都坏了", ["星湖路"]),
        ("星湖路从路口到小学那一排路灯都不亮", ["星湖路"]),
        ("这条路和那条街都没人扫", []),
        ("我们住在小区里", []),
        ("从学校走到医院要很久", []),
        ("附近小学，旁边小区，对面医院", []),
        ("他送到医院，把学校关了", []),
        ("和平路与和谐小区之间", ["和平路", "和谐小区"]),
        ("从化街道、走马镇、口岸路、条山镇", ["从化街道", "走马镇", "口岸路", "条山镇"]),
        ("住在人民路", ["人民路"]),
        ("解放路12号的沿江花园", ["解放路12号", "解放路", "沿江花园"]),
        ("永和镇东风村", ["永和镇", "东风村"]),
    ],
)
def test_which_places_a_text_names(text: str, places: list[str]) -> None:
    assert places_in(text) == places
