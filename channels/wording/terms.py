"""Words that messages share: what a case waits for, how it ended, how hard it is chased."""

from __future__ import annotations

from collections.abc import Mapping

from intake.attention import CALLS
from intake.contracts import Text

CHASES: Mapping[str, Text] = {
    "remind": Text("提醒", "Reminder"),
    "urge": Text("催办", "Urgent reminder"),
    "escalate": Text("升级催办", "Escalation"),
    "supervise": Text("督办", "Supervision"),
}

STAGES: Mapping[str, Text] = {
    "route": Text("分拨", "to be routed"),
    "accept": Text("受理", "to be accepted"),
    "answer": Text("答复", "to be answered"),
    "complete": Text("投诉人补充", "for the complainant"),
    "check": Text("核查答复", "for its answer to be checked"),
    "look": Text("效能办查看处理", "for the office to look at it"),
    "feedback": Text("评价", "for feedback"),
} | {
    str(kind): Text(f"效能办{call.duty.zh}", f"for the office to {call.duty.en}")
    for kind, call in CALLS.items()
}

OUTCOMES: Mapping[str, Text] = {
    "resolved": Text("已解决", "resolved"),
    "explained": Text("已解释", "explained"),
    "unfounded": Text("不属实", "unfounded"),
    "not_accepted": Text("不予受理", "not accepted"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "merged": Text("已并案", "merged"),
}


def term(table: Mapping[str, Text], key: str, language: str) -> str:
    """The word for ``key``; the key itself when the table has none."""
    text = table.get(key)
    if text is None:
        return key
    return text.en if language == "en" else text.zh
