"""Files as people send them, and as attackers do; each is made here, byte by byte or by Pillow and pdfium."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))


def png(width: int, height: int, *, honest: bool = True) -> bytes:
    """A one-bit black picture; compressed it is tiny however large. Not ``honest``: without its points."""
    head = struct.pack("!IIBBBBB", width, height, 1, 0, 0, 0, 0)
    points = b""
    if honest:
        packer = zlib.compressobj(9)
        row = bytes(1 + (width + 7) // 8)
        points = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    body = chunk(b"IHDR", head) + chunk(b"IDAT", points or zlib.compress(b"\0"))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def gif(frames: int) -> bytes:
    """A GIF of one white point, ``frames`` times."""
    frame = b"\x21\xf9\x04\x04\x00\x00\x00\x00" + b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    return b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0" + frame * frames + b";"


def pdf(
    pages: int = 1,
    *,
    catalog: str = "",
    extra: tuple[bytes, ...] = (),
    trailer: str = "",
    body: bytes = b"",
    box: str = "0 0 595 842",
    packed: bool = False,
) -> bytes:
    """A PDF with ``pages`` that share one content ``body``; ``extra`` are further objects from 5 on."""
    content = zlib.compress(body) if packed else body
    packing = b"/Filter /FlateDecode " if packed else b""
    kids = " ".join(f"{5 + len(extra) + number} 0 R" for number in range(pages))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< " + packing + b"/Length %d >>\nstream\n" % len(content) + content + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *extra,
    ]
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 3 0 R {_FONT} >>"
    objects += [page.encode()] * pages
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + text + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    )
    return bytes(out)


_FONT = "/Resources << /Font << /F1 4 0 R >> >>"


def words(text: str) -> bytes:
    """A page's content that says ``text`` in large letters."""
    return f"BT /F1 48 Tf 60 700 Td ({text}) Tj ET".encode()


SCRIPT = "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"
LAUNCH = "/OpenAction << /S /Launch /F (calc.exe) >>"
FILES_INSIDE = "/Names << /EmbeddedFiles 9 0 R >>"
ENCRYPTED = pdf(
    extra=(b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b"> >>",),
    trailer="/Encrypt 5 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]",
)


def hidden_script() -> bytes:
    """A PDF whose script stands in a packed stream of objects, its name spelled in hexadecimal."""
    inside = b"7 0 << /S /J#61vaScript /JS (x) >>"
    packed = zlib.compress(inside)
    stream = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
    return pdf(extra=(stream + packed + b"\nendstream",))


def pages_that_hold_themselves() -> bytes:
    """A PDF whose tree of pages is its own branch."""
    return pdf(1).replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]").replace(b"/Count 1", b"/Count 9")


def pdf_bomb() -> bytes:
    """A page whose few hundred kilobytes unpack to two hundred million bytes of drawing."""
    return pdf(body=b"0 0 600 800 re f\n" * 12_000_000, packed=True)


def zipped(names: tuple[str, ...] = ("invoice.exe",)) -> bytes:
    """A ZIP."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "content")
    return out.getvalue()


HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
