"""Updates are on disk before Telegram may forget them, once, in whatever way they come."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from channels.telegram.api import BotApi
from channels.telegram.courtesy import Courtesy
from channels.telegram.opening import open_for_polling
from channels.telegram.poller import Patience, Poller
from intake import schema
from intake.bookmarks import Bookmarks
from intake.clock import system_clock
from intake.contracts import Receipt, StorageUnavailable, Submission
from intake.inbox import Inbox
from intake.store import Store
from tests.channels.telegram.bot_api import (
    BAD_GATEWAY,
    CONFLICT,
    TOKEN,
    UNAUTHORIZED,
    BotApiServer,
    Said,
    message,
    retry_after,
)
from tests.channels.telegram.conftest import account
from tests.support.service import wait_until

QUICK = Patience(
    poll=2.0, lease=1.5, first_pause=0.05, longest_pause=0.2, wrong_token=0.3, neighbour=0.05, unheld=0.02
)


@pytest.fixture
def inbox(store: Store) -> Iterator[Inbox]:
    opened = Inbox(store)
    yield opened
    opened.close()


def stored(store: Store) -> list[tuple[str, Any]]:
    """External id and raw update of all that is kept, in the order in which it came."""
    s, r = schema.submission.c, schema.raw_message.c
    query = select(s.external_id, r.content).join_from(
        schema.submission, schema.raw_message, s.id == r.submission_id
    )
    with store.read() as connection:
        rows = [(row.external_id, json.loads(row.content)) for row in connection.execute(query)]
    return sorted(rows, key=lambda row: int(row[0]))


def ids(store: Store) -> list[int]:
    return [int(external_id) for external_id, _ in stored(store)]


@contextmanager
def polling(
    api: BotApi, inbox: Inbox, store: Store, owner: str = "one", **more: Any
) -> Iterator[tuple[Poller, threading.Thread]]:
    accept = more.pop("accept", inbox.accept_together)
    poller = Poller(
        api, accept, Bookmarks(store), owner, system_clock, patience=more.pop("patience", QUICK), **more
    )
    thread = threading.Thread(target=poller.run)
    thread.start()
    try:
        yield poller, thread
    finally:
        poller.stop()
        thread.join(10)
        assert not thread.is_alive()


def test_what_is_written_is_kept_as_it_came(
    api: BotApi, server: BotApiServer, inbox: Inbox, store: Store
) -> None:
    update = message(41, "井盖丢了 \ud83d 😀", novelty={"field": "of a later Bot API", "nul": "\x00"})
    server.say(update)
    with polling(api, inbox, store):
        wait_until(lambda: ids(store) == [41], "the update is stored")
    assert stored(store)[0][1] == update
    with store.read() as connection:
        row = connection.execute(select(schema.submission)).one()
    assert (row.channel, row.conversation) == ("telegram", "telegram:700")
    assert row.envelope == {"bot": "100200300", "via": "polling"}
    assert Bookmarks(store).value("telegram:100200300") == 42


def test_an_update_is_confirmed_only_after_it_is_on_disk(
    api: BotApi, server: BotApiServer, inbox: Inbox, store: Store
) -> None:
    seen: list[tuple[int, list[int]]] = []

    def accept(submissions: Sequence[Submission], also: Callable[[Connection], None]) -> list[Receipt]:
        offsets = [int(call["offset"]) for call in server.called("getUpdates") if "offset" in call]
        seen.append((max(offsets, default=0), [int(one.external_id) for one in submissions]))
        return inbox.accept_together(submissions, also)

    server.say(message(7), message(8))
    with polling(api, inbox, store, accept=accept):
        wait_until(lambda: ids(store) == [7, 8], "the first two are stored")
        server.say(message(9))
        wait_until(lambda: ids(store) == [7, 8, 9], "the third is stored")
    for confirmed, taken in seen:
        assert all(confirmed <= number for number in taken)


def test_storage_away_confirms_nothing_and_loses_nothing(
    api: BotApi, server: BotApiServer, inbox: Inbox, store: Store
) -> None:
    tries: list[int] = []

    def accept(submissions: Sequence[Submission], also: Callable[[Connection], None]) -> list[Receipt]:
        tries.append(len(submissions))
        if len(tries) < 4:
            assert not any("offset" in call for call in server.called("getUpdates"))
            raise StorageUnavailable("the disk is full")
        return inbox.accept_together(submissions, also)

    server.say(message(1))
    with polling(api, inbox, store, accept=accept):
        wait_until(lambda: ids(store) == [1], "it is stored after all")
    assert tries[:4] == [1, 1, 1, 1]


def test_twice_and_out_of_order_is_once(
    api: BotApi, server: BotApiServer, inbox: Inbox, store: Store
) -> None:
    came = [message(12), message(10), message(11), message(10)]
    server.script["getUpdates"].extend([Said(result=came), Said(result=came[:2]), Said(result=[])])
    with polling(api, inbox, store):
        wait_until(lambda: len(server.called("getUpdates")) > 3, "all rounds are over")
    assert ids(store) == [10, 11, 12]


def test_after_a_quiet_week_telegram_may_count_from_a_lower_number(
    api: BotApi, server: BotApiServer, inbox: Inbox, store: Store
) -> None:
    def asked() -> list[dict[str, str]]:
        return server.called("getUpdates")

    server.say(message(900_000))
    with polling(api, inbox, store):
        wait_until(lambda: ids(store) == [900_000], "the first is stored")
        wait_until(lambda: any("offset" in call for call in asked()), "the first is confirmed")
        wait_until(lambda: "offset" not in asked()[-1], "nothing was left; the week begins")
        server.say(message(17))
        wait_until(lambda: ids(store) == [17, 900_000], "the lower one is stored too")
    server.say(message(18))
    with polling(api, inbox, store):  # started anew, with the old bookmark
        wait_until(lambda: ids(store) == [17, 18, 900_000], "and the next")


def test_a_thousand_at_once(api: BotApi, server: BotApiServer, inbox: Inbox, store: Store) -> None:
    server.say(*(message(n, f"第{n}条", chat=n % 7 + 1) for n in range(1, 1001)))
    with polling(api, inbox, store):
        wait_until(lambda: len(ids(store)) == 1000, "all are stored")
    assert ids(store) == list(range(1, 1001))


def test_of_two_pollers_one_polls_and_the_other_takes_over(
    api: BotApi, server: BotApiServer, inbox: Inbox, store: Store
) -> None:
    with polling(api, inbox, store, "one") as (first, thread):
        wait_until(lambda: server.called("getUpdates") != [], "the first polls")
        with polling(api, inbox, store, "two"):
            for n in range(1, 21):
                server.say(message(n))
            wait_until(lambda: len(ids(store)) == 20, "the first takes all")
            assert server.most_readers == 1
            first.stop()
            thread.join(5)
            server.say(message(21))
            wait_until(lambda: len(ids(store)) == 21, "the second takes over")
    assert ids(store) == list(range(1, 22))


def test_the_second_waits_for_the_lease_of_one_that_died(
    api: BotApi, server: BotApiServer, inbox: Inbox, store: Store
) -> None:
    Bookmarks(store).take("telegram:100200300", "dead", system_clock(), timedelta(seconds=1.0))
    server.say(message(1))
    with polling(api, inbox, store, "two"):
        wait_until(lambda: ids(store) == [1], "the second takes over")


TROUBLE = [
    # what Telegram says first, and what the log must say
    (CONFLICT, "somebody else reads this bot's messages"),
    (BAD_GATEWAY, "not reached"),
    (Said(200, raw=b"<html>a captive portal</html>"), "not reached"),
    (Said(200, raw=b'{"ok":true}'), "not reached"),
    (UNAUTHORIZED, "the token is wrong"),
]


@pytest.mark.parametrize(("said", "logged"), TROUBLE)
def test_trouble_is_said_plainly_and_passes(
    said: Said,
    logged: str,
    api: BotApi,
    server: BotApiServer,
    inbox: Inbox,
    store: Store,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.script["getUpdates"].extend([said, said])
    server.say(message(3))
    with caplog.at_level(logging.DEBUG), polling(api, inbox, store):
        wait_until(lambda: ids(store) == [3], "the update is stored after the trouble")
    assert logged in caplog.text
    assert TOKEN.partition(":")[2] not in caplog.text


def test_a_wrong_token_is_not_hammered(
    server: BotApiServer, inbox: Inbox, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = BotApi(account(server.url, token="100200300:wrongSecretWrongSecret"))
    patience = Patience(poll=1, lease=60, wrong_token=30)
    try:
        with polling(wrong, inbox, store, patience=patience, prepare=open_for_polling):
            wait_until(lambda: "the token is wrong" in caplog.text, "it is said")
    finally:
        wrong.close()
    assert caplog.text.count("the token is wrong") == 1
    assert "wrongSecret" not in caplog.text


def test_a_flood_wait_is_kept(api: BotApi, server: BotApiServer, inbox: Inbox, store: Store) -> None:
    server.script["getUpdates"].append(retry_after(1))
    server.say(message(3))
    with polling(api, inbox, store):
        wait_until(lambda: ids(store) == [3], "the update is stored afterwards")
    assert len(server.called("getUpdates")) <= 3


def test_stopping_breaks_off_a_long_poll_at_once(
    api: BotApi, server: BotApiServer, inbox: Inbox, store: Store
) -> None:
    with polling(api, inbox, store, patience=Patience(poll=50)) as (poller, thread):
        wait_until(lambda: server.called("getUpdates") != [], "it waits for updates")
        started = time.monotonic()
        poller.stop()
        thread.join(5)
        assert time.monotonic() - started < 2
    assert (
        Bookmarks(store).take("telegram:100200300", "next", system_clock(), timedelta(seconds=1)) is not None
    )


def test_groups_are_left_with_one_sentence_and_nothing_is_kept(
    api: BotApi, server: BotApiServer, inbox: Inbox, store: Store
) -> None:
    group = {"id": -1001, "type": "supergroup", "title": "样例小区群"}
    said = message(1, "大家好")
    said["message"]["chat"] = group
    joined = {
        "update_id": 2,
        "my_chat_member": {"chat": group, "new_chat_member": {"status": "member"}, "date": 1},
    }
    server.say(joined, said, {"update_id": 3, "channel_post": {"chat": group}}, message(4))
    with polling(api, inbox, store, after=Courtesy(api).show):
        wait_until(lambda: ids(store) == [4], "only the private message is kept")
        wait_until(lambda: server.called("leaveChat") != [], "we leave")
    assert [call["chat_id"] for call in server.called("sendMessage")] == ["-1001"]
    assert Bookmarks(store).value("telegram:100200300") == 5


def test_a_pressed_button_stops_spinning_after_the_commit(
    api: BotApi, server: BotApiServer, inbox: Inbox, store: Store
) -> None:
    pressed = {
        "update_id": 5,
        "callback_query": {
            "id": "q1",
            "from": {"id": 700, "is_bot": False, "first_name": "三"},
            "data": "1:abc",
            "message": {"message_id": 9, "date": 5, "chat": {"id": 700, "type": "private"}},
        },
    }
    server.script["answerCallbackQuery"].append(Said(after=0.5))
    server.say(pressed, message(6))
    with polling(api, inbox, store, after=Courtesy(api).show):
        wait_until(lambda: ids(store) == [5, 6], "both are stored")
        wait_until(lambda: server.called("editMessageReplyMarkup") != [], "the buttons go")
    assert server.called("answerCallbackQuery") == [{"callback_query_id": "q1"}]
    assert server.called("editMessageReplyMarkup") == [{"chat_id": "700", "message_id": "9"}]


def test_the_commands_are_told_once_in_both_languages(
    api: BotApi, server: BotApiServer, inbox: Inbox, store: Store
) -> None:
    server.say(message(1))
    with polling(api, inbox, store, prepare=open_for_polling):
        wait_until(lambda: ids(store) == [1], "it polls")
    menus = server.called("setMyCommands")
    assert [menu.get("language_code") for menu in menus] == [None, "zh"]
    assert [len(json.loads(menu["commands"])) for menu in menus] == [7, 7]
    assert server.called("deleteWebhook")[0].get("drop_pending_updates") in (None, "False", "false")
