"""How a mail comes in: in the sender's language, by another program, and as a reply to what we wrote."""

from __future__ import annotations

import shutil
import smtplib
import subprocess

import pytest

from tests.support import mails
from tests.support.rehearsal import Rehearsal


@pytest.mark.parametrize(
    ("body", "language", "sentence"),
    [
        ("The lamps in our street are broken and it is dark.", "en", "Your complaint has reached us."),
        ("西江路的路灯坏了两个星期，晚上一片漆黑，请派人来修。", "zh-Hans", "您的投诉我们收到了"),
        ("西江路的路燈壞了兩個星期，晚上一片漆黑，請派人來修。", "zh-Hant", "您的來信我們收到了"),
    ],
)
def test_the_acknowledgement_speaks_the_complainants_language(
    county: Rehearsal, body: str, language: str, sentence: str
) -> None:
    complaint = mails.letter(body, subject="")
    county.receive(complaint)
    (acknowledgement,) = mails.to(county.new_mail(), mails.ANN)
    assert acknowledgement["Content-Language"] == language
    assert sentence in mails.text_of(acknowledgement)
    assert acknowledgement["In-Reply-To"] == complaint["Message-ID"]


def test_swaks_delivers_a_complaint(county: Rehearsal) -> None:
    swaks = shutil.which("swaks")
    if swaks is None:
        pytest.skip("swaks is not installed (Debian: apt install swaks)")
    sent = subprocess.run(
        [
            *(swaks, "--server", f"127.0.0.1:{county.listener.port}", "--helo", "mx.citizen.example"),
            *("--from", mails.ANN, "--to", mails.COUNTY),
            *("--header", "Subject: Street lamps in Sample Road"),
            *("--body", "They have been broken for two weeks."),
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert sent.returncode == 0, sent.stdout + sent.stderr
    county.settle()
    (reference,) = county.references()
    assert county.case(reference).bureau == "urban_management"
    (acknowledgement,) = mails.to(county.new_mail(), mails.ANN)
    assert reference in mails.text_of(acknowledgement)


def test_the_same_mail_again_is_the_same_case(county: Rehearsal) -> None:
    complaint = mails.letter("The street lamp is broken.", subject="Lamp")
    for _ in range(3):
        county.receive(complaint)
    assert len(county.references()) == 1
    assert len(mails.to(county.new_mail(), mails.ANN)) == 1


def test_a_mail_to_somebody_else_is_refused(county: Rehearsal) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        county.receive(mails.letter("Hello", to="mayor@gaoyao.example"))
    assert refusal.value.recipients["mayor@gaoyao.example"][0] == 550
    assert county.references() == []
