"""Chinese sentences get Chinese punctuation. You are here: engine.read → [punctuation] → lines. Pure.

A comma is the same few pixels in both scripts, so the engine often picks the narrow one. Every sign is
replaced by exactly one other: places and confidences stay where they are.
"""

from __future__ import annotations

import re

_WIDE = str.maketrans(",:;?!()", "，：；？！（）")
_HAN = "\u3400-\u9fff\uf900-\ufaff"
# A sign next to a Chinese character, or closing or opening what stands next to one; between figures never.
_AFTER_HAN = re.compile(f"(?<=[{_HAN}”》）】])[,:;?!(]|(?<=[{_HAN}])\\)")
_BEFORE_HAN = re.compile(f"[,;?!](?=[{_HAN}“《（【])|\\((?=[{_HAN}])|\\)(?=[{_HAN}，。；：])")
_STOP = re.compile(f"(?<=[{_HAN}”》）])\\.(?=$|[{_HAN}“《（])")
# A bracket after a wide sign is wide (：（1）), and its fellow is as wide as itself.
_AFTER_WIDE = re.compile("(?<=[：；，。、！？（])\\(")
_PAIR = re.compile("（([^()（）]{0,40})\\)|\\(([^()（）]{0,40})）")


def chinese(text: str) -> str:
    """``text`` with wide signs where a Chinese character stands beside them; as long as before."""
    for place in (_AFTER_HAN, _BEFORE_HAN):
        text = place.sub(lambda found: found.group().translate(_WIDE), text)
    text = _AFTER_WIDE.sub("（", text)
    text = _PAIR.sub(lambda found: f"（{found.group(1) or found.group(2) or ''}）", text)
    return _STOP.sub("。", text)
