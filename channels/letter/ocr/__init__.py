"""Reading printed letters: from a scan to lines of text with their place on the page.

You are here: scan → sandbox → [ocr: sources → seals → upright → strips → engine → lines → page] → desk.

Everything that opens a file works in the sandbox's process, through ``tasks``; ``page``, ``lines`` and
``fields`` are pure and need nothing installed. The engine is an extra (``scan``): without it, people type.
"""

from __future__ import annotations

from importlib.util import find_spec

from channels.letter.ocr.page import Box, ReadLine, ReadPage, Span

NEEDS = ("rapidocr", "onnxruntime", "cv2", "numpy", "PIL", "pypdfium2", "pillow_heif")
"""What the extra ``scan`` brings."""

__all__ = ["NEEDS", "Box", "ReadLine", "ReadPage", "Span", "installed"]


def installed() -> bool:
    """Whether the extra is here, told without loading it."""
    return all(find_spec(name) is not None for name in NEEDS)
