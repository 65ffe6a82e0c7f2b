"""The OpenAPI document and the page for people say what there is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from intake.contracts import Text
from web.api.endpoints import ENDPOINTS
from web.api.openapi import document
from web.api.page import page
from web.api.speaking import VERBS

DESIGN = {
    "": "reference state outcome channel language subject body complainant bureau category routing "
    "received_at due_at answered_at closed_at submissions events",
    "complainant": "name anonymous contacts",
    "bureau": "code name",
    "routing": "by rule reason",
    "submissions": "id channel external_id received_at state from subject body attachments",
    "events": "seq at actor kind data hash",
}


def nodes(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        return [node, *(found for value in node.values() for found in nodes(value))]
    return [found for value in node for found in nodes(value)] if isinstance(node, list) else []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_document_is_whole(language: str) -> None:
    told = document(language)
    assert told["openapi"] == "3.1.0"
    names = set(told["components"]["schemas"])
    refs = {node["$ref"].rpartition("/")[2] for node in nodes(told) if "$ref" in node}
    assert refs <= names
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert not [node for node in nodes(told) if isinstance(node.get("description"), dict)]
    operations = [operation for path in told["paths"].values() for operation in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids) == len(ENDPOINTS) - 1 + len(VERBS)
    for path, methods in told["paths"].items():
        for operation in methods.values():
            declared = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert declared == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_what_outsiders_rely_on_is_there() -> None:
    schemas = document("en")["components"]["schemas"]

    def properties(schema: dict[str, Any]) -> dict[str, Any]:
        schema = schema.get("items", schema)
        schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        found: dict[str, Any] = schema["properties"]
        return found

    complaint = properties(schemas["Complaint"])
    for part, listed in DESIGN.items():
        assert set(listed.split()) <= set(properties(complaint[part]) if part else complaint), part


def test_both_descriptions_are_public(api: Any) -> None:
    told = api.get("/openapi.json?lang=en", "")
    assert told.get_json() == json.loads(json.dumps(document("en")))
    for language, word in (("zh", "投诉件列表"), ("en", "complaints, newest first")):
        shown = api.get(f"/?lang={language}", "")
        assert (shown.status_code, shown.mimetype) == (200, "text/html")
        assert word in shown.get_data(as_text=True)


def test_the_page_loads_nothing_from_elsewhere() -> None:
    shown = page(document("en"), "en")
    assert "src=" not in shown
    assert "http" not in shown


def test_what_is_told_is_escaped() -> None:
    told = document("en")
    told["info"]["description"] = "<script>"
    assert "<script>" not in page(told, "en")


def test_texts_are_in_both_languages() -> None:
    for endpoint in ENDPOINTS:
        for text in (endpoint.summary, *(p.meaning for p in endpoint.parameters)):
            assert isinstance(text, Text)
            assert text.zh
            assert text.en


def test_every_route_is_in_the_document(api: Any) -> None:
    app: Flask = api.app
    described = {path.replace("{", "<").replace("}", ">") for path in document("en")["paths"]}
    plain = {"/api/v1/", "/api/v1/openapi.json", "/api/v1/<path:rest>"}
    verbs = "/api/v1/complaints/<reference>/verbs/<verb>"
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/"):
            continue
        assert rule.rule in described | plain | {verbs}
