"""Complaints for measuring companions, and what becomes of the same complaint on its second way in.

Words are made up, and used as often as words are (Zipf), so that two texts share as much as real ones do;
they mean nothing. The same seed makes the same texts.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import accumulate, product

from opencc import OpenCC

_TRADITIONAL = OpenCC("s2tw")
_HAN = (
    "水电路灯车房街河桥树墙门窗楼梯管道垃圾油烟噪音工地夜晚老人孩子学校医院市场商店物业公司政府社区村民邻居电话"
    "热线投诉处理解决反映要求赔偿罚款证件许可手续费用工资合同租金押金停运班次司机乘客站牌路口斑马线红绿灯摊贩"
    "早餐烧烤酒吧歌厅装修漏裂臭黑黄脏乱差慢快高低新旧坏断堵塞占用拆迁补偿土地耕种灌溉井泵阀表费率发票退款质保"
)
_LATIN = [
    a + b + c
    for a, b, c in product(
        ("b", "cr", "d", "f", "gl", "h", "l", "m", "pr", "s", "t", "w"),
        "aeiou",
        ("ck", "d", "n", "r", "st", ""),
    )
]
_NAMES = [a + b for a, b in product("东南西北金白莲蛟活水河新", "岸台渡土塘道湾桥坪岭")]
_KINDS = ("路", "小区", "村", "花园", "街", "市场")
_ROADS = (
    "Harbour",
    "Orchard",
    "Willow",
    "Castle",
    "Station",
    "Quarry",
    "Meadow",
    "Chapel",
    "Granary",
    "Foundry",
)
_WORDS = 6_000
_ALIKE = dict(
    zip(
        "己未日土人大天间回困住清晴跑政官么工于子设没刻该",
        "已末曰士入太夫问同因往请情路攻管公干千了没设该刻",
        strict=True,
    )
)


@cache
def _vocabulary(latin: bool) -> tuple[list[str], list[float]]:
    """Made-up words, and how often each is used before all words after it: as Zipf has it."""
    pick = random.Random(3)
    parts, most = (_LATIN, 3) if latin else (tuple(_HAN), 2)
    words = list(
        dict.fromkeys("".join(pick.choices(parts, k=pick.randrange(2, most + 1))) for _ in range(_WORDS))
    )
    return words, list(accumulate(1 / n for n in range(1, len(words) + 1)))


def complaint(pick: random.Random, clauses: int) -> str:
    """A complaint in Chinese of so many clauses, about 25 characters each."""
    words, often = _vocabulary(False)
    said = [f"我住在{pick.choice(_NAMES)}{pick.choice(_KINDS)}{pick.randrange(1, 400)}号，"]
    for _ in range(clauses):
        said += [
            "".join(pick.choices(words, cum_weights=often, k=pick.randrange(4, 8))) + mark for mark in "，。"
        ]
    return "".join(said) + "希望有关部门尽快处理，谢谢。"


def complaint_en(pick: random.Random, clauses: int) -> str:
    """The same in English, about twelve words each."""
    words, often = _vocabulary(True)
    place = f"{pick.randrange(1, 400)} {pick.choice(_ROADS)} {pick.choice(('Road', 'Street', 'Lane'))}"
    said = [f"I live at {place}."]
    for _ in range(clauses):
        said += [" ".join(pick.choices(words, cum_weights=often, k=6)).capitalize() + mark for mark in ",."]
    return " ".join(said) + " Please do something about it."


def _typed(text: str, pick: random.Random, share: float) -> str:
    """Every so often a character is lost, another one, or one too many."""
    out = []
    for character in text:
        if pick.random() >= share:
            out.append(character)
        else:
            out.append(pick.choice(("", pick.choice(text), character + pick.choice(text))))
    return "".join(out)


def _scanned(text: str, pick: random.Random) -> str:
    """Read off paper: lookalikes, lost characters, lines broken anywhere."""
    seen = [
        (_ALIKE.get(c, c) if pick.random() < 0.3 else c) + ("\n" if pick.random() < 0.04 else "")
        for c in text
    ]
    return _typed("".join(seen), pick, 0.05)


def _short(text: str, pick: random.Random) -> str:
    """As a text message: only as much as fits into 70 characters (140 letters), and that hastily."""
    parts, left = re.split(r"(?<=[，。,.])", text), 70 if "，" in text else 140
    kept = []
    for part in sorted(range(len(parts)), key=lambda _: pick.random()):
        if len(parts[part]) <= left:
            kept.append(part)
            left -= len(parts[part])
    return _typed("".join(parts[n] for n in sorted(kept)), pick, 0.04)


def _other_words(text: str, pick: random.Random) -> str:
    """Told once more: a fifth of the words are others, another order, a quarter left out."""
    words, often = _vocabulary(text.isascii())
    kept = [part for part in re.split(r"(?<=[，。,.])", text) if part and pick.random() > 0.25]
    pick.shuffle(kept)
    pieces = re.findall(r"[\u4e00-\u9fff]{2}|\w+|\W", "".join(kept))
    return "".join(
        pick.choices(words, cum_weights=often)[0] if pick.random() < 0.2 and piece[0].isalpha() else piece
        for piece in pieces
    )


def _traditional(text: str, _pick: random.Random) -> str:
    """From another keyboard: traditional characters, half-width marks."""
    return str(_TRADITIONAL.convert(text)).translate(str.maketrans("，。", ",."))


AGAIN: Mapping[str, Callable[[str, random.Random], str]] = {
    "the same text": lambda text, _pick: text,
    "5 % of the characters changed": lambda text, pick: _typed(text, pick, 0.05),
    "10 %": lambda text, pick: _typed(text, pick, 0.10),
    "15 %": lambda text, pick: _typed(text, pick, 0.15),
    "20 %": lambda text, pick: _typed(text, pick, 0.20),
    "typed off a scan (OCR)": _scanned,
    "shortened to one text message": _short,
    "traditional characters, other marks": _traditional,
    "told in other words and order": _other_words,
    "another matter": lambda text, pick: (complaint_en if text.isascii() else complaint)(pick, 4),
}
"""The ways in which a complaint comes again; the last one does not."""
