"""What the sandbox is asked to do with a scan. You are here: worker → sandbox → [tasks] → sources, reading.

``intake.files.sandbox`` runs these by name, in a kept process (``prepare`` loads the models)::

    bench = Workbench(LIMITS, prepare="channels.letter.ocr.tasks:prepare")
    bench.run("channels.letter.ocr.tasks:count_pages", inputs={"scan": file})  → {"pages": 3}
    bench.run("channels.letter.ocr.tasks:read_page", {"page": 1}, inputs={"scan": file}, output=folder)
"""

from __future__ import annotations

from functools import cache
from typing import Any

from PIL import Image

from channels.letter.ocr import reading, sources
from channels.letter.ocr.engine import Engine
from channels.letter.ocr.page import ReadPage
from intake.files.cell import Job

SHOWN_SIDE = 2000
"""Pixels of the longer side of the picture that is shown."""
_JPEG_QUALITY = 82


def prepare(job: Job) -> None:
    """Load the models, so that the first page waits no longer than the others."""
    _engine()


def count_pages(job: Job) -> dict[str, int]:
    """``{"pages": n}`` of input ``scan``; refuses as :mod:`channels.letter.ocr.sources` says."""
    return {"pages": sources.count(job.inputs["scan"])}


def read_page(job: Job) -> dict[str, Any]:
    """Read page ``page`` (from 1) of input ``scan``; :meth:`ReadPage.as_json` comes back.

    Writes the upright picture, re-encoded and without metadata, to ``page.jpg`` in the output folder.
    """
    seen = reading.read(sources.open_page(job.inputs["scan"], int(job.arguments["page"])), _engine())
    return _shown(seen.picture, seen.page, job)


def show_page(job: Job) -> dict[str, Any]:
    """As :func:`read_page` where people type: the picture as it lies, and no lines."""
    picture = sources.open_page(job.inputs["scan"], int(job.arguments["page"]))
    return _shown(picture, ReadPage(picture.width, picture.height, 0, 0.0, ()), job)


def _shown(picture: Image.Image, page: ReadPage, job: Job) -> dict[str, Any]:
    picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    if job.output is not None:
        bare = Image.frombytes("RGB", picture.size, picture.tobytes())  # carries nothing but its pixels
        bare.save(job.output / "page.jpg", "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return {**page.as_json(), "width": picture.width, "height": picture.height}


@cache
def _engine() -> Engine:
    return Engine()
