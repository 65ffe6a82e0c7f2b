"""Who signed: a name after 投诉人：, under 此致敬礼 or “Yours faithfully”, or above the date. Pure.

You are here: lines → fields → [names]. A suggestion for a person to confirm: where two readings are possible,
the one that the writer marked as a name wins, and an unmarked one needs a surname that people have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.letter.ocr import dates

_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅"
    "钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔汤向常温康施文牛"
    "樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮纪梅童凌毕单季裴霍涂成苗谷曲盛冉骆蓝"
    "路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司古吉卓车简连缪项麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全"
    "佟应臧闵苟邬边卞姬和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝揭冼区莊張劉陳楊黃趙吳馬羅鄭謝許鄧馮韓"
    "蕭蔣蘇魏葉盧鐘鍾譚陸賈韋鄒龍賀顧龔萬錢嚴賴湯莊聶魯歐關蘭寧紀單畢"
)
_DOUBLE_SURNAMES = ("欧阳", "司徒", "上官", "诸葛", "司马", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "歐陽")
_HAN = "[\u3400-\u9fff]"
_LABELLED = re.compile(
    "(?:投诉人|举报人|反映人|信访人|来信人|写信人|申请人|控告人|联系人|落款|署名|具名|姓名|投訴人|舉報人|聯絡人)"
    f"(?:姓名)?(?:[（(][^）)]{{0,12}}[）)])? ?[：:] ?({_HAN}(?:[·•]?{_HAN}| (?={_HAN}(?: |$))){{1,19}}|[A-Z][A-Za-z.'-]*(?: [A-Z][A-Za-z.'-]*){{0,4}})"
)
_ENGLISH_LABELLED = re.compile(
    r"(?:\bname|\bcomplainant|\bfrom|\bsigned) ?: ?([A-Z][A-Za-z.'-]{0,30}(?: [A-Z][A-Za-z.'-]{0,30}){0,4})", re.IGNORECASE
)
_END_OF_NAME = re.compile("等.{0,4}[人户名]|联系|电话|手机|地址|住址|身份证|性别|身份|日期|年龄|职务|，|,")
_WHO = re.compile(
    "^.{0,24}?(?:村民|居民|市民|业主|群众|员工|家长|职工|学生|住户|商户|公民|老百姓|农民|教师|老师|人)(?:代表)?[：: ]+"
)
_CHINESE_CLOSING = re.compile("敬礼|敬禮|此致|敬上|谨启")
_ENGLISH_CLOSING = re.compile(
    r"^(?:yours (?:faithfully|sincerely|truly|respectfully)|(?:with )?(?:kind|best|warm) regards|regards|"
    r"sincerely(?: yours)?|faithfully(?: yours)?|respectfully(?: yours)?|many thanks|yours)\b[,.]? ?",
    re.IGNORECASE,
)
_ENGLISH_NAME = re.compile(r"^\(?((?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?[A-Z][A-Za-z.'’-]*(?: [A-Z][A-Za-z.'’-]*){0,4})\)?(?:$|[,;])")
_NO_NAME = frozenset({"匿名", "不具名", "保密", "无名", "本人", "姓名"})
_BELOW_CLOSING = 5
"""Lines below the closing words in which a signature stands."""


def signature(lines: Sequence[str]) -> tuple[str, int] | None:
    """The sender's name and the line it came from, or None."""
    return _labelled(lines) or _below_closing(lines) or _above_date(lines)


def _labelled(lines: Sequence[str]) -> tuple[str, int] | None:
    for number in range(len(lines) - 1, -1, -1):  # who signs does so at the end
        for form in (_LABELLED, _ENGLISH_LABELLED):
            found = form.search(lines[number])
            if found is not None:
                name = _END_OF_NAME.split(found.group(1), maxsplit=1)[0].strip()
                squeezed = name if name.isascii() else name.replace(" ", "")
                if 2 <= len(squeezed) <= 40 and squeezed not in _NO_NAME:
                    return squeezed, number
    return None


def _below_closing(lines: Sequence[str]) -> tuple[str, int] | None:
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number].strip()
        closing = _ENGLISH_CLOSING.match(line)
        if closing is not None:
            below = [(line[closing.end() :], number), *_next(lines, number)]
            for text, place in below:
                name = _ENGLISH_NAME.match(text.strip())
                if name is not None:
                    return name.group(1).strip(), place
                chinese = _chinese_name(text)
                if chinese:
                    return chinese, place
        elif _CHINESE_CLOSING.search(line) and len(line) <= 12:
            for text, place in _next(lines, number):
                name_found = _chinese_name(text)
                if name_found:
                    return name_found, place
    return None


def _next(lines: Sequence[str], number: int) -> list[tuple[str, int]]:
    places = range(number + 1, min(len(lines), number + 1 + _BELOW_CLOSING))
    return [(lines[place], place) for place in places]


def _above_date(lines: Sequence[str]) -> tuple[str, int] | None:
    """A name alone on the line above the last date, or on the date's line before it."""
    for number in range(len(lines) - 1, max(-1, len(lines) - 12), -1):
        for mention in dates.mentions(lines[number]):
            before = lines[number][: mention.start]
            name = _chinese_name(before)
            if name:
                return name, number
            if number and not before.strip():
                name = _chinese_name(lines[number - 1])
                return (name, number - 1) if name else None
    return None


def _chinese_name(line: str) -> str:
    """The name that ``line`` is, alone or after 村民：and the like; "" when it is none."""
    text = _WHO.sub("", line.strip()).strip(" 。.，,（()）")
    squeezed = text.replace(" ", "")
    if not 2 <= len(squeezed) <= 4 or squeezed in _NO_NAME or not re.fullmatch(f"{_HAN}+", squeezed):
        return ""
    known = squeezed[0] in _SURNAMES or squeezed[:2] in _DOUBLE_SURNAMES
    return squeezed if known and (len(squeezed) < 4 or squeezed[:2] in _DOUBLE_SURNAMES) else ""
