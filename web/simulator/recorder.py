"""Recordings: kept on the stage, announced to the service, and transcribed where Twilio would.

Twilio's ``<Record transcribe>`` understands English only, up to two minutes; whatever else it hears fails.
Source: https://www.twilio.com/docs/voice/twiml/record
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from web.simulator.callbacks import Callbacks, Unreachable
from web.simulator.crew import Crew
from web.simulator.line import Input
from web.simulator.sound import RATE, as_wav, hum, seconds_of
from web.simulator.stage import Stage, new_sid
from web.simulator.twiml import Verb

log = logging.getLogger(__name__)

LONGEST_TRANSCRIBED = 120  # seconds
_FOLLOWED_BY = 1.0  # seconds until Twilio reports that a recording is ready


class Recording:
    """What is being said: frames of sound, and the words where they were typed."""

    def __init__(self, most_seconds: float) -> None:
        self.frames, self.words = b"", ""
        self._most = int(most_seconds * RATE) * 2

    def add(self, given: Input) -> None:
        """More sound, or more words."""
        self.frames = (self.frames + (given.frames or hum(given.value)))[: self._most]
        self.words = f"{self.words} {given.value}".strip()

    @property
    def full(self) -> bool:
        """Whether the longest time is used up."""
        return len(self.frames) >= self._most


class Recorder:
    """``media_url`` is where recordings of the account are fetched from."""

    def __init__(self, stage: Stage, crew: Crew, callbacks: Callbacks, media_url: str) -> None:
        self._stage, self._crew, self._callbacks, self._media_url = stage, crew, callbacks, media_url

    def keep(
        self, recording: Recording, verb: Verb, base_url: str, base: Mapping[str, str]
    ) -> dict[str, str]:
        """Store it; returns what the ``action`` request says about it. Reports follow a little later."""
        sid = new_sid("RE")
        upload = self._stage.keep(f"{sid}.wav", "audio/wav", as_wav(recording.frames, recording.words))
        seconds = seconds_of(recording.frames)
        self._stage.put(
            "recording",
            base["From"],
            {"call": base["CallSid"], "upload": upload.key, "seconds": seconds, "words": recording.words},
            sid,
        )
        fields = {
            "RecordingSid": sid,
            "RecordingUrl": f"{self._media_url}/Recordings/{sid}",
            "RecordingDuration": str(seconds),
        }
        told = {**base, **fields}
        if verb.get("recordingStatusCallback"):
            url = self._callbacks.resolve(base_url, verb.get("recordingStatusCallback"))
            ready = {
                "RecordingStatus": "completed",
                "RecordingChannels": "1",
                "RecordingSource": "RecordVerb",
            }
            self._later(url, {**told, **ready}, _FOLLOWED_BY)
        if verb.get("transcribeCallback") or verb.get("transcribe").lower() == "true":
            url = self._callbacks.resolve(base_url, verb.get("transcribeCallback"))
            self._later(url, {**told, **_transcript(recording.words, seconds)}, 2 * _FOLLOWED_BY)
        return fields

    def _later(self, url: str, fields: dict[str, str], after: float) -> None:
        def report() -> None:
            try:
                self._callbacks.twilio(url, fields)
            except Unreachable as error:
                log.warning("simulator: %s", error)

        self._crew.soon(report, after)


def _transcript(words: str, seconds: int) -> dict[str, str]:
    understood = bool(words) and words.isascii() and 1 < seconds <= LONGEST_TRANSCRIBED
    return {
        "TranscriptionSid": new_sid("TR"),
        "TranscriptionStatus": "completed" if understood else "failed",
        "TranscriptionText": words if understood else "",
    }
