"""Texts by webhook while the front is stopped or killed: who heard 200 is on disk, once."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from channels.twilio.account import TwilioAccount
from channels.twilio.signature import Signatures
from intake import schema
from tests.support.service import Service, opened, serving, wait_until

ACCOUNT = TwilioAccount(
    sid="AC" + "0" * 32, token="a-sample-token", number="+12025550100", public_url="https://huiyin.example"
)
SETTINGS = {
    "HUIYIN_TWILIO_ACCOUNT_SID": ACCOUNT.sid,
    "HUIYIN_TWILIO_AUTH_TOKEN": ACCOUNT.token,
    "HUIYIN_TWILIO_FROM": ACCOUNT.number,
    "HUIYIN_PUBLIC_URL": ACCOUNT.public_url,
    "HUIYIN_TWILIO_BASE_URL": "http://127.0.0.1:9",  # nobody is there
}
PATH = "/webhooks/twilio/sms"


class Carrier:
    """Sends text after text from several connections until it is cut off or told to stop."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._signatures = Signatures(ACCOUNT)
        self._over = threading.Event()
        self.heard: list[str] = []
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(8)]

    def _send(self, client: int) -> None:
        caller = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            for number in range(100_000):
                if self._over.is_set():
                    return
                sid = f"SM{client:08x}{number:024x}"
                body, headers = self._signed(sid)
                caller.request("POST", PATH, body, headers)
                answer = caller.getresponse()
                answer.read()
                assert answer.status == 200
                self.heard.append(sid)
        except (OSError, http.client.HTTPException):
            return
        finally:
            caller.close()

    def _signed(self, sid: str) -> tuple[str, dict[str, str]]:
        fields = {"MessageSid": sid, "From": "+12025550123", "To": ACCOUNT.number, "Body": "路灯坏了"}
        return urlencode(fields), {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": self._signatures.sign(PATH, list(fields.items())),
        }

    @contextmanager
    def sending(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join(30)


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_nothing_acknowledged_is_lost(tmp_path: Path, how: str) -> None:
    service = Service(tmp_path, roles="web", environment=SETTINGS)
    carrier = Carrier(service.web_port)
    with serving(service):
        with carrier.sending():
            wait_until(lambda: len(carrier.heard) >= 200, "texts are taken in")
            begun = time.monotonic()
            if how == "killed":
                service.kill()
            else:
                service.interrupt()
                assert service.wait() == 0
                assert time.monotonic() - begun < 20, "people wait at the console"
        with opened(service) as store, store.read() as connection:
            stored = Counter(connection.execute(select(schema.submission.c.external_id)).scalars())
    assert set(carrier.heard) <= set(stored)
    assert set(stored.values()) == {1}
    assert "Traceback" not in service.console()
