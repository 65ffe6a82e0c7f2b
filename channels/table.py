"""The one table of channels: how each is called, who reads its messages, whom it can reach.

To add a channel, add its module and one row here; see docs/adding-a-channel.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from channels import webform
from channels.email import reader as email_reader
from intake.contracts import Reader, Text


@dataclass(frozen=True, slots=True)
class Channel:
    """One way in and out. ``reaches`` are the contact kinds that it can carry word to."""

    name: str
    title: Text
    read: Reader
    reaches: tuple[str, ...] = ()


CHANNELS = (
    Channel("email", Text("电子邮件", "E-mail"), email_reader.read, ("email",)),
    Channel("web", Text("网页", "Web form"), webform.read, ("web",)),
)

READERS: Mapping[str, Reader] = {channel.name: channel.read for channel in CHANNELS}
CONTACT_CHANNELS: Mapping[str, str] = {kind: c.name for c in CHANNELS for kind in c.reaches}
