"""Front, worker and poller are killed while people text, chat and call: nothing lost, nothing doubled."""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from intake import schema
from tests.channels.phone.line import ACCOUNT
from tests.channels.telegram.bot_api import TOKEN, BotApiServer, message
from tests.support.carrier import Carrier
from tests.support.service import Service, opened, serving, wait_until
from tests.support.town import silence

_TEXT, _VOICE = "/webhooks/twilio/sms", "/webhooks/twilio/voice"
ROUNDS = 4


class Provider:
    """Posts texts and recordings' reports, each until it hears 200; what it heard is ``taken``."""

    def __init__(self, port: int, files: dict[str, bytes]) -> None:
        self._port, self._files = port, files
        self._over = threading.Event()
        self._validator = RequestValidator(ACCOUNT.token)
        self.taken: list[str] = []
        self.wrong: list[int] = []
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(3)]

    def _send(self, client: int) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            path, fields, sid = self._next(client, number)
            while not self._over.is_set() and not self._hand_in(path, fields):
                time.sleep(0.1)
            else:
                if not self._over.is_set():
                    self.taken.append(sid)
            time.sleep(0.1)

    def _next(self, client: int, number: int) -> tuple[str, dict[str, str], str]:
        serial = f"{client:08x}{number:024x}"
        who = f"+120255501{number % 10:02d}"
        if client == 0:
            sid = f"RE{serial}"
            self._files[f"{sid}.wav"] = silence(0.05)
            at = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT.sid}/Recordings/{sid}"
            said = {"RecordingSid": sid, "RecordingUrl": at, "RecordingDuration": "5"}
            call = {"CallSid": f"CA{serial}", "Direction": "inbound", "CallStatus": "in-progress"}
            ends = {"From": who, "To": ACCOUNT.number}
            return f"{_VOICE}?step=complain&turn=0", call | ends | said, sid
        sid = f"SM{serial}"
        return _TEXT, {"MessageSid": sid, "From": who, "To": ACCOUNT.number, "Body": f"路灯坏了{number}"}, sid

    def _hand_in(self, path: str, fields: dict[str, str]) -> bool:
        caller = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        signature = self._validator.compute_signature(ACCOUNT.public_url + path, fields)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature,
        }
        try:
            caller.request("POST", path, urlencode(fields), headers)
            answer = caller.getresponse()
            answer.read()
            if answer.status not in (200, 503):
                self.wrong.append(answer.status)
            return answer.status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            caller.close()

    def has_more_than(self, count: int) -> bool:
        """Whether more than ``count`` were taken in."""
        return len(self.taken) > count

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Send meanwhile."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join(30)


def test_killed_while_people_text_chat_and_call(tmp_path: Path) -> None:
    chance = random.Random(11)
    with Carrier().open() as carrier, BotApiServer() as bot:
        service = Service(
            tmp_path,
            roles="web,worker,telegram,clock",
            environment={
                "HUIYIN_TWILIO_ACCOUNT_SID": ACCOUNT.sid,
                "HUIYIN_TWILIO_AUTH_TOKEN": ACCOUNT.token,
                "HUIYIN_TWILIO_FROM": ACCOUNT.number,
                "HUIYIN_TWILIO_BASE_URL": carrier.url,
                "HUIYIN_PUBLIC_URL": ACCOUNT.public_url,
                "HUIYIN_TELEGRAM_TOKEN": TOKEN,
                "HUIYIN_TELEGRAM_BASE_URL": bot.url,
            },
        )
        provider, written = Provider(service.web_port, carrier.files), 0
        with serving(service, start=False):
            with provider.sending():
                for round_ in range(ROUNDS):
                    service.start()
                    before, until = len(provider.taken), time.monotonic() + chance.uniform(0.5, 1.5)
                    while time.monotonic() < until:
                        written += 1
                        bot.say(message(written, f"第{written}条：路灯坏了", chat=700 + written % 5))
                        time.sleep(0.05)
                    wait_until(partial(provider.has_more_than, before), "something is taken in")
                    if round_ % 2 and (workers := service.worker_pids()):
                        with suppress(ProcessLookupError):
                            os.kill(chance.choice(workers), signal.SIGKILL)
                        time.sleep(chance.uniform(0.2, 0.8))
                    service.kill()
                service.start()
                wait_until(lambda: not bot.updates, "every update is confirmed")
            with opened(service) as store:
                wait_until(lambda: _pending(store) == 0, "all is filed, fetched and said")
                with store.read() as connection:
                    s, o = schema.submission.c, schema.outbox.c
                    stored = Counter(connection.execute(select(s.external_id)).scalars())
                    cases = connection.execute(select(s.complaint_id, s.became, s.state)).all()
                    talks = Counter(connection.execute(select(o.dedupe_key)).scalars())
        assert provider.wrong == []
        assert set(provider.taken) <= set(stored)
        assert {str(n) for n in range(1, written + 1)} <= set(stored)
        assert set(stored.values()) == {1}
        assert set(talks.values()) == {1}
        assert all(row.complaint_id or row.became == "talk" for row in cases)
        checked = service.cli("verify")
        assert checked.returncode == 0, checked.stdout + checked.stderr


def _pending(store: object) -> int:
    waiting = 0
    with store.read() as connection:  # type: ignore[attr-defined]
        for table in (schema.submission, schema.remote_file, schema.transcript):
            query = select(func.count()).select_from(table).where(table.c.state == "pending")
            waiting += connection.execute(query).scalar_one()
    return waiting
