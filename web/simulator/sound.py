"""Recordings as Twilio keeps them: WAV, one channel, 16 bit, 8,000 samples a second.

What was typed instead of spoken becomes a soft hum as long as saying it would take, and the words go along
as the file's comment, so that whoever writes recordings down has something to understand.
"""

from __future__ import annotations

import io
import math
import struct
import sys
import wave
from array import array

from intake.contracts import Transcript

RATE = 8000  # samples a second
SECONDS_A_CHARACTER = 0.22  # of Chinese, spoken calmly
SECONDS_A_LETTER = 0.065
MOST_SECONDS = 600.0
_COMMENT = b"INFOICMT"  # RIFF: what is told about the file, and therein the comment


class NoSound(Exception):
    """The bytes are no recording of ours; says why."""


def spoken_seconds(text: str) -> float:
    """How long it takes to say ``text``."""
    wide = sum(1 for c in text if ord(c) > 0x2E7F)
    return wide * SECONDS_A_CHARACTER + (len(text) - wide) * SECONDS_A_LETTER


def hum(text: str) -> bytes:
    """Frames as long as saying ``text`` takes: one short low tone a syllable or so."""
    seconds = min(MOST_SECONDS, max(0.6, spoken_seconds(text)))
    beat = array(
        "h",
        (
            int(2200 * math.sin(2 * math.pi * 180 * n / RATE) * math.sin(math.pi * min(1.0, n / 1300)) ** 2)
            for n in range(RATE // 5)
        ),
    )
    if sys.byteorder == "big":
        beat.byteswap()
    frames = beat.tobytes()
    return (frames * (int(seconds * 5) + 1))[: int(seconds * RATE) * 2]


def as_wav(frames: bytes, words: str = "") -> bytes:
    """A WAV file of ``frames``, with ``words`` as its comment."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(frames)
    content = file.getvalue()
    if not words:
        return content
    comment = words.encode() + b"\0"
    comment += b"\0" * (len(comment) % 2)  # chunks begin at even places
    about = _COMMENT + struct.pack("<I", len(comment)) + comment
    longer = content + b"LIST" + struct.pack("<I", len(about)) + about
    return b"RIFF" + struct.pack("<I", len(longer) - 8) + longer[8:]


class Subtitles:
    """Writes down the recordings of this page: what was typed. Those by microphone it cannot understand."""

    def transcribe(self, recording: bytes, media_type: str, language: str) -> Transcript | None:
        """The comment of the file, in any language; None where it has none."""
        _sound, _mark, about = recording.rpartition(_COMMENT)
        if not _sound or len(about) < 4:
            return None
        (length,) = struct.unpack_from("<I", about)
        words = about[4 : 4 + length].rstrip(b"\0").decode("utf-8", "replace").strip()
        return Transcript(words, "simulator") if words else None


def frames_of(content: bytes) -> bytes:
    """The frames of a WAV file of this very kind. Raises :class:`NoSound`."""
    try:
        with wave.open(io.BytesIO(content), "rb") as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
                raise NoSound("the recording is not 8,000 samples of 16 bit a second in one channel")
            return file.readframes(int(MOST_SECONDS * RATE))
    except (wave.Error, EOFError, ValueError) as error:
        raise NoSound("the recording is no WAV file") from error


def seconds_of(frames: bytes) -> int:
    """Whole seconds, as Twilio counts them: at least one when there is any sound."""
    return max(1, round(len(frames) / 2 / RATE)) if frames else 0
