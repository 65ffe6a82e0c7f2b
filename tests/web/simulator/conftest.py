"""The simulator of the small county on a real port, with a stand-in for the webhooks on another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from channels.telegram.account import TelegramAccount
from channels.twilio.account import TwilioAccount
from tests.support.county import Running
from tests.support.loopback import free_port
from tests.web.simulator.stand_in import PUBLIC, Served, StandIn, Visitor
from web.app import create_app
from web.services import Services

SID, TOKEN, NUMBER = "AC" + "0" * 32, "t" * 32, "+12025550118"
BOT = "100200300:" + "b" * 35


@pytest.fixture
def webhooks() -> Iterator[StandIn]:
    """The service's webhooks, as far as the simulator can tell."""
    stand_in = StandIn(TOKEN)
    yield stand_in
    stand_in.served.close()


@pytest.fixture
def web_port() -> int:
    """Where the pages will be."""
    return free_port()


@pytest.fixture
def visitor(served: Served) -> Visitor:
    """Somebody who looks at the page."""
    return Visitor(served)


@pytest.fixture
def services(light: Running, webhooks: StandIn, tmp_path: Path, web_port: int) -> Services:
    """Services with a simulator, whose providers answer at ``web_port``."""
    base = f"http://127.0.0.1:{web_port}/simulator"
    return dataclasses.replace(
        light.services,
        public_url=PUBLIC,
        local_url=webhooks.served.url,
        simulator=True,
        outgoing_mail=tmp_path / "outgoing-mail",
        smtp_port=free_port(),
        twilio=TwilioAccount(
            sid=SID, token=TOKEN, number=NUMBER, public_url=PUBLIC, base_url=f"{base}/twilio", simulated=True
        ),
        telegram=TelegramAccount(token=BOT, public_url=PUBLIC, base_url=f"{base}/telegram", simulated=True),
    )


@pytest.fixture
def app(services: Services) -> Flask:
    """The pages, with the simulator."""
    return create_app(services)


@pytest.fixture
def served(app: Flask, web_port: int) -> Iterator[Served]:
    """The pages on a real port."""
    server = Served(app, web_port)
    yield server
    server.close()
