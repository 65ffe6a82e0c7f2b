"""The one table of channels: how each is called, who reads its messages, whom it can reach.

To add a channel, add its module and one row here; see docs/adding-a-channel.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from channels import visit, webform
from channels.email import reader as email_reader
from channels.letter import reading as letters
from channels.phone import reading as calls
from channels.sms import reading as texts
from channels.telegram import reading as telegram_reader
from intake.contracts import Contact, Reader, Text


def _any(address: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Channel:
    """One way in and out.

    ``reaches`` are the contact kinds that it can carry word to, ``can_reach`` which of their addresses
    (a text does not reach a telephone on the wall). ``silent`` are messages that it does not carry, for
    they were said otherwise (on the telephone: the acknowledgement). ``rings``: handed on is not yet told,
    only a report of its delivery says that somebody listened.
    """

    name: str
    title: Text
    read: Reader
    reaches: tuple[str, ...] = ()
    can_reach: Callable[[str], bool] = _any
    silent: frozenset[str] = frozenset()
    rings: bool = False


_SAID_ON_THE_LINE = frozenset({"acknowledgement", "accepted", "added", "merged", "reopened", "talk"})
"""What a caller heard already, or what is no reason to make a telephone ring."""
_NOT_WORTH_A_STAMP = frozenset({"accepted", "added", "feedback", "feedback_reminder", "talk"})
"""What no letter is sent for: the letter with the answer asks for the rating already."""

CHANNELS = (
    Channel("email", Text("电子邮件", "E-mail"), email_reader.read, ("email",)),
    Channel("sms", Text("短信", "Text message"), texts.read, ("phone",), texts.may_take_texts),
    Channel("phone", Text("电话", "Telephone"), calls.read, ("phone",), silent=_SAID_ON_THE_LINE, rings=True),
    Channel("whatsapp", Text("WhatsApp", "WhatsApp"), texts.read, ("whatsapp",)),
    Channel("telegram", Text("Telegram", "Telegram"), telegram_reader.read, ("telegram",)),
    Channel("web", Text("网页", "Web form"), webform.read, ("web",)),
    Channel("visit", Text("来访", "Visit"), visit.read),
    Channel(
        "letter", Text("书信", "Letter"), letters.read, ("postal",), silent=_NOT_WORTH_A_STAMP, rings=True
    ),
)

READERS: Mapping[str, Reader] = {channel.name: channel.read for channel in CHANNELS}


def way_back(contact: Contact) -> str:
    """The channel that carries word to ``contact``: the first that reaches it; "" when none does."""
    for channel in CHANNELS:
        if contact.kind in channel.reaches and channel.can_reach(contact.value):
            return channel.name
    return ""


SILENT: Mapping[str, frozenset[str]] = {
    channel.name: channel.silent for channel in CHANNELS if channel.silent
}

RINGING = frozenset(channel.name for channel in CHANNELS if channel.rings)
