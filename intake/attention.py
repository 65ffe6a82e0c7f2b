"""What may call the office to a case beside its stage, and what the office must then do.

Each is a word in ``complaint.attention``; the ladder of "look" chases it until somebody attends to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake.contracts import Text


class Attention(StrEnum):
    """Why a case is on the office's list."""

    RETURNED = "returned"  # 申请退回
    UNDELIVERED = "undelivered"  # 未送达
    UNFETCHED = "unfetched"  # 文件未取到
    MESSAGE = "message"  # 新来信息
    CALL_BACK = "call_back"  # 要求回电
    SAFETY = "safety"  # 有安全风险
    DISSATISFIED = "dissatisfied"  # 不满意
    WITHDRAWN = "withdrawn"  # 要求撤回


@dataclass(frozen=True, slots=True)
class Call:
    """``name`` says what happened; ``duty`` completes "the office must …" and 须……."""

    name: Text
    duty: Text


CALLS: Mapping[Attention, Call] = {
    Attention.RETURNED: Call(Text("申请退回", "Return asked for"), Text("裁定退回", "rule on the return")),
    Attention.UNDELIVERED: Call(
        Text("未送达", "Not delivered"), Text("另想办法送达", "reach the person another way")
    ),
    Attention.UNFETCHED: Call(
        Text("附件没取到", "File missing"), Text("另行索取附件", "ask for the file again")
    ),
    Attention.MESSAGE: Call(Text("新来信", "New message"), Text("阅看新来信", "read the new message")),
    Attention.CALL_BACK: Call(Text("请求回电", "Asked for a call"), Text("回电", "call back")),
    Attention.SAFETY: Call(
        Text("有安全风险", "Safety risk"), Text("立即处理安全风险", "see to the risk at once")
    ),
    Attention.DISSATISFIED: Call(
        Text("不满意", "Dissatisfied"), Text("复查办理情况", "look into it once more")
    ),
    Attention.WITHDRAWN: Call(
        Text("要求撤回", "Wants to withdraw"), Text("答复并办结", "answer and close it")
    ),
}
_LIGHT = (None, Attention.MESSAGE, Attention.UNFETCHED, Attention.UNDELIVERED)
LOOKED_FOR = tuple(kind for kind in Attention if kind is not Attention.RETURNED)
"""What stands on the list "needs a look"; returns have a list of their own."""


def gravity(why: str | None) -> int:
    """How grave a reason is: a lighter one does not hide it. What people ask for comes before all else."""
    return _LIGHT.index(why) if why in _LIGHT else len(_LIGHT)
