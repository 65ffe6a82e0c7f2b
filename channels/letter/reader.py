"""Has pages read in the sandbox. You are here: the letters' worker → [reader] → sandbox → ``ocr``.

Nothing of a scan is opened in this process: a file that brings the reading down costs one page, which is then
shown without words if it can be shown at all.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from channels.letter.plain import BROKEN
from intake.contracts import Json, Text
from intake.files.sandbox import Limits, Refused, SandboxUnavailable, TaskFailed, Workbench
from intake.files.workplace import Workplace
from intake.letters import PageRead, PageUnreadable, ReaderAway

log = logging.getLogger(__name__)

LIMITS = Limits(seconds=120, cpu_seconds=90, memory=3 * 1024**3, output_bytes=32 * 1024**2)
"""For one page. Address space, of which the engine reserves far more than it uses."""
_TASKS = "channels.letter.ocr.tasks:"

REASONS: Mapping[str, Text] = {
    "not_a_scan": Text("这不是能显示的扫描件。", "This is no scan that can be shown."),
    "encrypted": Text(
        "这个PDF加了密码，打不开。请重新扫描，不要加密。",
        "This PDF is locked with a password. Scan it again without one.",
    ),
    "damaged": Text("文件已损坏，读不出来。", "The file is damaged and cannot be read."),
    "too_many_pages": Text("页数太多，请分成几份重新扫描。", "It has too many pages: scan it in parts."),
    "too_large": Text(
        "图片太大，请用较低的分辨率重新扫描。", "The picture is too large: scan it at a lower resolution."
    ),
    "no_page": Text("这一页不存在。", "There is no such page."),
}
UNREAD = Text(
    "这一页没能识别出文字，请看着图片录入。",
    "The words of this page could not be read; type while looking at the picture.",
)

Finds = Callable[[Sequence[Sequence[Json]]], Json]


class SandboxReader:
    """A :class:`intake.letters.LetterReader` over a kept sandbox process. Close it when done."""

    def __init__(self, finds: Finds, limits: Limits = LIMITS, *, scratch: Path | None = None) -> None:
        """``scratch`` is the folder for pages at work, swept of what dead workers left there; None: the
        system's own.
        """
        self._finds = finds
        self._workplace = None if scratch is None else Workplace(scratch)
        self.folder = None if self._workplace is None else self._workplace.folder
        """Where pages at work lie; None: in the system's own."""
        self._bench = Workbench(limits, tasks=200, prepare=_TASKS + "prepare", scratch=self.folder)

    def count(self, scan: Path, media_type: str) -> int:
        """Pages of the file."""
        try:
            return int(self._run("count_pages", {}, scan, None)["pages"])
        except TaskFailed as failed:
            raise PageUnreadable(BROKEN) from failed

    def read(self, scan: Path, media_type: str, number: int) -> PageRead:
        """One page: read; or else only shown."""
        try:
            return self._page("read_page", scan, number, None)
        except TaskFailed as failed:
            log.warning("letters: page %d of a scan was not read: %s", number, failed)
        try:
            return self._page("show_page", scan, number, UNREAD)
        except TaskFailed as failed:
            raise PageUnreadable(BROKEN) from failed

    def fields(self, pages: Sequence[Sequence[Json]]) -> Json:
        """What the lines tell."""
        try:
            return self._finds(pages)
        except Exception:  # suggestions are a comfort: without them the desk fills in the fields itself
            log.exception("letters: nothing could be suggested")
            return {}

    def close(self) -> None:
        """End the process, and tidy up. Nothing can be read afterwards."""
        self._bench.close()
        if self._workplace is not None:
            self._workplace.close()

    def _page(self, task: str, scan: Path, number: int, note: Text | None) -> PageRead:
        with tempfile.TemporaryDirectory(prefix="huiyin-page-", dir=self.folder) as folder:
            page = self._run(task, {"page": number}, scan, Path(folder))
            picture = (Path(folder) / "page.jpg").read_bytes()
        return PageRead(
            picture,
            int(page["width"]),
            int(page["height"]),
            int(page["turn"]),
            round(float(page["skew"]) * 100),
            tuple(page["lines"]),
            note,
        )

    def _run(self, task: str, arguments: Json, scan: Path, output: Path | None) -> Any:
        try:
            return self._bench.run(_TASKS + task, arguments, inputs={"scan": scan}, output=output)
        except Refused as refused:
            raise PageUnreadable(REASONS.get(refused.reason, BROKEN)) from refused
        except SandboxUnavailable as away:
            raise ReaderAway(str(away)) from away
