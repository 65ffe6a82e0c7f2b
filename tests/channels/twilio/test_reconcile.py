"""What a webhook missed is found, once, however often one looks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from channels.sms import reading
from channels.table import READERS
from channels.twilio.reconcile import Found, Reconcile
from intake import schema
from intake.contracts import Submission
from intake.ids import new_id
from intake.vault import sealed
from tests.support.clock import SetClock
from tests.support.county import Running, open_county, prepare
from tests.support.databases import Databases
from tests.support.texting import ACCOUNT, OURS, SMS_PATH, THEIRS, call, message
from tests.support.twilio_api import ROOT, TwilioApi
from web.webhooks.twilio_texts import text_webhook


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    """Stands in Twilio's place."""
    with TwilioApi().open() as opened:
        yield opened


@pytest.fixture
def running(databases: Databases, tmp_path: Path, clock: SetClock) -> Iterator[Running]:
    """An inbox on each kind of database."""
    county = open_county(databases.copy_of(prepare), tmp_path / "blobs", clock, READERS)
    yield county
    county.close()


def reconcile(running: Running, api: TwilioApi, clock: SetClock, **more: Any) -> Reconcile:
    services = running.services
    return Reconcile(replace(ACCOUNT, base_url=api.url), services.store, services.inbox.accept, clock, **more)


def stored(running: Running) -> list[Any]:
    with running.services.store.read() as connection:
        return list(connection.execute(select(schema.submission).order_by(schema.submission.c.id)))


def raw(running: Running, key: str) -> bytes:
    c = schema.raw_message.c
    with running.services.store.read() as connection:
        return bytes(connection.execute(select(c.content).where(c.submission_id == key)).scalar_one())


def test_a_missed_text_is_found_once(running: Running, api: TwilioApi, clock: SetClock) -> None:
    hour_ago = clock() - timedelta(hours=1)
    heard = api.add(hour_ago, to=OURS, body="heard", **{"from": THEIRS})
    missed = api.add(hour_ago, to=f"whatsapp:{OURS}", body="路灯坏了", **{"from": f"whatsapp:{THEIRS}"})
    api.add(hour_ago, to=THEIRS, direction="outbound-api", body="ours", **{"from": OURS})
    api.add(clock(), to=OURS, body="its webhook is on the way", **{"from": THEIRS})
    webhook = text_webhook(replace(running.services, twilio=ACCOUNT))
    assert webhook is not None
    first = call(message(MessageSid=heard["sid"], SmsMessageSid=heard["sid"]))
    assert webhook.receive(first).status == 200

    job = reconcile(running, api, clock)
    assert job.run() == Found(messages=1)
    assert job.run() == Found()
    assert reconcile(running, api, clock).run() == Found()
    rows = stored(running)
    assert [row.external_id for row in rows] == [heard["sid"], missed["sid"]]
    assert rows[1].channel == "whatsapp"
    assert rows[1].received_at == hour_ago  # the clock starts when Twilio had it

    # and the webhook that comes after all changes nothing
    late = call(message(MessageSid=missed["sid"], SmsMessageSid=missed["sid"], From=f"whatsapp:{THEIRS}"))
    assert late.target == SMS_PATH
    assert webhook.receive(late).status == 200
    assert len(stored(running)) == 2


def test_its_pictures_are_found_too(running: Running, api: TwilioApi, clock: SetClock) -> None:
    made = api.add(clock() - timedelta(hours=1), to=OURS, body="", num_media="1", **{"from": THEIRS})
    uri = f"{ROOT}/Messages/{made['sid']}/Media/ME1"
    api.media[made["sid"]] = [{"sid": "ME1", "content_type": "image/png", "uri": uri + ".json"}]
    assert reconcile(running, api, clock).run() == Found(messages=1)
    (row,) = stored(running)
    (file,) = reading.read(raw(running, row.id), row.envelope).remote
    assert (file.source, file.filename) == ("https://api.twilio.com" + uri, "image-1.png")


def test_a_missed_recording_goes_through_the_telephones_own_reader(
    running: Running, api: TwilioApi, clock: SetClock
) -> None:
    told: list[Mapping[str, str]] = []

    def recorded(fields: Mapping[str, str], at: datetime) -> Submission | None:
        told.append(fields)
        return Submission("phone", fields["RecordingSid"], "key-of-" + fields["RecordingSid"], at, b"{}")

    for sid, age, status in (("RE1", 60, "completed"), ("RE2", 1, "completed"), ("RE3", 60, "processing")):
        api.recordings.append(
            {
                "sid": sid,
                "account_sid": ACCOUNT.sid,
                "call_sid": "CA1",
                "status": status,
                "duration": "7",
                "uri": f"{ROOT}/Recordings/{sid}.json",
                "date_created": format_datetime(clock() - timedelta(minutes=age)),
            }
        )
    api.calls["CA1"] = {"sid": "CA1", "from": THEIRS, "to": OURS, "direction": "inbound"}
    job = reconcile(running, api, clock, recorded=recorded)
    assert job.run() == Found(recordings=1)
    assert job.run() == Found()
    assert told == [
        {
            "RecordingSid": "RE1",
            "RecordingUrl": f"https://api.twilio.com{ROOT}/Recordings/RE1",
            "RecordingDuration": "7",
            "RecordingStatus": "completed",
            "AccountSid": ACCOUNT.sid,
            "CallSid": "CA1",
            "From": THEIRS,
            "To": OURS,
            "Direction": "inbound",
        }
    ]


class Book:
    """Writes down what is reported, as intake would."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

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
        self.told.append((outbox_id, provider_id, status, other_way))
        return True


def test_a_status_that_was_never_heard(running: Running, api: TwilioApi, clock: SetClock) -> None:
    hour_ago = clock() - timedelta(hours=1)
    arrived = api.add(hour_ago, direction="outbound-api", status="delivered", to=THEIRS)
    landline = api.add(hour_ago, direction="outbound-api", status="undelivered", to=THEIRS, error_code=30006)
    moving = api.add(hour_ago, direction="outbound-api", status="sent", to=THEIRS)
    keys = [outgoing(running, made["sid"], hour_ago) for made in (arrived, landline, moving)]
    book = Book()
    assert reconcile(running, api, clock, deliveries=book).run() == Found(statuses=2)
    assert sorted(book.told) == sorted(
        [(keys[0], arrived["sid"], "delivered", ""), (keys[1], landline["sid"], "failed", "phone")]
    )
    with running.services.store.write() as connection:
        connection.execute(update(schema.outbox).values(state="delivered"))
    assert reconcile(running, api, clock, deliveries=book).run() == Found()


def outgoing(running: Running, sid: str, at: datetime, channel: str = "sms") -> str:
    """A message that Twilio took ``at`` a moment."""
    key = new_id()
    with running.services.store.write() as connection:
        connection.execute(
            schema.outbox.insert().values(
                id=key,
                dedupe_key=key,
                role="complainant",
                channel=channel,
                address=sealed(key, THEIRS),
                name=sealed(key, ""),
                language="zh-Hans",
                template="talk",
                params=json.loads("{}"),
                created_at=at,
                state="sent",
                due_at=at,
                attempts=1,
                sent_at=at,
                provider_id=sid,
            )
        )
    return key


def test_ends_of_calls_that_were_never_heard(running: Running, api: TwilioApi, clock: SetClock) -> None:
    now, told = clock(), []

    def ring(sid: str, age: timedelta, status: str, dialled: bool = True, **more: Any) -> str:
        at = format_datetime(now - age)
        facts = {"sid": sid, "status": status, "to": THEIRS, "from": OURS, "direction": "outbound-api"}
        api.calls[sid] = facts | {"account_sid": ACCOUNT.sid, "start_time": at if dialled else None} | more
        return outgoing(running, sid, now - age, "phone")

    hour, week = timedelta(hours=1), timedelta(days=7)
    keys = {
        "CA1": ring("CA1", hour, "completed", duration="12", end_time=format_datetime(now - hour)),
        "CA2": ring("CA2", hour, "failed", dialled=False),  # not in the list, which goes by time
        "CA3": ring("CA3", week, "no-answer", duration="0"),  # the service was away so long
    }
    ring("CA4", hour, "in-progress")
    ring("CA5", hour, "completed", end_time=format_datetime(now))  # its report is on the way
    outgoing(running, "CA6", now - hour, "phone")  # unknown to Twilio
    api.calls["CA7"] = {"sid": "CA7", "status": "completed", "start_time": format_datetime(now - hour)}

    def ended(fields: Mapping[str, str], outbox_id: str) -> None:
        told.append((fields["CallSid"], fields["CallStatus"], fields["CallDuration"], outbox_id))
        with running.services.store.write() as connection:
            o = schema.outbox
            connection.execute(update(o).where(o.c.id == outbox_id).values(state="delivered"))

    job = reconcile(running, api, clock, ended=ended)
    assert job.run() == Found(calls=3)
    assert sorted(told) == [
        ("CA1", "completed", "12", keys["CA1"]),
        ("CA2", "failed", "1", keys["CA2"]),
        ("CA3", "no-answer", "1", keys["CA3"]),
    ]
    assert job.run() == Found()


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_provider_that_is_away_is_asked_again(
    running: Running, api: TwilioApi, clock: SetClock, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    api.add(clock() - timedelta(days=2), to=OURS, body="old", **{"from": THEIRS})
    api.refuse_lists = status
    job = reconcile(running, api, clock)
    assert job.run() == Found()
    assert "could not be read" in caplog.text
    assert ACCOUNT.token not in caplog.text
    api.refuse_lists = 0
    assert job.run() == Found(messages=1)
