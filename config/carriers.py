"""Who takes word out and brings files in, for each channel that this process can speak on."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from channels.email.sender import FolderSender, RelaySender
from channels.noticeboard import Noticeboard
from channels.paper.sender import LetterSender
from channels.phone.sender import CallSender
from channels.sms.sender import TextSender
from intake.contracts import Fetcher, Sender

if TYPE_CHECKING:
    from config.wiring import System


def senders(system: System) -> dict[str, Sender]:
    """One sender a channel. Without a relay, mail is written to the data folder."""
    office, settings = system.county.office, system.settings
    name, address = office.name.zh, office.mail
    mail: Sender
    if settings.relay_host:
        mail = RelaySender(
            settings.relay_host,
            settings.relay_port,
            name,
            address,
            system.clock,
            hostname=address.partition("@")[2],
            tls=ssl.create_default_context(),
        )
    else:
        mail = FolderSender(system.outgoing_mail, name, address, system.clock)
    post = LetterSender(
        system.print_queue,
        envelope=office.envelope,
        public_url=settings.base_url,
        zone=office.zone,
        clock=system.clock,
    )
    senders: dict[str, Sender] = {"email": mail, "web": Noticeboard(), "letter": post}
    if system.twilio is not None:
        texts = TextSender(system.twilio, system.clock)
        calls = CallSender(system.twilio, system.hours, system.clock)
        senders |= {"sms": texts, "whatsapp": texts, "phone": calls}
    if system.telegram_api is not None:
        from channels.telegram.sender import TelegramSender

        senders["telegram"] = TelegramSender(system.telegram_api, system.clock)
    return senders


def fetchers(system: System) -> dict[str, Fetcher]:
    """One fetcher a channel whose files lie with a provider."""
    fetchers: dict[str, Fetcher] = {}
    if system.twilio is not None:
        from channels.twilio.media import TwilioFetcher

        fetchers |= dict.fromkeys(("sms", "whatsapp", "phone"), TwilioFetcher(system.twilio))
    if system.telegram_api is not None:
        from channels.telegram.fetching import TelegramFetcher

        fetchers["telegram"] = TelegramFetcher(system.telegram_api)
    return fetchers
