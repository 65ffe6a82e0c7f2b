"""Answers as PDF: CPU time a letter, alone and gathered in one file.

The limit is ReportLab drawing the same words in the same font: no line breaking, no window, no QR code.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import date
from functools import partial

from reportlab.pdfgen.canvas import Canvas

from benchmarks.bench import Bench
from benchmarks.table import median, show
from channels.paper.letter import Letter, letter_pdf, letters_pdf
from channels.paper.typeface import NAME, typeface
from channels.paper.words import Letterhead
from intake.contracts import Text

LENGTHS = (300, 2_000, 20_000)
_SENTENCE = {
    "zh-Hans": "您反映的自来水浑浊一事，我局于11月18日上门查看，系主管网DN200阀门老化所致（详见附件）。",
    "en": "We came to see the water on 18 November; an old valve (DN200) let silt flow back, now replaced. ",
}


def run(bench: Bench) -> None:
    """Milliseconds a letter, by language and length."""
    begun = time.process_time()
    typeface()
    loading = time.process_time() - begun
    rows = []
    for language in _SENTENCE:
        for length in LENGTHS:
            letter = _letter(language, length)
            many = bench.amount(100, 500) if length < 20_000 else 20
            one = _seconds(partial(letter_pdf, letter))
            gathered = _seconds(partial(letters_pdf, [letter] * many), 1) / many
            limit = _seconds(partial(_bare, letter))
            rows.append(
                [
                    f"{language}, {length:,} characters",
                    f"{one * 1e3:.1f}",
                    f"{gathered * 1e3:.1f}",
                    f"{1 / gathered:,.0f}",
                    f"{limit * 1e3:.1f}",
                    "< 50" if length < 20_000 else "",
                ]
            )
    rows.append(["reading the font, once", f"{loading * 1e3:.0f}", "", "", "", ""])
    show(["letter", "alone ms", "gathered ms", "letters/s", "bare ms", "target ms"], rows)


def _letter(language: str, length: int) -> Letter:
    sentence = _SENTENCE[language]
    office = Text("示例县机关效能监督投诉中心", "Sample County Efficiency Complaint Centre")
    return Letter(
        name="甲示例",
        address="123456 示例县示例镇示例路18号",
        letterhead=Letterhead(office, office, "+12025550118", "complaints@county.example"),
        date=date(2026, 11, 22),
        reference="26-004217-4",
        code="381904",
        tracking_url="https://complaints.county.example/track?reference=26-004217-4",
        subject="您的投诉有答复了",
        text=(sentence * (length // len(sentence) + 1))[:length],
        language=language,
    )


def _bare(letter: Letter) -> bytes:
    to = io.BytesIO()
    canvas = Canvas(to, pageCompression=1)
    for page in range(0, len(letter.text), 2_000):
        canvas.setFont(NAME, 11)
        for row, at in enumerate(range(page, min(page + 2_000, len(letter.text)), 45)):
            canvas.drawString(70, 800 - 16 * row, letter.text[at : at + 45])
        canvas.showPage()
    canvas.save()
    return to.getvalue()


def _seconds(work: Callable[[], object], rounds: int = 7) -> float:
    """CPU time, the median of ``rounds``."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return median(times)
