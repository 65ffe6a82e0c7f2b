"""Who may come in: this machine alone, under a name of its own. Against DNS rebinding and stray proxies."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, abort, request

_FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
"""What proxies add. One that adds nothing (nginx, as it comes) speaks HTTP/1.0, as no browser does."""


def guard(blueprint: Blueprint, local_url: str) -> None:
    """Answer 403 to everybody else.

    ``local_url`` is the service's address on this machine. Its public address is let in by no means: who
    comes under that name may come from anywhere, and here everybody's messages and codes can be read.
    """
    known = {(urlsplit(local_url).hostname or "").lower()} - {""}

    def check() -> None:
        if not _is_loopback(request.remote_addr or "") or any(name in request.headers for name in _FORWARDED):
            abort(403)
        if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
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
