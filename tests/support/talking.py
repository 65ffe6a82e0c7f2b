"""A small script for conversations, and a county that people text and chat with. A few rules, all plain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from intake.contracts import FetchFailed, Json, ReadAttachment, Reading, RemoteFile, Submission, Transcript
from intake.conversation import Act, Heard, Line, OwnCase, Turn
from intake.deliveries import Deliveries
from intake.desk import Policies
from intake.fetching import FetchWorker
from intake.files.folder import FolderStorage
from intake.registrar import Registrar
from intake.transcripts import Transcripts, TranscriptWorker
from tests.support.clock import SetClock
from tests.support.policies import policies
from tests.support.worked import County, read_json

PHONE = "+12025550123"
OTHER = "+12025550145"
HOLD = timedelta(minutes=10)


class SmallDialogue:
    """``帮助`` talks, ``查询`` tells, ``满意`` rates, ``撤回`` withdraws, ``停``/``开始`` stop and start.

    ``补：…`` adds to the case being talked about, ``改：…`` adds and routes again, ``不便公开`` hides the
    name, ``也许…`` waits until ``1`` (new) or ``2`` (belongs) is said. All else is a complaint.
    """

    def turn(self, heard: Heard) -> Turn:
        """The rules above, in order."""
        said, talk = heard.text.strip(), replace(heard.conversation, asking="", memory={"last": heard.text})
        current = self._current(heard)
        if said.startswith("坏"):
            raise RuntimeError("a script that stumbles")
        if heard.held:
            return Turn(Act.NEW, talk, ask="where")
        if talk.held_id and said in ("1", "2"):
            release = "new" if said == "1" else "add"
            return Turn(Act.TALK, talk, complaint_id=current.id if current else None, release=release)
        if heard.belongs and heard.choice:
            return Turn(Act.RATE, talk, complaint_id=heard.belongs, value=heard.choice)
        for word, act in (("满意", Act.RATE), ("撤回", Act.WITHDRAW), ("补：", Act.ADD), ("改：", Act.ADD)):
            if said.startswith(word) and current is not None:
                return Turn(
                    act,
                    talk,
                    complaint_id=current.id,
                    value="satisfied",
                    text=said,
                    reroute=word == "改：",
                    say=(Line("added", {}, current.id),) if act is Act.ADD else (),
                )
        return self._talk(heard, said, replace(talk, heard_at=heard.now), current)

    def _talk(self, heard: Heard, said: str, talk: Any, current: OwnCase | None) -> Turn:
        if said == "帮助":
            return Turn(Act.TALK, talk, say=(Line("help"),))
        if said.startswith("查询"):
            lines = tuple(Line("status", {}, case.id) for case in heard.cases[:3]) or (Line("no_case"),)
            foreign = set(heard.named) - {case.reference for case in heard.cases}
            return Turn(Act.TALK, talk, say=(Line("not_yours"),) if foreign else lines)
        if said == "停":
            return Turn(Act.TALK, replace(talk, stopped_at=heard.now), say=(Line("stopped"),))
        if said == "开始":
            return Turn(Act.TALK, replace(talk, stopped_at=None), say=(Line("started"),))
        if said == "不便公开" and current is not None:
            return Turn(Act.ADD, talk, complaint_id=current.id, confidential=True)
        if said == "可以公开" and current is not None:
            return Turn(Act.ADD, talk, complaint_id=current.id, confidential=False)
        if said.startswith("偷看"):
            return Turn(Act.ADD, talk, complaint_id=said[2:], say=(Line("status", {}, said[2:]),))
        if said.startswith("也许") and current is not None:
            return Turn(Act.HOLD, replace(talk, held_until=heard.now + HOLD), say=(Line("new_or_more"),))
        return Turn(Act.NEW, talk, ask="where")

    @staticmethod
    def _current(heard: Heard) -> OwnCase | None:
        wanted = heard.conversation.complaint_id
        return next((case for case in heard.cases if case.id == wanted), next(iter(heard.cases), None))


def read_text(raw: bytes, envelope: Json) -> Reading:
    """Like ``read_json``, with files that lie elsewhere."""
    said = json.loads(raw)
    remote = tuple(RemoteFile(*file) for file in said.pop("remote", ()))
    return replace(read_json(json.dumps(said).encode(), envelope), remote=remote)


class Files:
    """A provider's files by source; what is missing cannot be fetched."""

    def __init__(self, **files: ReadAttachment | FetchFailed) -> None:
        self.files = files
        self.fetched: list[str] = []

    def fetch(self, file: RemoteFile) -> ReadAttachment:
        """The file, or its failure."""
        self.fetched.append(file.source)
        found = self.files.get(file.source, FetchFailed("404 Not Found", permanent=True))
        if isinstance(found, FetchFailed):
            raise found
        return found


class Engine:
    """Writes down what is said in one language."""

    def __init__(self, language: str, text: str) -> None:
        self.language = language
        self.text = text

    def transcribe(self, recording: bytes, media_type: str, language: str) -> Transcript | None:
        """Always the same words."""
        return Transcript(self.text, f"engine-{self.language}") if language == self.language else None


class TalkingCounty(County):
    """A county with the small script."""

    def __init__(self, url: str, folder: Path, clock: SetClock, owner: str = "worker-1") -> None:
        super().__init__(url, folder, clock, owner)
        self.transcripts = Transcripts(self.store, self.policies, clock)
        self.deliveries = Deliveries(self.store, self.policies, clock)

    def make_policies(self) -> Policies:
        """With the script, and a telephone that says the acknowledgement itself."""
        return replace(policies(), dialogue=SmallDialogue(), silent={"phone": frozenset({"acknowledgement"})})

    def registrar_named(self, owner: str) -> Registrar:
        """A further worker, which also reads texts and chats."""
        readers = dict.fromkeys(("email", "sms", "telegram"), read_text)
        return Registrar(self.store, self.blobs, self.policies, readers, self.clock, owner)

    def text(self, body: str, phone: str = PHONE, **said: Any) -> str:
        """A text comes in; returns its submission's id. Nothing is registered yet."""
        return self.inbox.accept(self.text_of(body, phone, **said)).submission_id

    def text_of(self, body: str, phone: str = PHONE, **said: Any) -> Submission:
        """A text, not accepted yet."""
        said.setdefault("contacts", [["phone", phone, True]])
        said.setdefault("confidential", True)
        submission = self.submission(channel="sms", body=body, **said)
        return replace(submission, conversation=f"sms:{phone}")

    def hear(self, *bodies: str, phone: str = PHONE, **said: Any) -> str:
        """Texts that come in and are registered one by one; returns the last one's id."""
        key = ""
        for body in bodies:
            key = self.text(body, phone, **said)
            self.work()
        return key

    def work(self) -> None:
        """Let the worker do what is due now; what waits for a date goes on waiting."""
        while self.registrar.work():
            continue

    def fetcher(self, files: Files) -> FetchWorker:
        """A worker that fetches from ``files``."""
        return FetchWorker(self.store, self.blobs, self.policies, {"sms": files}, self.clock, "fetcher")

    def scribe(self, engines: Sequence[Engine], blobs: FolderStorage | None = None) -> TranscriptWorker:
        """A worker that asks ``engines``."""
        return TranscriptWorker(
            self.store, blobs or self.blobs, self.transcripts, engines, self.clock, "scribe"
        )

    def became(self) -> list[tuple[str, str | None]]:
        """State and meaning of every submission, in order."""
        return [(r[0], r[1]) for r in self.rows("SELECT state, became FROM submission ORDER BY id")]

    def said(self) -> list[tuple[str, str]]:
        """What waits to be said or was: template (or the templates of a talk) and state, in order."""
        rows = self.rows(
            "SELECT template, params, state FROM outbox WHERE role = 'complainant' ORDER BY created_at, id"
        )
        return [
            ("+".join(line["template"] for line in json.loads(p)["lines"]) if t == "talk" else t, s)
            for t, p, s in rows
        ]
