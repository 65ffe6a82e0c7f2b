"""The web servers under test, each a process of its own: ``python -m benchmarks.http_servers KIND``.

``express``: the web role as it runs, its webhooks in the express lane; ``threads``: the same webhooks as Flask
views in waitress's threads; ``bare``: the express lane, storing nothing. Prints the port, and stops when its
standard input closes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from flask import Flask, Response, request

from benchmarks import texts
from config.settings import load_settings
from config.supervisor import settle
from config.web_server import WebRole
from config.wiring import System
from intake.contracts import Receipt, Submission
from web.express import Answer, ExpressWebhook

_DONE = Answer(200, "text/xml; charset=utf-8", b'<?xml version="1.0" encoding="UTF-8"?><Response/>')


class _Texts:
    def prepare(self, body: bytes, headers: Mapping[str, str], target: str) -> Submission | Answer:
        fields = parse_qsl(body.decode(), keep_blank_values=True)
        signed = texts.PUBLIC_URL + target + "".join(name + value for name, value in sorted(fields))
        right = base64.b64encode(hmac.digest(texts.TOKEN.encode(), signed.encode(), hashlib.sha1)).decode()
        if not hmac.compare_digest(right, headers["X-Twilio-Signature"]):
            return Answer(403, "text/plain", b"wrong")
        said = dict(fields)
        sid = said["MessageSid"]
        return Submission(
            "sms", sid, hashlib.sha256(sid.encode()).hexdigest(), datetime.now(UTC), body,
            envelope={"from": said["From"], "to": said["To"]}, conversation="sms:" + said["From"],
        )

    def accepted(self, receipt: Receipt) -> Answer:
        return _DONE


class _Forgetful:
    """Checks and understands, and stores nothing."""

    def __init__(self, webhook: ExpressWebhook) -> None:
        self._webhook = webhook

    def prepare(self, body: bytes, headers: Mapping[str, str], target: str) -> Submission | Answer:
        wanted = self._webhook.prepare(body, headers, target)
        return _DONE if isinstance(wanted, Submission) else wanted

    def accepted(self, receipt: Receipt) -> Answer:
        return _DONE


class _Measured(System):
    """The service with what is measured in place of its own webhooks."""

    def __init__(self, kind: str) -> None:
        super().__init__(load_settings())
        self._kind = kind
        self._webhooks = {texts.PATH: _Texts()}

    def express(self) -> dict[str, ExpressWebhook]:
        if self._kind == "bare":
            return {path: _Forgetful(webhook) for path, webhook in self._webhooks.items()}
        return dict(self._webhooks) if self._kind == "express" else {}

    def web(self) -> Flask:
        app = super().web()
        if self._kind == "threads":
            for path, webhook in self._webhooks.items():
                def view(webhook=webhook):
                    wanted = webhook.prepare(request.get_data(), request.headers, request.full_path.rstrip("?"))
                    answer = webhook.accepted(self.inbox.accept(wanted)) if isinstance(wanted, Submission) else wanted
                    return Response(answer.body, answer.status, content_type=answer.content_type)
                app.extensions["csrf"]._exempt_views.add(f"{view.__module__}.{view.__name__}")
                app.add_url_rule(path, view_func=view, endpoint=path, methods=["POST"])
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
