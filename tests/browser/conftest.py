"""One running service and one Chromium for all tests of this folder; every page is watched for complaints."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from intake import schema
from intake.store import Store
from tests.support import mails
from tests.support.service import Service, opened, serving, wait_until

PASSWORD = "correct horse battery staple"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
SAMPLES = (
    ("路灯坏了", "西江路的路灯坏了两个星期，晚上一片漆黑，请派人来修。"),
    ("公交车不停站", "3路公交车昨天早上没有停站，司机看到我招手。"),
    ("Noise", "There is construction noise in Sample Road every night until two."),
)
_CHROMIUM = shutil.which("chromium")
_HERE = "tests/browser/"

Open = Callable[..., Any]
"""``open_page(language="zh-CN", viewport=PHONE, dark=False)``: a page of its own person."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker of the test run: a second browser would take the other core."""
    for item in items:
        if _HERE in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("browser"))
            if _CHROMIUM is None:
                reason = "Chromium is not installed (Debian: apt install chromium)"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """What ``make run`` starts, with a clerk and three complaints."""
    one = Service(tmp_path_factory.mktemp("browser"), roles="web,mail,worker,clock")
    with serving(one):
        made = one.cli("user", "add", "clerk", "--role", "clerk", "--password", PASSWORD)
        assert made.returncode == 0, made.stderr
        for subject, text in SAMPLES:
            mails.hand_in(one.smtp_port, mails.letter(text, subject=subject))
        with opened(one) as store:
            wait_until(lambda: _registered(store) >= len(SAMPLES), "the complaints are registered")
        yield one


def _registered(store: Store) -> int:
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(schema.complaint)).scalar_one())


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """The browser, without a window. It ends with this folder: its event loop would be in others' way."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any, service: Service) -> Iterator[Open]:
    """Opens pages; at the end none may have complained: no error, nothing the policy refused."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def opened_page(language: str = "en", viewport: dict[str, int] = DESK, dark: bool = False) -> Any:
        context = chromium.new_context(
            base_url=f"http://127.0.0.1:{service.web_port}",
            locale=language,
            viewport=viewport,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda asked: _note_failure(asked, complaints))
        return page

    yield opened_page
    for context in contexts:
        context.close()
    assert complaints == []


def _note_failure(asked: Any, complaints: list[str]) -> None:
    """What was refused or broken; going on to the next page before all of this one came is neither."""
    if asked.failure != "net::ERR_ABORTED":
        complaints.append(f"failed: {asked.url} {asked.failure}")


def sign_in(page: Any) -> None:
    """As the clerk."""
    page.goto("/staff/login")
    page.fill("[name=username]", "clerk")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url(re.compile(r"/staff/?$"))


def rate_link(service: Service) -> str:
    """The path of the rating page of the first case, which is shown as closed."""
    p, c = schema.participation.c, schema.complaint
    with opened(service) as store, store.write() as connection:
        row = connection.execute(select(p.token, p.complaint_id).order_by(p.id).limit(1)).one()
        closed = c.update().where(c.c.id == row.complaint_id)
        connection.execute(closed.values(state="closed", outcome="resolved", closed_at=datetime.now(UTC)))
    return f"/rate/{row.token}"
