"""The OpenAPI 3.1 document, made from the tables that also route and check, so that it cannot drift."""

from __future__ import annotations

from typing import Any

from web.api.endpoints import ENDPOINTS, SAY, Endpoint
from web.api.schemas import SCHEMAS, Schema, ref
from web.api.speaking import VERBS, arguments_schema

_FAILURES = {
    400: {"zh": "参数有误", "en": "a parameter is wrong"},
    401: {"zh": "没有令牌或令牌无效", "en": "no token, or not a valid one"},
    403: {"zh": "角色无此权限", "en": "the role does not allow it"},
    404: {"zh": "没有，或无权查看", "en": "there is none, or none that you may see"},
    409: {"zh": "投诉件当前的状态不允许", "en": "the case stands otherwise now"},
    413: {"zh": "内容太大", "en": "too large"},
    415: {"zh": "不是 JSON", "en": "not JSON"},
    422: {"zh": "内容不被接受", "en": "an argument was refused"},
    429: {"zh": "请求过于频繁", "en": "too many requests"},
    503: {"zh": "暂时不可用，请稍后再试", "en": "not now; try again after Retry-After seconds"},
}
_ABOUT = {
    "zh": "用 `Authorization: Bearer <令牌>` 访问；令牌由 `huiyin token create --role …` 生成。"
    "时间均为 UTC（RFC 3339）。责任单位的令牌只看得到本单位及下属的投诉件，"
    "看不到要求匿名或保密的投诉人是谁；查看投诉人身份会留下记录。",
    "en": "Send `Authorization: Bearer <token>`; `huiyin token create --role …` makes one. Times are UTC "
    "(RFC 3339). A bureau's token sees what the bureau and its subordinates handle, and never who an "
    "anonymous or confidential complainant is; each look at who complained is logged.",
}


def document(language: str) -> dict[str, Any]:
    """The whole document, its descriptions in ``language`` (``zh`` or ``en``)."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        for path, operation in _operations(endpoint):
            paths.setdefault(f"/api/v1{path}", {})[endpoint.method.lower()] = operation
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Huiyin 回音", "version": "1", "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }
    translated: dict[str, Any] = _in_language(whole, language)
    return translated


def _operations(endpoint: Endpoint) -> list[tuple[str, Schema]]:
    """One operation; for verbs one each, since each has its own arguments."""
    if endpoint is not SAY:
        return [(endpoint.path, _operation(endpoint))]
    found = []
    for name, (_, meaning) in VERBS.items():
        operation = _operation(endpoint) | {
            "operationId": f"{endpoint.name}_{name}",
            "summary": {"zh": meaning.zh, "en": meaning.en},
            "requestBody": {
                "required": bool(arguments_schema(name)["required"]),
                "content": {"application/json": {"schema": arguments_schema(name)}},
            },
        }
        operation["parameters"] = [p for p in operation["parameters"] if p["name"] != "verb"]
        found.append((endpoint.path.replace("{verb}", name), operation))
    return found


def _operation(endpoint: Endpoint) -> Schema:
    answer = {"application/json": {"schema": ref(endpoint.answers)}}
    error = {"application/json": {"schema": ref("Error")}}
    asks = {"content": {"application/json": {"schema": endpoint.body}}, "required": True}
    return {
        "operationId": endpoint.name,
        "summary": {"zh": endpoint.summary.zh, "en": endpoint.summary.en},
        "parameters": [
            {
                "name": p.name,
                "in": p.place,
                "required": p.required,
                "description": {"zh": p.meaning.zh, "en": p.meaning.en},
                "schema": p.schema,
                **({"style": "form", "explode": False} if p.schema["type"] == "array" else {}),
            }
            for p in endpoint.parameters
        ],
        **({"requestBody": asks} if endpoint.body else {}),
        "responses": {
            **{str(code): {"description": "OK", "content": answer} for code in endpoint.successes},
            **{str(code): {"description": _FAILURES[code], "content": error} for code in endpoint.failures},
        },
    }


def _in_language(node: Any, language: str) -> Any:
    if isinstance(node, dict):
        if set(node) == {"zh", "en"} and all(isinstance(value, str) for value in node.values()):
            return node[language]
        return {key: _in_language(value, language) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_in_language(value, language) for value in node]
    return node
