"""The whole service in this process with all its channels open, between providers that stand on loopback.

Texts and calls come in by signed posts over real sockets, word goes out to an emulated carrier, Telegram's
updates are fetched by the real poller from an emulated Bot API. The clock stands until a test moves it.
"""

from __future__ import annotations

import http.client
import io
import itertools
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from config.settings import Settings
from config.telegram_role import TelegramRole
from config.web_server import WebRole
from config.wiring import System
from intake import schema
from intake.fetching import FetchWorker
from intake.references import find_references
from intake.transcripts import TranscriptWorker
from intake.verbs import Accept, Answer
from tests.channels.phone.line import ACCOUNT, Line
from tests.channels.telegram.bot_api import TOKEN, BotApiServer
from tests.support.carrier import Carrier, Taken
from tests.support.clock import SetClock
from tests.support.loopback import free_port
from tests.support.rehearsal import Rehearsal, handler_of
from tests.support.service import wait_until

ANN, BOB = "+12025550123", "+12025550145"
"""Two mobiles of numbers reserved for fiction."""
_SMS = "/webhooks/twilio/sms"


@dataclass
class Town(Rehearsal):
    """One county with telephones and chats around it."""

    carrier: Carrier = field(kw_only=True)
    bot: BotApiServer = field(kw_only=True)
    port: int = field(kw_only=True)
    fetcher: FetchWorker = field(kw_only=True)
    scribe: TranscriptWorker = field(kw_only=True)
    _sids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _read: dict[str, int] = field(default_factory=dict)

    # ------------------------------------------------------------ the outside

    def post(self, path: str, form: dict[str, str], *, signed: bool = True) -> tuple[int, str]:
        """A provider posts to us over a real socket; the signature is Twilio's own library's."""
        signature = RequestValidator(ACCOUNT.token).compute_signature(ACCOUNT.public_url + path, form)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        if signed:
            headers["X-Twilio-Signature"] = signature
        caller = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            caller.request("POST", path, urlencode(form), headers)
            answer = caller.getresponse()
            return answer.status, answer.read().decode()
        finally:
            caller.close()

    def text(self, body: str, phone: str = ANN, *, whatsapp: bool = False, **more: str) -> list[str]:
        """Somebody texts us; returns what they read afterwards, since they last looked."""
        way = "whatsapp:" if whatsapp else ""
        sid = f"SM{next(self._sids):032x}"
        form = {"MessageSid": sid, "AccountSid": ACCOUNT.sid, "From": way + phone, "To": way + ACCOUNT.number}
        status, said = self.post(_SMS, form | {"Body": body, "NumMedia": "0"} | more)
        assert (status, "<Message" in said) == (200, False)
        self.settle()
        return self.read(phone)

    def read(self, phone: str = ANN) -> list[str]:
        """The texts to ``phone`` that were not read yet."""
        mine = [one.body for one in self.carrier.taken if one.to == phone and one.kind != "call"]
        fresh = mine[self._read.get(phone, 0) :]
        self._read[phone] = len(mine)
        return fresh

    def report(self, one: Taken, status: str, code: str = "") -> None:
        """The carrier tells what became of a text."""
        form = {"MessageSid": one.sid, "MessageStatus": status} | ({"ErrorCode": code} if code else {})
        assert self.post(one.callback.removeprefix(ACCOUNT.public_url), form)[0] == 200
        self.settle()

    def last_to(self, phone: str, kind: str = "text") -> Taken:
        """What was sent last to a number."""
        return [one for one in self.carrier.taken if (one.to, one.kind) == (phone, kind)][-1]

    def line(self, caller: str = ANN, *, outgoing: bool = False, sid: str = "") -> SocketLine:
        """A call."""
        return SocketLine(self.system.web(), caller, outgoing, sid, town=self)

    def updates(self, *updates: dict[str, Any]) -> list[dict[str, str]]:
        """People write to the bot, the poller fetches it; returns what the bot says to it."""
        before = len(self.bot.called("sendMessage"))
        self.bot.say(*updates)
        wait_until(lambda: not self.bot.updates, "every update is confirmed")
        self.settle()
        return self.bot.called("sendMessage")[before:]

    # ------------------------------------------------------------ inside

    def settle(self) -> None:
        """Turn every loop of the worker until none finds anything."""
        for _ in range(200):
            loops = (
                self.registrar.work,
                self.postman.work,
                self.fetcher.work,
                self.scribe.work,
                *self._later,
            )
            if not sum(work() for work in loops):
                return
        raise AssertionError("the worker does not come to rest")

    def wait(self, **by: float) -> None:
        """Let a little time pass."""
        self.clock.advance(timedelta(**by))
        self.settle()

    def outcome_of(self, phone: str) -> list[tuple[str, str]]:
        """Meaning and state of all that a conversation's messages became, in order."""
        s = schema.submission.c
        query = select(s.became, s.state, s.conversation).order_by(s.id)
        with self.system.store.read() as connection:
            rows = connection.execute(query.where(s.conversation_hash.is_not(None))).all()
        return [(row.became, row.state) for row in rows if row.conversation.endswith(f":{phone}")]

    def count(self, table: Any) -> int:
        """How many rows."""
        with self.system.store.read() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    def conversation(self, address: str) -> Any:
        """What is remembered of who writes from there."""
        c = schema.conversation
        with self.system.store.read() as connection:
            [one] = [row for row in connection.execute(select(c)) if row.address == address]
            return one

    def bureau_of(self, reference: str) -> str:
        """Who answers for the case."""
        found = self.case(reference).bureau
        assert found, f"{reference} lies in triage"
        return str(found)

    def answer(self, reference: str, text: str) -> None:
        """The bureau accepts, and answers."""
        handler = handler_of(self.bureau_of(reference))
        if self.case(reference).state == "assigned":
            self.say(reference, handler, Accept())
        self.say(reference, handler, Answer(text))


@dataclass
class SocketLine(Line):
    """A call whose posts go over a real socket."""

    town: Town | None = None

    def post(self, address: str, **fields: str) -> str:
        """One signed post; returns the body."""
        assert self.town is not None
        ends = (ACCOUNT.number, self.caller) if self.outgoing else (self.caller, ACCOUNT.number)
        form = {
            "CallSid": self.sid,
            "AccountSid": ACCOUNT.sid,
            "From": ends[0],
            "To": ends[1],
            "Direction": "outbound-api" if self.outgoing else "inbound",
            "CallStatus": "in-progress",
        } | fields
        self.posts.append((address, fields))
        self.status, body = self.town.post(address.removeprefix(ACCOUNT.public_url), form)
        return body

    def recording(self, sid: str = "", seconds: int = 20) -> dict[str, str]:
        """The fields of a recording, which lies with the carrier."""
        fields = super().recording(sid, seconds)
        assert self.town is not None
        self.town.carrier.files[f"{fields['RecordingSid']}.wav"] = silence()
        return fields


def silence(seconds: float = 0.2) -> bytes:
    """A recording in which nobody says anything."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * int(8000 * seconds))
    return kept.getvalue()


def reference_in(text: str) -> str:
    """The one reference that a text names."""
    (found,) = set(find_references(text))
    return found


@contextmanager
def town_of(folder: Path, database_url: str, clock: SetClock) -> Iterator[Town]:
    """A town in ``folder``; everything is closed at the end."""
    port = free_port()
    with Carrier().open() as carrier, BotApiServer() as bot:
        settings = Settings(
            data_dir=folder,
            database_url=database_url,
            smtp_port=0,
            web_port=port,
            public_url=ACCOUNT.public_url,
            twilio_account_sid=ACCOUNT.sid,
            twilio_auth_token=ACCOUNT.token,
            twilio_from=ACCOUNT.number,
            twilio_base_url=carrier.url,
            telegram_token=TOKEN,
            telegram_base_url=bot.url,
        )
        system = System(settings, clock)
        listener, web = system.listener(), WebRole(system)
        listener.start()
        telegram = TelegramRole(system)
        try:
            town = Town(
                system,
                clock,
                folder / "outgoing-mail",
                listener,
                system.registrar(),
                system.postman(),
                carrier=carrier,
                bot=bot,
                port=port,
                fetcher=system.fetch_worker(),
                scribe=system.transcript_worker(),
            )
            yield town
            town.let_go()
        finally:
            telegram.stop()
            web.stop()
            listener.stop(grace=2.0)
            system.close()
