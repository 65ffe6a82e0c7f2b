"""Verbs as JSON: which may be said over the API, and how their arguments become a verb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints

from intake import verbs
from intake.contracts import Text
from intake.verbs import MAX_TEXT, Verb
from web.api.arguments import checked
from web.api.schemas import OUTCOMES, URGENCIES, Schema

VERBS: Mapping[str, tuple[Any, Text]] = {
    "assign": (verbs.Assign, Text("交办给责任单位", "make a bureau answerable")),
    "accept": (verbs.Accept, Text("受理", "take the case up")),
    "return": (verbs.Return, Text("申请退回", "say that the bureau is not competent")),
    "grant_return": (verbs.GrantReturn, Text("同意退回", "agree to a return")),
    "refuse_return": (verbs.RefuseReturn, Text("不同意退回", "refuse a return")),
    "ask": (verbs.Ask, Text("请投诉人补充，暂停计时", "ask the complainant for more; pauses the clock")),
    "resume": (verbs.Resume, Text("恢复计时", "end the pause")),
    "answer": (verbs.Answer, Text("答复投诉人，立即发出", "answer; it goes out at once")),
    "close": (verbs.Close, Text("办结", "close, once the answer was delivered")),
    "close_unanswered": (
        verbs.CloseUnanswered,
        Text("说明理由后办结", "close with a reason why no answer could be delivered"),
    ),
    "reopen": (verbs.Reopen, Text("重办", "open again")),
    "merge": (
        verbs.Merge,
        Text("并案：并入 into 所指的主件", "merge into the case `into`, which leads"),
    ),
    "separate": (verbs.Separate, Text("拆分已并案的投诉件", "take a merged case apart again")),
    "classify": (verbs.Classify, Text("设定类别或紧急程度", "set category or urgency")),
    "bar": (verbs.Bar, Text("回避：该单位及其下属不得办理", "bar a bureau and its subordinates")),
    "attend": (verbs.Attend, Text("已查看待关注事项", "say that what called for attention was seen to")),
    "note": (verbs.Note, Text("备注，仅同事可见", "a note for colleagues")),
    "withdraw": (verbs.Withdraw, Text("代投诉人撤回", "withdraw for the complainant")),
    "transcribe": (
        verbs.Transcribe,
        Text("写下或更正录音里说的话", "write down, or correct, what a recording says"),
    ),
    "rate": (verbs.Rate, Text("代投诉人评价", "rate for the complainant")),
}

_CHOICES: Mapping[str, list[str]] = {
    "outcome": OUTCOMES,
    "urgency": URGENCIES,
    "value": ["satisfied", "basically_satisfied", "dissatisfied"],
}
MOST_SUPPORTING = 20
_LONGEST: Mapping[str, int] = {"bureau": 64, "category": 32}
"""Characters that the columns of a case hold; every other text may be as long as an answer."""


def arguments_schema(name: str) -> Schema:
    """JSON Schema of a verb's arguments, with ``version`` beside them."""
    verb = VERBS[name][0]
    properties = {entry.name: _schema(verb, entry) for entry in fields(verb)}
    properties["version"] = {
        "type": "integer",
        "minimum": 1,
        "description": {
            "zh": "您看到的版本；期间有人改动则拒绝",
            "en": "the version you saw; refused when somebody changed the case since",
        },
    }
    return {
        "type": "object",
        "properties": properties,
        "required": [entry.name for entry in fields(verb) if entry.default is MISSING],
        "additionalProperties": False,
    }


def _schema(verb: Any, entry: Field[Any]) -> Schema:
    hint = get_type_hints(verb)[entry.name]
    if hint == int | None:
        return {"type": "integer", "minimum": 1}
    if hint is not str:
        return {"type": "array", "items": {"type": "string", "maxLength": 64}, "maxItems": MOST_SUPPORTING}
    if entry.name in _CHOICES:
        optional = [] if entry.default is MISSING else [""]
        return {"type": "string", "enum": [*_CHOICES[entry.name], *optional]}
    return {"type": "string", "maxLength": _LONGEST.get(entry.name, MAX_TEXT)}


def read_verb(name: str, given: Mapping[str, Any]) -> tuple[Verb, int | None]:
    """The verb and the version it was said to; raises 400 naming the argument that is wrong."""
    arguments = checked(name, given, arguments_schema(name))
    version: int | None = arguments.pop("version", None)
    verb: Verb = VERBS[name][0](**arguments)
    return verb, version
