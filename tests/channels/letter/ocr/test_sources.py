"""Scans are opened page by page; hostile ones are refused with a reason."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from channels.letter.ocr import sources
from intake.files.cell import Refused

COLOURS = ("red", "green", "blue")


def tiff(path: Path) -> Path:
    sheets = [Image.new("RGB", (60, 80), colour) for colour in COLOURS]
    sheets[0].save(path, "TIFF", save_all=True, append_images=sheets[1:], compression="tiff_lzw")
    return path


def pdf(path: Path) -> Path:
    sheets = [Image.new("RGB", (60, 80), colour) for colour in COLOURS]
    sheets[0].save(path, "PDF", save_all=True, append_images=sheets[1:], resolution=72)
    return path


def colour(page: Image.Image) -> str:
    middle = page.getpixel((page.width // 2, page.height // 2))
    assert isinstance(middle, tuple)
    return COLOURS[max(range(3), key=lambda number: middle[number])]


@pytest.mark.parametrize("make", [tiff, pdf])
def test_pages_come_in_turn(make: Callable[[Path], Path], tmp_path: Path) -> None:
    file = make(tmp_path / "scan")  # the name says nothing
    assert sources.count(file) == 3
    assert [colour(page) for page in sources.pages(file)] == list(COLOURS)
    with pytest.raises(Refused, match="no_page"):
        sources.open_page(file, 4)


KINDS = (
    ("JPEG", "RGB"),
    ("JPEG", "CMYK"),
    ("PNG", "RGBA"),
    ("PNG", "P"),
    ("PNG", "1"),
    ("PNG", "I;16"),
    ("TIFF", "L"),
    ("HEIF", "RGB"),
)


@pytest.mark.parametrize(("kind", "mode"), KINDS)
def test_pictures_of_every_kind_are_one_page(kind: str, mode: str, tmp_path: Path) -> None:
    file = tmp_path / "scan"
    Image.new(mode, (120, 90)).save(file, kind)
    (page,) = sources.pages(file)
    assert (page.mode, page.size) == ("RGB", (120, 90))


def test_transparent_paper_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(tmp_path / "scan", "PNG")
    assert sources.open_page(tmp_path / "scan", 1).getpixel((4, 4)) == (255, 255, 255)


def test_grey_of_16_bits_keeps_its_shades(tmp_path: Path) -> None:
    Image.new("I;16", (9, 9), 0x8000).save(tmp_path / "scan", "PNG")
    assert sources.open_page(tmp_path / "scan", 1).getpixel((4, 4)) == (128, 128, 128)


# In HEIC the container itself says so, which its decoder obeys, and EXIF does not count.
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_the_cameras_note_of_how_it_was_held_is_obeyed(kind: str, tmp_path: Path) -> None:
    picture = Image.new("RGB", (80, 40), "white")
    picture.paste("black", (0, 0, 20, 40))  # dark on the left
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned 90° clockwise
    picture.save(tmp_path / "scan", kind, exif=exif)
    page = sources.open_page(tmp_path / "scan", 1)
    assert page.size == (40, 80)
    assert sum(page.convert("L").crop((0, 0, 40, 15)).tobytes()) < 40 * 15 * 40  # dark on top now


@pytest.mark.parametrize("make", [tiff, pdf])
def test_a_page_is_never_larger_than_is_sensible(make: Callable[[Path], Path], tmp_path: Path) -> None:
    kind = "TIFF" if make is tiff else "PDF"
    Image.new("L", (9000, 4000), 255).save(tmp_path / "scan", kind)
    assert sources.open_page(tmp_path / "scan", 1).size == (2600, 1156)


# ---------------------------------------------------------------- hostile


def of_size(width: int, height: int) -> bytes:
    """A PNG that says it is so large, in a hundred bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10))
        + chunk(b"IEND", b"")
    )


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "x")
    return file.getvalue()


def truncated(kind: str) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((200, 200), 90).convert("RGB").save(file, kind)
    return file.getvalue()[: len(file.getvalue()) // 2]


def huge_page() -> bytes:
    document = pypdfium2.PdfDocument.new()
    document.new_page(14_400, 14_400)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


REFUSED = (
    ("zip named .pdf", zipped(), "not_a_scan"),
    ("nothing", b"", "not_a_scan"),
    ("text", "您好".encode(), "not_a_scan"),
    ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_scan"),
    ("GIF", b"GIF89a\x01\0\x01\0\0\0\0;", "not_a_scan"),
    ("PNG of 30,000 x 30,000", of_size(30_000, 30_000), "too_large"),
    ("PNG of 10,000 x 10,000", of_size(10_000, 10_000), "too_large"),
    ("PNG without its end", of_size(500, 500), "damaged"),
    ("half a JPEG", truncated("JPEG"), "damaged"),
    ("half a TIFF", truncated("TIFF"), "damaged"),
    ("half a HEIC", truncated("HEIF"), "damaged"),
    ("half a PDF", b"%PDF-1.7\n1 0 obj <<", "damaged"),
)


@pytest.mark.parametrize(("content", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(content)
    with pytest.raises(Refused) as refusal:
        list(sources.pages(file))
    assert refusal.value.reason == reason


def test_a_pdf_with_a_password_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(_ENCRYPTED)
    with pytest.raises(Refused, match="encrypted"):
        sources.count(tmp_path / "scan")


# An empty page under a password that nobody knows (standard handler, 40 bit).
_ENCRYPTED = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>endobj\n"
    b"4 0 obj<</Filter/Standard/V 1/R 2/P -4/O<" + b"28" * 32 + b">/U<" + b"42" * 32 + b">>>endobj\n"
    b"trailer<</Root 1 0 R/Size 5/Encrypt 4 0 R/ID[<" + b"00" * 16 + b"><" + b"00" * 16 + b">]>>\n%%EOF"
)


def test_too_many_pages_are_refused_before_they_are_drawn(tmp_path: Path) -> None:
    document = pypdfium2.PdfDocument.new()
    for _ in range(sources.MAX_PAGES + 1):
        document.new_page(50, 50)
    document.save(tmp_path / "scan.pdf")
    sheets = [Image.new("1", (8, 8))] * (sources.MAX_PAGES + 1)
    sheets[0].save(tmp_path / "scan.tiff", save_all=True, append_images=sheets[1:])
    for name in ("scan.pdf", "scan.tiff"):
        with pytest.raises(Refused) as refusal:
            sources.count(tmp_path / name)
        assert (refusal.value.reason, refusal.value.facts) == ("too_many_pages", {"most": sources.MAX_PAGES})


def test_a_sheet_as_large_as_a_house_is_drawn_small(tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(huge_page())
    assert sources.open_page(tmp_path / "scan", 1).size == (2600, 2600)


def test_a_pdf_with_a_script_is_only_drawn(tmp_path: Path) -> None:
    script = b"<</S/JavaScript/JS(while(1){})>>"
    (tmp_path / "scan").write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction " + script + b">>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 200]/AA<</O " + script + b">>>>endobj\n"
        b"trailer<</Root 1 0 R/Size 4>>\n%%EOF"
    )
    assert sources.open_page(tmp_path / "scan", 1).size == (278, 556)


def test_a_tiff_whose_pages_go_in_circles_ends(tmp_path: Path) -> None:
    content = bytearray(tiff(tmp_path / "scan").read_bytes())
    first = struct.unpack_from("<I", content, 4)[0]
    entries = struct.unpack_from("<H", content, first)[0]
    struct.pack_into("<I", content, first + 2 + 12 * entries, first)  # the next page is this one
    (tmp_path / "scan").write_bytes(content)
    try:
        assert sources.count(tmp_path / "scan") <= sources.MAX_PAGES
    except Refused as refusal:
        assert refusal.reason in ("damaged", "too_many_pages")  # noqa: PT017 - either way, it ends


@given(
    damage=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=12),
    kind=st.integers(0, 3),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_files_are_read_or_refused_and_nothing_else(
    damage: list[tuple[int, int]], kind: int, tmp_path: Path
) -> None:
    file = tmp_path / "scan"
    if kind == 0:
        tiff(file)
    elif kind == 1:
        pdf(file)
    else:
        Image.effect_noise((40, 40), 90).convert("RGB").save(file, ("JPEG", "HEIF")[kind - 2])
    content = bytearray(file.read_bytes())
    for place, value in damage:
        content[place % len(content)] = value
    file.write_bytes(content)
    try:
        pages = list(sources.pages(file))
    except Refused:
        return
    assert all(page.mode == "RGB" for page in pages)


def test_a_jpeg_of_endless_passes_is_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.effect_noise((400, 400), 60).save(file, "JPEG", progressive=True)
    content = file.getvalue()
    assert 1 < content.count(b"\xff\xda") < 20
    (tmp_path / "scan").write_bytes(content)
    assert sources.open_page(tmp_path / "scan", 1).size == (400, 400)
    last = content[content.rindex(b"\xff\xda") : -2]
    (tmp_path / "scan").write_bytes(content[:-2] + last * 5000 + b"\xff\xd9")
    with pytest.raises(Refused, match="damaged"):
        sources.open_page(tmp_path / "scan", 1)


def test_a_tiff_cut_off_before_its_directory_is_damaged_and_not_something_else(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.effect_noise((800, 800), 60).save(file, "TIFF", compression="tiff_lzw")
    (tmp_path / "scan").write_bytes(file.getvalue()[: file.tell() // 2])
    with pytest.raises(Refused, match="damaged"):
        sources.count(tmp_path / "scan")


@pytest.mark.parametrize(
    ("dots", "size"),
    [
        ((204, 98), (864, 1190)),  # an ordinary fax: half as many lines as dots
        ((98, 204), (1799, 572)),
        ((200, 200), (864, 572)),
        ((204, 196), (864, 572)),
        ((300, 1), (864, 572)),  # nonsense
    ],
)
def test_a_fax_gets_its_height_back(dots: tuple[int, int], size: tuple[int, int], tmp_path: Path) -> None:
    Image.new("1", (864, 572), 1).save(tmp_path / "scan", "TIFF", compression="group4", dpi=dots)
    assert sources.open_page(tmp_path / "scan", 1).size == pytest.approx(size, abs=2)
