"""A file is what its bytes say, whatever it is called."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.reading.sniff import UNKNOWN, media_type


def package(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 50)
    return made.getvalue()


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILES = [
    # bytes, what it claims, its name → what it is
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "", "a.jpg", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/jpeg", "a.jpg", "image/png"),
    (b"GIF89a....", "", "a", "image/gif"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "", "a", "image/webp"),
    (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/x-wav", "a", "audio/wav"),
    (b"\x00\x00\x00\x18ftypheic....", "", "a", "image/heic"),
    (b"\x00\x00\x00\x18ftypisom....", "video/mp4", "a", "video/mp4"),
    (b"\x00\x00\x00\x18ftypisom....", "audio/mp4", "a", "audio/mp4"),
    (b"\x00\x00\x00\x14ftyp3gp4....", "", "a", "video/3gpp"),
    (b"OggS\x00\x02" + b"\x00" * 22 + b"OpusHead", "audio/ogg", "a", "audio/ogg"),
    (b"#!AMR\n\x04", "audio/amr", "a", "audio/amr"),
    (b"ID3\x04\x00", "", "a", "audio/mpeg"),
    (b"\xff\xfb\x90\x64", "", "a", "audio/mpeg"),
    (b"%PDF-1.7", "image/png", "a.png", "application/pdf"),
    (package("[Content_Types].xml", "word/document.xml"), "", "a.docx", DOCX),
    (package("evil.exe"), DOCX, "a.docx", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "", "报告.doc", "application/msword"),
    ("投诉内容如下".encode(), "text/plain; charset=utf-8", "a.txt", "text/plain"),
    (b"BEGIN:VCARD\nFN:Sample\n", "text/vcard", "a.vcf", "text/vcard"),
    # and what is not what it says
    (b"<html><script>alert(1)</script>", "image/jpeg", "a.jpg", UNKNOWN),
    (b"  <!DOCTYPE html>", "text/plain", "a.txt", UNKNOWN),
    (b"<svg onload=alert(1)>", "image/svg+xml", "a.svg", UNKNOWN),
    (b"hello", "text/html", "a.html", UNKNOWN),
    (b"MZ\x90\x00", "image/png", "a.png", UNKNOWN),
    (b"\x7fELF", "", "a", UNKNOWN),
    (b"", "text/plain", "a.txt", UNKNOWN),
]


@pytest.mark.parametrize(("content", "claimed", "name", "kind"), FILES)
def test_types(content: bytes, claimed: str, name: str, kind: str) -> None:
    assert media_type(content, claimed, name) == kind


@given(st.binary(max_size=300), st.text(max_size=30), st.text(max_size=30))
def test_it_always_says_something_a_browser_will_not_run(content: bytes, claimed: str, name: str) -> None:
    kind = media_type(content, claimed, name)
    assert "html" not in kind
    assert "svg" not in kind
    assert "script" not in kind
