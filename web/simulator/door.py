"""Who may come in: only this machine, under a name of this machine. Against DNS rebinding and stray proxies."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, abort, request

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def guard(blueprint: Blueprint, *known_urls: str) -> None:
    """Answer 403 to everybody else. ``known_urls`` are the service's own addresses, whose names are let in."""
    known = {(urlsplit(url).hostname or "").lower() for url in known_urls} - {""}

    def check() -> None:
        if not _is_loopback(request.remote_addr or "") or any(name in request.headers for name in _FORWARDED):
            abort(403)
        name = _host_name(request.headers.get("Host", ""))
        if name != "localhost" and name not in known and not _is_loopback(name):
            abort(403)

    blueprint.before_request(check)


def _host_name(host: str) -> str:
    """The name in a Host header, without its port and the brackets of IPv6."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
