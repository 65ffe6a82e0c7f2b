"""What is told of files, hostile ones above all: a verdict within seconds, whatever they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from intake.files import previews
from intake.files.limits import LOOKING, MAX_PAGES_SHOWN, PREVIEW_SIDE
from intake.files.sandbox import Workbench
from tests.intake.files import samples

Image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")

Looker = Callable[[bytes], dict[str, Any]]


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    """One process for all."""
    with Workbench(LOOKING) as kept:
        yield kept


@pytest.fixture
def look(bench: Workbench, tmp_path: Path) -> Looker:
    """Looks at a file's content; the preview is ``tmp_path/"out"/"preview"``."""

    def looks(content: bytes) -> dict[str, Any]:
        (tmp_path / "file").write_bytes(content)
        (tmp_path / "out").mkdir(exist_ok=True)
        found: dict[str, Any] = bench.run(
            "intake.files.looking:look", inputs={"file": tmp_path / "file"}, output=tmp_path / "out"
        )
        return found

    return looks


def shown(tmp_path: Path, number: int = 1) -> Any:
    """A picture of the preview, opened."""
    with (tmp_path / "out" / "preview").open("rb") as album:
        content = previews.picture(album, number)
    assert content is not None
    return Image.open(BytesIO(content))


def saved(picture: Any, kind: str, **options: Any) -> bytes:
    """A picture written by Pillow."""
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def torn_tiff() -> bytes:
    """Half of a TIFF whose directory stands first."""
    whole = saved(Image.effect_noise((600, 600), 90), "TIFF")
    assert whole[4:8] == b"\x08\0\0\0", "its directory stands before its points"
    return whole[: len(whole) // 2]


@pytest.mark.parametrize(
    ("content", "kind", "verdict", "reason"),
    [
        # what people send
        (lambda: samples.png(40, 30), "image/png", "shown", None),
        (lambda: samples.pdf(2), "application/pdf", "shown", None),
        (lambda: "路灯坏了".encode(), "text/plain", "kept", None),
        (lambda: b"ID3" + bytes(400), "audio/mpeg", "shown", None),
        (lambda: samples.gif(3), "image/gif", "shown", None),
        # named something else
        (lambda: samples.zipped(), "application/zip", "refused", "archive"),
        (lambda: samples.HTML, "text/html", "kept", "markup"),
        (lambda: samples.SVG, "image/svg+xml", "kept", "markup"),
        (lambda: b"MZ" + bytes(400), "application/vnd.microsoft.portable-executable", "refused", "program"),
        (lambda: bytes(range(256)) * 4, "application/octet-stream", "refused", "unknown_kind"),
        (lambda: b"", "application/octet-stream", "refused", "empty"),
        # two things at once: named by what they are first
        (lambda: samples.png(4, 4) + samples.zipped(), "image/png", "shown", "two_natures"),
        (lambda: b"<script>1</script>\n" + samples.pdf(), "application/pdf", "shown", "two_natures"),
        # too much
        (lambda: samples.png(30_000, 30_000), "image/png", "refused", "too_many_pixels"),
        (lambda: samples.png(2**31 - 1, 1, honest=False), "image/png", "refused", "too_many_pixels"),
        (lambda: samples.gif(100_000), "image/gif", "shown", None),
        (lambda: samples.pdf(MAX_PAGES_SHOWN + 1), "application/pdf", "shown", "too_many_pages"),
        # broken
        (lambda: samples.png(500, 500, honest=False), "image/png", "refused", "damaged"),
        (torn_tiff, "image/tiff", "refused", "damaged"),
        (lambda: b"\xff\xd8\xff\xe0" + b"x" * 100, "image/jpeg", "refused", "damaged"),
        (lambda: b"%PDF-1.7\nnothing", "application/pdf", "refused", "damaged"),
        (lambda: samples.pages_that_hold_themselves(), "application/pdf", "refused", "damaged"),
        # papers that act or are locked
        (lambda: samples.pdf(catalog=samples.SCRIPT), "application/pdf", "shown", "active"),
        (lambda: samples.pdf(catalog=samples.LAUNCH), "application/pdf", "shown", "active"),
        (
            lambda: samples.pdf(catalog=samples.FILES_INSIDE),
            "application/pdf",
            "shown",
            "active",
        ),
        (samples.hidden_script, "application/pdf", "shown", "active"),
        (lambda: samples.pdf(catalog="/OpenAction [5 0 R /Fit]"), "application/pdf", "shown", None),
        (lambda: samples.ENCRYPTED, "application/pdf", "kept", "encrypted"),
    ],
)
def test_every_file_gets_a_verdict_in_time(
    look: Looker, content: Callable[[], bytes], kind: str, verdict: str, reason: str | None
) -> None:
    file, began = content(), time.monotonic()
    found = look(file)
    assert (found["media_type"], found["verdict"], found["reason"]) == (kind, verdict, reason)
    assert time.monotonic() - began < 20


def test_a_photo_is_shown_upright_and_tells_nothing_of_its_place(look: Looker, tmp_path: Path) -> None:
    photo = Image.new("RGB", (3000, 2000), "red")
    photo.paste("blue", (0, 0, 1500, 2000))  # the left half is blue; turned by 90° the upper one is
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Maker of telephones"
    exif.get_ifd(0x8825)[2] = (23.0, 2.0, 1.0)
    whole = saved(photo, "JPEG", exif=exif, comment=b"a secret remark", icc_profile=b"x" * 200)
    assert b"Maker" in whole
    found = look(whole)
    assert (found["width"], found["height"]) == (2000, 3000)
    seen = shown(tmp_path)
    assert seen.size == (1200, PREVIEW_SIDE)
    assert seen.getpixel((600, 100))[2] > 200
    assert seen.getpixel((600, 1700))[0] > 200
    assert not dict(seen.getexif())
    assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    preview = (tmp_path / "out" / "preview").read_bytes()
    assert not any(word in preview for word in (b"Maker", b"secret", b"Exif", b"ICC_PROFILE"))


def test_the_same_picture_makes_the_same_preview(look: Looker, tmp_path: Path) -> None:
    made = []
    for _ in range(2):
        look(samples.png(300, 200))
        made.append((tmp_path / "out" / "preview").read_bytes())
    assert made[0] == made[1]


def test_every_page_of_a_paper_and_of_a_fax_is_a_picture(look: Looker, tmp_path: Path) -> None:
    found = look(samples.pdf(3, body=samples.words("HELLO")))
    assert (found["pages"], found["width"], found["height"]) == (3, 595, 842)
    for number in (1, 3):
        page = shown(tmp_path, number).convert("L")
        assert page.height > page.width
        assert page.getextrema()[0] < 60, "its letters are to be seen"
    sheets = [Image.new("1", (300, 400), shade) for shade in (1, 0, 1)]
    found = look(saved(sheets[0], "TIFF", save_all=True, append_images=sheets[1:]))
    assert found["pages"] == 3
    assert [shown(tmp_path, n).convert("L").getpixel((9, 9)) > 128 for n in (1, 2, 3)] == [True, False, True]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "YCbCr", "F"])
def test_pictures_of_every_mode_are_shown(look: Looker, mode: str) -> None:
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG", "I;16": "TIFF", "F": "TIFF"}.get(mode, "PNG")
    assert look(saved(Image.new(mode, (50, 40)), kind))["verdict"] == "shown"


def test_what_is_clear_is_shown_on_white(look: Looker, tmp_path: Path) -> None:
    look(saved(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"))
    assert shown(tmp_path).getpixel((5, 5)) == (255, 255, 255)


def test_pictures_of_newer_telephones_are_shown(look: Looker) -> None:
    heif = pytest.importorskip("pillow_heif", reason="pillow-heif is not installed")
    out = BytesIO()
    heif.from_pillow(Image.new("RGB", (64, 48), "green")).save(out)
    found = look(out.getvalue())
    assert (found["media_type"], found["verdict"], found["width"]) == ("image/heic", "shown", 64)


def test_a_page_a_kilometre_wide_is_no_large_picture(look: Looker, tmp_path: Path) -> None:
    found = look(samples.pdf(box="0 0 2000000 1500000"))
    assert found["verdict"] in ("shown", "refused")
    if found["verdict"] == "shown":
        assert max(shown(tmp_path).size) <= PREVIEW_SIDE


def test_a_paper_of_two_hundred_megabytes_of_drawing_ends_in_time(bench: Workbench, tmp_path: Path) -> None:
    """However it ends, it ends: shown, refused, or its process stopped at a limit."""
    from intake.files.sandbox import TaskFailed

    bomb = samples.pdf_bomb()
    assert len(bomb) < 1_000_000
    (tmp_path / "file").write_bytes(bomb)
    began = time.monotonic()
    try:
        found = bench.run("intake.files.looking:look", inputs={"file": tmp_path / "file"}, output=tmp_path)
    except TaskFailed:
        found = {"verdict": "refused"}
    assert found["verdict"] in ("shown", "refused")
    assert time.monotonic() - began < LOOKING.seconds + 5
