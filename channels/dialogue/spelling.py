"""One spelling for many. You are here: what was typed → [spelling] → understand → script.

People type 查詢, ｓｔａｔｕｓ, 投拆 and "staus". Vocabulary is written once, in simplified characters and
lower-case English; this module brings what was typed to that form. Only for comparing: what people wrote
is kept as they wrote it.
"""

from __future__ import annotations

import re
import unicodedata

# Only the characters of the vocabulary, each with its simplified form: whole texts need no conversion here.
_PAIRS = """
    係系 個个 們们 億亿 內内 別别 勞劳 問问 單单 嗎吗 嘍喽 報报 塊块 對对 導导 層层 幫帮 幾几
    廣广 強强 復复 態态 戶户 擇择 擾扰 時时 東东 條条 棟栋 樓楼 樣样 歲岁 沒没 況况 測测 滿满
    漢汉 無无 煩烦 狀状 當当 發发 確确 種种 簡简 粵粤 級级 組组 結结 給给 編编 繼继 續续 臺台
    舉举 萬万 處处 號号 補补 覆复 見见 訂订 記记 訴诉 評评 詢询 試试 話话 該该 認认 語语 說说
    説说 請请 謝谢 較较 轉转 辦办 這这 進进 過过 選选 還还 銷销 開开 閱阅 閲阅 關关 隊队 響响
    領领 題题 願愿 駕驾 體体 麼么 點点
"""
_TRADITIONAL = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
_SLIPS = (
    ("查寻", "查询"),
    ("察询", "查询"),
    ("查讯", "查询"),
    ("查洵", "查询"),
    ("查循", "查询"),
    ("撒回", "撤回"),
    ("撒销", "撤销"),
    ("撤消", "撤销"),
    ("补冲", "补充"),
    ("朴充", "补充"),
    ("投拆", "投诉"),
    ("投述", "投诉"),
    ("退定", "退订"),
    ("退钉", "退订"),
    ("帮住", "帮助"),
    ("满义", "满意"),
    ("满易", "满意"),
    ("回复接收", "恢复接收"),
)
"""What a pinyin keyboard or a hurried finger makes of our words."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\u20e3\ufeff]")
_CURLY = str.maketrans("’‘`", "'''")


def fold(text: str) -> str:
    """``text`` for comparing: half width, lower case, simplified where our words need it, slips mended."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold().translate(_TRADITIONAL)
    plain = plain.translate(_CURLY)
    for slip, word in _SLIPS:
        plain = plain.replace(slip, word)
    return plain


def within_one_slip(typed: str, word: str) -> bool:
    """Whether one letter is wrong, missing, too many or swapped with its neighbour.

    Damerau (1964): that is four of five typing errors. Linear in the words.
    """
    if typed == word:
        return True
    if abs(len(typed) - len(word)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(word)) and typed[start] == word[start]:
        start += 1
    a, b = typed[start:], word[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else a == b[1:]
