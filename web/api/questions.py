"""What may be asked, and how it is checked: the same schema checks the request and documents it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from intake.contracts import Text
from intake.ids import is_id
from web.api.callers import check_language
from web.api.errors import bad_parameter

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; ``schema`` is JSON Schema. An array is written with commas between its items."""

    name: str
    meaning: Text
    schema: dict[str, Any]
    place: str = "query"
    required: bool = False


def query(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """The request's query, checked: lists for arrays, ints for integers, "" or the default if not given."""
    check_language()
    known = {p.name: p for p in parameters if p.place == "query"}
    for name, values in request.args.lists():
        if name not in known:
            shown = name[:40]
            raise bad_parameter(
                shown,
                f"没有名为“{shown}”的参数，可用的有：{'、'.join(known)}。",
                f"There is no parameter “{shown}”; there are: {', '.join(known)}.",
            )
        if len(values) > 1:
            raise bad_parameter(name, f"参数 {name} 只能出现一次。", f"Give “{name}” only once.")
    return {name: _value(p, request.args.get(name, "").strip()) for name, p in known.items()}


def _value(parameter: Parameter, given: str) -> Any:
    schema = parameter.schema
    if schema["type"] == "array":
        return tuple(
            _choice(parameter.name, item, schema["items"]["enum"]) for item in given.split(",") if item
        )
    if not given:
        return schema.get("default", "")
    if schema["type"] == "integer":
        return _whole_number(parameter.name, given, schema["minimum"], schema["maximum"])
    if "enum" in schema:
        return _choice(parameter.name, given, schema["enum"])
    return plain_text(parameter.name, given, schema["maxLength"])


def _choice(name: str, given: str, allowed: Sequence[str]) -> str:
    if given not in allowed:
        raise bad_parameter(
            name,
            f"参数 {name} 不能是“{given[:40]}”，可选：{'、'.join(allowed)}。",
            f"“{given[:40]}” is not a value of “{name}”; choose from {', '.join(allowed)}.",
        )
    return given


def _whole_number(name: str, given: str, least: int, most: int) -> int:
    if given.isascii() and given.isdigit() and len(given) <= 9 and least <= int(given) <= most:
        return int(given)
    raise bad_parameter(
        name,
        f"参数 {name} 应是 {least} 到 {most} 之间的整数。",
        f"“{name}” must be a whole number from {least} to {most}.",
    )


def plain_text(name: str, given: str, longest: int) -> str:
    """``given``, if the database can hold it and it is not too long; else 400."""
    if _UNSTORABLE.search(given):
        raise bad_parameter(
            name,
            f"{name} 含有无法保存的字符（NUL 或残缺的代理对）。",
            f"“{name}” holds a character that cannot be stored (NUL or half a surrogate pair).",
        )
    if len(given) > longest:
        raise bad_parameter(
            name,
            f"{name} 太长，最多 {longest} 个字符。",
            f"“{name}” is too long: at most {longest} characters.",
        )
    return given


def cursor_of(place: int | str | None) -> str | None:
    """Where the next page starts, as one opaque word."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(f"1:{place}".encode()).decode().rstrip("=")


def number_cursor(given: str) -> int | None:
    """The place in a list of complaints that a cursor names; None for "" (the first page)."""
    if not given:
        return None
    place = _place(given)
    if not (place.isascii() and place.isdigit() and len(place) <= 11):
        raise _bad_cursor()
    return int(place)


def id_cursor(given: str) -> str:
    """The place in a list of submissions that a cursor names; "" for the first page."""
    place = _place(given) if given else ""
    if place and not is_id(place):
        raise _bad_cursor()
    return place


def _place(given: str) -> str:
    try:
        version, _, place = (
            base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode("ascii").partition(":")
        )
    except (binascii.Error, ValueError):
        raise _bad_cursor() from None
    if version != "1" or not place:
        raise _bad_cursor()
    return place


def _bad_cursor() -> Exception:
    return bad_parameter(
        "cursor",
        "cursor 无效：请原样使用上一页给出的 next_cursor。",
        "“cursor” is not valid: pass on the “next_cursor” of the page before as it is.",
    )
