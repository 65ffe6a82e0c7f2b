"""The simulator: a telephone, a chat and a mailbox on one page, for trying everything without any account.

You are here::

    page (browser) ──▶ stage ──▶ signed calls of the real ``/webhooks/…``
    senders of the service ──▶ emulated Twilio and Telegram ──▶ stage ──▶ page

Present only while no real account is set and the web listens on loopback (``Services.simulator``).
"""

from __future__ import annotations

from flask import Blueprint

from web.services import Services
from web.simulator import door
from web.simulator.page import SimulatorPage
from web.simulator.play import Play


def blueprints(services: Services) -> tuple[Blueprint, Blueprint] | None:
    """The page (forms protected against forgery) and the providers (not); None while it is not present."""
    if not services.simulator or services.twilio is None or services.telegram is None:
        return None
    play = Play(services, services.twilio, services.telegram)
    pages, providers = Blueprint("simulator", __name__), Blueprint("providers", __name__)
    for blueprint in (pages, providers):
        door.guard(blueprint, services.local_url)
    SimulatorPage(play).add_to(pages)
    play.twilio_api.add_to(providers)
    play.telegram_api.add_to(providers)
    return pages, providers
