"""The web server's front door: every blueprint is registered here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask

from web import api, citizen, errors, health, i18n, security, staff
from web.catalogues import Catalogues
from web.services import Services
from web.webhooks import telegram, twilio_texts

PAGES: tuple[Callable[[Services], Blueprint], ...] = (citizen.blueprint, staff.blueprint)
"""For people: forms are protected against forgery."""

MACHINES: tuple[Callable[[Services], Blueprint], ...] = (
    health.blueprint,
    api.create_api,
    telegram.blueprint,
    twilio_texts.blueprint,
)
"""For programs, which prove who they are by token or signature: no forgery protection."""


def create_app(services: Services) -> Flask:
    """The Flask application over ``services``."""
    app = Flask("web", template_folder="templates", static_folder="static")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(county=services.county)
    csrf = security.install(app, services)
    i18n.install(app, Catalogues.read(), services.county.zone)
    errors.install(app)
    for make in PAGES:
        app.register_blueprint(make(services))
    for make in MACHINES:
        blueprint = make(services)
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    return app
