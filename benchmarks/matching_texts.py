"""Complaints for measuring companions, and what becomes of the same complaint on its second way in.

Clauses are put together from tables, so that two complaints of one kind share phrases, as real ones do, and
seldom a sentence. Places and troubles are made up. The same seed makes the same texts.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from itertools import product

from opencc import OpenCC

_TRADITIONAL = OpenCC("s2tw")
_WHEN = "上个月|半个月前|从三月份起|前天晚上|国庆节以后|最近一周|去年冬天|每逢下雨|开学以来|凌晨两点".split(
    "|"
)
_WHO = "楼下的烧烤店|对面的工地|物业公司|新开的汽修厂|施工队|菜场的摊贩|隔壁的歌厅|幼儿园的校车|开发商|收费员".split(
    "|"
)
_DOES = "把油烟排进楼道|整夜开着大灯|占了消防通道|不肯退还押金|把垃圾倒在河边|打桩打到半夜|随意涨价|锁住了侧门".split(
    "|"
)
_SO = "老人咳嗽得睡不着|孩子写不了作业|救护车进不来|墙面裂开了一道缝|水管冻裂了两次|店里没有客人敢来|邻居吵了好几回".split(
    "|"
)
_DONE = "打过热线没人来看|去窗口被推到别的科室|写过两封信没有回音|拍了照片发给物业|社区说管不了|拨了电话一直占线".split(
    "|"
)
_WISH = "查一查有没有许可|让他们按时收工|把通道让出来|把钱退给我们|派人测一测噪声|给个明确的期限|先把灯修好|换一家来管".split(
    "|"
)
_NAMES = [a + b for a, b in product("东南西北金白莲蛟活水河新", "岸台渡土塘道湾桥坪岭")]
_KINDS = ("路", "小区", "村", "花园", "街", "市场")
_EN_WHO = (
    "the bakery|the site manager|the school bus driver|our landlord|the night club|the parking warden".split(
        "|"
    )
)
_EN_DOES = (
    "keeps the engine running under our windows|blocks the back gate with pallets|refuses to repair the boiler"
    "|pours oil into the drain|charges twice for one permit|burns plastic behind the shed"
).split("|")
_EN_SO = (
    "my mother cannot open her window|the stairs are covered in grease|two children slipped last Friday"
    "|we had no hot water for nine days|the cellar smells of petrol|nobody can park near the surgery"
).split("|")
_EN_WHEN = "Since early March|Almost every night|Three weeks ago|On rainy mornings|Since the fair".split("|")
_EN_ROADS = "Harbour Orchard Willow Castle Station Quarry Meadow Chapel Granary Foundry".split()

_ALIKE = dict(
    zip(
        "己未日土人大天间回困住清晴跑政官么工于子设没刻该",
        "已末曰士入太夫问同因往请情路攻管公干千了没设该刻",
        strict=True,
    )
)
_SAID_OTHERWISE = (
    *(
        ("没有", "没"),
        ("老人", "老人家"),
        ("孩子", "小孩"),
        ("半夜", "深夜"),
        ("打过", "拨过"),
        ("我们", "咱们"),
    ),
    *(
        ("派人", "安排人员"),
        ("把", "将"),
        ("一直", "总是"),
        ("修好", "修理好"),
        ("邻居", "街坊"),
        ("不肯", "拒绝"),
    ),
    *(("cannot", "can't"), ("Since", "From"), ("nobody", "no one"), ("refuses", "will not agree")),
)


def complaint(pick: random.Random, clauses: int) -> str:
    """A complaint in Chinese of so many clauses, about 25 characters each."""
    place = f"{pick.choice(_NAMES)}{pick.choice(_KINDS)}{pick.randrange(1, 400)}号"
    said = [f"我住在{place}，"]
    for _ in range(clauses):
        who, does = pick.choice(_WHO), pick.choice(_DOES)
        said.append(f"{pick.choice(_WHEN)}{who}{does}，{pick.choice(_SO)}，{pick.choice(_DONE)}。")
    return "".join(said) + f"希望有关部门{pick.choice(_WISH)}，谢谢。"


def complaint_en(pick: random.Random, clauses: int) -> str:
    """The same in English."""
    place = f"{pick.randrange(1, 400)} {pick.choice(_EN_ROADS)} {pick.choice(('Road', 'Street', 'Lane'))}"
    said = [f"I live at {place}."]
    for _ in range(clauses):
        who, does = pick.choice(_EN_WHO), pick.choice(_EN_DOES)
        said.append(f"{pick.choice(_EN_WHEN)} {who} {does}, so {pick.choice(_EN_SO)}.")
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
    """Told once more: other words, another order, a quarter left out."""
    for ours, theirs in _SAID_OTHERWISE:
        text = text.replace(ours, theirs)
    parts = [part for part in re.split(r"(?<=[，。,.])", text) if part and pick.random() > 0.25]
    pick.shuffle(parts)
    return "".join(parts)


def _traditional(text: str, _pick: random.Random) -> str:
    """From another keyboard: traditional characters, half-width marks."""
    return _TRADITIONAL.convert(text).translate(str.maketrans("，。", ",."))


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
