"""A county with the API before it, and callers with tokens."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from intake.contracts import Text
from intake.print_queue import PrintQueue
from intake.tracking import Tracking
from tests.support.given import county
from tests.support.worked import County
from web.app import create_app
from web.services import County as Presentation
from web.services import Services

__all__ = ["api", "county"]


class Api:
    """Asks the API as the holder of a token: ``role`` or ``role:bureau``."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.services = Services(
            store=county.store,
            inbox=county.inbox,
            office=county.office,
            archive=county.archive,
            tracking=Tracking(county.store),
            accounts=county.accounts,
            blobs=county.blobs,
            directory=county.policies.directory,
            clock=county.clock,
            county=Presentation(
                Text("中心", "Office"),
                ZoneInfo("Asia/Shanghai"),
                "complaints@gaoyao.example",
                phone="",
                postal=Text("", ""),
                bureaus=(),
                categories=(),
            ),
            print_queue=PrintQueue(county.store, county.policies, county.clock, ZoneInfo("Asia/Shanghai")),
            public_url="http://localhost",
            secret_key="test",
        )
        self.app: Flask = create_app(self.services)
        self._tokens: dict[str, str] = {}

    def token(self, who: str) -> str:
        """The token of ``who``, made at the first use."""
        if who not in self._tokens:
            role, _, bureau = who.partition(":")
            self._tokens[who] = self.county.accounts.create_token(who, role, bureau or None)
        return self._tokens[who]

    def get(self, path: str, who: str = "reader", **headers: str) -> TestResponse:
        """GET ``/api/v1`` + ``path``."""
        return self._ask("GET", path, who, headers)

    def post(self, path: str, who: str, said: Any = None, **headers: str) -> TestResponse:
        """POST JSON."""
        return self._ask("POST", path, who, headers, json=said if said is not None else {})

    def _ask(self, method: str, path: str, who: str, headers: dict[str, str], **more: Any) -> TestResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if who:
            sent["Authorization"] = f"Bearer {self.token(who)}"
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=sent, **more)


@pytest.fixture
def api(county: County) -> Api:
    """The API over an empty county."""
    return Api(county)
