"""Whether a text already says where and when: what is known is not asked. You are here: text → questions.

Rough on purpose. To ask once too often costs a citizen one "0"; to ask too little costs the bureau a call.
"""

from __future__ import annotations

import re

_LOOKED_AT = 2000  # characters
_PLACE_ZH = re.compile(
    "(?:(?![这那哪条修走公马铁网铺的段上在过])[\u4e00-\u9fff](?:路(?![灯面上边过人口])|大道|街(?![灯上边])|巷|胡同|村(?!民|里|委)|镇(?!里)|乡(?!下|镇)"
    "|小区|花园|新村|社区|大厦|广场|市场|公园|大桥|车站|小学|中学|医院|街道|工业园|苑|路口|东侧|西侧|南侧|北侧)"
    "|[0-9一二三四五六七八九十]{1,5}(?:号楼|栋|幢|号院|弄|单元|室))"
)
_VAGUE_ZH = re.compile(
    "(?:我们|这个|那个|这条|那条|一个|一条|附近的?|本|全|咱们|家门口|门口|楼下)(?:小区|村|路|街|镇|市场|公园|社区|广场)"
)
_PLACE_EN = re.compile(
    r"\b(?!(?:the|a|an|my|our|your|this|that|every|each|of|old|new|big|whole|next|nearest|on|in|by|at|and|from|local|no|any)\b)[a-z0-9'\-]{2,30}\s{1,3}"
    r"(?:road|rd|street|st|avenue|ave|lane|village|town|district|estate|market|school|hospital|square|park|"
    r"bridge|station|building|block|plaza|garden|gardens|community|crossroads)\b"
    r"|\b(?:block|building|flat|room|unit|no\.?)\s?\d{1,5}|\b\d{1,5}[a-z]?\s{1,3}[a-z]{1,30}\s{1,3}(?:road|street|avenue|lane)\b",
    re.IGNORECASE,
)
_TIME_ZH = re.compile(
    "今天|今日|今早|今晚|今年|昨天|昨日|昨晚|琴日|寻日|前天|前日|大前天|明天|刚才|刚刚|现在|而家|目前|最近|近来|近日|近期|"
    "早上|上午|中午|下午|傍晚|晚上|夜里|深夜|凌晨|半夜|清晨|每天|每晚|每日|天天|经常|长期|一直|去年|前年|"
    "[上这本下][个]?(?:周|星期|礼拜|月)|(?:周|星期|礼拜)[一二三四五六日天末]|"
    "[0-9０-９一二两三四五六七八九十几半多]{1,6}(?:个)?(?:多)?(?:天|日|月|年|周|星期|小时|分钟|点|晚)|"
    "[今昨琴寻]晚|[0-9]{1,4}[-/][0-9]{1,2}"
)
_TIME_EN = re.compile(
    r"\b(?:today|tonight|yesterday|now|currently|recently|lately|daily|nightly|always|constantly|ago|since|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|june|july|august|september|"
    r"october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|"
    r"(?:last|this|every|each|all)\s{1,3}(?:night|morning|afternoon|evening|day|week|weekend|month|year)|"
    r"(?:\d{1,4}|a|an|one|two|three|four|five|six|seven|ten|several|few|many)\s{1,3}(?:hours?|days?|nights?|weeks?|months?|"
    r"years?|minutes?)|(?:at\s{1,3})?\d{1,2}(?::\d{2})?\s?(?:am|pm|o'?clock)|\d{1,2}:\d{2}|midnight|noon|"
    r"in the (?:morning|evening|afternoon)|at night)\b",
    re.IGNORECASE,
)
_SECRECY = re.compile("匿名|保密|不要透露|别透露|anonymous|confidential", re.IGNORECASE)


def names_place(text: str) -> bool:
    """Whether ``text`` says where."""
    sample = _VAGUE_ZH.sub("，", text[:_LOOKED_AT])
    return bool(_PLACE_ZH.search(sample) or _PLACE_EN.search(sample))


def names_time(text: str) -> bool:
    """Whether ``text`` says when."""
    sample = text[:_LOOKED_AT]
    return bool(_TIME_ZH.search(sample) or _TIME_EN.search(sample))


def asks_secrecy(text: str) -> bool:
    """Whether the writer already said that they do not want to be named."""
    return bool(_SECRECY.search(text[:_LOOKED_AT]))
