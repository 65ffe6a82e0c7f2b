"""The web server's front door: every blueprint is registered here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask

from web import api, citizen, errors, express, health, i18n, letters, printing, security, simulator, staff
from web.catalogues import Catalogues
from web.services import Services
from web.visits import kiosk
from web.webhooks import telegram, twilio_texts, twilio_voice
from web.webhooks.express import express_webhooks

PAGES: tuple[Callable[[Services], Blueprint], ...] = (
    citizen.blueprint,
    staff.blueprint,
    printing.blueprint,
    letters.blueprint,
)
"""For people: forms are protected against forgery."""

MACHINES: tuple[Callable[[Services], Blueprint], ...] = (
    health.blueprint,
    api.create_api,
    twilio_texts.blueprint,
    telegram.blueprint,
    twilio_voice.blueprint,
)
"""For programs, which prove who they are by token or signature: no forgery protection."""

WITHOUT_SESSION: tuple[Callable[[Services], Blueprint], ...] = (kiosk.blueprint,)
"""For people whom no cookie may know: these pages guard themselves against forged forms."""


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
    for make in (*MACHINES, *WITHOUT_SESSION):
        blueprint = make(services)
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    express.install(app, express_webhooks(services))
    simulated = simulator.blueprints(services)
    if simulated:
        page, providers = simulated
        csrf.exempt(providers)
        app.register_blueprint(page)
        app.register_blueprint(providers)
    app.jinja_env.globals.update(simulator=simulated is not None)
    return app
