"""Writing down recordings on this machine, where there is something to do it with."""

from __future__ import annotations

import io
import math
import shutil
import subprocess
import wave
from array import array
from pathlib import Path

import pytest

from channels.phone import transcribers
from channels.phone.transcribers import FirstThatKnows, Sphinx, Vosk
from intake.contracts import FetchFailed, Transcript


def a_wav(samples: array[int], rate: int = 8000, channels: int = 1) -> bytes:
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return kept.getvalue()


def a_tone(seconds: float, rate: int = 8000) -> array[int]:
    return array("h", (int(9000 * math.sin(i * 0.3)) for i in range(int(seconds * rate))))


class Says:
    """An engine that knows one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def transcribe(self, recording: bytes, media_type: str, language: str) -> Transcript | None:
        return Transcript("words", self._language) if language == self._language else None


def test_the_first_engine_that_knows_the_language() -> None:
    engines = FirstThatKnows([Says("yue"), Says("en")])
    assert engines.transcribe(b"", "audio/wav", "en") == Transcript("words", "en")
    assert engines.transcribe(b"", "audio/wav", "zh-Hans") is None


def test_languages_that_an_engine_does_not_know(tmp_path: Path) -> None:
    assert Sphinx().transcribe(b"no sound", "audio/wav", "yue") is None
    assert Vosk(tmp_path).transcribe(b"no sound", "audio/wav", "yue") is None
    assert Vosk(tmp_path).transcribe(b"no sound", "audio/wav", "../yue") is None


@pytest.mark.parametrize("recording", [b"", b"RIFF", b"<html>", b"RIFF\xff\xff\xff\xffWAVEfmt "])
def test_what_is_no_sound_is_refused_for_good(recording: bytes) -> None:
    pytest.importorskip("pocketsphinx")
    with pytest.raises(FetchFailed) as failed:
        Sphinx().transcribe(recording, "audio/wav", "en")
    assert failed.value.permanent


def test_an_unusual_kind_of_sound_is_refused() -> None:
    pytest.importorskip("pocketsphinx")
    with pytest.raises(FetchFailed):
        Sphinx().transcribe(a_wav(a_tone(0.1), channels=4), "audio/wav", "en")


def test_the_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pocketsphinx")
    monkeypatch.setattr(transcribers, "MAX_SECONDS", -1.0)
    found = Sphinx().transcribe(a_wav(a_tone(2)), "audio/wav", "en")
    assert found is not None
    assert found.text.endswith("…")


def test_samples_at_another_rate() -> None:
    assert list(transcribers._at_rate(array("h", [0, 100, 200]), 8000, 16000)) == [0, 50, 100, 150, 200, 200]
    assert list(transcribers._at_rate(array("h", [-3, 3]), 8000, 8000)) == [-3, 3]


def test_english_is_written_down(tmp_path: Path) -> None:
    pytest.importorskip("pocketsphinx")
    speaker = shutil.which("espeak-ng") or shutil.which("espeak")
    if speaker is None:
        pytest.skip("espeak-ng is not installed: nobody to speak")
    said = "my house has no water since monday morning"
    spoken = tmp_path / "spoken.wav"
    subprocess.run([speaker, "-v", "en-us", "-s", "130", "-w", str(spoken), said], check=True)
    found = Sphinx().transcribe(spoken.read_bytes(), "audio/wav", "en")
    assert found is not None
    assert found.engine == "pocketsphinx"
    assert len(set(said.split()) & set(found.text.split())) >= 3  # rough, but words to search by
