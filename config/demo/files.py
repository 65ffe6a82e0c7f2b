"""The smallest photograph and the smallest document: made here, so that nothing need be shipped."""

from __future__ import annotations

import struct
import zlib

PNG, PDF = "image/png", "application/pdf"


def attachment(kind: str, number: int) -> tuple[str, str, bytes]:
    """File name, media type and content; ``number`` makes every file a little different."""
    if kind == "pdf":
        return "材料.pdf", PDF, _pdf(f"Sample document {number}")
    return "照片.png", PNG, _png(number)


def _png(number: int) -> bytes:
    """An 8 × 8 square of one colour (ISO/IEC 15948)."""
    colour = bytes((number * 47 % 256, number * 89 % 256, number * 151 % 256))
    pixels = zlib.compress((b"\0" + colour * 8) * 8)
    size = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", size) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _pdf(line: str) -> bytes:
    """One page with one line of text (ISO 32000-1)."""
    drawn = f"BT /F1 18 Tf 40 120 Td ({line}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + head + table + end
