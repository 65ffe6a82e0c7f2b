"""A scanned letter dropped into the folder comes back out as an answer ready for the envelope.

Nothing is played: the service runs in its own processes, the scan is print in a font of this machine lying on
its side, the engine reads it, and everybody works on the pages over HTTP.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from channels.letter import ocr
from channels.paper.envelopes import ENVELOPES
from intake import schema
from intake.accounts import Accounts
from intake.clock import system_clock
from intake.store import Store
from tests.support.over_http import HttpBrowser, handed_out
from tests.support.rehearsal import GAOYAO
from tests.support.service import Service, opened, serving, wait_until

pytestmark = [
    pytest.mark.skipif(not ocr.installed(), reason="nothing here reads letters (extra “scan”)"),
    pytest.mark.timeout(300),  # processes start and an engine reads, perhaps on a busy machine
]

PASSWORD = "correct horse battery"
NAME = "陈小红"
ADDRESS = "示例省示例市高要区白土镇文明路12号"
COMPLAINT = "西江路88号门前的路灯坏了两个星期，晚上一片漆黑，有老人摔倒过，请城市管理局尽快派人来修。"
ANSWER = "西江路88号门前的路灯已经修好，谢谢您写信来。"


def letter_of(written_on: datetime) -> str:
    """What stands on the paper."""
    return "\n".join(
        (
            "高要区机关效能监督投诉中心：",
            COMPLAINT,
            "此致",
            "敬礼！",
            f"投诉人：{NAME}",
            f"地址：{ADDRESS}",
            f"{written_on.year}年{written_on.month}月{written_on.day}日",
        )
    )


def scan_into(folder: Path, text: str) -> None:
    """A worn page, lying on its side, as the scanner writes it: first under a passing name."""
    printed_pages = pytest.importorskip("tests.support.printed_pages", reason="the extra “scan” is missing")
    faces = printed_pages.faces()
    if not faces:
        pytest.skip("no font with Chinese characters on this machine (Debian: fonts-noto-cjk)")
    page, _lines = printed_pages.printed(text, faces[0])
    page = printed_pages.worn(page, random.Random(4), skew=1.0)
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / "scan 0001.tif.part"
    printed_pages.laid(page, 90).save(half, "TIFF", compression="jpeg", dpi=(200, 200))
    half.rename(folder / "scan 0001.tif")


@dataclass
class Office:
    """A running service and three people who work with it, each in a browser of their own."""

    service: Service
    store: Store
    browsers: dict[str, HttpBrowser] = field(default_factory=dict)

    def hire(self, name: str, role: str, bureau: str | None = None) -> HttpBrowser:
        """An account, signed in."""
        Accounts(self.store, system_clock).add(name, PASSWORD, role, name.title(), bureau)
        one = self.browsers[name] = HttpBrowser(self.service.web_port)
        one.sign_in(name, PASSWORD)
        return one

    def say(self, name: str, reference: str, verb: str, **fields: str) -> int:
        """Fill in a verb's form on the page of a case; returns the answer's status.

        When word went out meanwhile, the case has changed (409): who works there looks again, as people do.
        """
        one, case = self.browsers[name], f"/staff/cases/{reference}"
        for _ in range(5):
            one.get(case)
            one.send(f"{case}/{verb}", fields)
            if one.status != 409:
                break
        return one.status

    def letter_state(self) -> str:
        """How far the one letter is; "" before it came."""
        with self.store.read() as connection:
            return str(connection.execute(select(schema.letter.c.state)).scalar() or "")

    def case_state(self) -> tuple[str, str]:
        """State and bureau of the one case; empty before it is registered."""
        c = schema.complaint.c
        with self.store.read() as connection:
            row = connection.execute(select(c.state, c.bureau)).first()
        return (row.state, row.bureau or "") if row else ("", "")

    def printouts(self, state: str) -> list[str]:
        """What kinds of letters out are in ``state``."""
        p, o = schema.printout, schema.outbox
        query = select(o.c.template).join_from(p, o, o.c.id == p.c.outbox_id).where(p.c.state == state)
        with self.store.read() as connection:
            return sorted(connection.execute(query).scalars())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """The service with all that works without an account."""
    service = Service(tmp_path, roles="web,worker,clock")
    with serving(service), opened(service) as store:
        yield Office(service, store)


def test_a_letter_comes_back_as_an_answer_ready_for_the_envelope(office: Office) -> None:
    from tests.channels.paper import printed

    written = datetime.now(GAOYAO) - timedelta(days=2)
    scan_into(office.service.folder / "data" / "letters", letter_of(written))
    desk, clerk = office.hire("desk", "desk"), office.hire("clerk", "clerk")
    office.hire("handler", "handler", "urban_management")
    wait_until(lambda: office.letter_state() == "waiting", "the letter is read")

    # ---- the letter desk: the form is filled in from the scan, a person confirms it
    desk.get("/staff/letters")
    desk.send("/staff/letters/next")
    [confirm] = [action for action in desk.forms if action.endswith("/confirm")]
    form = desk.form(confirm)
    assert (form["name"], form["address"]) == (NAME, ADDRESS)
    assert form["letter_date"] == written.date().isoformat()
    assert form["received_on"] == datetime.now(GAOYAO).date().isoformat()
    assert COMPLAINT in form["text"]
    [picture] = re.findall(r'<img src="([^"]+)"', desk.html)
    scan = HttpBrowser(office.service.web_port)
    scan.get(picture)
    assert "/staff/login" in scan.path, "a scan is shown to nobody who is not signed in"
    reference, code = handed_out(desk.send(confirm))

    # ---- routed, and acknowledged on paper
    wait_until(lambda: office.case_state() == ("assigned", "urban_management"), "the case is routed")
    wait_until(lambda: office.printouts("waiting") == ["acknowledgement"], "the receipt waits to be printed")
    assert reference in desk.get("/staff/printing")

    # ---- the bureau takes it up and answers
    assert office.say("handler", reference, "accept") == 200
    assert office.say("handler", reference, "answer", text=ANSWER) == 200
    wait_until(lambda: "answer" in office.printouts("waiting"), "the answer waits to be printed")
    seen = clerk.get(f"/staff/cases/{reference}")
    assert f"{reference} {COMPLAINT[:20]}" in seen, "it is called by its matter, not by whom it greets"
    assert "to be printed and posted" in seen

    # ---- gathered, printed, posted; closed only then
    def closing() -> int:
        return office.say("clerk", reference, "close", outcome="resolved")

    assert closing() == 422
    desk.get("/staff/printing")
    desk.send("/staff/printing/gather", {"envelope": "gb"})
    batch = desk.path
    desk.send(f"{batch}/file")
    pdf = desk.content
    assert pdf.startswith(b"%PDF-")
    desk.get(batch)
    desk.send(f"{batch}/printed", {"how": "all"})
    assert closing() == 422
    desk.get(batch)
    [number] = re.findall(r'name="(number-[0-9a-f]{32})"', desk.html)[-1:]
    desk.send(f"{batch}/posted", {"how": "all", number: "XA123456789CN"})
    wait_until(lambda: office.printouts("printed") == [], "all are posted")
    assert closing() == 200
    assert office.case_state()[0] == "closed"

    # ---- what lies in the envelope
    pages = printed.read(pdf)
    answers = [at for at, page in enumerate(pages) if ANSWER[:12] in "".join(page.text.split())]
    assert len(answers) == 1
    page = pages[answers[0]]
    window = ENVELOPES["gb"].window
    for words in (NAME, ADDRESS):
        assert all(ink.within(window) for ink in page.spot(words)), words
    assert reference in page.text
    assert code in page.text
    [address] = printed.qr_codes(pdf, answers[0])
    leads_to = urlsplit(address)
    assert leads_to.netloc == f"127.0.0.1:{office.service.web_port}"
    writer = HttpBrowser(office.service.web_port, "zh-CN")
    assert reference in writer.get(f"{leads_to.path}?{leads_to.query}") + writer.html
    told = writer.track(reference, code)
    assert ANSWER in told
    assert COMPLAINT in told

    # ---- it comes back: somebody has to see to it
    desk.get("/staff/printing")
    today = datetime.now(GAOYAO).date().isoformat()
    desk.send("/staff/printing/returned", {"wanted": "XA123456789CN", "why": "moved", "on": today})
    assert desk.status == 200
    assert reference in desk.get("/staff/printing").partition("nobody has seen to it yet")[2]
    assert reference in clerk.get("/staff?tab=look")
    proven = office.service.cli("verify", "--deep")
    assert proven.returncode == 0, proven.stdout
