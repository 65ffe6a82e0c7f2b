"""Fetching what an outsider sent: only from Twilio, never from inside, within limits, told by content."""

from __future__ import annotations

import base64
import gzip
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from channels.twilio.media import TwilioFetcher
from channels.twilio.safe_http import Limits, is_public
from intake.contracts import FetchFailed, RemoteFile
from tests.channels.twilio.hostile import Server, drip, endless, file, redirect, status
from tests.support.texting import ACCOUNT

JPEG = b"\xff\xd8\xff\xe0" + b"a picture" * 20
PATH = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Messages/MM1/Media/ME1"
SMALL = Limits(size=1024 * 1024, seconds=1.0)


@pytest.fixture
def server() -> Iterator[Server]:
    """Stands in Twilio's place."""
    with Server().open() as opened:
        yield opened


@pytest.fixture
def other() -> Iterator[Server]:
    """A neighbour inside our network."""
    with Server().open() as opened:
        opened.pages["/secret"] = file(JPEG)
        yield opened


def fetch(
    server: Server, path: str = PATH, name: str = "image-1.jpg", limits: Limits = SMALL
) -> tuple[str, str, bytes]:
    account = replace(ACCOUNT, base_url=server.url)
    got = TwilioFetcher(account, limits).fetch(RemoteFile(server.url + path, name, "image/jpeg"))
    return got.filename, got.media_type, got.content


def refused(server: Server, path: str = PATH, limits: Limits = SMALL) -> FetchFailed:
    with pytest.raises(FetchFailed) as failed:
        fetch(server, path, limits=limits)
    assert ACCOUNT.token not in str(failed.value)
    return failed.value


def test_a_picture_comes_with_credentials_and_over_a_redirect_without(server: Server) -> None:
    server.pages[PATH] = redirect("/bucket/picture?signed=1")
    server.pages["/bucket/picture"] = file(JPEG)
    assert fetch(server) == ("image-1.jpg", "image/jpeg", JPEG)
    basic = "Basic " + base64.b64encode(f"{ACCOUNT.sid}:{ACCOUNT.token}".encode()).decode()
    assert server.asked == [(PATH, basic), ("/bucket/picture?signed=1", "")]


def test_twilios_own_address_is_asked_of_the_server_in_its_place(server: Server) -> None:
    server.pages["/prefix" + PATH] = file(JPEG)
    account = replace(ACCOUNT, base_url=server.url + "/prefix")
    source = RemoteFile("https://api.twilio.com" + PATH, "image-1.jpg", "image/jpeg")
    assert TwilioFetcher(account, SMALL).fetch(source).content == JPEG


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("photo.jpg", b"<!DOCTYPE html><script>alert(1)</script>", ("photo.html", "text/html")),
        ("photo.jpg", b"  \n<svg onload=alert(1)>", ("photo.svg", "image/svg+xml")),
        ("photo.jpg", b"\x89PNG\r\n\x1a\n....", ("photo.png", "image/png")),
        ("photo.jpeg", JPEG, ("photo.jpeg", "image/jpeg")),
        ("../../etc/passwd", JPEG, ("passwd.jpg", "image/jpeg")),
        ("voice.bin", b"OggS....", ("voice.ogg", "audio/ogg")),
        ("film.bin", b"\0\0\0\x18ftypmp42....", ("film.mp4", "video/mp4")),
        ("letter.pdf", b"%PDF-1.7 ...", ("letter.pdf", "application/pdf")),
        ("note.bin", "路灯坏了".encode(), ("note.txt", "text/plain")),
        ("note.bin", "路灯坏了".encode("gb18030"), ("note.txt", "text/plain")),
        ("card.vcf", b"BEGIN:VCARD\nEND:VCARD", ("card.vcf", "text/vcard")),
    ],
)
def test_the_content_tells_what_it_is(
    server: Server, name: str, content: bytes, expected: tuple[str, str]
) -> None:
    server.pages[PATH] = file(content)
    assert fetch(server, name=name)[:2] == expected


@pytest.mark.parametrize(
    "content",
    [b"MZ\x90\0\x03", b"\x7fELF\x02\x01", b"PK\x03\x04" + b"\0" * 40, b"\x1f\x8b\x08\0", b"", b"\0\0"],
)
def test_programs_and_archives_are_not_kept(server: Server, content: bytes) -> None:
    server.pages[PATH] = file(content)
    assert refused(server).permanent


def test_sixty_megabytes_are_refused_without_being_read(server: Server) -> None:
    server.pages[PATH] = endless(60 * 1024 * 1024)
    failed = refused(server, limits=Limits(seconds=30))
    assert failed.permanent
    assert "larger than 20 MB" in failed.reason
    server.pages[PATH] = file(b"\xff\xd8\xff", Content_Length=str(60 * 1024 * 1024))
    begun = time.monotonic()
    assert "larger than 20 MB" in refused(server, limits=Limits(seconds=30)).reason
    assert time.monotonic() - begun < 5


def test_a_packed_answer_is_refused(server: Server) -> None:
    server.pages[PATH] = file(gzip.compress(b"\0" * 100_000), Content_Encoding="gzip")
    assert refused(server).permanent


@pytest.mark.parametrize(
    "slow",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nX: " + b"y" * 1000,  # the header
        b"HTTP/1.1 200 OK\r\n\r\n" + JPEG * 10,  # the body
    ],
)
def test_a_slow_drip_is_cut_off(server: Server, slow: bytes) -> None:
    server.pages[PATH] = drip(slow)
    begun = time.monotonic()
    failed = refused(server)
    assert time.monotonic() - begun < 3
    assert (failed.permanent, failed.reason) == (False, "the file took too long")


def test_what_breaks_off_is_not_taken_for_whole(server: Server) -> None:
    server.pages[PATH] = file(JPEG, Content_Length=str(len(JPEG) + 100))
    assert not refused(server).permanent


def test_a_redirect_inside_is_not_followed(server: Server, other: Server) -> None:
    for location in (
        other.url + "/secret",
        f"https://127.0.0.1:{other.port}/secret",
        f"//127.0.0.1:{other.port}/",
    ):
        server.pages[PATH] = redirect(location)
        assert refused(server).permanent
    assert not other.asked


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://a.example/x",
        "https://user:pw@a.example/",
        "https://a.example:99999/",
        "https:///x",
        "https://[::1/x",
    ],
)
def test_a_redirect_to_nowhere_good(server: Server, location: str) -> None:
    server.pages[PATH] = redirect(location)
    assert refused(server).permanent


def test_redirects_end(server: Server) -> None:
    server.pages[PATH] = redirect(PATH)
    assert refused(server).permanent
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "source",
    [
        "https://evil.example/2010-04-01/x.jpg",
        "https://api.twilio.com.evil.example/x",
        "https://api.twilio.com@evil.example/x",
        "https://user@api.twilio.com/x",
        "http://api.twilio.com/x",  # credentials do not travel unprotected
        "https://api.twilio.com:8443/x",
        "http://127.0.0.1:8000/staff",
        "http://169.254.169.254/latest/meta-data",
        "https://api.twilio.com/2010-04-01/../../x",
        "https://api.twilio.com/%2e%2e/x",
        "https://api.twilio.com/x\r\nHost: inner",
        "file:///etc/passwd",
        "",
        "https://api.twilio.com/" + "x" * 5000,
    ],
)
def test_a_media_address_elsewhere_is_never_asked(source: str, outside_attempts: list[str]) -> None:
    with pytest.raises(FetchFailed) as failed:
        TwilioFetcher(ACCOUNT, SMALL).fetch(RemoteFile(source, "a.jpg", "image/jpeg"))
    assert failed.value.permanent
    assert not outside_attempts


@pytest.mark.parametrize(
    ("addresses", "reason"),
    [
        (["10.0.0.1"], "private network"),
        (["203.0.113.9"], "private network"),  # kept for examples: nobody's
        (["8.8.8.8", "127.0.0.1"], "private network"),  # one bad address of several
        (["::ffff:127.0.0.1"], "private network"),
        (["fd00::1"], "private network"),
        ([], "has no address"),
    ],
)
def test_a_name_that_leads_inside_is_refused(addresses: list[str], reason: str) -> None:
    fetcher = TwilioFetcher(ACCOUNT, SMALL, resolve=lambda host, port: addresses)
    with pytest.raises(FetchFailed, match=reason):
        fetcher.fetch(RemoteFile("https://api.twilio.com" + PATH, "a.jpg", "image/jpeg"))


def test_a_name_that_changes_its_mind_gains_nothing(server: Server) -> None:
    """The name is looked up once a hop, and the connection goes to what was looked at."""
    looked_up = []

    def rebinding(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    named = f"http://media.twilio.example:{server.port}"
    server.pages[PATH] = file(JPEG)
    fetcher = TwilioFetcher(replace(ACCOUNT, base_url=named), SMALL, resolve=rebinding)
    assert fetcher.fetch(RemoteFile(named + PATH, "a.jpg", "image/jpeg")).content == JPEG
    assert looked_up == ["media.twilio.example"]


@pytest.mark.parametrize(
    ("code", "permanent"), [(404, False), (410, True), (401, False), (403, False), (429, False), (500, False)]
)
def test_an_error_says_whether_to_try_again(server: Server, code: int, permanent: bool) -> None:
    server.pages[PATH] = status(code)
    assert refused(server).permanent is permanent


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd12::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("::127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("no address", False),
    ],
)
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public
