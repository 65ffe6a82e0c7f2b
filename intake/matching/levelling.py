"""One form of writing for texts that are compared: simplified characters, without what every letter says.

You are here: text → [levelling] → ``sketching``. ``texts.bare`` alone decides what is *the same text of the
same person*; here is what makes two texts comparable to a clerk's eye.
"""

from __future__ import annotations

import re
from functools import cache

from intake.matching.texts import bare
from intake.simplified import simplified

RUN_OF_HAN, RUN_OF_LETTERS = 3, 6
"""Characters of a run; a Latin letter says less than a Chinese character."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_COURTESIES = (
    *("尊敬的各位领导您好", "尊敬的领导你好", "尊敬的局长", "尊敬的市长您好", "领导您好", "希望有关部门"),
    *("请有关部门", "请相关部门", "相关部门领导", "望有关部门", "恳请领导", "希望领导", "请领导", "谢谢领导"),
    *("给予解决", "尽快解决", "得到解决", "解决这个问题", "能够给予", "尽快处理", "给个答复", "请尽快答复"),
    *("我们是", "我是一名", "的问题", "这个问题", "请问", "为什么", "是不是", "有没有", "什么时候", "的时候"),
    *("希望能够", "希望政府", "人民政府", "我们的", "没有任何", "多次反映", "一直没有", "到现在", "给我们"),
    *("我们小区", "老百姓", "的情况", "严重影响", "非常感谢", "此致敬礼", "万分感谢", "核实处理", "依法查处"),
    *("dear sir or madam", "to whom it may concern", "i am writing to complain about", "thank you very much"),
    *("i would like to complain about", "looking forward to your reply", "please help us", "kind regards"),
    *("yours faithfully", "yours sincerely", "please do something about it", "i am writing to report"),
    *(
        "i live at",
        "i live in",
        "please send somebody",
        "please could you",
        "could you please look into this",
    ),
    *("we would be grateful if you could", "for the last few weeks", "nobody has done anything about it"),
    *("i have complained about this before", "please let me know", "thank you for your help", "every day"),
)
"""What says nothing about the matter: two letters that share only this share nothing."""


@cache
def _said_by_all(length: int) -> frozenset[bytes]:
    """The runs of all courtesies."""
    return frozenset(run for phrase in _COURTESIES for run in _runs(bare(phrase), length))


def levelled(text: str) -> str:
    """The bare text in simplified characters."""
    return bare(text).translate(simplified())


def runs_of(text: str) -> set[bytes]:
    """The runs of characters that a text is known by, as UTF-32; those of courtesies only where nothing
    else is said."""
    plain = levelled(text)
    length = RUN_OF_HAN if len(_HAN.findall(plain)) * 3 > len(plain) else RUN_OF_LETTERS
    found = _runs(plain, length)
    return (found - _said_by_all(length)) or found


def _runs(plain: str, length: int) -> set[bytes]:
    wide = plain.encode("utf-32-le", "replace")  # four bytes a character
    return {wide[i : i + 4 * length] for i in range(0, len(wide) - 4 * length + 1, 4)}
