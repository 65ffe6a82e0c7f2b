"""The citizens' pages: complain, follow the case, rate the answer. Everything works without JavaScript."""

from __future__ import annotations

from flask import Blueprint

from web.citizen.complain import ComplainPages
from web.citizen.home import HomePages
from web.citizen.rate import RatePages
from web.citizen.track import TrackPages
from web.citizen.uploads import Uploads
from web.services import Services


def blueprint(services: Services) -> Blueprint:
    """``/``, ``/complain``, ``/track``, ``/rate``, ``/lang``."""
    pages, uploads = Blueprint("citizen", __name__), Uploads(services)
    HomePages(services).register(pages)
    ComplainPages(services, uploads).register(pages)
    TrackPages(services, uploads).register(pages)
    RatePages(services).register(pages)
    return pages
