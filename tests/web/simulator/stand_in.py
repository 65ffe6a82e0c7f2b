"""A small service behind the simulator: webhooks that check the signature with Twilio's own validator."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator
from waitress import wasyncore
from waitress.server import create_server

from tests.support.loopback import free_port

PUBLIC = "https://complaints.gaoyao.example"
PATIENCE = 20.0


def until(happened: Callable[[], Any], what: str) -> Any:
    """Poll until ``happened()`` is true; gives what it returned."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = happened()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"{what}: not within {PATIENCE:.0f} s")


class Served:
    """A WSGI application on a loopback port of its own."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._sockets: dict[int, Any] = {}
        self._server: Any = create_server(app, map=self._sockets, host="127.0.0.1", port=self.port, threads=8)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=0.2, map=self._sockets, count=1, use_poll=True)
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
        wasyncore.close_all(self._sockets)

    def close(self) -> None:
        """Stop serving."""
        self._stopping.set()
        self._server.pull_trigger()
        self._thread.join(5)


@dataclass
class Heard:
    """One request to a webhook."""

    path: str
    fields: dict[str, str]
    signed: bool
    update: dict[str, Any] = field(default_factory=dict)
    secret: str = ""


class StandIn:
    """``answers`` maps an address with its query to TwiML; what is not in it answers an empty <Response/>."""

    def __init__(self, token: str) -> None:
        self.heard: list[Heard] = []
        self.answers: dict[str, str] = {}
        self.status = 200
        self._validator = RequestValidator(token)
        app = Flask("stand-in")
        app.add_url_rule("/<path:path>", view_func=self._take, methods=["GET", "POST"])
        self.served = Served(app)

    def _take(self, path: str) -> Response:
        target = request.full_path.rstrip("?")
        signature = request.headers.get("X-Twilio-Signature", "")
        signed = self._validator.validate(PUBLIC + target, request.form, signature)
        update = request.get_json(silent=True) or {}
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        self.heard.append(Heard(target, dict(request.form), bool(signed), update, secret))
        body = self.answers.get(target, "<Response/>")
        return Response(body, status=self.status, content_type="text/xml")

    def at(self, path: str, **wanted: str) -> list[Heard]:
        """What came to ``path`` with these fields."""
        return [
            one
            for one in list(self.heard)
            if one.path == path and all(one.fields.get(name) == value for name, value in wanted.items())
        ]


class Visitor:
    """Somebody's browser on the simulator's page, with cookies and the page's own token."""

    def __init__(self, served: Served) -> None:
        self.url = f"{served.url}/simulator"
        self.session = requests.Session()
        self.session.trust_env = False
        page = self.session.get(self.url, timeout=PATIENCE)
        assert page.status_code == 200
        found = re.search(r'data-csrf="([^"]+)"', page.text)
        assert found is not None
        self._token = found[1]

    def do(self, path: str, files: Any = None, **fields: str) -> requests.Response:
        """Post one of the page's small forms, as its script does."""
        return self.session.post(
            f"{self.url}/{path}",
            data={"csrf_token": self._token, **fields},
            files=files,
            headers={"X-Requested-With": "simulator", "Accept-Language": "en"},
            timeout=PATIENCE,
        )

    def state(self, language: str = "zh-Hans") -> dict[str, Any]:
        """Everything that the page knows."""
        address = f"{self.url}/state?since=0&lang={language}"
        found: dict[str, Any] = self.session.get(address, timeout=PATIENCE).json()
        return found

    def items(self, kind: str) -> list[dict[str, Any]]:
        """What is shown of one kind."""
        return [item for item in self.state()["items"] if item["kind"] == kind]
