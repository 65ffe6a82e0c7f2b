"""What a file is told to be by its content, whatever it is called: a table a clerk could read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.files.kinds import EXTENSIONS, kind_of, second_nature, true_kind
from tests.intake.files import samples

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOCX = samples.zipped(("[Content_Types].xml", "word/document.xml"))


@pytest.mark.parametrize(
    ("content", "told", "taken"),
    [
        (samples.png(3, 3), "image/png", True),
        (samples.gif(1), "image/gif", True),
        (samples.pdf(), "application/pdf", True),
        (b"junk of a printer\n" + samples.pdf(), "application/pdf", True),
        (DOCX, WORD, True),
        (samples.SVG, "image/svg+xml", True),
        (b"<!-- a --><svg></svg>", "image/svg+xml", True),
        (samples.HTML, "text/html", True),
        ("投诉信".encode("gb18030"), "text/plain", True),
        (b"II+\0" + bytes(20), "image/tiff", True),
        (b"RIFF\0\0\0\0AVI LIST", "video/x-msvideo", True),
        (samples.zipped(), "application/zip", False),
        (b"Rar!\x1a\x07\x01\0", "application/vnd.rar", False),
        (b"7z\xbc\xaf\x27\x1c" + bytes(9), "application/x-7z-compressed", False),
        (b"MZ\x90\0" + bytes(60), "application/vnd.microsoft.portable-executable", False),
        (b"\x7fELF" + bytes(60), "application/x-elf", False),
        (bytes(range(200, 256)) * 3, "application/octet-stream", False),
        (b"", "application/octet-stream", False),
    ],
)
def test_a_file_is_called_what_it_is(content: bytes, told: str, taken: bool) -> None:
    assert true_kind(content) == told
    assert kind_of(content) == (told if taken else "")
    assert (told in EXTENSIONS) == taken


@pytest.mark.parametrize(
    ("content", "second"),
    [
        (samples.png(3, 3), ""),
        (samples.pdf(), ""),
        (DOCX, ""),
        (samples.zipped(), ""),
        (samples.gif(1) + samples.zipped(), "application/zip"),
        (samples.pdf() + samples.zipped(), "application/zip"),
        (samples.png(3, 3)[:60] + b"%PDF-1.4" + bytes(60), "application/pdf"),
        (b"<html><script>1</script>" + samples.pdf(), "text/html"),
        (b"a letter that speaks of %PDF-1.4", ""),
    ],
)
def test_two_files_in_one_are_seen(content: bytes, second: str) -> None:
    assert second_nature(content) == second


@given(st.binary(max_size=300))
def test_any_bytes_have_a_kind(content: bytes) -> None:
    assert kind_of(content) in {"", *EXTENSIONS}
    assert "/" in true_kind(content)
    assert isinstance(second_nature(content), str)
