"""The vocabulary of conversations, in Chinese and English. You are here: what understand looks up.

Words stand in the form that ``spelling.fold`` makes: simplified characters, lower case, no punctuation.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Intent(StrEnum):
    """What a message asks of the service."""

    NEW = "new"  # 新投诉
    STATUS = "status"  # 查询
    ADD = "add"  # 补充
    WITHDRAW = "withdraw"  # 撤回
    HELP = "help"  # 帮助
    STOP = "stop"  # 退订
    START = "start"  # 恢复
    LANGUAGE = "language"  # 中文, English; the value says which
    SKIP = "skip"  # 跳过 this question
    ENOUGH = "enough"  # no more questions
    RATE = "rate"  # 满意 …; the value says which
    YES = "yes"
    NO = "no"
    KEY = "key"  # a lone figure; the value says which
    GREETING = "greeting"
    THANKS = "thanks"
    NOTHING = "nothing"  # neither a letter nor a figure that says anything


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORDS: Mapping[tuple[Intent, str], str] = {
    (Intent.NEW, ""): """
        新投诉 | 新的投诉 | 新建投诉 | 投诉 | 再投诉 | 另一个投诉 | 我要投诉 | 新件 | 举报 | new |
        new complaint | complaint | complain | new case | another complaint
    """,
    (Intent.STATUS, ""): """
        查询 | 查 | 查询投诉 | 查投诉 | 查进度 | 查询进度 | 查询结果 | 进度 | 进展 | 状态 | 查结果 |
        有结果 | 有结果没 | 有消息 | 有消息没 | 怎么样 | 办得怎么样 | 处理得怎么样 | 投诉怎么样 |
        到哪一步 | 办到哪一步 | 查询状态 | 查询编号 | 办理情况 | 处理结果 | 有冇消息 | 点样 | status |
        progress | track | check | check status | any news | any update | update | updates |
        how going | status update | news | where
    """,
    (Intent.ADD, ""): """
        补充 | 补充情况 | 补充材料 | 补充内容 | 我补充 | 再补充 | add | add more | more | addition
    """,
    (Intent.WITHDRAW, ""): """
        撤回 | 撤回投诉 | 撤销 | 撤销投诉 | 撤诉 | 取消投诉 | 不投诉 | 投诉撤回 | 投诉撤销 | withdraw |
        withdraw complaint | cancel complaint | withdrawal | retract
    """,
    (Intent.HELP, ""): """
        帮助 | 说明 | 怎么用 | 使用说明 | 菜单 | 人工 | 客服 | 转人工 | 怎么投诉 | 如何投诉 | help |
        info | menu | commands | how | ? | human | agent
    """,
    (Intent.STOP, ""): """
        退订 | td | t | 停止 | 取消订阅 | 拒收 | 别再发 | 不要再发 | 别发 | 停止发送 | stop | stopall |
        stop all | unsubscribe | cancel | quit | end | optout | opt out
    """,
    (Intent.START, ""): """
        恢复 | 恢复接收 | 订阅 | 重新订阅 | 继续接收 | 恢复订阅 | start | unstop | resume | subscribe |
        opt in | optin
    """,
    (Intent.LANGUAGE, "zh-Hans"): """
        中文 | 简体 | 简体中文 | 汉语 | 普通话 | chinese | simplified chinese
    """,
    (Intent.LANGUAGE, "zh-Hant"): """
        繁体 | 繁体中文 | 繁中 | 粤语 | 广东话 | traditional chinese
    """,
    (Intent.LANGUAGE, "en"): """
        英文 | 英语 | english | in english
    """,
    (Intent.SKIP, ""): """
        跳过 | 略过 | 不知道 | 不清楚 | 不记得 | 忘 | 忘记 | 不方便 | 唔知 | 唔知道 | 下一个 | skip |
        next | don't know | dont know | do not know | not sure | no idea | unknown | pass
    """,
    (Intent.ENOUGH, ""): """
        全部跳过 | 都跳过 | 不要问 | 别问 | 不用问 | 不想说 | 不答 | 没有要说的 | 就这些 | skip all |
        no more questions | that's all | thats all | enough | stop asking
    """,
    (Intent.RATE, "satisfied"): """
        满意 | 很满意 | 非常满意 | 十分满意 | 挺满意 | 好满意 | 相当满意 | 好评 | 都满意 | satisfied |
        very satisfied | fully satisfied | happy | very happy
    """,
    (Intent.RATE, "basically_satisfied"): """
        基本满意 | 基本上满意 | 比较满意 | 较满意 | 还算满意 | 勉强满意 | 一般般 | basically satisfied |
        mostly satisfied | partly satisfied | fairly satisfied | somewhat satisfied | basically
    """,
    (Intent.RATE, "dissatisfied"): """
        不满意 | 很不满意 | 非常不满意 | 不太满意 | 十分不满意 | 差评 | 唔满意 | 不满 | dissatisfied |
        not satisfied | unsatisfied | very dissatisfied | unhappy | not happy |
        not at all satisfied | disappointed
    """,
    (Intent.YES, ""): """
        是 | 是的 | 对 | 对的 | 可以 | 好 | 好的 | 行 | 同意 | 确认 | 嗯 | 系 | 愿意 | 公开 | 没问题 |
        确定 | 确认撤回 | 可以公开 | 得 | 没关系 | 当然 | yes | y | ok | okay | yes please | sure |
        confirm | yeah | yep | of course | alright
    """,
    (Intent.NO, ""): """
        不 | 否 | 不是 | 不可以 | 不行 | 不同意 | 不用 | 不用了 | 算 | 算了 | 保密 | 匿名 | 没有 | 唔使 |
        不愿意 | 不撤 | 不撤回 | 不公开 | 无 | 没 | 唔好 | 先不 | 不要 | no | n | nope | no thanks | not |
        never mind | nevermind | confidential | anonymous | keep secret
    """,
    (Intent.GREETING, ""): """
        你好 | 您好 | 在吗 | 在不在 | 有人吗 | 有人 | 喂 | 哈喽 | 早上好 | 下午好 | 晚上好 | 早安 | 嗨 |
        你好呀 | 测试 | 在 | 早 | 早晨 | 请问在吗 | 打扰 | 同志你好 | 领导好 | 领导您好 | hi | hello |
        hey | good morning | good afternoon | good evening | test | hi there | hello there |
        anyone there | dear sir | dear sir or madam
    """,
    (Intent.THANKS, ""): """
        谢谢 | 谢谢你 | 谢谢您 | 多谢 | 感谢 | 非常感谢 | 辛苦 | 唔该 | 收到 | 知道 | 明白 | 好的谢谢 |
        谢 | 麻烦 | 好的收到 | 再见 | 拜拜 | 收到谢谢 | 辛苦你们 | 十分感谢 | thanks | thank you |
        thank you very much | thx | cheers | many thanks | received | noted | bye | ok thanks |
        ok thank you | thanks a lot | got it | goodbye
    """,
}

VOCABULARY: Mapping[tuple[Intent, str], tuple[str, ...]] = {
    meaning: tuple(word.strip() for word in words.split("|")) for meaning, words in _WORDS.items()
}
"""Every word of every intent, with the value it carries."""

MEANING: Mapping[str, tuple[Intent, str]] = {
    word: meaning for meaning, words in VOCABULARY.items() for word in words
}

TAKES_TEXT: Mapping[str, tuple[Intent, str]] = {
    word: meaning
    for meaning, words in VOCABULARY.items()
    if meaning[0] in (Intent.NEW, Intent.ADD, Intent.WITHDRAW, Intent.RATE)
    for word in words
    if word
    not in {"举报", "happy", "very happy", "more", "basically", "一般般", "不满", "complain", "disappointed"}
}
"""Words after which more may follow in the same message: "补充：昨晚又响了"."""

GLUED = frozenset({"新投诉", "新的投诉", "补充", "new complaint"})
"""Of those, the ones nobody sets a mark behind: "补充昨晚又响了"."""
NEEDS_MARK = frozenset({"new", "complaint", "投诉", "satisfied", "unhappy", "满意"})
"""Of those, the ones that also begin an ordinary sentence: a space alone does not make them a command."""

POLITE_BEFORE = _listed(
    """
    请问 请 您好 你好 麻烦你 麻烦您 麻烦 劳驾 帮我 帮忙 我想 我要
    想 要 给我 我们 我 唔该 回复 选择 选 按 那 就 对 同志 领导 能不能 可以帮我 这是 是
    """
)
POLITE_AFTER = _listed(
    """
    谢谢您 谢谢你 谢谢 多谢 一下 吧 呢 啊 呀 哦 了 吗 嘛 唔该 哈 啦 喔 的 谢 咯
    """
)
POLITE_WITHIN = ("一下", "我的", "这个", "这件", "那件", "件")

FILLERS = _set(
    """
    a about am an and answer are as at be been can case cases complaint complaints could dear do
    does for get give has have hello hey hi i i'd i'm id im is it it's its just kindly know let like
    madam me my no now number of on option please pls plz ref reference reply result see sir some
    tell thank thanks that the there this to u want wanted was what what's whats with would you your
    """
)
"""English words that make a command polite and change nothing."""

UNITS_ZH = frozenset(
    "天日月年个楼号次人点元块米户单栋座层岁分小周星期排路街村组队家部条只台百千万亿多几班度级种时名位件平公斤"
)
UNITS_EN = _set(
    """
    am and big cars children day days dogs families floors hour hours houses kids km large m men
    meters metres min minutes month months more new night nights o'clock of old or other people pm
    road shops small street times to trucks week weeks women workers year years yuan
    """
)
"""What a figure counts: "3 天没水" begins no rating."""
