"""The web servers under test, each a process of its own: ``python -m benchmarks.http_servers KIND``.

``express``: the web role as it runs, its webhooks in the express lane; ``threads``: the same as Flask
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
from intake.contracts import Submission
from web.express import Answer, ExpressWebhook, HandIn, view

_DONE = Answer(200, "text/xml; charset=utf-8", b'<?xml version="1.0" encoding="UTF-8"?><Response/>')


class _Texts:
    """What a webhook for texts does."""

    def prepare(self, body: bytes, headers: Mapping[str, str], target: str) -> HandIn | Answer:
        fields = parse_qsl(body.decode(), keep_blank_values=True)
        signed = texts.PUBLIC_URL + target + "".join(name + value for name, value in sorted(fields))
        right = base64.b64encode(hmac.digest(texts.TOKEN.encode(), signed.encode(), hashlib.sha1)).decode()
        if not hmac.compare_digest(right, headers["X-Twilio-Signature"]):
            return Answer(403, "text/plain", b"wrong")
        said = dict(fields)
        sid = said["MessageSid"]
        submission = Submission(
            "sms",
            sid,
            hashlib.sha256(sid.encode()).hexdigest(),
            datetime.now(UTC),
            body,
            envelope={"from": said["From"], "to": said["To"]},
            conversation="sms:" + said["From"],
        )


class _Forgetful:
    """Checks and understands, and stores nothing."""

    def __init__(self, webhook: ExpressWebhook) -> None:
        self._webhook = webhook

    def prepare(self, body: bytes, headers: Mapping[str, str], target: str) -> HandIn | Answer:
        wanted = self._webhook.prepare(body, headers, target)
        return wanted.answer if isinstance(wanted, HandIn) else wanted


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
            # in front of the application's own checks: nothing is measured but the way
            app.before_request_funcs.setdefault(None, []).insert(0, self._in_a_thread)
        return app

    def _in_a_thread(self) -> Response | None:
        webhook = self._webhooks.get(request.path)
        return None if webhook is None else view(webhook, self.inbox)()


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
