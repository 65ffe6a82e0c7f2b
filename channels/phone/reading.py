"""Understanding what a call left behind. You are here: raw → *reading* → intake. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from channels.phone.keeping import CALL_BACK, KINDS, REMARK, REPLY
from channels.phone.posted import caller
from channels.reading.raw import opened
from intake.contracts import Contact, Json, Reading, RemoteFile, UnreadableSubmission

_MAX_RAW = 64 * 1024
_NAME = re.compile(r"[A-Za-z0-9]{1,64}")
_ADDRESS = re.compile(r"https?://[!-~]{1,500}")
_WRITTEN = {"zh-Hans": "zh-Hans", "yue": "zh-Hans", "en": "en"}
"""Spoken language → the language of what is written to the person."""
_SUBJECTS = {
    "complaint": ("电话投诉（录音）", "Complaint by telephone (recording)"),
    REMARK: ("电话评价的补充（录音）", "Remark on the rating (recording)"),
    REPLY: ("电话补充（录音）", "Addition by telephone (recording)"),
    CALL_BACK: ("请回电", "Please call back"),
}


def read(raw: bytes, envelope: Json) -> Reading:
    """Understand one; raises :class:`UnreadableSubmission` for what no call of ours left behind."""
    said = _said(raw)
    spoken, kind = str(said.get("language", "")), said["kind"]
    number = caller(str(said.get("from", "")))
    language = _WRITTEN.get(spoken, "zh-Hans")
    recording = said.get("recording") if kind != CALL_BACK else None
    return Reading(
        subject=_SUBJECTS[kind][language == "en"],
        body=_back(said, language) if recording is None else _length(recording, spoken),
        contacts=(Contact("phone", number, verified=True),) if number else (),
        language=language,
        thread=(said["first"],) if _is_name(said.get("first")) else (),
        token=said["token"] if _is_name(said.get("token")) else None,
        anonymous=not number,
        confidential=True,
        remote=(_remote(recording),) if recording else (),
        attention=CALL_BACK if kind == CALL_BACK else "",
    )


def _said(raw: bytes) -> dict[str, Any]:
    said = opened(raw, _MAX_RAW, "what a call left")
    if said.get("kind") not in KINDS:
        raise UnreadableSubmission("it is not said what a call left")
    if said["kind"] != CALL_BACK and not _is_recording(said.get("recording")):
        raise UnreadableSubmission("a call left no recording")
    return said


def _is_recording(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_name(value.get("sid"))
        and isinstance(value.get("url"), str)
        and _ADDRESS.fullmatch(value["url"]) is not None
        and type(value.get("seconds")) is int
    )


def _is_name(value: Any) -> bool:
    """Whether it can be an id of the provider's or a token of ours."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _remote(recording: dict[str, Any]) -> RemoteFile:
    """Twilio serves a recording as WAV or MP3 by the ending of its address; WAV can be written down."""
    return RemoteFile(f"{recording['url']}.wav", f"{recording['sid']}.wav", "audio/wav")


def _length(recording: dict[str, Any], spoken: str) -> str:
    seconds = recording["seconds"]
    if spoken == "en":
        return f"(Telephone recording, {seconds} {'second' if seconds == 1 else 'seconds'})"
    return f"（{'粤语' if spoken == 'yue' else ''}电话录音，{seconds}秒）"


def _back(said: dict[str, Any], language: str) -> str:
    try:
        moment = datetime.fromisoformat(str(said.get("back_at")))
    except ValueError as error:
        raise UnreadableSubmission("the promise to call back has no date") from error
    when = f"{moment:%Y-%m-%d %H:%M}"
    if language == "en":
        return f"The caller asked for a person. We promised to call back on {when}."
    return f"来电人想和工作人员通话，已答应 {when} 回电。"
