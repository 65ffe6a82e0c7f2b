"""The letters' pages: what came in, uploading scans, and the letter desk where a person confirms a letter.

You are here: a browser → ``web.letters`` → ``intake.letters``. Who has a letter, and what may be done with
it, is decided there; these pages only offer it and show the answer.
"""

from __future__ import annotations

from flask import Blueprint

from web.letters.desk import DeskPage
from web.letters.queue import Queue
from web.letters.scans import Scans
from web.services import Services
from web.staff import access, labels, times


def blueprint(services: Services) -> Blueprint:
    """All pages below ``/staff/letters``."""
    pages = Blueprint("letters", "web.letters")
    access.guard(pages, services)
    labels.install(pages)
    times.install(pages, services.clock)
    Queue(services).add_to(pages)
    Scans(services).add_to(pages)
    DeskPage(services).add_to(pages)
    return pages
