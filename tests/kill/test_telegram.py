"""The poller is killed at its worst moments: nothing that people wrote is lost, nothing counts twice."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from intake import schema
from tests.channels.telegram.bot_api import TOKEN, BotApiServer, Said, message
from tests.support.service import Service, opened, serving, wait_until

MESSAGES = 150


@dataclass
class Merciless(BotApiServer):
    """Kills whoever comes to confirm what it has just committed, before it hears of it."""

    kill: Callable[[], None] = field(default=lambda: None)
    kills_left: int = 3

    def answer(self, method: str, parameters: dict[str, str]) -> Said:
        if method == "getUpdates" and "offset" in parameters and self.kills_left:
            self.kills_left -= 1
            self.kill()
            return Said(502, raw=b"nobody hears this")
        return super().answer(method, parameters)


def poller(folder: Path, url: str, **environment: str) -> Service:
    account = {"HUIYIN_TELEGRAM_TOKEN": TOKEN, "HUIYIN_TELEGRAM_BASE_URL": url}
    return Service(folder, roles="telegram", environment=account | environment)


def stored(service: Service) -> Counter[str]:
    with opened(service) as store, store.read() as connection:
        return Counter(connection.execute(select(schema.submission.c.external_id)).scalars())


EVERY_ONE = Counter({str(n): 1 for n in range(1, MESSAGES + 1)})


def test_killed_between_the_commit_and_the_next_question(tmp_path: Path) -> None:
    with Merciless() as api:
        service = poller(tmp_path, api.url)
        api.kill = service.kill
        api.say(*(message(n) for n in range(1, MESSAGES + 1)))
        with serving(service, start=False):
            while api.kills_left:
                service.start(ready=False)
                assert service.wait() != 0
            service.start()
            wait_until(lambda: not api.updates, "all is confirmed")
            assert stored(service) == EVERY_ONE
            assert TOKEN.partition(":")[2] not in service.console()


def test_killed_at_any_moment_while_people_write(tmp_path: Path) -> None:
    chance = random.Random(7)
    with BotApiServer() as api:
        service = poller(tmp_path, api.url)
        with serving(service, start=False):
            written = 0
            while written < MESSAGES:
                service.start()
                until = time.monotonic() + chance.uniform(0.05, 0.6)
                while time.monotonic() < until and written < MESSAGES:
                    written += 1
                    api.say(message(written, f"第{written}条"))
                    time.sleep(0.004)
                service.kill()
            service.start()
            wait_until(lambda: not api.updates, "all is confirmed")
            assert stored(service) == EVERY_ONE


def test_it_stops_within_seconds_though_nobody_writes(tmp_path: Path) -> None:
    with BotApiServer() as api:
        service = poller(tmp_path, api.url)
        with serving(service):
            wait_until(lambda: api.called("getUpdates") != [], "it polls")
            service.interrupt()
            begun = time.monotonic()
            assert service.wait() == 0
            assert time.monotonic() - begun < 10
        assert "Traceback" not in service.console()
        assert [menu.get("language_code") for menu in api.called("setMyCommands")] == [None, "zh"]


def test_the_webhook_is_asked_for_with_its_secret(tmp_path: Path) -> None:
    with BotApiServer() as api:
        api.script["setWebhook"].append(Said(502, raw=b""))
        service = poller(
            tmp_path,
            api.url,
            HUIYIN_TELEGRAM_MODE="webhook",
            HUIYIN_PUBLIC_URL="https://complaints.gaoyao.example",
        )
        with serving(service):
            wait_until(lambda: len(api.called("setWebhook")) == 2, "it is asked for until it stands")
        call = api.called("setWebhook")[-1]
    assert call["url"] == "https://complaints.gaoyao.example/webhooks/telegram"
    assert len(call["secret_token"]) == 64
    assert api.called("getUpdates") == []
