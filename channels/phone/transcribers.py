"""Writing down what a recording says, on this machine. You are here: attachment → [transcribers] → words.

Both engines are extras: where they are not installed, or know no such language, they say None and a person
listens. Neither works longer than ``MAX_SECONDS``; what a recording says beyond that is listened to as well.
"""

from __future__ import annotations

import io
import json
import sys
import time
import wave
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from intake.contracts import FetchFailed, Transcriber, Transcript

MAX_SECONDS = 50.0
"""Of work on one recording."""
MAX_LENGTH = 15 * 60
"""Seconds of one recording that are looked at."""
_CHUNK_SECONDS = 0.5
_WIDE = 16_000  # samples a second that the English model was made for
_CUT = " …"


class FirstThatKnows:
    """Asks engines in turn; the first that knows the language writes it down."""

    def __init__(self, engines: Sequence[Transcriber]) -> None:
        self._engines = tuple(engines)

    def transcribe(self, recording: bytes, media_type: str, language: str) -> Transcript | None:
        """The words, or None when none of them knows the language; raises FetchFailed."""
        for engine in self._engines:
            found = engine.transcribe(recording, media_type, language)
            if found is not None:
                return found
        return None


class Sphinx:
    """English by pocketsphinx, whose package carries its model. Rough, but it finds words to search by."""

    def transcribe(self, recording: bytes, media_type: str, language: str) -> Transcript | None:
        """The words of an English WAV; None for other languages or without the package."""
        if language != "en":
            return None
        try:
            from pocketsphinx import Decoder
        except ImportError:
            return None
        sound = _Sound(recording)
        decoder = Decoder(samprate=_WIDE, loglevel="FATAL")
        decoder.start_utt()
        cut = False
        for chunk in sound.chunks(_WIDE):
            if chunk is None:
                cut = True
                break
            decoder.process_raw(chunk, no_search=False, full_utt=False)
        decoder.end_utt()
        found = decoder.hyp()
        words = found.hypstr.strip() if found is not None else ""
        return Transcript(words + _CUT * cut, "pocketsphinx")


class Vosk:
    """Any language for which ``folder`` holds a model (``<folder>/zh-Hans``, ``yue``, ``en``), by vosk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._models: dict[str, Any] = {}

    def transcribe(self, recording: bytes, media_type: str, language: str) -> Transcript | None:
        """The words of a WAV; None without the package or a model of the language."""
        model = self._model(language)
        if model is None:
            return None
        from vosk import KaldiRecognizer

        sound = _Sound(recording)
        recogniser = KaldiRecognizer(model, sound.rate)
        words, cut = [], False
        for chunk in sound.chunks(sound.rate):
            if chunk is None:
                cut = True
                break
            if recogniser.AcceptWaveform(chunk):
                words.append(_text(recogniser.Result()))
        words.append(_text(recogniser.FinalResult()))
        joined = " ".join(word for word in words if word)
        if language != "en":  # the models put blanks between Chinese words
            joined = joined.replace(" ", "")
        return Transcript(joined + _CUT * cut, "vosk")

    def _model(self, language: str) -> Any | None:
        path = self._folder / language
        if language not in ("zh-Hans", "yue", "en") or not path.is_dir():
            return None
        if language not in self._models:
            try:
                from vosk import Model, SetLogLevel

                SetLogLevel(-1)
                self._models[language] = Model(str(path))
            except ImportError:
                return None
            except Exception as error:  # vosk raises a bare one for a folder that holds no model
                raise FetchFailed(f"{path} holds no speech model", permanent=True) from error
        return self._models[language]


def _text(result: str) -> str:
    return str(json.loads(result).get("text", "")).strip()


class _Sound:
    """A WAV of 16-bit samples, one channel of it; raises FetchFailed for anything else."""

    def __init__(self, recording: bytes) -> None:
        try:
            with wave.open(io.BytesIO(recording)) as file:
                width, self.channels, self.rate = (
                    file.getsampwidth(),
                    file.getnchannels(),
                    file.getframerate(),
                )
                usable = width == 2 and 1 <= self.channels <= 2 and 4000 <= self.rate <= 96_000
                frames = file.readframes(MAX_LENGTH * self.rate) if usable else b""
        except (wave.Error, EOFError, ValueError) as error:
            raise FetchFailed("the recording is no WAV", permanent=True) from error
        if not usable:
            raise FetchFailed("the recording is a WAV of an unusual kind", permanent=True)
        samples = array("h")
        samples.frombytes(frames[: len(frames) - len(frames) % (2 * self.channels)])
        if sys.byteorder == "big":
            samples.byteswap()  # WAV is little-endian
        self.samples = samples[:: self.channels]

    def chunks(self, rate: int) -> Iterator[bytes | None]:
        """The sound at ``rate``, a piece at a time; None when the time is over before the sound is."""
        deadline = time.monotonic() + MAX_SECONDS
        step = max(1, int(self.rate * _CHUNK_SECONDS))
        for start in range(0, len(self.samples), step):
            if time.monotonic() > deadline:
                yield None
                return
            yield _at_rate(self.samples[start : start + step], self.rate, rate).tobytes()


def _at_rate(samples: array[int], rate: int, wanted: int) -> array[int]:
    """``samples`` at another rate, in straight lines between neighbours."""
    if rate == wanted or not samples:
        return samples
    last, length = len(samples) - 1, len(samples) * wanted // rate
    found = array("h", bytes(2 * length))
    for i in range(length):
        at, rest = divmod(i * rate, wanted)
        here = samples[min(at, last)]
        found[i] = here + (samples[min(at + 1, last)] - here) * rest // wanted
    return found
