"""The engine: finds print in a picture and reads strips of it. PP-OCRv6 (small) by rapidocr and onnxruntime.

You are here: upright, strips → [engine] → lines. Works in the sandbox, never downloads: the models lie in
rapidocr's package (version pinned in pyproject) and are named by path. The angle classifier stays out: with
it whole lines come back garbled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Rows × columns × 3, in OpenCV's order (BGR)."""
Quad = NDArray[np.float32]
"""Four corners of a strip of print as (x, y): from the top left one clockwise, as the text runs."""

STRIP_HEIGHT = 48
"""Pixels; what the reading model takes."""
_DETECTION_SIDE = 1120
"""Pixels of the longer side in which print is looked for: a third of a second on one core."""
_SMALLER_SIDE = 736
_FEW = 8
"""Places of print below which the page is looked at once more, smaller: a few words alone on a large sheet
are not recognised as print when they appear large."""
_MODELS = {"Det.model_path": "PP-OCRv6_det_small.onnx", "Rec.model_path": "PP-OCRv6_rec_small.onnx"}


class OcrMissing(ModuleNotFoundError):
    """The engine or its models are not installed: people type instead."""


@dataclass(frozen=True, slots=True)
class Strip:
    """What was read in one strip: a confidence (0–1) for each character of ``text``."""

    text: str
    confidences: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """The mean; 0 where nothing was read."""
        return sum(self.confidences) / len(self.confidences) if self.confidences else 0.0


class Engine:
    """Both models, loaded once. ``threads`` is how many cores one page may use. Not for several threads."""

    def __init__(self, threads: int = 1) -> None:
        import rapidocr  # here, since it asks the network stack what it can do as soon as it is imported

        folder = Path(rapidocr.__file__).parent / "models"
        models = {setting: folder / name for setting, name in _MODELS.items()}
        for model in models.values():
            if not model.is_file():
                raise OcrMissing(f"the reading model {model.name} is missing", name="rapidocr")
        cv2.setNumThreads(threads)
        self._engine: Any = rapidocr.RapidOCR(
            params={
                **{setting: str(path) for setting, path in models.items()},
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "Global.return_word_box": True,  # confidences of single characters come with it
                "Det.limit_type": "max",
                "Det.limit_side_len": _DETECTION_SIDE,
                "Rec.rec_batch_num": 1,  # on a processor, padding to the widest costs more than it saves
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                # An arena would keep the memory of the largest page.
                "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
            }
        )

    def find(self, picture: Picture) -> list[Quad]:
        """Where there is print, in pixels of ``picture``, whichever way up it is; in no order."""
        found = self._found(picture, _DETECTION_SIDE)
        if len(found) < _FEW and max(picture.shape[:2]) > _SMALLER_SIDE:
            found += [quad for quad in self._found(picture, _SMALLER_SIDE) if not _covered(quad, found)]
        return found

    def _found(self, picture: Picture, side: int) -> list[Quad]:
        scale = min(1.0, side / max(picture.shape[:2]))
        small = picture
        if scale < 1.0:
            height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
            small = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        boxes = self._engine(small, use_det=True, use_cls=False, use_rec=False).boxes
        return [] if boxes is None else [np.asarray(quad, np.float32) / scale for quad in boxes]

    def read(self, strip: Picture) -> Strip:
        """The text of one strip of ``STRIP_HEIGHT``, whose print runs from left to right."""
        result = self._engine.recognize_txt([strip])
        text: str = result.txts[0]
        confidences: Sequence[float] = result.word_results[0].confs
        if len(confidences) != len(text):  # nothing read, or a sign of several code points
            confidences = [float(result.scores[0])] * len(text)
        return Strip(text, tuple(float(value) for value in confidences))


def _covered(quad: Quad, found: Sequence[Quad]) -> bool:
    """Whether the upright rectangle around ``quad`` touches that of another."""
    return any(
        bool(np.all(quad.min(axis=0) < other.max(axis=0)) and np.all(other.min(axis=0) < quad.max(axis=0)))
        for other in found
    )
