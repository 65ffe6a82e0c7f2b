"""Building the service once, from settings to a graph of plain objects. No global, no look-up.

What only one role needs (Flask, aiosmtpd) is imported when that role is built, so that a worker process
stays small.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from channels.letter.folder import LetterFolder
from channels.phone.hours import Hours
from channels.postman import Postman
from channels.table import READERS
from channels.telegram.account import TelegramAccount
from channels.twilio.account import TwilioAccount
from channels.twilio.reconcile import Reconcile
from channels.wording import Facts, Wording
from config.accounts import telegram_account, twilio_account
from config.carriers import fetchers, senders
from config.certificate import certificate
from config.county import read_county
from config.files import build_storage, inspection_worker, scratch
from config.keys import fit, open_store
from config.letters import PageReader, forget_taken, letter_folder, page_reader
from config.settings import InvalidSetting, Settings, make_data_dir
from config.telephone import (
    AtAnyHour,
    local_engines,
    missed_ends,
    missed_recordings,
    telephone_hours,
)
from intake import schema
from intake.accounts import Accounts
from intake.bookmarks import Bookmarks
from intake.clock import Clock, shifted_clock, system_clock
from intake.contracts import Fetcher, Sender, Transcriber
from intake.deliveries import Deliveries
from intake.fetching import FetchWorker
from intake.files.inspection import InspectionWorker
from intake.files.storage import Storage
from intake.inbox import Inbox
from intake.letters import LetterWorker
from intake.matching.worker import MatchWorker
from intake.migrate import migrate
from intake.office import Office
from intake.outbox import Outbox
from intake.owners import Owner
from intake.print_queue import PrintQueue
from intake.registrar import Registrar
from intake.retention.journal import Journal
from intake.retention.keeper import Keeper
from intake.store import Store
from intake.transcripts import Transcripts, TranscriptWorker
from intake.vault import Vault

if TYPE_CHECKING:
    from flask import Flask

    from channels.email.listener import Listener
    from channels.telegram.api import BotApi


class System:
    """One process's objects, each built when a role first needs it."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        """``clock`` replaces the machine's, for rehearsals and tests that set the date."""
        self.settings = settings
        self.county = read_county(settings)
        usual = shifted_clock(settings.clock_offset) if settings.clock_offset else system_clock
        self.clock: Clock = clock or usual
        self.wake: Callable[[], None] = lambda: None  # set by the runner when a worker is in this process

    @cached_property
    def store(self) -> Store:
        """The database, brought to the present schema."""
        # what citizens wrote is nobody else's on this machine; a folder that is there keeps its mode
        make_data_dir(self.settings)
        store = open_store(self.settings)
        migrate(store)
        fit(store)
        return store

    @property
    def vault(self) -> Vault:
        """Seals, opens, and makes the keyed hashes by which personal data is found."""
        assert self.store.vault is not None
        return self.store.vault

    @cached_property
    def inbox(self) -> Inbox:
        """The hot path; starts a thread."""
        return Inbox(self.store, zone=self.county.office.zone, notify=lambda: self.wake())

    @cached_property
    def owner(self) -> Owner:
        """This process, as an owner of claimed work."""
        return Owner(self.settings.data_dir / "owners")

    @cached_property
    def blobs(self) -> Storage:
        """Attachments by content."""
        return build_storage(self.settings)

    @cached_property
    def office(self) -> Office:
        """The door through which cases change."""
        return Office(self.store, self.county.policies, self.clock)

    @cached_property
    def accounts(self) -> Accounts:
        """Staff and tokens."""
        return Accounts(self.store, self.clock)

    @cached_property
    def twilio(self) -> TwilioAccount | None:
        """The account for texts and calls, or the simulator's."""
        return twilio_account(self.settings, self.county.office.phone)

    @cached_property
    def telegram(self) -> TelegramAccount | None:
        """The bot, or the simulator's."""
        return telegram_account(self.settings)

    @cached_property
    def telegram_api(self) -> BotApi | None:
        """The one line to the Bot API of this process; None without a bot."""
        from channels.telegram.api import BotApi

        return None if self.telegram is None else BotApi(self.telegram)

    @property
    def outgoing_mail(self) -> Path:
        """Where mail is written while no relay is set."""
        return self.settings.data_dir / "outgoing-mail"

    def registrar(self) -> Registrar:
        """A worker that registers what came in."""
        return Registrar(self.store, self.blobs, self.county.policies, READERS, self.clock, self.owner.name)

    def postman(self) -> Postman:
        """A worker that takes word out."""
        office, directory = self.county.office, self.county.policies.directory
        facts = Facts(
            office=office.name,
            phone=office.phone,
            public_url=self.settings.base_url,
            zone=office.zone,
            categories={category.key: category.name for category in self.county.router.categories},
        )
        return Postman(
            Outbox(self.store, self.county.policies, self.owner.name),
            self.senders(),
            Wording(facts, directory),
            office.mail.partition("@")[2],
            self.clock,
        )

    def senders(self) -> dict[str, Sender]:
        """One sender a channel."""
        return senders(self)

    def reconcile(self) -> Reconcile:
        """What finds the texts, recordings and ends of calls that a webhook missed; only with an account."""
        if self.twilio is None:
            raise InvalidSetting("HUIYIN_TWILIO_ACCOUNT_SID is missing: there is no account to compare with.")
        return Reconcile(
            self.twilio,
            self.store,
            self.inbox.accept,
            self.clock,
            self.deliveries,
            missed_recordings(self),
            missed_ends(self),
        )

    def fetchers(self) -> dict[str, Fetcher]:
        """One fetcher a channel whose files lie with a provider."""
        return fetchers(self)

    def transcribers(self) -> list[Transcriber]:
        """Who writes down recordings; the first that knows the language does."""
        if self.twilio is not None and self.twilio.simulated:
            from web.simulator.sound import Subtitles

            return [Subtitles(), *local_engines(self.settings)]
        return local_engines(self.settings)

    @cached_property
    def hours(self) -> Hours:
        """When the telephone is answered and may ring."""
        hours = telephone_hours(self.settings, self.county.office)
        return AtAnyHour(hours) if self.twilio is not None and self.twilio.simulated else hours

    @cached_property
    def transcripts(self) -> Transcripts:
        """The door through which the words of recordings come in."""
        return Transcripts(self.store, self.county.policies, self.clock)

    @cached_property
    def deliveries(self) -> Deliveries:
        """The door through which carriers' reports come in."""
        return Deliveries(self.store, self.county.policies, self.clock)

    @cached_property
    def keeper(self) -> Keeper:
        """Erases who complained and what was written, when it is old enough."""
        years = self.county.office.keep_years
        after = timedelta(days=math.ceil(years * 365.25)) if years is not None else None
        parts = self.store, self.blobs, self.county.policies, self.clock
        talk_after = timedelta(days=self.county.office.keep_talk_days)
        journal = Journal(self.settings.data_dir / "forgetting")
        return Keeper(*parts, after, partial(forget_taken, self), talk_after, journal)

    @cached_property
    def print_queue(self) -> PrintQueue:
        """The letters that go out on paper."""
        return PrintQueue(self.store, self.county.policies, self.clock, self.county.office.zone)

    @cached_property
    def bookmarks(self) -> Bookmarks:
        """How far providers were read."""
        return Bookmarks(self.store)

    def fetch_worker(self) -> FetchWorker:
        """A worker that brings files here."""
        policies, name = self.county.policies, self.owner.name
        return FetchWorker(self.store, self.blobs, policies, self.fetchers(), self.clock, name)

    def transcript_worker(self) -> TranscriptWorker:
        """A worker that has recordings written down."""
        engines, name = self.transcribers(), self.owner.name
        return TranscriptWorker(self.store, self.blobs, self.transcripts, engines, self.clock, name)

    def inspection_worker(self) -> InspectionWorker:
        """A worker that looks at stored files, in a process apart."""
        return inspection_worker(self)

    @cached_property
    def letter_reader(self) -> PageReader:
        """What reads scanned pages: the engine when it is installed, else people."""
        return page_reader(self.county.router, scratch(self.settings))

    def letter_worker(self) -> LetterWorker:
        """A worker that has scanned letters read."""
        reader, name = self.letter_reader, self.owner.name
        return LetterWorker(self.store, self.blobs, reader, self.clock, name, scratch=reader.folder)

    def letter_folder(self) -> LetterFolder:
        """What takes letters out of the scanner's folder."""
        return letter_folder(self)

    def match_worker(self) -> MatchWorker:
        """A worker that looks for cases which are one matter."""
        return MatchWorker(self.store, self.clock, self.owner.name)

    def release_dead(self) -> int:
        """Give back what dead processes of this machine still hold."""
        queues = (schema.submission, schema.outbox, schema.remote_file, schema.transcript)
        later = (schema.inspection, schema.letter, schema.matching, schema.bookmark)
        return self.owner.release_dead(self.store, (*queues, *later))

    def listener(self) -> Listener:
        """The SMTP listener, not started yet."""
        from channels.email.identity import identify
        from channels.email.listener import Listener, ListenerSettings

        address, settings = self.county.office.mail, self.settings
        return Listener(
            ListenerSettings(
                host=settings.smtp_host,
                port=settings.smtp_port,
                hostname=address.partition("@")[2],
                recipients=frozenset({address.lower()}),
                tls_context=certificate(settings),
            ),
            self.inbox.accept_async,
            self.clock,
            identify,
        )

    def web(self) -> Flask:
        """The pages."""
        from config.pages import build_pages

        return build_pages(self)

    def close(self) -> None:
        """Let go of everything that was built, the hot path first."""
        built = self.__dict__
        if "inbox" in built:
            self.inbox.close()
        if (api := built.get("telegram_api")) is not None:
            api.close()
        if "owner" in built:
            self.owner.close()
        if "store" in built:
            self.store.close()
