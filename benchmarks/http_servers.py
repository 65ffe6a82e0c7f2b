"""The web servers under test, each a process of its own: ``python -m benchmarks.http_servers KIND``.

``express``: the web role as it runs, its webhooks in the express lane; ``threads``: the same as Flask
views in waitress's threads; ``bare``: the express lane, storing nothing. Prints the port, and stops when its
standard input closes.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from flask import Flask

from config.settings import load_settings
from config.supervisor import settle
from config.web_server import WebRole
from config.wiring import System
from web.express import Answer, ExpressWebhook, HandIn, install, webhooks_of


class _Forgetful:
    """Checks and understands, and stores nothing."""

    def __init__(self, webhook: ExpressWebhook) -> None:
        self._webhook = webhook

    def prepare(self, body: bytes, headers: Mapping[str, str], target: str) -> HandIn | Answer:
        wanted = self._webhook.prepare(body, headers, target)
        return wanted.answer if isinstance(wanted, HandIn) else wanted


class _Measured(System):
    """The service, its webhooks served in the way to be measured."""

    def __init__(self, kind: str) -> None:
        super().__init__(load_settings())
        self._kind = kind

    def web(self) -> Flask:
        app = super().web()
        webhooks = webhooks_of(app)
        if self._kind == "threads":
            install(app, {})
        elif self._kind == "bare":
            install(app, {path: _Forgetful(webhook) for path, webhook in webhooks.items()})
        return app


def main() -> None:
    """Serve until told to stop."""
    system = _Measured(sys.argv[1])
    settle()
    role = WebRole(system)
    sys.stdout.write(f"{system.settings.web_port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    role.stop()
    system.close()


if __name__ == "__main__":
    main()
