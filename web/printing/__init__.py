"""The print queue's pages: what waits, one file for the printer, what was posted, what came back.

You are here: a browser → ``web.printing`` → ``intake.print_queue`` (moves),
``intake.print_lists`` (reading); the file is drawn by ``channels.paper``.
"""

from __future__ import annotations

from flask import Blueprint

from web.printing import labels as own_labels
from web.printing.batch_page import BatchPage
from web.printing.queue_page import QueuePage
from web.printing.returns import Returns
from web.services import Services
from web.staff import access, labels, times


def blueprint(services: Services) -> Blueprint:
    """All pages below ``/staff/printing``."""
    pages = Blueprint("printing", "web.printing")
    access.guard(pages, services)
    labels.install(pages)
    own_labels.install(pages)
    times.install(pages, services.clock)
    QueuePage(services).add_to(pages)
    BatchPage(services).add_to(pages)
    Returns(services).add_to(pages)
    return pages
