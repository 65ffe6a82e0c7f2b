"""What the forms of desk, page and letter share: fields of their kinds, and fields in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from intake.contracts import UnreadableSubmission

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
"""What a form may say that its words are written in."""
_KINDS: Mapping[str, type] = {"str": str, "bool": bool, "int": int}


def typed(form: type[DataclassInstance], values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that ``form`` has, each of its kind, lists for what is no plain value; others are left out.

    Raises :class:`UnreadableSubmission` for a field of another kind, and for a form without text.
    """
    if any(each.name == "text" for each in fields(form)) and not isinstance(values.get("text"), str):
        raise UnreadableSubmission("the form has no text")
    known = {}
    for each in fields(form):
        if each.name not in values:
            continue
        value = values[each.name]
        if type(value) is not _KINDS.get(str(each.type), list):  # True is no number here
            raise UnreadableSubmission(f"the form's field {each.name!r} is not of its kind")
        known[each.name] = value
    return known


def with_fields(
    text: str,
    language: str,
    *,
    place: str = "",
    when: str = "",
    bureau_name: str = "",
    about_bureau: bool = False,
) -> str:
    """``text``, and below it in plain words what stands in fields of its own, so that whoever handles the
    case reads it, and routing finds the bureau that was asked for."""
    english = language == "en"
    lines = []
    if place:
        lines.append(f"Where: {place}" if english else f"地点：{place}")
    if when:
        lines.append(f"When: {when}" if english else f"时间：{when}")
    if bureau_name and about_bureau:
        lines.append(f"Complaint about: {bureau_name}" if english else f"被投诉单位：{bureau_name}")
    elif bureau_name:
        asked = f"To be handled by: please {bureau_name}"
        lines.append(asked if english else f"希望由谁办理：请{bureau_name}处理")
    return "\n\n".join(part for part in (text, "\n".join(lines)) if part)
