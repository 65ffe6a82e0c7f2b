"""The first page, and the switch of language."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from channels.wording.telephone import dialled
from web import i18n
from web.security import local_path
from web.services import Services


class HomePages:
    """``/`` and ``/lang``."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def register(self, pages: Blueprint) -> None:
        """Add the addresses to ``pages``."""
        pages.add_url_rule("/", view_func=self.home, endpoint="home")
        pages.add_url_rule("/lang", view_func=self.switch, endpoint="lang")

    def home(self) -> str:
        """What this is and the ways to complain."""
        services = self._services
        exchange, twilio = services.exchange, services.twilio
        return render_template(
            "citizen/home.html",
            exchange=exchange is not None,
            telephone=(exchange.number if exchange else "") or services.county.phone,
            texts=twilio.number if twilio else "",
            telegram=services.telegram is not None,
            dialled=dialled,
        )

    def switch(self) -> Response:
        """Remember the language ``to`` and go back to the page ``next`` of this server."""
        response = redirect(_without_wish(local_path(request.args.get("next"))), 303)
        chosen = i18n.matched(request.args.get("to", ""))
        if chosen:
            response.set_cookie(
                i18n.COOKIE,
                chosen,
                max_age=i18n.COOKIE_SECONDS,
                httponly=True,
                samesite="Lax",
                secure=self._services.secure_cookies,
            )
        return response


def _without_wish(path: str) -> str:
    """``path`` without a ``lang=`` of its own, which would beat what was chosen just now."""
    parts = urlsplit(path)
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != "lang"])
    return f"{parts.path}?{query}" if query else parts.path
