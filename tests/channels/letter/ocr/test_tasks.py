"""Reading in the sandbox: what comes back, what is written, and that nothing is fetched from anywhere."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import rapidocr
from PIL import Image

from channels.letter.ocr import tasks
from channels.letter.ocr.page import ReadPage
from intake.files.sandbox import Job, Limits, Refused, Workbench
from tests.support import printed_pages as scans
from tests.support.printed_pages import Face

LIMITS = Limits(seconds=60, cpu_seconds=60, memory=3 * 1024**3)
ROOM = "channels.letter.ocr.tasks:"


@pytest.fixture(scope="module")
def desk() -> Iterator[Workbench]:
    with Workbench(LIMITS, prepare=ROOM + "prepare") as bench:
        yield bench


@pytest.fixture
def scan(face: Face, tmp_path: Path) -> Path:
    """Two pages, the second lying upside down."""
    first, second = (
        scans.printed(text, face, sheet=(900, 500), margin=60)[0]
        for text in ("路灯坏了请派人来修", "谢谢你们的帮助")
    )
    first.save(tmp_path / "scan.tiff", save_all=True, append_images=[scans.laid(second, 180)])
    return tmp_path / "scan.tiff"


def test_a_letter_is_read_page_by_page(desk: Workbench, scan: Path, tmp_path: Path) -> None:
    assert desk.run(ROOM + "count_pages", inputs={"scan": scan}) == {"pages": 2}
    texts = []
    for number in (1, 2):
        answer = desk.run(ROOM + "read_page", {"page": number}, inputs={"scan": scan}, output=tmp_path)
        page = ReadPage.from_json(json.loads(json.dumps(answer)))
        with Image.open(tmp_path / "page.jpg") as shown:
            assert (shown.size, shown.format) == ((page.width, page.height), "JPEG")
        texts.append((page.turn, page.text))
    assert texts == [(0, "路灯坏了请派人来修"), (180, "谢谢你们的帮助")]


def test_the_picture_that_is_shown_carries_nothing_of_the_cameras(desk: Workbench, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    picture = Image.new("RGB", (3000, 1500), "white")
    picture.save(tmp_path / "scan", "JPEG", exif=exif, comment=b"SECRET PLACE")
    desk.run(ROOM + "read_page", {"page": 1}, inputs={"scan": tmp_path / "scan"}, output=tmp_path)
    content = (tmp_path / "page.jpg").read_bytes()
    assert b"SECRET" not in content
    with Image.open(tmp_path / "page.jpg") as shown:
        assert shown.size == (2000, 1000)
        assert not shown.getexif()


def test_what_is_refused_says_why(desk: Workbench, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"PK\x03\x04")
    with pytest.raises(Refused) as refusal:
        desk.run(ROOM + "count_pages", inputs={"scan": tmp_path / "scan.pdf"})
    assert refusal.value.reason == "not_a_scan"


def test_where_people_type_the_page_is_shown_as_it_lies(scan: Path, tmp_path: Path) -> None:
    page = ReadPage.from_json(tasks.show_page(Job({"page": 2}, {"scan": scan}, tmp_path)))
    assert (page.turn, page.lines, page.width) == (0, (), 900)
    assert (tmp_path / "page.jpg").is_file()


def test_models_come_with_the_package_and_no_connection_is_opened() -> None:
    """In a fresh interpreter whose sockets all fail."""
    program = (
        "import socket, sys\n"
        "def closed(*_, **__): raise SystemExit('a connection was opened')\n"
        "socket.socket.connect = socket.socket.connect_ex = closed\n"
        "socket.create_connection = socket.getaddrinfo = closed\n"
        "from PIL import Image\n"
        "from channels.letter.ocr import reading\n"
        "from channels.letter.ocr.engine import Engine\n"
        "reading.read(Image.new('RGB', (99, 99), 'white'), Engine())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_models_are_the_ones_that_were_measured() -> None:
    """Another file of the same name would read otherwise: measure again, then change these."""
    folder = Path(rapidocr.__file__).parent / "models"
    for name, measured in (
        ("PP-OCRv6_det_small.onnx", "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f"),
        ("PP-OCRv6_rec_small.onnx", "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"),
    ):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == measured


def test_the_engine_leaves_nothing_of_us_for_its_makers(tmp_path: Path) -> None:
    with Workbench(LIMITS, prepare=ROOM + "prepare", scratch=tmp_path) as bench:
        bench.run("tests.intake.files.tasks:echo")
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
