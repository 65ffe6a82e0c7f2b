"""The citizens' pages: complain, follow the case, rate the answer. Everything works without JavaScript."""

from __future__ import annotations

from flask import Blueprint

from web.citizen.home import HomePages
from web.services import Services


def blueprint(services: Services) -> Blueprint:
    """``/``, ``/complain``, ``/track``, ``/rate``, ``/lang``."""
    pages = Blueprint("citizen", __name__)
    HomePages(services).register(pages)
    return pages
