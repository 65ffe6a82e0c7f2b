"""Complaints that a partner's system hands in: the web form's channel, without the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from channels import webform
from intake.contracts import Directory, Submission, Text
from intake.lifecycle import OFFICE, Role
from intake.people import Actor
from intake.refusals import Refused
from web.api.arguments import checked
from web.api.errors import ApiError, bad_parameter, refused
from web.api.schemas import Schema

MAY_HAND_IN = OFFICE | {Role.DESK}
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,189}")


def _line(zh: str, en: str, longest: int = webform.MAX_LINE) -> Schema:
    return {"type": "string", "maxLength": longest, "description": {"zh": zh, "en": en}}


def _mark(zh: str, en: str) -> Schema:
    return {"type": "boolean", "default": False, "description": {"zh": zh, "en": en}}


NEW_COMPLAINT: Schema = {
    "type": "object",
    "properties": {
        "text": _line("发生了什么", "what happened", webform.MAX_TEXT),
        "subject": _line("标题", "a title"),
        "bureau": _line("相关单位的代码", "code of the bureau it concerns", 64),
        "about_bureau": _mark("投诉的就是该单位", "the complaint is about that very bureau"),
        "category": _line("类别", "the category", 32),
        "place": _line("地点", "where"),
        "when": _line("时间", "when"),
        "name": _line("投诉人姓名", "the complainant's name"),
        "email": _line("投诉人电子邮箱", "the complainant's e-mail", 254),
        "phone": _line("投诉人电话", "the complainant's telephone", 40),
        "anonymous": _mark("匿名", "anonymous"),
        "confidential": _mark("保密", "confidential"),
        "language": {
            "type": "string",
            "enum": ["zh-Hans", "zh-Hant", "en"],
            "default": "zh-Hans",
            "description": {"zh": "答复用的语言", "en": "the language to answer in"},
        },
    },
    "required": ["text"],
    "additionalProperties": False,
}


def read_complaint(
    actor: Actor, key: str, given: Mapping[str, Any], directory: Directory, now: datetime
) -> Submission:
    """The submission of what ``actor`` hands in. ``key`` is the Idempotency-Key, unique per token."""
    if actor.role not in MAY_HAND_IN:
        raise refused(Refused("forbidden"))
    if not _KEY.fullmatch(key):
        raise bad_parameter(
            "Idempotency-Key",
            "请在 Idempotency-Key 头中给出 1 至 128 个可见 ASCII 字符，重发时保持不变。",
            "Send the header Idempotency-Key: 1 to 128 visible ASCII characters, the same on every resend.",
        )
    fields = checked("complaints", given, NEW_COMPLAINT)
    form = webform.ComplaintForm(**_understood(fields, directory))
    made = webform.submission(form, f"{actor.id}:{key}", now)
    return replace(made, external_id=key, envelope={"token": actor.id, "partner": actor.name})


def _understood(fields: dict[str, Any], directory: Directory) -> dict[str, Any]:
    if not fields["text"].strip():
        raise _wrong("text", "text 不能为空。", "“text” must not be empty.")
    if fields.get("language", "en") not in ("zh-Hans", "zh-Hant", "en"):
        raise _wrong(
            "language",
            "language 只能是 zh-Hans、zh-Hant 或 en。",
            "“language” must be zh-Hans, zh-Hant or en.",
        )
    if bureau := fields.get("bureau"):
        if not directory.knows(bureau):
            raise refused(Refused("unknown_bureau", bureau=bureau))
        name = directory.name(bureau)
        fields["bureau_name"] = name.en if fields.get("language") == "en" else name.zh
    if fields.get("email") and not _EMAIL.fullmatch(fields["email"]):
        raise _wrong("email", "email 不像一个邮箱地址。", "“email” does not look like an e-mail address.")
    if fields.get("phone"):
        number = webform.phone_number(fields["phone"])
        if number is None:
            raise _wrong(
                "phone", "phone 不像一个电话号码。", "“phone” does not look like a telephone number."
            )
        fields["phone"] = number
    return fields


def _wrong(field: str, zh: str, en: str) -> ApiError:
    return ApiError(422, "bad_value", Text(zh, en), field)
