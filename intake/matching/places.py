"""Words of a text that name a place: roads, villages, housing estates, with their house numbers.

Both languages, without a gazetteer: in Chinese the two characters before 路, 村, 小区 … and those themselves,
so that "住在人民路" and "人民路" name one; in English a capitalised name before Street, Road …
"""

from __future__ import annotations

import re
import unicodedata

MOST = 6
"""Places of one text that are looked for."""

_KIND = (
    "街道|社区|小区|花园|公寓|新村|大道|大厦|广场|市场|学校|小学|中学|医院|车站|镇|乡|村|路|街|巷|弄|苑|桥"
)
_CHINESE = re.compile(rf"(?P<name>[\u4e00-\u9fff]{{2}})(?P<kind>{_KIND})(?P<number>\d{{1,4}}号)?")
_NO_NAME = re.compile(
    r"[这那一条整每各某几此本该的在到是有我你他她们了上下和与及或大小新老公马铁线网水出]{2}|"
    r".[这那条个座所家片的]|"
    # what no name begins with, unless it is one of the names that do
    r"[这那每某几此该我你他她们的了到在是与及把被给往靠送住去].|"
    r"一[排盏段处栋幢根棵块面边带路直起样些共名只次位间层楼辆群堆道圈旁]|"
    r"条(?!山).|口(?![岸前]).|从(?![化江文]).|走(?!马).|和(?![平谐美睦顺兴田县安乐丰盛悦]).|"
    r".[到在从往向把被给了着过们是与及]|"  # nor ends with
    r"距离|附近|旁边|对面|前面|后面|隔壁|门口|周围|整个|全部|许多|很多|当地"
)
_ENGLISH = re.compile(
    r"\b(?:(?P<number>\d{1,4}) )?(?P<name>[A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?) "
    r"(?P<kind>Street|Road|Avenue|Lane|Square|Village|Park|Estate|Bridge|St|Rd|Ave)\b"
)
_SHORT = {"st": "street", "rd": "road", "ave": "avenue"}
_READ = 4_000


def places_in(text: str) -> list[str]:
    """Place words in order of appearance, those with a house number first; at most :data:`MOST`."""
    plain = unicodedata.normalize("NFKC", text[:_READ])
    numbered, bare = dict[str, None](), dict[str, None]()
    for match in _CHINESE.finditer(plain):
        if _NO_NAME.fullmatch(match["name"]):
            continue
        word = match["name"] + match["kind"]
        bare[word] = None
        if match["number"]:
            numbered[word + match["number"]] = None
    for match in _ENGLISH.finditer(plain):
        kind = match["kind"].lower()
        word = f"{match['name'].lower()} {_SHORT.get(kind, kind)}"
        bare[word] = None
        if match["number"]:
            numbered[f"{match['number']} {word}"] = None
    return [*numbered, *bare][:MOST]
