"""The staff's and the bureaus' pages: lists of work and the case page on which every verb is said.

You are here: a browser → ``web.staff`` → ``intake.office`` (verbs) and ``intake.archive`` (reading). What may
be done, and who may see what, is decided there; these pages only offer it and show the answer.
"""

from __future__ import annotations

from flask import Blueprint

from web.services import Services
from web.staff import access, labels, times
from web.staff.case_page import CasePage
from web.staff.files import Files
from web.staff.retention import Retention
from web.staff.sign_in import SignIn
from web.staff.users import Users
from web.staff.worklists import Worklists


def blueprint(services: Services) -> Blueprint:
    """All pages below ``/staff`` and ``/bureau``."""
    pages = Blueprint("staff", "web.staff")
    access.guard(pages, services)
    labels.install(pages)
    times.install(pages, services.clock)
    SignIn(services).add_to(pages)
    Worklists(services).add_to(pages)
    CasePage(services).add_to(pages)
    Files(services).add_to(pages)
    Users(services).add_to(pages)
    Retention(services).add_to(pages)
    return pages
