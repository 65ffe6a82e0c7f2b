"""Opens a scan page by page: PDF, TIFF of many pages, JPEG, PNG, HEIC.

You are here: file → [sources] → upright. Works in the sandbox. A page is decoded, handed on and released
before the next, and never larger than ``LONG_SIDE`` or ``PAGE_PIXELS``, so memory does not grow with pages.
What is wrong with a file is said by a stable word in :class:`intake.files.cell.Refused`:

    not_a_scan      none of the kinds above, whatever its name says
    encrypted       a PDF that wants a password
    damaged         truncated or broken; ``page`` says where, if it was not the whole
    too_many_pages  more than ``MAX_PAGES``; ``most`` says how many may be
    too_large       a picture of more than ``MAX_PIXELS``; ``width``, ``height``
    no_page         there is no page of this number
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from numbers import Real
from pathlib import Path

import pillow_heif
import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from intake.files.cell import Refused

MAX_PAGES = 200
MAX_PIXELS = 80_000_000
"""Of a picture as it is stored: A3 at 600 dpi has 70 million. Checked before it is decoded."""
LONG_SIDE = 2600
"""Pixels: A4 at 220 dpi, where print of 8 points is still read."""
_PDF_DPI = 200
_PAGE_PIXELS = 9_000_000
"""Of a page that is drawn from a PDF, however large it says it is."""
_PDF_MARK = b"%PDF-"
_PDF_MARK_WITHIN = 1024  # bytes; as readers of PDF have always allowed
_PDF_WANTS_PASSWORD = 4  # FPDF_ERR_PASSWORD
_MOST_SCANS = 100
"""Of a progressive JPEG; cameras make about ten. Each costs as much as decoding the whole picture."""
_FLAT, _TOO_FLAT = 1.2, 2.6
"""How many times finer a scan may be one way than the other; beyond it what it says of itself is wrong."""
_TIFF_MARKS = (b"II*\0", b"MM\0*")
_FORMATS = ("JPEG", "PNG", "TIFF", "HEIF")

pillow_heif.register_heif_opener(thumbnails=False)


def count(path: Path) -> int:
    """How many pages the scan has; raises Refused."""
    if _is_pdf(path):
        with _pdf(path) as document:
            return _within_limit(len(document))
    with _picture(path) as picture:
        return _within_limit(_frames(picture))


def open_page(path: Path, number: int) -> Image.Image:
    """Page ``number`` (from 1) as an RGB picture, turned as its EXIF says; raises Refused."""
    if _is_pdf(path):
        with _pdf(path) as document:
            if not 1 <= number <= _within_limit(len(document)):
                raise Refused("no_page", {"page": number})
            return _drawn(document, number)
    with _picture(path) as picture:
        if picture.format == "JPEG" and _scans(path) > _MOST_SCANS:
            raise Refused("damaged", {"page": number})
        return _decoded(picture, number)


def pages(path: Path) -> Iterator[Image.Image]:
    """All pages in turn, each opened when it is asked for; raises Refused."""
    for number in range(1, count(path) + 1):
        yield open_page(path, number)


def _within_limit(found: int) -> int:
    if found > MAX_PAGES:
        raise Refused("too_many_pages", {"most": MAX_PAGES})
    if found < 1:
        raise Refused("damaged")
    return found


# ---------------------------------------------------------------- PDF


def _is_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        return _PDF_MARK in file.read(_PDF_MARK_WITHIN)


@contextmanager
def _pdf(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    """The document without forms, so that none of its scripts can run."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        wants_password = getattr(error, "err_code", None) == _PDF_WANTS_PASSWORD
        raise Refused("encrypted" if wants_password else "damaged") from error
    with closing(document):
        yield document


def _drawn(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError as error:
        raise Refused("damaged", {"page": number}) from error
    with closing(page):
        width, height = page.get_size()  # points
        if not (0 < width < 1e6 and 0 < height < 1e6):
            raise Refused("damaged", {"page": number})
        scale = min(
            _PDF_DPI / 72, (_PAGE_PIXELS / (width * height)) ** 0.5, 2 * LONG_SIDE / max(width, height)
        )
        if min(width, height) * scale < 1:
            raise Refused("damaged", {"page": number})
        with closing(page.render(scale=scale, may_draw_forms=False)) as bitmap:
            return _fitted(bitmap.to_pil().convert("RGB"))


# ---------------------------------------------------------------- pictures


@contextmanager
def _picture(path: Path) -> Iterator[Image.Image]:
    """The picture, not yet decoded. What its parser may raise is without end, so all of it means damaged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of size, which is checked here, and of odd metadata
        try:
            picture = Image.open(path, formats=_FORMATS)
        except UnidentifiedImageError as error:
            raise Refused("damaged" if _is_tiff(path) else "not_a_scan") from error
        except Image.DecompressionBombError as error:
            raise Refused("too_large") from error
        except MemoryError:
            raise
        except Exception as error:
            raise Refused("damaged") from error
        with picture:
            yield picture


def _frames(picture: Image.Image) -> int:
    """Pages of a TIFF, counted no further than is allowed; every other kind has one."""
    if picture.format != "TIFF":
        return 1
    found = 1
    try:
        while found <= MAX_PAGES:
            picture.seek(found)
            found += 1
    except EOFError:
        return found
    except MemoryError:
        raise
    except Exception as error:
        raise Refused("damaged", {"page": found + 1}) from error
    return found


def _decoded(picture: Image.Image, number: int) -> Image.Image:
    try:
        if number > 1 and picture.format != "TIFF":
            raise EOFError
        if picture.format == "TIFF":
            picture.seek(number - 1)
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise Refused("too_large", {"width": width, "height": height})
        picture.draft("RGB", (LONG_SIDE, LONG_SIDE))  # a JPEG is decoded at a fraction of its size
        picture.load()
        return _upright(_fitted(_square(_flattened(picture), picture.info.get("dpi"))), picture)
    except (Refused, MemoryError):
        raise
    except EOFError as error:
        raise Refused("no_page" if number > _frames(picture) else "damaged", {"page": number}) from error
    except Image.DecompressionBombError as error:
        raise Refused("too_large") from error
    except Exception as error:
        raise Refused("damaged", {"page": number}) from error


def _scans(path: Path) -> int:
    """Passes over a JPEG: its markers SOS (ITU-T T.81, B.2.3), which coded data cannot hold."""
    found, before = 0, b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            found += (before + piece).count(b"\xff\xda")
            before = piece[-1:]
    return found


def _is_tiff(path: Path) -> bool:
    """Whether it began as one: the directory of a TIFF often comes last, and is what a cut-off file lacks."""
    with path.open("rb") as file:
        return file.read(4) in _TIFF_MARKS


def _upright(page: Image.Image, picture: Image.Image) -> Image.Image:
    """Turned as the camera noted (EXIF 0x0112), unless decoding did so already."""
    orientation = picture.getexif().get(0x0112, 1)
    page.getexif()[0x0112] = orientation
    return ImageOps.exif_transpose(page)


def _flattened(picture: Image.Image) -> Image.Image:
    """RGB on white paper; pictures of 16 bits are brought down to 8."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value / 256, "L").convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        paper = Image.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture.convert("RGBA"))
        return paper.convert("RGB")
    return picture.convert("RGB")


def _square(page: Image.Image, dots: object) -> Image.Image:
    """With as many pixels to the inch down as across: faxes have 204 by 98 or 204 by 196 (ITU-T T.4)."""
    if not (isinstance(dots, tuple) and len(dots) == 2 and all(isinstance(value, Real) for value in dots)):
        return page
    across, down = (float(value) for value in dots)
    if not (across > 0 and down > 0 and _FLAT < max(across, down) / min(across, down) < _TOO_FLAT):
        return page
    width, height = page.size
    size = (width, round(height * across / down)) if across > down else (round(width * down / across), height)
    return page.resize(size, Image.Resampling.BICUBIC) if size[0] * size[1] <= MAX_PIXELS else page


def _fitted(picture: Image.Image) -> Image.Image:
    """Not longer than ``LONG_SIDE``; pictures of extreme shape keep a pixel of the short side."""
    longest = max(picture.size)
    if longest <= LONG_SIDE:
        return picture
    size = tuple(max(1, round(side * LONG_SIDE / longest)) for side in picture.size)
    return picture.resize(
        (size[0], size[1]), Image.Resampling.BOX if longest > 3 * LONG_SIDE else Image.Resampling.LANCZOS
    )
