"""Our sends against Twilio's own description of its API, played by an emulator that nobody here wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from channels.sms.sender import TextSender
from channels.twilio.client import connect
from channels.twilio.lost_calls import LostCalls
from channels.twilio.reconcile import Reconcile
from intake.calls import Call, Calls
from intake.contracts import DeliveryFailed, Message, Receipt, Submission
from intake.store import Store
from tests.support.clock import SetClock
from tests.support.databases import SqliteDatabases, migrated
from tests.support.prism import prism
from tests.support.texting import ACCOUNT, THEIRS

pytestmark = pytest.mark.xdist_group("prism")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the emulator listens."""
    with prism(tmp_path_factory.mktemp("prism")) as address:
        yield address


def text(channel: str = "sms", words: str = "您的投诉已收到。", retry: bool = False) -> Message:
    return Message(
        outbox_id="0123456789abcdef",
        channel=channel,
        to=THEIRS,
        to_name="",
        subject="",
        text=words,
        language="zh-Hans",
        created_at=datetime(2023, 8, 24, 5, 0, tzinfo=UTC),  # when the description's examples were sent
        retry=retry,
    )


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
@pytest.mark.parametrize("retry", [False, True])
def test_a_send_fits_the_description(url: str, clock: SetClock, channel: str, retry: bool) -> None:
    sender = TextSender(replace(ACCOUNT, base_url=url), clock)
    assert sender.send(text(channel, retry=retry)).provider_id.startswith("SM")


def test_a_long_one_too(url: str, clock: SetClock) -> None:
    delivery = TextSender(replace(ACCOUNT, base_url=url), clock).send(text(words="路灯坏了。" * 400))
    assert delivery.note.startswith("2 messages: SM")


def test_the_emulator_refuses_what_does_not_fit(url: str, clock: SetClock) -> None:
    """So that the tests above mean something: an account that cannot be is a failure."""
    account = replace(ACCOUNT, base_url=url, sid="nonsense")
    with pytest.raises(DeliveryFailed):
        TextSender(account, clock).send(text())


def ring(store: Store, sid: str, at: datetime) -> None:
    """We believe that a call goes on."""
    Calls(store).begin(Call(sid, THEIRS, outgoing=True, language="en", step="outgoing", started_at=at))


def test_lists_read_as_described(
    url: str, clock: SetClock, sqlite_databases: SqliteDatabases, caplog: pytest.LogCaptureFixture
) -> None:
    accepted: list[Submission] = []
    ended: list[str] = []

    def accept(submission: Submission) -> Receipt:
        accepted.append(submission)
        return Receipt("0", duplicate=False)

    account = replace(ACCOUNT, base_url=url)
    assert connect(account).messages.list(limit=5)
    store = Store(sqlite_databases.copy_of(migrated))
    try:
        Reconcile(account, store, accept, clock, recorded=lambda fields, at: None, most=2).run()
        [call] = connect(account).calls.list(start_time_after=clock(), limit=1)
        ring(store, str(call.sid), clock())
        lost = LostCalls(store, lambda fields, outbox_id: ended.append(fields["CallSid"]), most=2)
        assert lost.look(connect(account), clock(), clock() + timedelta(days=9999), thorough=True) == len(
            ended
        )
    finally:
        store.close()
    assert "could not be read" not in caplog.text
    assert len(ended) == 1
    assert all(submission.channel == "sms" for submission in accepted)
