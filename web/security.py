"""What every answer of this server carries so that a browser guards its reader, and where links may lead."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import IO, Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser

from web.services import Services

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
MAX_TEXT_BYTES = 1024 * 1024
"""All text fields of one form together."""


class FormsWithoutNul(FormDataParser):
    """Leaves NUL out of what was typed: no keyboard has it, and PostgreSQL cannot hold it in a text."""

    def parse(self, *args: Any, **options: Any) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]:
        """The rest of the stream, the texts and the files of a posted form."""
        stream, form, files = super().parse(*args, **options)
        texts = [(name.replace("\0", ""), text.replace("\0", "")) for name, text in form.items(multi=True)]
        return stream, MultiDict(texts), files


class CleanRequest(Request):
    """A request whose form holds only what a database can hold."""

    form_data_parser_class = FormsWithoutNul


def install(app: Flask, services: Services) -> CSRFProtect:
    """Set up cookies, limits, forgery protection and headers; returns what blueprints are exempted with."""
    app.config.update(
        SECRET_KEY=services.secret_key,
        SESSION_COOKIE_NAME="huiyin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=services.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,  # a long letter takes its time; the token lives as long as the session
        MAX_CONTENT_LENGTH=services.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=MAX_TEXT_BYTES,
        MAX_FORM_PARTS=300,  # a letter may come as 200 pictures, beside the fields of its form
    )
    app.request_class = CleanRequest
    secure = services.secure_cookies

    def refuse_nul() -> None:
        if "\0" in request.path:
            abort(404)  # nothing here was ever named so

    def guard(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if request.endpoint != "static" and "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"  # pages are personal; a shared computer keeps nothing
        return response

    app.before_request(refuse_nul)
    app.after_request(guard)
    return CSRFProtect(app)


def local_path(target: str | None, fallback: str = "/") -> str:
    """``target`` if it is a path on this server, else ``fallback``; never leads anywhere else."""
    if not target or not target.startswith("/") or len(target) > 2000:
        return fallback
    if target.startswith(("//", "/\\")) or any(ord(c) < 0x20 or c == "\\" for c in target):
        return fallback
    try:
        parts = urlsplit(target)
    except ValueError:
        return fallback
    return fallback if parts.scheme or parts.netloc else target


def peer() -> str:
    """Who is calling. A forwarded address is believed only when the server in front was set up for it."""
    return request.remote_addr or "unknown"


def countable_peer() -> str | None:
    """Whom to count this request to: an IPv4 address or an IPv6 /64 network.

    None for loopback: behind a proxy on this machine everybody has that address, and one flood must
    not shut the door for a whole county; the proxy can tell its callers apart and limits them.
    """
    try:
        address = ip_address(peer())
    except ValueError:
        return None
    if address.is_loopback:
        return None
    if isinstance(address, IPv6Address):
        return address.exploded[:19]
    return str(address)
