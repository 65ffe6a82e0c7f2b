"""Saying a turn to the provider: its parts and its step as TwiML, by Twilio's own library.

You are here: leg → [twiml] → the line. Voices: https://www.twilio.com/docs/voice/twiml/say/text-speech
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from twilio.twiml.voice_response import Gather, VoiceResponse

from channels.phone.leg import Part, Pause, Say
from channels.phone.script import Step
from channels.wording.speech import SPOKEN, Speech

VOICES = {
    "zh-Hans": ("cmn-CN", "Polly.Zhiyu-Neural"),
    "yue": ("yue-CN", "Polly.Hiujin-Neural"),
    "en": ("en-US", "Polly.Joanna-Neural"),
}
PATH = "/webhooks/twilio/voice"
_KEY_SECONDS = 8
_ENTRY_SECONDS = 10
_SILENCE_SECONDS = 10
_RING_SECONDS = 25


class Lines:
    """Turns of calls whose posts come back to ``public_url``."""

    def __init__(self, public_url: str) -> None:
        self._voice = public_url + PATH

    def _address(self, step: str, **more: str | int) -> str:
        return f"{self._voice}?{urlencode({'step': step} | more)}"

    def ask(self, parts: Iterable[Part], name: str, step: Step, turn: int) -> str:
        """Say ``parts`` and wait for keys; silence is posted too. A key interrupts what is being said."""
        response, entry = VoiceResponse(), step.digits != 1
        gather = Gather(
            input="dtmf",
            action=self._address(name, turn=turn),
            method="POST",
            timeout=_ENTRY_SECONDS if entry else _KEY_SECONDS,
            finish_on_key="#" if entry else "",
            num_digits=step.digits or None,
            action_on_empty_result=True,
        )
        _speak(gather, parts)
        response.append(gather)
        return _xml(response)

    def record(
        self,
        parts: Iterable[Part],
        name: str,
        step: Step,
        turn: int,
        report: Mapping[str, str | int],
        words: bool,
    ) -> str:
        """Say ``parts``, beep and record. An empty recording is never posted: the line goes on by itself.

        ``report`` goes into the address of the provider's own report; ``words`` asks it to write them down.
        """
        response = VoiceResponse()
        _speak(response, parts)
        response.record(
            action=self._address(name, turn=turn),
            method="POST",
            timeout=_SILENCE_SECONDS,
            finish_on_key="#",
            max_length=step.record,
            play_beep=True,
            trim="trim-silence",
            recording_status_callback=self._address("recording", **report),
            recording_status_callback_method="POST",
            recording_status_callback_event="completed absent",
            transcribe=True if words else None,
            transcribe_callback=self._address("transcription") if words else None,
        )
        response.redirect(self._address(name, turn=turn), method="POST")
        return _xml(response)

    def dial(self, parts: Iterable[Part], name: str, turn: int, person: str, number: str) -> str:
        """Say ``parts`` and put the caller through to ``person``, who sees our ``number``."""
        response = VoiceResponse()
        _speak(response, parts)
        action = self._address(name, turn=turn)
        response.dial(person, action=action, method="POST", timeout=_RING_SECONDS, caller_id=number or None)
        return _xml(response)

    def wait(self, parts: Iterable[Part], name: str, turn: int) -> str:
        """Say ``parts``, then come back."""
        response = VoiceResponse()
        _speak(response, parts)
        response.pause(length=2)
        response.redirect(self._address(name, turn=turn), method="POST")
        return _xml(response)


def end(parts: Iterable[Part]) -> str:
    """Say ``parts`` and hang up."""
    response = VoiceResponse()
    _speak(response, parts)
    response.hangup()
    return _xml(response)


def sorry() -> str:
    """What is said when we can keep nothing just now: never that we did. In every language."""
    return end([Say(Speech(language).say("call.sorry"), language) for language in SPOKEN])


def nothing() -> str:
    """An answer to a report: the line needs none."""
    return _xml(VoiceResponse())


def _speak(into: VoiceResponse | Gather, parts: Iterable[Part]) -> None:
    for part in parts:
        if isinstance(part, Pause):
            into.pause(length=part.seconds)
        else:
            language, voice = VOICES.get(part.language, VOICES["zh-Hans"])
            into.say(part.text, language=language, voice=voice)


def _xml(response: VoiceResponse) -> str:
    return str(response)
