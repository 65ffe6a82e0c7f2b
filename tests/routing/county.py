"""The sample county's router, built once, and the words tests use to ask it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from intake.contracts import Decision, Matter, Router
from routing.router import CountyRouter, load_router

FOLDER = Path(__file__).resolve().parents[2] / "config" / "gaoyao"


@cache
def sample_router() -> CountyRouter:
    """The router of config/gaoyao."""
    return load_router(FOLDER)


def ask(body: str, subject: str = "", category: str = "", subject_bureau: str = "") -> Decision:
    """What the sample county decides about a message."""
    matter = Matter("web", subject, body, category=category, subject_bureau=subject_bureau)
    router: Router = sample_router()
    return router.route(matter)
