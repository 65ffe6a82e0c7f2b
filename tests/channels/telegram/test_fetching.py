"""Files come from the Bot API's own server, within 20 MB and a time limit, and are typed by their bytes."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from typing import Any

import pytest

from channels.telegram.api import BotApi
from channels.telegram.fetching import TelegramFetcher
from intake.contracts import FetchFailed, RemoteFile
from tests.channels.telegram.bot_api import BAD_GATEWAY, TOKEN, UNAUTHORIZED, BotApiServer, Said

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
LIMIT = 100_000


@pytest.fixture
def fetcher(api: BotApi) -> TelegramFetcher:
    return TelegramFetcher(api, seconds=3.0, max_bytes=LIMIT)


def file(name: str = "photo.jpg", kind: str = "image/jpeg") -> RemoteFile:
    return RemoteFile("F1", name, kind)


def offer(server: BotApiServer, path: Any = "photos/file_1.jpg", **about: Any) -> None:
    server.script["getFile"].append(Said(result={"file_id": "F1", "file_path": path, **about}))


def gives(content: bytes, status: int = 200, **headers: str) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def test_a_file_comes_with_the_type_that_it_is(fetcher: TelegramFetcher, server: BotApiServer) -> None:
    offer(server)
    server.files["photos/file_1.jpg"] = gives(PNG)
    found = fetcher.fetch(file())
    assert (found.filename, found.media_type, found.content) == ("photo.png", "image/png", PNG)


def test_a_web_page_called_jpg_is_called_what_it_is(fetcher: TelegramFetcher, server: BotApiServer) -> None:
    offer(server)
    server.files["photos/file_1.jpg"] = gives(b"<html><script>alert(1)</script>")
    found = fetcher.fetch(file())
    assert (found.filename, found.media_type) == ("photo.html", "text/html")


def test_what_is_packed_stays_packed_and_is_not_kept(fetcher: TelegramFetcher, server: BotApiServer) -> None:
    bomb = gzip.compress(b"\x00" * 50_000_000)
    assert len(bomb) < LIMIT
    offer(server)
    server.files["photos/file_1.jpg"] = gives(bomb, Content_Encoding="gzip")
    with pytest.raises(FetchFailed) as failed:
        fetcher.fetch(file())
    assert failed.value.permanent
    assert "not kept" in failed.value.reason


@pytest.mark.parametrize(
    ("content", "claimed", "kind"),
    [
        (b"OggS\x00\x02" + b"\x00" * 22 + b"OpusHead", "audio/ogg", "audio/ogg"),
        (b"\x00\x00\x00\x18ftypisom....", "audio/mp4", "audio/mp4"),
        (b"\x00\x00\x00\x18ftypisom....", "video/mp4", "video/mp4"),
    ],
)
def test_sound_and_film(
    content: bytes, claimed: str, kind: str, fetcher: TelegramFetcher, server: BotApiServer
) -> None:
    offer(server)
    server.files["photos/file_1.jpg"] = gives(content)
    assert fetcher.fetch(file("voice", claimed)).media_type == kind


def slow(handler: Any) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.2)


def endless(handler: Any) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b"x" * 10_000)


BAD = [
    # what getFile says, what the file server does, for good?
    ({"file_size": LIMIT + 1}, None, True),
    ({}, gives(b"x" * (LIMIT + 1)), True),
    ({}, endless, True),
    ({}, slow, False),
    ({}, gives(b"", 404), True),
    ({}, gives(b"", 302, Location="http://169.254.169.254/secret"), True),
    ({}, gives(b"", 500), False),
]


@pytest.mark.parametrize(("about", "serve", "permanent"), BAD)
def test_a_file_that_cannot_be_had(
    about: dict[str, Any],
    serve: Callable[[Any], None] | None,
    permanent: bool,
    fetcher: TelegramFetcher,
    server: BotApiServer,
) -> None:
    offer(server, **about)
    if serve is not None:
        server.files["photos/file_1.jpg"] = serve
    started = time.monotonic()
    with pytest.raises(FetchFailed) as failed:
        fetcher.fetch(file())
    assert time.monotonic() - started < 6
    assert failed.value.permanent is permanent
    assert TOKEN not in failed.value.reason


@pytest.mark.parametrize(
    "path", ["../../getMe", "photos/../../x", "", None, 7, "a\\b", "x\r\nHost: y", "p" * 400]
)
def test_a_path_that_leads_elsewhere_is_not_followed(
    path: Any, fetcher: TelegramFetcher, server: BotApiServer
) -> None:
    offer(server, path)
    with pytest.raises(FetchFailed):
        fetcher.fetch(file())


def test_an_address_instead_of_a_path_stays_on_the_server(
    fetcher: TelegramFetcher, server: BotApiServer
) -> None:
    offer(server, "http://169.254.169.254/secret")  # the fence of these tests would refuse it
    with pytest.raises(FetchFailed) as failed:
        fetcher.fetch(file())
    assert "404" in failed.value.reason


@pytest.mark.parametrize(
    ("said", "permanent"),
    [
        (Said(400, description="Bad Request: file is too big"), True),
        (Said(400, description="Bad Request: wrong file_id"), True),
        (UNAUTHORIZED, False),
        (BAD_GATEWAY, False),
    ],
)
def test_getfile_refused(said: Said, permanent: bool, fetcher: TelegramFetcher, server: BotApiServer) -> None:
    server.script["getFile"].append(said)
    with pytest.raises(FetchFailed) as failed:
        fetcher.fetch(file())
    assert failed.value.permanent is permanent
