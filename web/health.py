"""For whoever watches the service: is the process alive, can it serve, how long are the queues."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from intake import schema
from intake.contracts import StorageUnavailable
from intake.migrate import current, head
from intake.people import sees_everything
from web.services import Services

_QUEUES = {
    "submission": (schema.submission, ("pending", "parked")),
    "outbox": (schema.outbox, ("pending", "dead")),
    "remote_file": (schema.remote_file, ("pending",)),
    "transcript": (schema.transcript, ("pending",)),
}
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


class Health:
    """The three addresses that monitors ask."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def alive(self) -> Response:
        """``/healthz``: the process answers."""
        return _plain("ok\n")

    def ready(self) -> Response:
        """``/readyz``: the database answers and has the present schema; else 503."""
        try:
            revision = current(self._services.store)
        except (SQLAlchemyError, StorageUnavailable, OSError):
            return _plain("the database cannot be reached\n", 503)
        if revision != head():
            return _plain("the database has not been migrated\n", 503)
        return _plain("ready\n")

    def metrics(self) -> Response:
        """``/metrics``: queue depths for Prometheus, to this machine or to an office token only."""
        if not (_from_this_machine() or self._with_token()):
            abort(403)
        registry = CollectorRegistry()
        for name, (table, states) in _QUEUES.items():
            gauge = Gauge(f"huiyin_{name}_rows", f"Rows of {name} by state", ["state"], registry=registry)
            with self._services.store.read() as connection:
                for state in states:
                    count = select(func.count()).select_from(table).where(table.c.state == state)
                    gauge.labels(state).set(connection.execute(count).scalar_one())
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    def _with_token(self) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return False
        actor = self._services.accounts.bearer(token.strip())
        return actor is not None and sees_everything(actor)


def blueprint(services: Services) -> Blueprint:
    """``/healthz``, ``/readyz``, ``/metrics``."""
    health, pages = Health(services), Blueprint("health", __name__)
    pages.add_url_rule("/healthz", view_func=health.alive, endpoint="alive")
    pages.add_url_rule("/readyz", view_func=health.ready, endpoint="ready")
    pages.add_url_rule("/metrics", view_func=health.metrics, endpoint="metrics")
    return pages


def _from_this_machine() -> bool:
    """Whether the caller is on loopback itself, and not somebody behind a proxy that is."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status=status, content_type="text/plain; charset=utf-8")
