"""Reading scanned letters: characters read right, seconds a page on one core, memory over many pages.

Letters are printed in every font that this machine has, clean and worn (blur, noise, specks, shadow, up to 3°
askew, JPEG at quality 45), and laid on the scanner all four ways up. An error is a character too many, too
few or wrong, after ``printed_pages.comparable``: white space and the width of signs do not count. A second
table has what else happens to pages (``ocr_conditions``); ``--quick`` prints one page of each, not three.
"""

from __future__ import annotations

import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path

from PIL import Image

from benchmarks import letter_texts, ocr_conditions
from benchmarks.bench import Bench
from benchmarks.table import median, quantile, say, show
from channels.letter.ocr import reading
from channels.letter.ocr.engine import Engine
from channels.letter.ocr.page import ReadPage
from intake.files.sandbox import Limits, Workbench
from tests.support import printed_pages as scans

TURNS = (0, 90, 180, 270)
CLEAN, NOISY = "clean", "noisy"
_GOALS = {CLEAN: "≥ 99.5", NOISY: "≥ 99.0"}
_MANY_PAGES = 50
_LIMITS = Limits(seconds=60, cpu_seconds=60, memory=4 * 1024**3)


@dataclass(frozen=True, slots=True)
class Letter:
    """A scan, what is truly printed on it, and how it was made."""

    scan: Image.Image
    truth: str
    script: str
    font: str
    condition: str
    turn: int


@dataclass(slots=True)
class Score:
    """Characters and errors, added up."""

    characters: int = 0
    errors: int = 0
    pages: int = 0
    turned_wrong: int = 0

    def add(self, letter: Letter, page: ReadPage) -> None:
        """Count one page in."""
        truth = scans.comparable(letter.truth)
        self.characters += len(truth)
        self.errors += scans.errors(truth, scans.comparable(page.text))
        self.pages += 1
        self.turned_wrong += page.turn != letter.turn

    @property
    def accuracy(self) -> str:
        """Per cent of characters read right."""
        return f"{100 * (1 - self.errors / max(1, self.characters)):.3f}"


def run(bench: Bench) -> None:
    """Accuracy by turn, script and font; time; memory."""
    if not scans.faces():
        say("   no Chinese font on this machine: install fonts-noto-cjk (and fonts-arphic-ukai …)")
        return
    scores: dict[tuple[str, ...], Score] = defaultdict(Score)
    times: dict[str, list[float]] = defaultdict(list)
    marks: Counter[str] = Counter()
    engine = Engine(threads=1)
    for letter in _letters(bench):
        begun = time.process_time()
        page = reading.read(letter.scan, engine).page
        times[letter.script].append(time.process_time() - begun)
        for key in (
            ("turn", str(letter.turn)),
            ("font", letter.font),
            ("script", letter.script),
            ("all", ""),
        ):
            scores[(*key, letter.condition)].add(letter, page)
        marks.update(_marks(page, letter.truth))
    _show_accuracy(scores)
    _show_times(times)
    say(
        f"   marked doubtful: {marks['marked']} of {marks['characters']} characters; "
        f"pages with errors: {marks['wrong']}, of these with a mark: {marks['wrong and marked']}"
    )
    _show_conditions(bench, engine)
    _show_memory(bench)


def _show_conditions(bench: Bench, engine: Engine) -> None:
    """The worst of all is printed as it is."""
    scores: dict[str, Score] = defaultdict(Score)
    times: dict[str, list[float]] = defaultdict(list)
    goals: dict[str, float] = {}
    for condition, face, scan, truth in ocr_conditions.pages(bench.amount(1, 3)):
        letter = Letter(scan, truth, "", face.name, condition.name, 0)
        begun = time.process_time()
        page = reading.read(scan, engine).page
        times[condition.name].append(time.process_time() - begun)
        scores[condition.name].add(letter, page)
        goals[condition.name] = condition.goal
    rows = [
        [
            name,
            str(score.pages),
            f"{score.characters:,}",
            score.accuracy,
            f"≥ {goals[name]}",
            str(score.turned_wrong or ""),
            f"{median(times[name]):.2f}",
        ]
        for name, score in scores.items()
    ]
    show(["state of the page", "pages", "characters", "% right", "goal", "turned wrong", "s/page"], rows)


def _letters(bench: Bench) -> Iterator[Letter]:
    """Every font, turn and condition; texts differ from page to page."""
    pick = random.Random(4)
    if bench.texts is None:
        texts = letter_texts.chinese(400, 700, seed=1)
    else:
        texts = letter_texts.of_file(bench.texts, 400, 300, 1000, seed=1)
    sets = [("中文", scans.faces(), texts)]
    sets.append(("English", scans.faces(chinese=False), letter_texts.english(400, 1200, seed=2)))
    for script, faces, writings in sets:
        for number, face in enumerate(faces):
            turns = TURNS if not bench.quick else (TURNS[number % 4],)
            for turn, condition in product(turns, (CLEAN, NOISY)):
                yield _letter(next(writings), script, face, condition, turn, pick)


def _letter(
    text: str, script: str, face: scans.Face, condition: str, turn: int, pick: random.Random
) -> Letter:
    page, truth = scans.printed(text, face)
    scan = scans.worn(page, pick) if condition == NOISY else page
    return Letter(scans.laid(scan, turn).convert("RGB"), truth, script, face.name, condition, turn)


def _marks(page: ReadPage, truth: str) -> dict[str, int]:
    marked = sum(span.end - span.start for line in page.lines for span in line.doubtful)
    wrong = scans.comparable(page.text) != scans.comparable(truth)
    return {
        "characters": len(page.text),
        "marked": marked,
        "wrong": int(wrong),
        "wrong and marked": int(wrong and marked > 0),
    }


def _show_accuracy(scores: dict[tuple[str, ...], Score]) -> None:
    rows = []
    for what, name, condition in sorted(scores, key=lambda key: (key[0], key[1].zfill(3), key[2])):
        score = scores[what, name, condition]
        goal = _GOALS[condition] if what in ("all", "turn") else ""
        wrong = str(score.turned_wrong) if score.turned_wrong else ""
        title = f"{what} {name}".strip()
        rows.append(
            [title, condition, str(score.pages), f"{score.characters:,}", score.accuracy, goal, wrong]
        )
    show(["letters", "", "pages", "characters", "% right", "goal", "turned wrong"], rows)


def _show_times(times: dict[str, list[float]]) -> None:
    rows = [
        [script, str(len(spent)), f"{median(spent):.2f}", f"{quantile(spent, 0.95):.2f}", "≤ 3"]
        for script, spent in times.items()
    ]
    show(["seconds a page, one core", "pages", "median", "p95", "goal"], rows)


def _show_memory(bench: Bench) -> None:
    """The sandbox's process over a TIFF of many pages; its peak is known when it has ended."""
    file, count = bench.folder / "many.tiff", bench.amount(12, _MANY_PAGES)
    _many_pages(file, count)
    with Workbench(_LIMITS, tasks=count + 1, prepare="channels.letter.ocr.tasks:prepare") as desk:
        for number in range(1, count + 1):
            desk.run(
                "channels.letter.ocr.tasks:read_page",
                {"page": number},
                inputs={"scan": file},
                output=bench.folder,
            )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    show(
        ["memory of the reading process", "MB", "goal"],
        [[f"peak over {count} pages", f"{peak:,.0f}", "< 1,200"]],
    )


def _many_pages(file: Path, count: int) -> None:
    faces = cycle(scans.faces())
    sheets = [scans.printed(text, next(faces))[0] for text in letter_texts.chinese(8, 500, seed=3)]
    every = [sheets[number % len(sheets)] for number in range(count)]
    every[0].save(file, "TIFF", save_all=True, append_images=every[1:], compression="tiff_lzw")
