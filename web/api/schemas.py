"""The shapes of what the API answers, as JSON Schema 2020-12 (which is OpenAPI 3.1's).

Every property listed is always present, and no other ever is; a test holds the answers against it.
"""

from __future__ import annotations

from typing import Any

from intake.lifecycle import Feedback, Outcome, State

Schema = dict[str, Any]

STATES = [str(state) for state in State]
OUTCOMES = [str(outcome) for outcome in Outcome]
SUBMISSION_STATES = ["pending", "done", "parked"]
URGENCIES = ["urgent", "ordinary", "complex"]


def text(zh: str = "", en: str = "", **more: Any) -> Schema:
    """A string, with what it means."""
    return {"type": "string", **_meaning(zh, en), **more}


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    more = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [schema["type"], "null"], **more}


def moment(zh: str = "", en: str = "") -> Schema:
    """A time: RFC 3339, UTC, with Z."""
    return text(zh, en, format="date-time", pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$")


def whole(zh: str = "", en: str = "", least: int = 0) -> Schema:
    """A whole number."""
    return {"type": "integer", "minimum": least, **_meaning(zh, en)}


def truth(zh: str, en: str) -> Schema:
    """True or false."""
    return {"type": "boolean", **_meaning(zh, en)}


def items(schema: Schema, zh: str = "", en: str = "") -> Schema:
    """A list."""
    return {"type": "array", "items": schema, **_meaning(zh, en)}


def thing(**properties: Schema) -> Schema:
    """An object with exactly these properties; a trailing underscore frees a Python keyword."""
    named = {name.rstrip("_"): schema for name, schema in properties.items()}
    return {
        "type": "object",
        "properties": named,
        "required": list(named),
        "additionalProperties": False,
    }


def ref(name: str) -> Schema:
    """Another of :data:`SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def _meaning(zh: str, en: str) -> Schema:
    return {"description": {"zh": zh, "en": en}} if zh else {}


_SUBMISSION = {
    "id": text(pattern="^[0-9a-f]{32}$"),
    "channel": text("渠道：email、web、sms 等", "how it came: email, web, sms …"),
    "external_id": text(
        "渠道自己的编号，如邮件的 Message-ID（不含尖括号）",
        "the channel's own id, as a mail's Message-ID without angle brackets",
    ),
    "received_at": moment(),
    "state": text(
        "pending 等待处理，done 已归件，parked 需人工查看",
        "pending: waits; done: filed; parked: a person must look at it",
        enum=SUBMISSION_STATES,
    ),
    "from_": thing(name=text(), address=text()),
    "subject": text(),
    "body": text("来件人写的全部文字", "all the text the sender wrote"),
    "quoted": text("来件中引用的以往邮件", "what it quotes from earlier mail"),
    "author": or_null(
        text(
            "谁写的：投诉人、责任单位或机器；待处理时为空",
            "who wrote it; null while it waits",
            enum=["complainant", "bureau", "machine"],
        )
    ),
    "problems": items(text(), "无法读取之处", "what could not be read"),
    "attachments": items(ref("Attachment")),
}

SCHEMAS: dict[str, Schema] = {
    "Error": thing(
        error=thing(
            code=text("供程序判断的代码", "what a program may test for"),
            message=text("一句话说明哪里不对、怎么办", "one sentence: what is wrong and what to do"),
            field=or_null(text("出错的参数", "the parameter to blame")),
        )
    ),
    "Attachment": thing(
        filename=text(),
        media_type=text(),
        size=whole("字节数", "bytes"),
        sha256=text(pattern="^[0-9a-f]{64}$"),
    ),
    "Bureau": thing(code=or_null(text()), name=or_null(text())),
    "Contact": thing(
        kind=text("email、phone、telegram、postal、web"), value=text(), verified={"type": "boolean"}
    ),
    "Complainant": thing(
        name=text("无权查看时为空", "empty when this token may not see it"),
        anonymous=truth("要求匿名，或不知是谁", "asked to stay anonymous, or nobody knows who it is"),
        contacts=items(ref("Contact")),
    ),
    "Event": thing(
        seq=whole(least=1),
        at=moment(),
        actor=thing(kind=text(), id=text(), name=text()),
        kind=text("发生了什么：received、routed、assigned、accepted、answered、closed 等", "what happened"),
        data={"type": "object"},
        hash=text(
            "与此前全部历史相连的 SHA-256", "SHA-256 over this and all before it", pattern="^[0-9a-f]{64}$"
        ),
    ),
    "Submission": thing(**_SUBMISSION),
    "ListedSubmission": thing(
        **_SUBMISSION,
        reference=or_null(text("所属投诉件；待处理时为空", "the case it belongs to; null while it waits")),
    ),
    "Complaint": thing(
        reference=text("受理编号", "what people say aloud", pattern=r"^\d{2}-\d{6,8}-\d$"),
        version=whole("每次改动加一", "rises with every change", least=1),
        state=text(enum=STATES),
        outcome=or_null(text("办结方式", "how it ended", enum=OUTCOMES)),
        channel=text("首次来件的渠道", "of the first submission"),
        language=text(),
        subject=text(),
        body=text("首次来件的正文", "of the first submission"),
        complainant=ref("Complainant"),
        bureau=ref("Bureau"),
        supporting=items(ref("Bureau"), "协办单位", "bureaus that help"),
        category=text(),
        urgency=text(enum=URGENCIES),
        routing=thing(
            by=text("rule 规则，name 单位名称，person 人工，none 未分拨", "rule, name, person or none"),
            rule=or_null(text("规则编号", "the rule's id")),
            reason=text("为什么交给该单位", "why it went there"),
        ),
        received_at=moment("计时从此刻开始", "the clock starts here"),
        due_at=moment("答复期限", "when the answer is due"),
        answered_at=or_null(moment()),
        closed_at=or_null(moment()),
        answer=or_null(text("最后一次答复", "the last answer")),
        no_answer_reason=or_null(text("未能答复的理由", "why no answer could be given")),
        feedback=or_null(thing(value=text(enum=[str(f) for f in Feedback]), text=text())),
        responsible=text("此刻该谁办：office、bureau、complainant、nobody", "who must act now"),
        action=text(
            "该办什么：route、accept、answer、complete、check、look、feedback、none", "what they must do"
        ),
        action_due_at=or_null(moment("该步骤的期限", "when that is due")),
        next_at=or_null(moment("下次催办的时间", "when the chaser looks again")),
        attention=or_null(text("需要有人查看的原因", "why somebody must look")),
        submissions=items(ref("Submission")),
        events=items(ref("Event"), "只增不改的历史", "append-only history"),
        merged_into=or_null(text("并入的主件的编号", "the case that leads this one")),
        merged=items(text(), "并入此件的投诉件的编号", "references of the cases merged into this one"),
        links=thing(self=text(format="uri-reference")),
    ),
    "ComplaintList": thing(
        items=items(ref("Complaint")),
        next_cursor=or_null(text("下一页；没有更多时为空", "the next page; null when there is no more")),
    ),
    "SubmissionList": thing(items=items(ref("ListedSubmission")), next_cursor=or_null(text())),
    "HandedIn": thing(
        reference=text("受理编号，登记后即可查询", "can be asked for once it is registered"),
        code=text("查询码，请转告投诉人", "the tracking code; pass it on to the complainant"),
        submission_id=text(),
        duplicate=truth("同一 Idempotency-Key 已收到过", "the same Idempotency-Key was received before"),
    ),
    "VerbDone": thing(reference=text(), state=text(enum=STATES), version=whole(least=1)),
}
