"""You are here: intake → routing → mentions → *firewall* → decision.

Promise 7: the accused never handles it. From the words around a bureau's name this module tells
whom a complaint is *about* (环保局不作为) from whom it is *for* (请环保局查处). It would rather
block once too often: a wrong block costs a clerk a minute in triage, a missed one costs trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from intake.contracts import Block, Text
from routing.bureaus import Bureaus
from routing.mentions import Mention

_MISCONDUCT_ZH = (
    "不作为|乱作为|慢作为|懒政|怠政|推诿|推脱|推卸|推来推去|踢皮球|互相推|敷衍|糊弄|不管不问|不闻不问|不理不睬|"
    "置之不理|不予理睬|不予理会|爱理不理|视而不见|睁一只眼|态度[^,。]{0,4}(?:恶劣|差|蛮横|粗暴|傲慢|冷淡|不好|不耐烦)|"
    "服务态度|恶劣态度|乱收费|乱罚款|乱罚|吃拿卡要|索贿|受贿|收受|贪污|腐败|徇私|枉法|包庇|庇护|袒护|纵容|保护伞|"
    "勾结|串通|官官相护|官商|滥用职权|以权谋私|暴力执法|野蛮执法|粗暴执法|违规执法|违法执法|执法不公|执法不严|"
    "钓鱼执法|选择性执法|选择执法|渎职|失职|玩忽|监管不力|监管不到位|监管缺位|监管缺失|管理不力|不出警|不立案|"
    "不接电话|无人接听|没人接|打太极|拒不|拒绝|拒收|不给办|不予办理|不办理|不受理|不予受理|刁难|打人|殴打|骂人|辱骂|"
    "恐吓|形同虚设|摆设|走过场|弄虚作假|答非所问|文不对题|处理不当|不处理|未处理|没有处理|没处理|不解决|不回复|"
    "未回复|没有回复|没回复|不答复|未答复|没有答复|(?<!管)不管(?![怎如什有多])|没有?人管|无人管|也管不了|不理(?![想解])|没理|"
    "作风|衙门|不公正|不公平|违规审批|违法审批|违规发证|强拆|强征|扣押|拖延|一拖再拖|失信|欠薪|拖欠|克扣|欺骗|忽悠|偏袒|"
    "收红包|红包|好处费|索要|回扣|收钱|收了[^,。]{0,6}钱|强占|侵占|霸占|拖拉|磨蹭|效率低|都没用|没有用"
)
_NO_RESULT_ZH = (
    "无果|未果|没有?结果|没有?下文|没有?反应|没有?动静|石沉大海|不了了之|得不到|至今(?:没|未|无)|一直(?:没|未|无)|"
    "都没|没有?解决|未解决|无济于事|没有?用"
)
_MISCONDUCT_EN = (
    r" (?:ignor\w*|refus\w*|did nothing|do nothing|does nothing|doing nothing|done nothing|not doing|rude\w*|"
    r"brib\w*|corrupt\w*|took money|takes money|take money|demand\w* money|extort\w*|inaction|"
    r"never (?:repl|answer|respond|came|come)\w*|"
    r"no (?:reply|answer|response)|not (?:repl|answer|respond)\w*|(?:won't|don't|didn't|doesn't) "
    r"(?:reply|answer|respond|care|act|help|do)|fail(?:s|ed|ing)? to|lazy|harass\w*|abus\w*|"
    r"cover(?:s|ed|ing)? up|"
    r"blind eye|protect\w* the|unhelpful|overcharg\w*|pass\w* the buck|negligen\w*|misconduct|unprofessional|"
    r"beat|hit|insult\w*|shout\w*|illegal fine\w*|unfair\w*|dishonest\w*|lied) "
)
_NO_RESULT_EN = (
    r" (?:no (?:reply|answer|response|result|results|use)|nothing|in vain|never|"
    r"without (?:result|reply|success)|"
    r"ignored|not (?:replied|answered|solved)|to no avail) "
)

_GAP = 14
_BAD_AFTER = re.compile(f"(?P<gap>[^。!?;\n]{{0,{_GAP}}}?)(?:{_MISCONDUCT_ZH})")
_BAD_AFTER_EN = re.compile(rf"(?P<gap>[^.!?;\n]{{0,45}}?)(?:{_MISCONDUCT_EN})")
_NOTHING_CAME = re.compile(f"(?P<gap>[^。!?;\n]{{0,34}}?)(?:{_MISCONDUCT_ZH}|{_NO_RESULT_ZH})")
_NOTHING_CAME_EN = re.compile(rf"(?P<gap>[^!?;\n]{{0,90}}?)(?:{_MISCONDUCT_EN}|{_NO_RESULT_EN})")

# The words before a name. Only the last few characters are looked at, so the patterns stay cheap.
_ACCUSING = re.compile(
    r"(?:投诉|举报|控告|状告|检举|揭发|控诉|曝光|起诉|告发)(?!人|电话|热线|信|件|单)[了过一下]*:?[^,。!?;:\n向到给至于往在]{0,6}$"
    r"| (?:complain\w*|complaints?|grievances?) (?:about|against|regarding|concerning|on) [^.!?;,\n]{0,40}$"
    r"| (?:corrupt|rude|lazy) (?:\w+ ){0,3}$"
)
_CONCERNING = re.compile(r"(?:对|对于|关于|针对)[^,。!?;:\n]{0,6}$")
_ITS_COMPLAINT = re.compile(r"[^,。!?;:\n]{0,8}?的(?:投诉|举报|控告|检举)(?!电话|热线|信箱|邮箱|渠道|方式)")
_INQUIRY_INTO = re.compile(r"(?:查处|严查|彻查|调查|追究|问责|处分|整顿|监督)[^,。!?;:\n]{0,6}$")
_TURNED_TO = re.compile(
    r"(?:[向到找给去跟与和打至往]|致电|联系|咨询|报告|拨打|投诉|举报|反映|反馈|要求|请求)[了过]?[^,。!?;\n]{0,8}$"
    r"| (?:complained|complain|reported|report|wrote|written|called|phoned|rang|emailed|mailed|asked|"
    r"told|went|contacted)"
    r" [^.!?;\n]{0,40}$"
)
_ASKING = re.compile(
    r"(?:请(?!问|教)|望|盼|建议|呼吁|恳求|责成|责令|督促|交由|应由)[^,。!?;:\n]{0,8}$"
    r"| (?:please|urge|hope|want|let) [^.!?;\n]{0,30}$"
)
# Words after a name which mean that something else is meant: a place, a telephone, a body below it.
_ELSEWHERE = re.compile(
    r"(?:的?(?:门口|门前|大门|对面|附近|旁|后面|前面|隔壁|宿舍|家属|楼下|路口|公交站|地铁站|站台|小区|大院|对出)|"
    r"(?:的?(?:投诉|举报|咨询|监督|服务)?(?:电话|热线|邮箱|网站))|直属|下属|管辖|辖区|备案|批准|审批|颁发|发证|认定|"
    r"(?:来)?(?:查处|查办|处理|解决|调查|核实|介入|受理)(?:了|过)?(?:$|[^不无没未拖]))"
)
# Between a name and the misconduct: another actor did it, or the bureau is asked to act on it.
_OTHER_ACTOR = re.compile(
    r"公司|企业|商家|商户|超市|商场|市场|饭店|餐馆|酒店|工厂|厂家|厂|开发商|物业|老板|业主|司机|学校|医院|医生|老师|店|中介|用人单位|包工头|承包商|邻居|摊贩|"
    r"查处|查办|惩处|处罚|打击|整治|严肃处理|责令|帮忙|帮助|"
    r" (?:company|developer|factory|landlord|employer|school|hospital|shop|boss|driver|"
    r"neighbou?rs?|owner|contractor|he|she|"
    r"investigate|punish|stop|inspect) "
)
_DENIED = re.compile(r"(?:不要|不能|不得|切勿|杜绝|没有|并非|不是|不会|请勿)[^,。!?;\n]{0,2}$")


def accused(text: str, mentions: Sequence[Mention]) -> tuple[str, ...]:
    """Codes of the bureaus that the normalised ``text`` complains about, in order of mention."""
    found: dict[str, None] = {}
    for mention, following in zip_longest(mentions, mentions[1:]):
        if mention.bureau not in found:
            limit = following.start if following else len(text)
            if _is_accused(text, mention, limit):
                found[mention.bureau] = None
    return tuple(found)


def _is_accused(text: str, mention: Mention, limit: int) -> bool:
    # A Latin name begins with its space; the word before it needs that space too.
    before = text[max(0, mention.start - 50) : mention.start + (text[mention.start] == " ")]
    # Three spare characters let "和" between two accused bureaus pass; the next name ends the view.
    near = text[mention.end : mention.end + 70]
    wide = text[mention.end : mention.end + 120]
    if _ELSEWHERE.match(near):
        return bool(_TURNED_TO.search(before) and _came_to_nothing(wide))
    if _ACCUSING.search(before) or (_CONCERNING.search(before) and _ITS_COMPLAINT.match(near)):
        return True
    if _TURNED_TO.search(before) and _came_to_nothing(wide):
        return True
    if _ASKING.search(before) and not _INQUIRY_INTO.search(before):
        return False
    own = near if limit - mention.end <= 3 else text[mention.end : min(limit + 12, mention.end + 70)]
    return _misbehaved(own)


def _misbehaved(after: str) -> bool:
    for pattern in (_BAD_AFTER, _BAD_AFTER_EN):
        match = pattern.match(after)
        if match and not _OTHER_ACTOR.search(match["gap"] + " ") and not _DENIED.search(match["gap"]):
            return True
    return False


def _came_to_nothing(after: str) -> bool:
    # Who failed stands right before the failing: 7 characters of Chinese, some words of English.
    for pattern, near in ((_NOTHING_CAME, 7), (_NOTHING_CAME_EN, 30)):
        match = pattern.match(after)
        if match and not _OTHER_ACTOR.search(match["gap"][-near:] + " "):
            return True
    return False


def blocks(
    bureaus: Bureaus, by_words: Iterable[str], by_form: str, barred: Iterable[str]
) -> tuple[Block, ...]:
    """Every bureau that must not handle the matter, each once, with its subordinates.

    ``by_words``: codes found by :func:`accused`; ``by_form``: code the complainant chose, or "";
    ``barred``: codes blocked for this case before.
    """
    found: dict[str, Text] = {}
    for code in (by_form,) if by_form else ():
        _block(found, bureaus, code, "投诉人指明投诉{}", "the complainant says it is about {}")
    for code in by_words:
        _block(found, bureaus, code, "来件内容是投诉{}", "the message complains about {}")
    for code in barred:
        _block(found, bureaus, code, "本件此前已要求{}回避", "{} was already barred from this case")
    return tuple(Block(code, reason) for code, reason in found.items())


def _block(found: dict[str, Text], bureaus: Bureaus, code: str, zh: str, en: str) -> None:
    name = bureaus.name(code)
    found.setdefault(code, Text(zh.format(name.zh), en.format(name.en)))
    for below in bureaus.subordinates(code):
        found.setdefault(
            below,
            Text(
                f"{zh.format(name.zh)}，{bureaus.name(below).zh}是其下属单位",
                f"{en.format(name.en)}, and {bureaus.name(below).en} is under it",
            ),
        )
