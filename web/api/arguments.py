"""The request's JSON object, and how it is checked against the schema that also documents it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import request

from intake.contracts import Text
from web.api.errors import ApiError, bad_parameter
from web.api.questions import plain_text
from web.api.schemas import Schema

MAX_BODY = 128 * 1024
"""Bytes of a request: the longest text, escaped in UTF-8, fits."""


def json_object() -> Mapping[str, Any]:
    """What the request holds; nothing at all is an empty object. 400, 413 or 415 for anything else."""
    request.max_content_length = MAX_BODY
    content = request.get_data()
    if not content:
        return {}
    if not request.is_json:
        sentence = Text("请求内容应是 application/json。", "Send the request as application/json.")
        raise ApiError(415, "json_needed", sentence)
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        zh, en = "请求内容应是一个 JSON 对象。", "The request must hold one JSON object."
        raise bad_parameter("body", zh, en, "bad_json")
    return given


def checked(name: str, given: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """``given``, every value of its kind and lists as tuples; ``name`` is what asks for it.

    Allowed values are left to whoever knows why they are refused.
    """
    known = schema["properties"]
    for key in given:
        if key not in known:
            shown = key[:40].encode(errors="replace").decode()
            raise bad_parameter(
                shown,
                f"“{name}”没有名为“{shown}”的参数，可用的有：{'、'.join(known)}。",
                f"“{name}” takes no “{shown}”; it takes: {', '.join(known)}.",
            )
    for key in schema["required"]:
        if key not in given:
            raise bad_parameter(key, f"“{name}”缺少参数 {key}。", f"“{name}” needs “{key}”.")
    return {key: _argument(key, value, known[key]) for key, value in given.items()}


def _argument(name: str, value: Any, schema: Schema) -> Any:
    kind = schema["type"]
    if kind == "array":
        if not isinstance(value, list) or len(value) > schema["maxItems"]:
            raise bad_parameter(
                name,
                f"{name} 应是至多 {schema['maxItems']} 项的列表。",
                f"“{name}” must be a list of at most {schema['maxItems']} texts.",
            )
        return tuple(_argument(name, item, schema["items"]) for item in value)
    if kind == "boolean":
        if not isinstance(value, bool):
            raise bad_parameter(name, f"{name} 应是 true 或 false。", f"“{name}” must be true or false.")
        return value
    if kind == "integer":
        if type(value) is not int or not schema["minimum"] <= value < 2**31:
            raise bad_parameter(name, f"{name} 应是正整数。", f"“{name}” must be a positive whole number.")
        return value
    if not isinstance(value, str):
        raise bad_parameter(name, f"{name} 应是文字。", f"“{name}” must be a text.")
    return plain_text(name, value, schema.get("maxLength", 64))
