"""The scanner's folder. You are here: scanner → [folder] → ``intake.letters.take_in``.

A file lying in it is a letter; a subfolder is one letter of many pictures. Taken scans move to
``taken/<day>/`` only after their letter is on disk, so that a crash between leaves a scan that is
recognised; one that was replaced or written on meanwhile comes back and is a letter of its own. What
cannot be read moves to ``set-aside/`` with a note. Names are anybody's: links are not followed, only
plain files are opened.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import Protocol

from channels.letter import shelves
from channels.letter.changes import Followed, Shape, shape_of
from channels.letter.scans import HEAD, TAIL, Kind, kind_of
from channels.letter.waiting import Patience, is_foreign, is_passing, is_unfinished
from channels.reading import clean
from intake.clock import Clock
from intake.contracts import Text
from intake.letters import Scan, Taken, TooMuch
from intake.letters.arriving import MAX_FILE_BYTES, MAX_FILES

log = logging.getLogger(__name__)

MAX_ENTRIES = 5_000
"""Names looked at in one go; the others have their turn when these have moved."""
MAX_LETTERS = 20
"""Letters taken in one go, so that the loop can stop in between."""

NOT_A_SCAN = Text(
    "这个文件不是扫描件（支持PDF、TIFF、JPEG、PNG、HEIC），没有登记，原样放在这里。",
    "This file is no scan (PDF, TIFF, JPEG, PNG or HEIC). It was not taken in; it lies here as it came.",
)
TOO_LARGE = Text(
    f"这个文件超过{MAX_FILE_BYTES // 1024 // 1024}MB，没有登记。请用较低的分辨率重新扫描，或分成几份。",
    f"This file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB and was not taken in. "
    "Scan it again at a lower resolution, or in parts.",
)
TOO_MANY = Text(
    f"这个文件夹里的文件超过{MAX_FILES}个，没有登记。一个文件夹是一封信，请分成几个文件夹。",
    f"This folder has more than {MAX_FILES} files and was not taken in. One folder is one letter: divide it.",
)
NESTED = Text(
    "这个文件夹里还有文件夹，没有登记。一个文件夹是一封信，请把每封信单独放一个文件夹。",
    "This folder has folders in it and was not taken in. One folder is one letter.",
)
CUT_OFF = Text(
    "这个文件不完整（可能扫描或复制中断），没有登记。请重新扫描。",
    "This file is incomplete: the scan or copy may have been interrupted. It was not taken in; scan again.",
)


_MOST_SEEN = MAX_FILES + 2
"""Files of a folder that are looked at: more than it may have."""
_NO_FILE = (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP)
"""How opening a link, a socket or a device fails (open(2); EMLINK on FreeBSD)."""


class TakesLetters(Protocol):
    """Where letters go (``intake.letters.LetterIntake``)."""

    def take_in(self, scans: Iterator[Scan], source: str, scanned_at: datetime) -> Taken:
        """Make a letter durable."""
        ...


class NotReady(Exception):
    """Not complete yet: look again later."""


class NoScan(Exception):
    """Not to be taken in, and why."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


class LetterFolder:
    """Watches one folder. Of several processes that watch the same one, one works at a time."""

    def __init__(
        self,
        folder: Path,
        letters: TakesLetters,
        clock: Clock,
        zone: tzinfo,
        *,
        settle: float = 5.0,
        folder_settle: float = 20.0,
        patience: float = 600.0,
        follow: float = 120.0,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Seconds: a file rests after ``settle``, a folder of pictures after ``folder_settle``; for
        ``follow`` what was moved is watched for changes.
        """
        self._folder = folder
        self._letters = letters
        self._clock = clock
        self._zone = zone
        self._settle, self._folder_settle = settle, folder_settle
        self._ticks = ticks
        self._patience = Patience(patience)
        self._followed = Followed(follow, _MOST_SEEN)
        self._stuck: dict[str, Shape] = {}  # taken in, but cannot be moved
        self._said: set[str] = set()

    def work(self) -> int:
        """Look once; returns how many letters were taken or set aside. Raises StorageUnavailable."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with _alone(self._folder) as ours:
                return self._look() if ours else 0
        except OSError as error:
            self._say_once(f"the letters' folder cannot be used: {type(error).__name__} ({error.strerror})")
            return 0

    def _look(self) -> int:
        now, present, dealt_with = self._ticks(), set(), 0
        self._bring_back(now)
        with os.scandir(self._folder) as entries:
            found = [entry.name for entry in islice(entries, MAX_ENTRIES)]
        for name in sorted(found, key=_natural):
            if name in (shelves.TAKEN, shelves.SET_ASIDE):
                continue
            present.add(str(self._folder / name))
            present |= self._note(self._folder / name, now)
            if not is_passing(name) and dealt_with < MAX_LETTERS:
                dealt_with += self._deal_with(name, now)
        self._patience.forget_all_but(present)
        self._stuck = {name: shape for name, shape in self._stuck.items() if name in found}
        return dealt_with

    def _note(self, path: Path, now: float) -> set[str]:
        """How the file, or the folder and all in it, look now; returns the paths that were looked at."""
        seen = set()
        try:
            found = path.lstat()
            self._patience.look(str(path), found, now)
            if stat.S_ISDIR(found.st_mode):
                with os.scandir(path) as entries:
                    for entry in islice(entries, _MOST_SEEN):
                        self._patience.look(entry.path, entry.stat(follow_symlinks=False), now)
                        seen.add(entry.path)
        except FileNotFoundError:  # it went while we looked
            return seen
        except OSError as error:  # may not be opened, or a bad disk: the others must not wait
            self._say_once(f"{path.name[:80]!r} in the letters' folder cannot be seen ({error.strerror})")
        return seen

    def _deal_with(self, name: str, now: float) -> int:
        path = self._folder / name
        try:
            found, shape = path.lstat(), shape_of(path, _MOST_SEEN)
            if self._stuck.get(name) == shape:
                return 0
            if stat.S_ISDIR(found.st_mode):
                scans = self._pictures(path, now)
            elif stat.S_ISREG(found.st_mode):
                scans = iter([self._scan(path, now)])
            else:
                self._say_once(f"{name[:80]!r} in the letters' folder is no plain file and is left alone")
                return 0
            taken = self._letters.take_in(scans, "folder", self._clock())
        except (NotReady, FileNotFoundError):
            return 0
        except (NoScan, TooMuch) as refused:
            why = refused.why if isinstance(refused, NoScan) else TOO_MANY
            return self._put_away(name, shape, now, lambda: shelves.set_aside(self._folder, name, why))
        except OSError as error:  # one bad file must not keep the letters behind it waiting
            self._say_once(f"{name[:80]!r} in the letters' folder cannot be read ({error.strerror})")
            return 0
        log.info(
            "letters: letter %s came by the folder%s", taken.letter_id, " again" if taken.duplicate else ""
        )
        day = self._clock().astimezone(self._zone).date().isoformat()
        return self._put_away(name, shape, now, lambda: shelves.take_away(self._folder, name, day), kept=True)

    def _put_away(
        self, name: str, shape: Shape, now: float, move: Callable[[], Path], *, kept: bool = False
    ) -> int:
        """Move what was looked at, unless something else lies there by now: that has its own turn."""
        try:
            if shape_of(self._folder / name, _MOST_SEEN) - shape:
                return 1
            self._followed.follow(move(), name, shape, now)
        except FileNotFoundError:  # whoever brought it took it away
            return 1
        except OSError as error:
            self._say_once(f"nothing can be moved in the letters' folder: {error.strerror}")
            if kept:  # it is a letter already, and need not be read again and again
                self._stuck[name] = shape
            return 0
        self._bring_back(now)
        return 1

    def _bring_back(self, now: float) -> None:
        for path, name in self._followed.changed(now):
            try:
                shelves.bring_back(self._folder, path, name)
            except OSError as error:
                self._say_once(f"{name[:80]!r} changed after it was taken and stays there: {error.strerror}")
            else:
                log.info("letters: %r changed after it was taken: it is looked at again", name[:80])

    # ------------------------------------------------------------ reading scans

    def _pictures(self, path: Path, now: float) -> Iterator[Scan]:
        """The files of a subfolder, once all of them rest; a folder without any is still being filled."""
        with os.scandir(path) as entries:
            found = list(islice(entries, _MOST_SEEN))
        if any(is_unfinished(entry.name) and not is_foreign(entry.name) for entry in found):
            raise NotReady
        files = sorted((e.name for e in found if not is_passing(e.name)), key=_natural)
        if not files:
            raise NotReady
        if any(entry.is_dir(follow_symlinks=False) and not is_passing(entry.name) for entry in found):
            raise NoScan(NESTED)
        if len(files) > MAX_FILES:
            raise NoScan(TOO_MANY)
        all_of_it = (path, *(path / file for file in files))
        if not all(self._patience.rests(str(each), now, self._folder_settle) for each in all_of_it):
            raise NotReady
        for file in files:  # every one is looked at before the first is taken
            with _opened(path / file) as handle:
                self._kind(path / file, handle, os.fstat(handle).st_size, now)
        return (self._scan(path / file, now, rested=True) for file in files)

    def _scan(self, path: Path, now: float, *, rested: bool = False) -> Scan:
        """One file, read whole; raises NotReady while it changes, NoScan for what is no scan."""
        if not rested and not self._patience.rests(str(path), now, self._settle):
            raise NotReady
        with _opened(path) as handle:
            before = os.fstat(handle)
            kind = self._kind(path, handle, before.st_size, now)
            content = _read(handle, before.st_size + 1)
            after = os.fstat(handle)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise NotReady
        if len(content) != after.st_size:
            raise NotReady
        return Scan(clean.filename(_shown(path.name), f"scan.{kind.extension}"), kind.media_type, content)

    def _kind(self, path: Path, handle: int, size: int, now: float) -> Kind:
        if size > MAX_FILE_BYTES:
            raise NoScan(TOO_LARGE)
        kind = kind_of(os.pread(handle, HEAD, 0))
        hopeless = self._patience.is_hopeless(str(path), now)
        if kind is None:
            if size == 0 and not hopeless:  # made, but not yet filled
                raise NotReady
            raise NoScan(NOT_A_SCAN if size else CUT_OFF)
        complete = kind.ends(os.pread(handle, TAIL, max(0, size - TAIL)))
        if not complete and not hopeless and not self._patience.is_renamed(str(path)):
            raise NotReady
        return kind

    def _say_once(self, sentence: str) -> None:
        if sentence not in self._said and len(self._said) < 1000:
            self._said.add(sentence)
            log.warning("letters: %s", sentence)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A plain file's descriptor; what became something else meanwhile is not waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _NO_FILE:
            raise NoScan(NOT_A_SCAN) from error
        raise
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NoScan(NOT_A_SCAN)
        yield handle
    finally:
        os.close(handle)


def _read(handle: int, limit: int) -> bytes:
    pieces, left = [], min(limit, MAX_FILE_BYTES + 1)
    while left > 0 and (piece := os.read(handle, min(left, 1024 * 1024))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """True if no other process watches just now. A share without locks does no harm: letters count once."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError as error:
            log.debug("letters: the folder cannot be locked: %s", error.strerror)
        yield True
    finally:
        os.close(handle)


def _natural(name: str) -> list[tuple[int, str]]:
    """Page 2 before page 10."""
    pieces = re.findall(r"[0-9]{1,18}|[^0-9]+|[0-9]", name)
    return [(int(p), "") if p.isascii() and p.isdigit() else (-1, p) for p in pieces]


def _shown(name: str) -> str:
    """A name of any bytes as text."""
    return os.fsencode(name).decode("utf-8", "replace")
