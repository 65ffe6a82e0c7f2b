"""Which language the sender wrote: zh-Hans, zh-Hant or en. You are here: answers are written in it."""

from __future__ import annotations

import re

_SAMPLE = 500
_LINK = re.compile(r"https?://[!-~]+")
_HANS = frozenset(
    "这们说时来国会对发过还没样东车长门问间见关开电话难让请谢进远运达边场处办务动劳"
    "单厅区医华协卫厂历压县"
    "参双变号叶后员响园图团围坏块报护担拥据损换标树桥机权条极构样树气汇汉沟泪测济浆"
    "渐湾灭灯灵炉点热爱独环现"
    "产畅疗皱盐监盖码确种积称稳穷竞笔筑签简类粮紧纠红约级纪纯纲纳纸线练组细终经结给"
    "络绝统继续缴网罚职联胜脏"
    "节范获药虑补装观规视览觉订认讨训议记讲许论设访证评识诉诊词译试诚误调谁谈贝负财"
    "责败货质购贴费资赔赶车轮"
    "软轻载较辆输边迁违连迟适选递邮释钟钱铁锁错键镇闭闻阳阴阶际陈险随隐雾静顶项顺须"
    "顾预领频题额风飞饭饮馆马"
    "驾验鸡齐龙复罗举头卖买严丧个丰临为乐习书乱争亏亚产亲亿仅仓仪价众优伟传伤伦"
)
_HANT = frozenset(
    "這們說時來國會對發過還沒樣東車長門問間見關開電話難讓請謝進遠運達邊場處辦務動勞"
    "單廳區醫華協衛廠歷壓縣"
    "參雙變號葉後員響園圖團圍壞塊報護擔擁據損換標樹橋機權條極構氣匯漢溝淚測濟漿漸灣"
    "滅燈靈爐點熱愛獨環現"
    "產暢療皺鹽監蓋碼確種積稱穩窮競筆築簽簡類糧緊糾紅約級紀純綱納紙線練組細終經結給"
    "絡絕統繼續繳網罰職聯勝髒"
    "節範獲藥慮補裝觀規視覽覺訂認討訓議記講許論設訪證評識訴診詞譯試誠誤調誰談貝負財"
    "責敗貨質購貼費資賠趕輪"
    "軟輕載較輛輸遷違連遲適選遞郵釋鐘錢鐵鎖錯鍵鎮閉聞陽陰階際陳險隨隱霧靜頂項順須顧"
    "預領頻題額風飛飯飲館馬"
    "駕驗雞齊龍複復羅舉頭賣買嚴喪個豐臨為樂習書亂爭虧亞親億僅倉儀價眾優偉傳傷倫嘅咗"
    "喺冇佢哋"
)
_ONLY_HANS = _HANS - _HANT
_ONLY_HANT = _HANT - _HANS
_LATIN = re.compile("[A-Za-z]")
_HAN = re.compile("[\u3400-\u9fff]")
_CLEARLY_LATIN, _CLEARLY_CHINESE = 12, 4
"""Letters and characters that are more than a name or a model's number."""


def detect(text: str) -> str:
    """The language of ``text`` by its first 500 characters; zh-Hans when there is nothing to go by."""
    sample = text[:_SAMPLE]
    if sample.isascii():
        return "en" if _LATIN.search(sample) else "zh-Hans"
    if "://" in sample:
        sample = _LINK.sub("", sample)
    # In UTF-8 a Chinese character takes two bytes more than it counts; it says as much as three letters.
    chinese = (len(sample.encode("utf-8", "replace")) - len(sample)) // 2
    others = len(sample) - chinese - sample.count(" ") - sample.count("\n")
    if chinese * 3 < others and chinese * 3 < len(_LATIN.findall(sample)):  # figures are of no language
        return "en"
    seen = set(sample)
    return "zh-Hant" if len(seen & _ONLY_HANT) > len(seen & _ONLY_HANS) else "zh-Hans"


def detect_unless_usual(text: str, usual: str) -> str:
    """``usual``, which the sender chose for the page, unless ``text`` is clearly of the other script.

    Simplified and traditional are one script here: who chose one of them is answered in it.
    """
    found, sample = detect(text), text[:_SAMPLE]
    if (found == "en") == (usual == "en"):
        return usual
    if found == "en":
        return found if len(_LATIN.findall(sample)) >= _CLEARLY_LATIN else usual
    return found if len(_HAN.findall(sample)) >= _CLEARLY_CHINESE else usual
