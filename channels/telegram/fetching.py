"""Brings a person's files here. You are here: remote_file → **fetcher** → attachment.

Two steps (Bot API, ``getFile``): the file's path, then its content, from the Bot API's own server and no
other, without following it anywhere, within 20 MB and a time limit, and typed by what it is.
"""

from __future__ import annotations

import re
from urllib.parse import quote

import httpx
from telegram.error import BadRequest, Forbidden, TelegramError

from channels.reading import clean
from channels.telegram.api import BotApi, CountyBot
from channels.telegram.contents import MAX_BYTES
from intake.contracts import FetchFailed, ReadAttachment, RemoteFile
from intake.files.kinds import kind_of, named

_SECONDS = 60.0
_PATH = re.compile(r"[^\x00-\x1f\\]{1,300}")


class TelegramFetcher:
    """Fetches through ``api``; within ``seconds`` in all."""

    def __init__(self, api: BotApi, *, seconds: float = _SECONDS, max_bytes: int = MAX_BYTES) -> None:
        self._api = api
        self._seconds = seconds
        self._max_bytes = max_bytes

    def fetch(self, file: RemoteFile) -> ReadAttachment:
        """The file; its type and its extension are what the bytes prove."""
        try:
            content = self._api.call(lambda bot: self._get(bot, file.source), self._seconds)
        except TelegramError as error:
            said = " ".join(str(error).split())[:200]
            permanent = isinstance(error, BadRequest | Forbidden)
            raise FetchFailed(f"Telegram does not give the file: {said}", permanent=permanent) from None
        if not content:
            raise FetchFailed("the file is empty", permanent=True)
        kind = kind_of(content)
        if not kind:
            raise FetchFailed(
                "this kind of file is not kept: only pictures, sound, film and papers", permanent=True
            )
        if kind == "video/mp4" and file.media_type.startswith("audio/"):
            kind = "audio/mp4"  # one container for both; who sent it knows
        return ReadAttachment(named(clean.filename(file.filename, "file"), kind), kind, content)

    async def _get(self, bot: CountyBot, file_id: str) -> bytes:
        about = await bot.raw_file(file_id)
        size, path = about.get("file_size"), about.get("file_path")
        if isinstance(size, int) and size > self._max_bytes:
            raise self._too_large()
        if not isinstance(path, str) or not _PATH.fullmatch(path) or ".." in path.split("/"):
            raise FetchFailed("Telegram named no usable path for the file", permanent=not path)
        return await self._download(f"{bot.base_file_url}/{quote(path.lstrip('/'))}")

    async def _download(self, address: str) -> bytes:
        own = bool(self._api.account.base_url)
        async with (
            httpx.AsyncClient(timeout=15, follow_redirects=False, trust_env=not own) as client,
            client.stream("GET", address, headers={"Accept-Encoding": "identity"}) as answer,
        ):
            if answer.status_code != 200:
                gone = answer.status_code in (404, 410) or 300 <= answer.status_code < 400
                raise FetchFailed(f"Telegram's file server answered {answer.status_code}", permanent=gone)
            if int(answer.headers.get("Content-Length") or 0) > self._max_bytes:
                raise self._too_large()
            content = bytearray()
            async for piece in answer.aiter_raw():  # as sent: nothing is unpacked
                content += piece
                if len(content) > self._max_bytes:
                    raise self._too_large()
            return bytes(content)

    def _too_large(self) -> FetchFailed:
        return FetchFailed(f"the file is larger than {self._max_bytes // 1024 // 1024} MB", permanent=True)
