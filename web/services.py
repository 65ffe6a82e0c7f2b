"""What the pages are handed: built once by ``config``, never looked up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from channels.phone.exchange import Exchange
from channels.telegram.account import TelegramAccount
from channels.twilio.account import TwilioAccount
from channels.twilio.statuses import Deliveries
from intake.accounts import Accounts
from intake.archive import Archive
from intake.clock import Clock
from intake.contracts import Directory, Text
from intake.files.storage import Storage
from intake.inbox import Inbox
from intake.office import Office
from intake.retention.keeper import Keeper
from intake.store import Store
from intake.tracking import Tracking


@dataclass(frozen=True, slots=True)
class County:
    """How the county presents itself and what its lists are."""

    name: Text  # of the office
    zone: ZoneInfo
    complaint_address: str
    phone: str
    postal: Text  # where letters and visitors go
    bureaus: tuple[tuple[str, Text], ...]  # code, name: as offered in lists, in the county's order
    categories: tuple[tuple[str, Text], ...]
    rehearsal: bool = False  # no real accounts are set: nothing leaves this machine


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a page may use."""

    store: Store
    inbox: Inbox
    office: Office
    archive: Archive
    tracking: Tracking
    accounts: Accounts
    blobs: Storage
    directory: Directory
    clock: Clock
    county: County
    public_url: str
    secret_key: str
    keeper: Keeper | None = None  # what is old enough to be erased
    secure_cookies: bool = False
    max_upload_bytes: int = 32 * 1024 * 1024
    twilio: TwilioAccount | None = None
    twilio_signatures: str = "check"  # or "log"
    exchange: Exchange | None = None  # what telephone calls need; None where nobody can call
    deliveries: Deliveries | None = None
    scans: bool = False  # files are handed out only after a scanner looked at them
    telegram: TelegramAccount | None = None
    simulator: bool = False  # it stands in for the providers: no account is set, and we are on loopback
    local_url: str = ""  # where this machine finds the pages; "" when that is the public address
    outgoing_mail: Path | None = None  # the folder where mail is written while no relay is set
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
