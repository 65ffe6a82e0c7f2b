"""``huiyin demo`` against a really started service: every door is used and every tab shows something."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.demo.browser import Page, PageRefused
from config.demo.files import attachment
from config.demo.play import pocket
from config.demo.samples import chosen, without_pocket
from config.settings import Settings
from config.wiring import System
from intake.accounts import Accounts
from intake.clock import system_clock
from intake.schema import api_token, letter
from intake.schema import attachment as attachment_table
from intake.store import Store
from tests.support.loopback import free_port

ROOT = Path(__file__).resolve().parents[2]
HUIYIN = [sys.executable, "-m", "config.cli"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The settings of a service of its own: free ports, its own folder, SQLite."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUIYIN_")}
    return kept | {
        "HUIYIN_DATA_DIR": str(tmp_path / "data"),
        "HUIYIN_WEB_PORT": str(free_port()),
        "HUIYIN_SMTP_PORT": str(free_port()),
    }


@pytest.fixture
def running(environment: dict[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """``huiyin run``, started and answering; stopped as Ctrl-C would."""
    with (tmp_path / "log").open("wb") as log:
        service = subprocess.Popen([*HUIYIN, "run"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 60
        while not answers(int(environment["HUIYIN_WEB_PORT"])):
            assert service.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield environment
    finally:
        service.send_signal(signal.SIGINT)
        service.wait(60)


def answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def huiyin(environment: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*HUIYIN, *words], cwd=ROOT, env=dict(environment), capture_output=True, text=True, timeout=150
    )


def asked(environment: Mapping[str, str], token: str, path: str) -> Any:
    connection = HTTPConnection("127.0.0.1", int(environment["HUIYIN_WEB_PORT"]), timeout=10)
    try:
        connection.request("GET", f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def test_the_whole_flow_moves(running: dict[str, str], tmp_path: Path) -> None:
    played = huiyin(running, "demo", "--lang", "en", "--seed", "7")
    assert played.returncode == 0, played.stderr
    assert "!" not in played.stderr, played.stderr
    assert f"{len(chosen(42, 7))} messages became 40 cases" in played.stdout
    store = Store(f"sqlite:///{running['HUIYIN_DATA_DIR']}/huiyin.sqlite3")
    token = Accounts(store, system_clock).create_token("test", "clerk")
    submissions = asked(running, token, "/submissions?limit=100")["items"]
    # with what was supplied, and two ratings by a figure, which nobody waited for
    until = time.monotonic() + 20
    while len(submissions) < 46 or any(s["state"] == "pending" for s in submissions):
        assert time.monotonic() < until
        time.sleep(0.1)
        submissions = asked(running, token, "/submissions?limit=100")["items"]
    assert Counter(s["state"] for s in submissions) == {"done": 45, "parked": 1}
    cases = asked(running, token, "/complaints?limit=100&lang=en")["items"]
    assert len(cases) == 42  # with the visit, and the unreadable one, which nobody can look up by an id
    states = Counter(case["state"] for case in cases)
    assert all(states[s] for s in ("triage", "assigned", "in_progress", "awaiting_complainant", "answered"))
    assert states["closed"] >= 6
    assert {"zh-Hans", "zh-Hant", "en"} == {case["language"] for case in cases}
    channels = Counter(case["channel"] for case in cases)
    assert channels["sms"] == channels["telegram"] == 6
    assert set(channels) == {"email", "web", "sms", "telegram", "visit"}
    details = [asked(running, token, f"/complaints/{case['reference']}") for case in cases]
    by_subject = {case["subject"]: case for case in details}
    assert by_subject["小区里有很浓的煤气味"]["urgency"] == "urgent"
    assert len(by_subject["工地拖欠工资三个月"]["submissions"]) == 2
    assert by_subject["停電三次無人處理"]["body"].startswith("本星期")
    assert by_subject["电梯坏了一个月"]["attention"] == "returned"
    assert by_subject["宽带断网"]["attention"] == "withdrawn"
    assert by_subject["投诉城管局工作人员态度恶劣"]["bureau"]["code"] == "discipline"
    rated = {(case["channel"], case["feedback"]["value"]) for case in details if case["feedback"]}
    assert rated >= {
        ("web", "dissatisfied"),
        ("sms", "satisfied"),
        ("telegram", "basically_satisfied"),
    }
    assert not [case["reference"] for case in details if case["attention"] == "undelivered"]
    with store.read() as connection:
        left = connection.execute(select(api_token.c.name).where(api_token.c.revoked_at.is_(None))).scalars()
        assert "demo" not in left.all()
        files = connection.execute(select(attachment_table.c.media_type)).scalars().all()
    store.close()
    assert set(files) == {"image/png", "application/pdf"}
    again = huiyin(running, "demo", "--count", "3", "--seed", "8", "--token", token)
    assert again.returncode == 0, again.stderr
    assert len(asked(running, token, "/complaints?limit=100")["items"]) == 44
    assert letters_taken(Path(running["HUIYIN_DATA_DIR"])) == ["letter of 1 page"]
    logged = (tmp_path / "log").read_text("utf-8")
    assert [secret for secret in ("Body=", "12025550150", "twilio.http_client") if secret in logged] == []


def letters_taken(data: Path) -> list[str]:
    """Each letter that was taken out of the scanner's folder, once its pages are counted."""
    until = time.monotonic() + 30
    store = Store(f"sqlite:///{data}/huiyin.sqlite3")
    while True:
        with store.read() as connection:
            counted = connection.execute(select(letter.c.pages)).scalars().all()
        if counted and all(counted):
            store.close()
            return [f"letter of {pages} page" for pages in counted]
        assert time.monotonic() < until, list((data / "letters").rglob("*"))
        time.sleep(0.2)


def test_without_a_service_it_says_what_to_do(environment: dict[str, str]) -> None:
    played = huiyin(environment, "demo", "--lang", "en")
    assert played.returncode == 1
    assert played.stderr.strip().endswith("start it with “make run” in another terminal, then try again.")
    assert "Traceback" not in played.stderr


def test_it_never_sends_through_a_real_relay(environment: dict[str, str]) -> None:
    played = huiyin(environment | {"HUIYIN_RELAY_HOST": "mail.gaoyao.example"}, "demo", "--lang", "en")
    assert played.returncode == 1
    assert "rehearse without it" in played.stderr


def test_with_a_provider_of_ones_own_nothing_is_texted(environment: dict[str, str]) -> None:
    """Made-up numbers would cost money: with any account set, mail takes the place of texts and chats."""
    settings = Settings(relay_host="127.0.0.1", data_dir=Path(environment["HUIYIN_DATA_DIR"]))
    system = System(settings)
    try:
        assert pocket(system, "127.0.0.1", 1, "en") is None
    finally:
        system.close()
    assert {sample.pocket for sample in chosen(42, 1)} == {"", "text", "chat"}
    mailed = [without_pocket(sample) for sample in chosen(42, 1) if sample.pocket]
    assert len(mailed) == 12
    assert not any("rate" in step for sample in mailed for step in sample.steps)


def test_people_and_addresses_are_made_up() -> None:
    for sample in chosen(100, 1):
        assert sample.address.endswith(".example")
        assert not sample.phone or "202-555-01" in sample.phone


def test_the_same_seed_picks_the_same_messages() -> None:
    assert chosen(60, 5) == chosen(60, 5)
    assert chosen(60, 5) != chosen(60, 6)
    assert len({sample.key for sample in chosen(100, 5)}) == 100


@pytest.mark.parametrize(("kind", "head"), [("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-1.4\n")])
def test_files_are_what_they_say(kind: str, head: bytes) -> None:
    _, media_type, content = attachment(kind, 3)
    assert kind in media_type
    assert content.startswith(head)
    assert content != attachment(kind, 4)[2]


def test_a_page_gives_its_forms() -> None:
    page = Page(
        "/x",
        200,
        '<form action="/go?a=1"><input type="hidden" name="key" value="7"><input name="text"></form>'
        "<dl><dd> 26-000001-8 </dd></dl>",
    )
    assert page.form("/go").values == {"key": "7"}
    assert page.facts == ["26-000001-8"]
    with pytest.raises(PageRefused, match="shows no form for /else"):
        page.form("/else")
