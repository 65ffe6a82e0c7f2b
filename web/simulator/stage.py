"""Everything the simulator remembers: texts, calls, chats, files. In memory, bounded, gone with the process.

You are here: page ↔ **stage** ↔ emulated providers. Whatever is shown is an :class:`Item`; each change gives
it a new number, so that the page asks only for what changed since it last looked.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from intake.clock import Clock

MOST_ITEMS = 3000
MOST_UPLOADED = 96 * 1024 * 1024  # bytes of all files together
MOST_PHONES = 12
LANDLINE = "+12025550142"
PHONES = ("+12025550140", "+12025550141", LANDLINE)
"""Numbers reserved for fiction (NANP 555-0100 to 555-0199); the last one is on the wall and takes no texts."""

CHATS = {700100001: "市民甲 Citizen A", 700100002: "市民乙 Citizen B"}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the page. ``owner`` is the phone, chat or mailbox it belongs to; ``facts`` are JSON."""

    id: str
    kind: str  # text, call, recording, chat, sent_mail
    owner: str
    at: datetime
    changed: int
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sent."""

    key: str
    name: str
    media_type: str
    content: bytes = field(repr=False)


def new_sid(prefix: str) -> str:
    """A Twilio-like id: two letters and 32 hex digits."""
    return prefix + secrets.token_hex(16)


class Stage:
    """Thread-safe. Old items and files give way to new ones."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._items: OrderedDict[str, Item] = OrderedDict()
        self._uploads: OrderedDict[str, Upload] = OrderedDict()
        self._uploaded = 0
        self._version = 0
        self._phones = list(PHONES)
        self._stopped: set[str] = set()

    # ------------------------------------------------------------ items

    def put(self, kind: str, owner: str, facts: dict[str, Any], key: str = "") -> Item:
        """Add something; the oldest thing goes when there is no room."""
        with self._lock:
            self._version += 1
            item = Item(key or secrets.token_hex(8), kind, owner, self.clock(), self._version, dict(facts))
            self._items[item.id] = item
            while len(self._items) > MOST_ITEMS:
                self._items.popitem(last=False)
            return item

    def change(self, key: str, **facts: Any) -> Item | None:
        """Set facts of one item; None when it is gone."""
        return self.amend(key, lambda old: old | facts)

    def amend(self, key: str, rewrite: Callable[[dict[str, Any]], dict[str, Any]]) -> Item | None:
        """Rewrite an item's facts from what they are; ``rewrite`` must be quick and may return a new dict."""
        with self._lock:
            item = self._items.get(key)
            if item is None:
                return None
            facts = rewrite(item.facts)
            if facts == item.facts:
                return item
            self._version += 1
            self._items[key] = item = replace(item, facts=facts, changed=self._version)
            return item

    def find(self, key: str, kind: str = "") -> Item | None:
        """The item ``key``, if it is of that kind."""
        with self._lock:
            item = self._items.get(key)
        return item if item is not None and kind in ("", item.kind) else None

    def items(self, *kinds: str, owner: str = "", since: int = 0) -> list[Item]:
        """Items in the order they were added; all kinds when none is named."""
        with self._lock:
            found = list(self._items.values())
        return [
            item
            for item in found
            if item.changed > since and (not kinds or item.kind in kinds) and owner in ("", item.owner)
        ]

    @property
    def version(self) -> int:
        """The number of the last change."""
        with self._lock:
            return self._version

    # ------------------------------------------------------------ files

    def keep(self, name: str, media_type: str, content: bytes) -> Upload:
        """Hold a file; the oldest go when there is no room."""
        upload = Upload(secrets.token_hex(16), name[:200], media_type[:100], content)
        with self._lock:
            self._uploads[upload.key] = upload
            self._uploaded += len(content)
            while self._uploaded > MOST_UPLOADED and len(self._uploads) > 1:
                _key, gone = self._uploads.popitem(last=False)
                self._uploaded -= len(gone.content)
        return upload

    def upload(self, key: str) -> Upload | None:
        """A file by its key."""
        with self._lock:
            return self._uploads.get(key)

    # ------------------------------------------------------------ telephones

    @property
    def phones(self) -> tuple[str, ...]:
        """The numbers on the page."""
        with self._lock:
            return tuple(self._phones)

    def ensure_phone(self, number: str) -> bool:
        """Whether ``number`` is (now) one of the phones; a new one is added while there is room."""
        with self._lock:
            if number in self._phones:
                return True
            if len(self._phones) >= MOST_PHONES:
                return False
            self._phones.append(number)
            self._version += 1
            return True

    def stop(self, number: str, stopped: bool) -> None:
        """The carrier notes that ``number`` wants no texts any more, or wants them again."""
        with self._lock:
            (self._stopped.add if stopped else self._stopped.discard)(number)

    def stopped(self, number: str) -> bool:
        """Whether the carrier blocks texts to ``number``."""
        with self._lock:
            return number in self._stopped
