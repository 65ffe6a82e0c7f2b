"""A letter: scanned into the folder, read, confirmed at the letter desk, registered with the right clock."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from channels.letter.folder import LetterFolder
from intake.letters import LetterIntake, LetterWorker
from tests.support.rehearsal import GAOYAO, Rehearsal, gaoyao
from tests.support.scans import KnowingReader, line, png

PASSWORD = "correct horse battery"
LINES = ("西江路的路灯坏了两个星期，晚上一片漆黑，请派人来修。", "投诉人：示例甲")


def scanned(county: Rehearsal, folder: Path) -> None:
    """The scanner writes a file; the watcher takes it when it rests; its page is read."""
    system, seconds = county.system, iter(range(0, 1000, 10))
    letters = LetterIntake(system.store, system.blobs, GAOYAO)
    watcher = LetterFolder(folder, letters, county.clock, GAOYAO, ticks=lambda: float(next(seconds)))
    folder.mkdir()
    (folder / "scan.png").write_bytes(png(1))
    assert [watcher.work(), watcher.work()] == [0, 1]
    words = {png(1): [line(text, 0.1 * number) for number, text in enumerate(LINES, 1)]}
    worker = LetterWorker(system.store, system.blobs, KnowingReader(words), county.clock, "worker")
    while worker.work():
        pass


def test_a_friday_letter_that_is_entered_on_monday(county: Rehearsal, tmp_path: Path) -> None:
    county.clock.set(gaoyao("2026-03-09 10:00"))  # Monday
    scanned(county, tmp_path / "letters")
    county.system.accounts.add("desk", PASSWORD, "desk", "Sample desk")
    browser = county.system.web().test_client()

    def post(path: str, **fields: str) -> str:
        page = browser.get("/staff/login" if path == "/staff/login" else "/staff/letters").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        answer = browser.post(path, data={"csrf_token": token[1], **fields})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    post("/staff/login", username="desk", password=PASSWORD)
    desk = post("/staff/letters/next")
    page = browser.get(desk).text
    assert 'value="示例甲"' in page
    mark = re.search(r'name="mark" value="([0-9a-f]{32})"', page)
    assert mark
    slip = post(
        f"{desk}/confirm",
        mark=mark[1],
        text=LINES[0],
        name="示例甲",
        address="高要区示例路1号\n3栋402室",
        identity="named",
        answer_by="postal",
        language="zh-Hans",
        received_on="2026-03-06",  # Friday, by the stamp on the envelope
    )
    county.settle()
    (reference,) = county.references()
    assert reference in browser.get(slip).text
    dossier = county.dossier(reference)
    assert dossier.case.received_at == gaoyao("2026-03-06 00:00")
    chaser = county.system.county.policies.chaser
    assert dossier.case.answer_due_at == chaser.answer_due("ordinary", gaoyao("2026-03-06 00:00"))
    assert dossier.case.answer_due_at < chaser.answer_due("ordinary", county.clock()) - timedelta(hours=1)
    (contact,) = [each for rows in dossier.contacts.values() for each in rows if each.kind == "postal"]
    assert contact.value == "高要区示例路1号, 3栋402室"
    county.assert_sound()
