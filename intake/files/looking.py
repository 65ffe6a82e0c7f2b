"""The task that looks at one file: what it is, whether it can be shown, and its preview.

You are here: inspection → sandbox → [looking] → pictures | papers. Runs only inside the sandbox. Without the
packages of the extra ``scan`` it tells the kind and holds the limits, and makes no preview.
"""

from __future__ import annotations

import importlib
from typing import Any

from intake.files import active
from intake.files.kinds import ARCHIVES, EXTENSIONS, PROGRAMS, second_nature, true_kind
from intake.files.limits import MAX_BYTES, Verdict, Why
from intake.files.sandbox import Job, Refused

PICTURES = frozenset(kind for kind in EXTENSIONS if kind.startswith("image/")) - {"image/svg+xml"}
PLAYED = ("audio/", "video/")
_MARKUP = ("text/html", "image/svg+xml")


def look(job: Job) -> dict[str, Any]:
    """Look at ``inputs["file"]``; a preview goes to ``output/preview``.

    Returns ``media_type verdict reason pages width height``; of what it does not know, None. Never raises
    Refused: a refusal is a verdict.
    """
    path = job.inputs["file"]
    if path.stat().st_size > MAX_BYTES:
        with path.open("rb") as file:
            kind = true_kind(file.read(1024 * 1024))
        return _found(kind, Verdict.KEPT, Why.TOO_LARGE)
    content = path.read_bytes()
    if not content:
        return _found("application/octet-stream", Verdict.REFUSED, Why.EMPTY)
    kind = true_kind(content)
    try:
        return _look(kind, content, job)
    except Refused as refused:
        # what is locked is nobody's attack: it is handed out to be opened with its password
        verdict = Verdict.KEPT if refused.reason == Why.ENCRYPTED else Verdict.REFUSED
        return _found(kind, verdict, Why(refused.reason)) | refused.facts


def _look(kind: str, content: bytes, job: Job) -> dict[str, Any]:
    if kind not in EXTENSIONS:
        why = Why.ARCHIVE if kind in ARCHIVES else Why.PROGRAM if kind in PROGRAMS else Why.UNKNOWN_KIND
        return _found(kind, Verdict.REFUSED, why)
    beware = Why.TWO_NATURES if second_nature(content) else None
    if kind in PICTURES:
        return _previewed(kind, content, job, "intake.files.pictures", beware)
    if kind == "application/pdf":
        if active.is_encrypted(content):
            raise Refused(Why.ENCRYPTED)
        beware = beware or (Why.ACTIVE if active.is_active(content) else None)
        return _previewed(kind, content, job, "intake.files.papers", beware)
    if kind in _MARKUP:
        return _found(kind, Verdict.KEPT, Why.MARKUP)
    if kind.startswith(PLAYED):
        return _found(kind, Verdict.KEPT if beware else Verdict.SHOWN, beware)
    return _found(kind, Verdict.KEPT, beware or (Why.ACTIVE if active.has_macros(content) else None))


def _previewed(kind: str, content: bytes, job: Job, room: str, beware: Why | None) -> dict[str, Any]:
    """With a preview by ``room``; a machine without its packages hands the file out instead."""
    try:
        facts: dict[str, Any] = importlib.import_module(room).preview(content, kind, job.output)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("intake"):
            raise
        return _found(kind, Verdict.KEPT, beware)
    return _found(kind, Verdict.SHOWN, facts.pop("beware", None) or beware) | facts


def _found(kind: str, verdict: Verdict, why: Why | None) -> dict[str, Any]:
    sizes = dict.fromkeys(("pages", "width", "height"))
    return {"media_type": kind, "verdict": verdict, "reason": why, **sizes}
