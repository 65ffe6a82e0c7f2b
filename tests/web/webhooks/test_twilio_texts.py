"""Texts as they arrive: signed ones are stored once, everything else hears a plain refusal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from intake import schema
from intake.contracts import StorageUnavailable, Submission
from tests.support.county import Running
from tests.support.texting import ACCOUNT, OURS, PUBLIC, SID, SMS_PATH, THEIRS, message, official
from web.app import create_app
from web.webhooks.twilio_texts import text_webhook


class Book:
    """Writes down what is reported."""

    def __init__(self) -> None:
        self.told: list[tuple[str | None, str, str]] = []

    def report(
        self,
        outbox_id: str | None,
        provider_id: str,
        status: str,
        note: str = "",
        *,
        permanent: bool = True,
        again_at: datetime | None = None,
        other_way: str = "",
    ) -> bool:
        self.told.append((outbox_id, provider_id, status))
        return True


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def client(running: Running, book: Book) -> Iterator[FlaskClient]:
    """The server with an account set."""
    with served(running, book) as opened:
        yield opened


def served(running: Running, book: Book, **changed: Any) -> FlaskClient:
    services = replace(running.services, twilio=ACCOUNT, deliveries=book, **changed)
    return create_app(services).test_client()


def post(client: FlaskClient, fields: dict[str, Any], *, path: str = SMS_PATH, **more: Any) -> Any:
    signature = more.pop("signature", official(PUBLIC + path, fields))
    given = {
        "data": urlencode(fields, doseq=True),
        "content_type": "application/x-www-form-urlencoded; charset=UTF-8",
        "headers": {"X-Twilio-Signature": signature},
    }
    return client.post(path, **(given | more))


def stored(running: Running) -> list[Any]:
    with running.services.store.read() as connection:
        return list(connection.execute(select(schema.submission).order_by(schema.submission.c.id)))


def test_a_text_is_on_disk_before_twilio_hears_so(client: FlaskClient, running: Running) -> None:
    answer = post(client, message())
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.data.endswith(b"<Response/>")
    (row,) = stored(running)
    assert (row.channel, row.external_id, row.state) == ("sms", SID, "pending")
    assert row.conversation == f"sms:{THEIRS}"
    assert row.envelope == {"from": THEIRS, "to": OURS}


def test_a_whatsapp_message(client: FlaskClient, running: Running) -> None:
    assert post(client, message(From=f"whatsapp:{THEIRS}", To=f"whatsapp:{OURS}")).status_code == 200
    (row,) = stored(running)
    assert (row.channel, row.conversation) == ("whatsapp", f"whatsapp:{THEIRS}")


def test_a_short_code_is_stored_and_talks_to_nobody(client: FlaskClient, running: Running) -> None:
    assert post(client, message(From="12345")).status_code == 200
    assert stored(running)[0].conversation is None


def test_a_replay_and_two_at_once_are_one(client: FlaskClient, running: Running) -> None:
    heard: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: heard.append(post(client.application.test_client(), message()).status_code)
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == [200] * 6
    assert len(stored(running)) == 1


def test_parts_out_of_order_are_kept_as_they_came(client: FlaskClient, running: Running) -> None:
    for number in ("2", "1"):
        assert post(client, message(MessageSid=f"SM{number * 32}", Body=number)).status_code == 200
    assert [row.external_id[2] for row in stored(running)] == ["2", "1"]


@pytest.mark.parametrize(
    ("changed", "more", "status"),
    [
        ({}, {"signature": "forged"}, 403),
        ({}, {"signature": official(PUBLIC + SMS_PATH, message(), "another token")}, 403),
        ({}, {"headers": {}}, 403),
        ({}, {"data": urlencode(message(Body="changed on the way"))}, 403),
        (
            {},
            {
                "headers": {
                    "X-Twilio-Signature": official("http://evil.example" + SMS_PATH, message()),
                    "Host": "evil.example",
                }
            },
            403,
        ),
        ({"MessageSid": None, "SmsMessageSid": None}, {}, 400),
        ({"MessageSid": "../../x y"}, {}, 400),
        ({"From": None}, {}, 400),
        ({"From": " "}, {}, 400),
        ({"Body": "x" * 65_536}, {}, 413),
        ({}, {"data": "&".join(f"a{n}=" for n in range(1000))}, 400),
        ({}, {"content_type": "application/json", "data": "{}"}, 415),
        ({}, {"content_type": "", "data": b"x"}, 415),
    ],
)
def test_refusals_store_nothing(
    client: FlaskClient, running: Running, changed: dict[str, Any], more: dict[str, Any], status: int
) -> None:
    answer = post(client, message(**changed), **more)
    assert answer.status_code == status
    assert not stored(running)
    assert ACCOUNT.token not in answer.text


def test_the_longest_text_fits(client: FlaskClient) -> None:
    assert post(client, message(Body="𠀀" * 1600)).status_code == 200


def test_other_methods(client: FlaskClient) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert client.open(SMS_PATH, method=method).status_code == 405


def test_log_only_takes_what_is_not_signed(running: Running, book: Book) -> None:
    client = served(running, book, twilio_signatures="log")
    assert post(client, message(), signature="wrong").status_code == 200
    assert len(stored(running)) == 1


def test_storage_away_is_a_temporary_failure(
    running: Running, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(submission: Submission, timeout: float = 0.0) -> None:
        raise StorageUnavailable("disk /secret/place is full")

    monkeypatch.setattr(running.services.inbox, "accept", away)
    answer = post(served(running, book), message())
    assert answer.status_code == 503
    assert "secret" not in answer.text
    assert answer.headers["Retry-After"] == "60"


def test_a_status_is_reported(client: FlaskClient, book: Book) -> None:
    path = "/webhooks/twilio/status?id=0123abcd"
    told = {"MessageSid": SID, "MessageStatus": "delivered", "AccountSid": ACCOUNT.sid}
    assert post(client, told, path=path).status_code == 200
    assert post(client, told, path=path, signature="forged").status_code == 403
    assert post(client, told, path=path + "0", signature=official(PUBLIC + path, told)).status_code == 403
    assert client.get(path).status_code == 405
    assert book.told == [("0123abcd", SID, "delivered")]


def test_without_an_account_there_is_nothing_to_call(running: Running) -> None:
    assert create_app(running.services).test_client().post(SMS_PATH).status_code == 404
    assert text_webhook(running.services) is None
