"""What two texts are compared by: the bare characters, in one form of writing.

Spaces, punctuation, case, width and traditional forms of frequent characters make no difference.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

MOST_READ = 8_000
"""Characters of a text that are looked at."""
SHORTEST = 30
"""Weight below which a text says too little to be known by: a Chinese character counts two."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_BARE = re.compile(r"[\W_]+")
_SIMPLE = str.maketrans(
    "滿還謝評價選項結處對務辦這們於個沒認為說應決總體車場樓門開關電話線號鎮鄉區縣國園環衛醫學校員錢費單來時間長實業產權"
    "種樣現發見讓請幫點條邊內無從後過進運動聲響築噪氣廠燈壞損漏給買賣報戶問題據經營質量檢驗護圍繞達遲難級職黨團隊導領",
    "满还谢评价选项结处对务办这们于个没认为说应决总体车场楼门开关电话线号镇乡区县国园环卫医学校员钱费单来时间长实业产权"
    "种样现发见让请帮点条边内无从后过进运动声响筑噪气厂灯坏损漏给买卖报户问题据经营质量检验护围绕达迟难级职党团队导领",
)


def bare(text: str) -> str:
    """The text without all that makes no difference."""
    plain = unicodedata.normalize("NFKC", text[:MOST_READ]).casefold().translate(_SIMPLE)
    return _BARE.sub("", plain)


def weight(bared: str) -> int:
    """How much a bare text says: its characters, Chinese ones twice."""
    return len(bared) + len(_HAN.findall(bared))


def fingerprint(body: str) -> str:
    """What a text is known by when it comes again, 64 hex digits; "" when it says too little ("你好").

    Its whole length counts: a long text that begins alike is another one.
    """
    bared = bare(body)
    if weight(bared) < SHORTEST:
        return ""
    rest = hashlib.sha256(body[MOST_READ:].encode("utf-8", "replace")).hexdigest() if body[MOST_READ:] else ""
    return hashlib.sha256(f"{bared}\n{rest}".encode("utf-8", "replace")).hexdigest()


def repeats(complainant_id: str, known_by: str) -> str:
    """What finds the same text of the same person; "" when there is no such person or too little text."""
    if not complainant_id or not known_by:
        return ""
    return hashlib.sha256(f"{complainant_id}:{known_by}".encode()).hexdigest()
