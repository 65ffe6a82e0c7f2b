"""Holds an answer against the OpenAPI document."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from web.api.openapi import document


def fits(name: str, value: Any) -> None:
    """Assert that ``value`` has the documented shape ``name``, no property more or less."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document("en")["components"]}
    Draft202012Validator(schema).validate(value)
