"""Pictures made harmless: read under limits, turned upright, and written anew without a word of metadata.

You are here: looking → [pictures] → preview. Imports Pillow: only inside the sandbox.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from intake.files.limits import MAX_PAGES_COUNTED, MAX_PAGES_SHOWN, MAX_PIXELS, MAX_SIDE, PREVIEW_SIDE, Why
from intake.files.previews import Album
from intake.files.sandbox import Refused

# more than MAX_PIXELS is refused by its header, before Pillow's own limit is asked
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False
_FORMATS = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/gif": ("GIF",),
    "image/webp": ("WEBP",),
    "image/bmp": ("BMP",),
    "image/tiff": ("TIFF",),
    "image/heic": ("HEIF",),
    "image/avif": ("AVIF",),
}
_QUALITY = 82
_BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, LookupError, EOFError, TypeError)
"""Pillow's readers raise any of these for a broken file."""


def preview(content: bytes, kind: str, output: Path) -> dict[str, Any]:
    """Write the album of a picture (of a TIFF: of its pages) to ``output/preview``; returns what was seen.

    ``width`` and ``height`` are those of the first picture, upright. Raises Refused.
    """
    if kind == "image/heic":
        _learn_heic()
    try:
        with (
            warnings.catch_warnings(),
            Image.open(BytesIO(content), formats=_FORMATS[kind]) as picture,
            Album(output / "preview") as album,
        ):
            warnings.simplefilter("ignore")
            width, height = _upright_size(picture)
            pages = 0
            for pages in _pages(picture, kind):
                _hold_limits(picture)
                if pages <= MAX_PAGES_SHOWN:
                    album.add(encoded(picture))
    except Refused:
        raise
    except Image.DecompressionBombError:
        raise Refused(Why.TOO_MANY_PIXELS) from None
    except _BROKEN:
        raise Refused(Why.DAMAGED) from None
    many = {"beware": Why.TOO_MANY_PAGES} if pages > MAX_PAGES_SHOWN else {}
    return {"width": width, "height": height, "pages": pages, **many}


def encoded(picture: Image.Image) -> bytes:
    """The picture as JPEG of at most PREVIEW_SIDE a side, upright, on white; nothing else is taken over."""
    picture.draft("RGB", (PREVIEW_SIDE, PREVIEW_SIDE))  # a JPEG is decoded small at once
    upright = ImageOps.exif_transpose(picture)
    if "A" in upright.getbands() or "transparency" in upright.info:
        upright.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), reducing_gap=2.0)
        layers = upright.convert("RGBA")
        plain = Image.new("RGB", layers.size, "white")
        plain.paste(layers, mask=layers.getchannel("A"))
    else:
        upright = _eight_bits(upright)
        upright.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), reducing_gap=2.0)
        plain = upright.convert("L" if upright.mode == "L" else "RGB")
    # a new picture of the same points: whatever hung on the old one stays behind
    bare = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    written = BytesIO()
    bare.save(written, "JPEG", quality=_QUALITY, optimize=True)
    return written.getvalue()


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode in ("L", "RGB"):
        return picture
    if picture.mode.startswith("I") or picture.mode == "F":  # 16 bits a point: medical and some scanners
        return picture.convert("F").point(lambda value: value / 256).convert("L")
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _hold_limits(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE or min(width, height) < 1:
        raise Refused(Why.TOO_MANY_PIXELS, {"width": width, "height": height})


def _upright_size(picture: Image.Image) -> tuple[int, int]:
    width, height = picture.size
    turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    return (height, width) if turned else (width, height)


def _pages(picture: Image.Image, kind: str) -> Iterator[int]:
    """Goes through a TIFF's pages; of anything that moves only the first picture counts."""
    yield 1
    if kind != "image/tiff":
        return
    for number in range(1, MAX_PAGES_COUNTED):
        try:
            picture.seek(number)
        except EOFError:
            return
        yield number + 1


def _learn_heic() -> None:
    from pillow_heif import register_heif_opener  # only a machine with the package reads HEIC

    register_heif_opener(thumbnails=False, decode_threads=1)
