"""PDF made harmless: its pages as pictures. Scripts, links, forms and files inside stay behind.

You are here: looking → [papers] → preview. Imports pdfium: only inside the sandbox.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

from intake.files.limits import MAX_PAGES_SHOWN, PREVIEW_SIDE, Why
from intake.files.pictures import encoded
from intake.files.previews import Album
from intake.files.sandbox import Refused

_FPDF_ERR_PASSWORD = 4
_SHARP = 150 / 72
"""Pixels per point: letters of 8 points can be read."""


def preview(content: bytes, kind: str, output: Path) -> dict[str, Any]:
    """Write the first pages as an album to ``output/preview``; returns ``pages`` and what to beware of.

    ``width`` and ``height`` are the first page's, in points. Raises Refused.
    """
    try:
        paper = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _FPDF_ERR_PASSWORD
        raise Refused(Why.ENCRYPTED if locked else Why.DAMAGED) from None
    pages = len(paper)
    if pages < 1:
        raise Refused(Why.DAMAGED)
    first: tuple[float, float] = (0, 0)
    with Album(output / "preview") as album:
        for number in range(min(pages, MAX_PAGES_SHOWN)):
            try:
                size = _add(paper, number, album)
            except pdfium.PdfiumError:
                raise Refused(Why.DAMAGED, {"pages": pages}) from None
            first = size if number == 0 else first
    many = {"beware": Why.TOO_MANY_PAGES} if pages > MAX_PAGES_SHOWN else {}
    return {"pages": pages, "width": round(first[0]), "height": round(first[1]), **many}


def _add(paper: Any, number: int, album: Album) -> tuple[float, float]:
    page = paper[number]
    width, height = page.get_size()
    # a page may call itself a kilometre wide: the picture's size is ours, never the page's
    scale = min(_SHARP, PREVIEW_SIDE / max(width, height, 1))
    if scale * min(width, height) < 1:
        raise Refused(Why.TOO_MANY_PIXELS, {"width": round(width), "height": round(height)})
    bitmap = page.render(scale=scale, may_draw_forms=False)
    album.add(encoded(bitmap.to_pil()))
    bitmap.close()
    page.close()
    return width, height
