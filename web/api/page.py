"""The API's own page for people: what there is, in plain HTML made from the OpenAPI document."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Any

from markupsafe import Markup

_WORDS = {
    "zh": {
        "title": "回音 · JSON 接口",
        "machine": "给程序看的说明：",
        "parameters": "参数",
        "calls": "接口",
        "shapes": "数据结构",
        "lang": "en",
        "other": "English",
        "tag": "zh-Hans",
    },
    "en": {
        "title": "Huiyin · JSON API",
        "machine": "The same for machines: ",
        "parameters": "Parameters",
        "calls": "Calls",
        "shapes": "Shapes",
        "lang": "zh",
        "other": "简体中文",
        "tag": "en",
    },
}
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem}code{font-size:.95em;overflow-wrap:anywhere}dt{margin-top:.4rem}dd{margin-left:1.5rem}"
    "h2{margin-top:2.5rem}h3{margin-top:1.5rem}a{display:inline-block;min-height:44px;line-height:44px}"
)
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""The Content-Security-Policy under which the page works: its own style and nothing else."""


def page(document: dict[str, Any], language: str) -> str:
    """The whole page, with nothing loaded from elsewhere."""
    words = _WORDS[language]
    operations = Markup("").join(
        _operation(method, path, operation, words)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    shapes = Markup("").join(
        _shape(name, schema) for name, schema in document["components"]["schemas"].items()
    )
    return Markup(
        '<!doctype html><html lang="{tag}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>'
        "<style>{style}</style></head><body><main><h1>{title}</h1><p>{about}</p>"
        '<p>{machine}<a href="/api/v1/openapi.json?lang={own}">openapi.json</a> · '
        '<a href="/api/v1/?lang={lang}" lang="{lang}" hreflang="{lang}">{other}</a></p>'
        "<h2>{calls_title}</h2>{operations}<h2>{shapes_title}</h2>{shapes}</main></body></html>"
    ).format(
        style=Markup(_STYLE),
        about=document["info"]["description"],
        operations=operations,
        shapes=shapes,
        calls_title=words["calls"],
        shapes_title=words["shapes"],
        own=language,
        **{key: words[key] for key in ("tag", "title", "machine", "lang", "other")},
    )


def _operation(method: str, path: str, operation: dict[str, Any], words: dict[str, str]) -> Markup:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    rows = [(p["name"], p["description"]) for p in operation["parameters"]]
    rows += [(name, schema.get("description", "")) for name, schema in body.get("properties", {}).items()]
    head = Markup("<h3><code>{} {}</code></h3><p>{}</p>").format(method.upper(), path, operation["summary"])
    return head + Markup("<details><summary>{}</summary>{}</details>").format(
        words["parameters"], _list(rows)
    )


def _shape(name: str, schema: dict[str, Any]) -> Markup:
    rows = [(key, _kind(value)) for key, value in schema["properties"].items()]
    return Markup("<h3>{}</h3>{}").format(name, _list(rows))


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    kind = " | ".join(schema["type"]) if isinstance(schema["type"], list) else str(schema["type"])
    if kind == "array":
        kind = f"[{_kind(schema['items'])}]"
    if "properties" in schema:
        kind = "{" + ", ".join(schema["properties"]) + "}"
    said = [kind, str(schema.get("description", "")), *(", ".join(str(v) for v in schema.get("enum", [])),)]
    return " — ".join(part for part in said if part)


def _list(rows: list[tuple[str, str]]) -> Markup:
    return Markup("<dl>{}</dl>").format(
        Markup("").join(Markup("<dt><code>{}</code></dt><dd>{}</dd>").format(*row) for row in rows)
    )
