"""How one file stands on the case page: shown, played, only handed out, or kept locked, and why.

You are here: ``attachment`` and ``inspection`` rows → [shown_files] → the case page, the file's own address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.files.limits import MAX_PAGES_SHOWN, Verdict, Why
from web.i18n import _
from web.staff.labels import N_

PLAYED = frozenset(
    {
        *("audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/wav", "audio/x-wav", "audio/webm"),
        *("audio/flac", "video/mp4", "video/webm", "video/quicktime", "video/3gpp"),
    }
)
"""Kinds that a browser may play; AMR of old telephones is only handed out."""

_WHY: Mapping[str, str] = {
    Why.ENCRYPTED: N_("Locked with a password; download it to open it."),
    Why.ACTIVE: N_("It carries scripts or other files; only pictures of its pages are shown here."),
    Why.TOO_LARGE: N_("Too large to be shown here; download it."),
    Why.TOO_MANY_PIXELS: N_("Not shown: the picture is larger than any camera takes."),
    Why.TOO_MANY_PAGES: N_("Only the first pages are shown; download it to read on."),
    Why.DAMAGED: N_("Not shown: the file is damaged."),
    Why.TOO_SLOW: N_("Not shown: it took too long to open."),
    Why.TOO_HEAVY: N_("Not shown: it grew too large when it was opened."),
    Why.ARCHIVE: N_("Not shown: an archive with other files inside. Open it with care."),
    Why.PROGRAM: N_("Not shown: this is a program. Do not start it."),
    Why.UNKNOWN_KIND: N_("Not shown: nobody can tell what kind of file this is. Open it with care."),
    Why.MARKUP: N_("Not shown: a web page, which could run scripts. Open it with care."),
    Why.TWO_NATURES: N_("It is two kinds of file in one. Open the original with care."),
    Why.EMPTY: N_("The file is empty."),
    Why.VIRUS: N_("It carries a virus and is kept locked. Ask for the file again."),
    Why.LOST: N_("The file is gone from the storage. Ask for it again."),
}


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One file. ``pages`` pictures can be shown; ``player`` is "audio", "video" or "".

    ``voice``: it is a recording of somebody, for those only who may know them. ``tag`` and ``tone`` are a
    short mark, ``why`` a sentence; each may be "". ``handed_out``: the original may be fetched.
    """

    row: Any
    name: str
    pages: int
    player: str
    voice: bool
    handed_out: bool
    tag: str
    tone: str
    why: str


def kind_shown(declared: str, told: str | None) -> str:
    """What to call the file to a browser: what its content told, once somebody looked.

    One container holds sound and film alike; who sent it knows which (ISO 14496-12).
    """
    if told and told.startswith("video/") and declared.startswith("audio/"):
        return "audio/" + told.partition("/")[2]
    return told or declared


def is_handed_out(verdict: str | None, scanned_by: str | None, *, scans: bool) -> bool:
    """Whether the original may be fetched; where a scanner is set, it must have looked first."""
    return verdict != Verdict.INFECTED and (not scans or scanned_by is not None)


def player_of(kind: str, verdict: str | None) -> str:
    """Which player shows it in place."""
    return kind.partition("/")[0] if kind in PLAYED and verdict in (None, "", Verdict.SHOWN) else ""


def shown_file(row: Any, name: str, inspection: Any | None, *, scans: bool) -> ShownFile:
    """The file of a row of ``attachment`` and its row of ``inspection``, if somebody noted it."""
    verdict = inspection.verdict if inspection is not None else None
    scanned_by = inspection.scanned_by if inspection is not None else None
    kind = kind_shown(row.media_type, inspection.media_type if inspection is not None else None)
    handed_out = is_handed_out(verdict, scanned_by, scans=scans)
    previewed = inspection is not None and inspection.preview_sha256 is not None
    tag, tone = _tag(verdict, scanned_by, scans=scans)
    return ShownFile(
        row,
        name,
        min(inspection.pages or 1, MAX_PAGES_SHOWN) if inspection is not None and previewed else 0,
        player_of(kind, verdict) if handed_out else "",
        row.media_type.startswith("audio/") or kind.startswith("audio/"),
        handed_out and (inspection is None or inspection.reason != Why.LOST),
        tag,
        tone,
        _(_WHY[inspection.reason]) if inspection is not None and inspection.reason in _WHY else "",
    )


def _tag(verdict: str | None, scanned_by: str | None, *, scans: bool) -> tuple[str, str]:
    if verdict == Verdict.INFECTED:
        return _("Virus"), "bad"
    if verdict == Verdict.REFUSED:
        return _("Not shown"), "warn"
    if scans and scanned_by is None:
        return _("Not yet scanned for viruses"), "quiet"
    if scans and not scanned_by:
        return _("Too large to scan for viruses"), "warn"
    return "", ""
