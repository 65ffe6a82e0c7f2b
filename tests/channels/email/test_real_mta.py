"""Mail through Postfix, which nobody here wrote: citizens' mail in, our answers out, failures back.

Two servers stand on loopback. The office's holds the settings that docs/operating.md gives, word for word;
the citizens' has one mailbox, and knows no other.
"""

from __future__ import annotations

import json
import re
import shutil
import smtplib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from pathlib import Path

import pytest

from intake.contracts import Receipt, StorageUnavailable, Submission
from intake.verbs import Accept, Answer, Close
from tests.support import mails, postfix
from tests.support.clock import SetClock
from tests.support.databases import SqliteDatabases, migrated
from tests.support.loopback import free_port
from tests.support.postfix import Postfix
from tests.support.rehearsal import CLERK, Rehearsal, handler_of, rehearsing
from tests.support.service import ROOT, wait_until

pytestmark = [
    pytest.mark.skipif(bool(postfix.missing()), reason=postfix.missing()),
    pytest.mark.xdist_group("postfix"),
]

BUREAU = "urban_management"
LAMPS = "All street lamps in Sample Road have been broken for two weeks."
_MAILBOXES = """\
virtual_mailbox_domains = citizen.example
virtual_mailbox_base = {folder}/boxes
virtual_mailbox_maps = inline:{ann@citizen.example=ann/}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
"""

_THE_BUREAUS = "".join(
    f"{address} discard:\n"
    for address in (
        "urban-management@gaoyao.example",
        "urban-management-leader@gaoyao.example",
        "duty@office.gaoyao.example",
    )
)
"""Other mailboxes of the domain, which this server keeps as well."""


def documented(port: int) -> tuple[str, str]:
    """The sample's main.cf and transport in docs/operating.md, for a service on ``port``."""
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```text\n(.*?)```", text.partition("Postfix, `main.cf`")[2], re.DOTALL)
    settings, transport = blocks[0], blocks[1]
    assert "/etc/postfix/transport" in settings, "main.cf of the sample names the file"
    assert ":8025" in transport, "the sample names our port"
    return (
        settings.replace("/etc/postfix/", "{folder}/"),
        transport.replace("8025", str(port)),
    )


class Post:
    """The service between the two servers."""

    def __init__(self, county: Rehearsal, office: Postfix, citizens: Postfix) -> None:
        self.county, self.office, self.citizens = county, office, citizens

    def complain(self, sender: str = mails.ANN, to: str = mails.COUNTY) -> str:
        """Hand a complaint to the citizens' server; the reference it gets."""
        mails.hand_in(self.citizens.port, mails.letter(LAMPS, subject="路灯坏了", sender=sender), to=to)
        self.arrives(1)
        (reference,) = self.county.references()
        return reference

    def arrives(self, submissions: int) -> None:
        """Wait until so many were registered, and let the postman send what they caused."""

        def there() -> bool:
            self.county.settle()
            with self.county.system.store.read() as connection:
                query = "SELECT count(*) FROM submission WHERE state = 'done'"
                return bool(connection.exec_driver_sql(query).scalar_one() >= submissions)

        wait_until(there, f"{submissions} submissions are registered", 30)

    def in_the_box(self, number: int) -> list[str]:
        """Wait until Ann's mailbox holds so many; their subjects."""
        wait_until(lambda: len(self.citizens.box("ann")) >= number, f"{number} mails reach Ann", 30)
        return [str(mail["Subject"]) for mail in self.citizens.box("ann")]


@dataclass(frozen=True)
class Servers:
    """Both servers; the service is to listen on ``listens``."""

    office: Postfix
    citizens: Postfix
    listens: int


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """Started once; each test empties the mailbox and the queue."""
    listens, relay = free_port(), free_port()
    settings, transport = documented(listens)
    citizens = Postfix("mx.citizen.example", f"{_MAILBOXES}relayhost = [127.0.0.1]:{relay}\n")
    outward = f"relayhost = [127.0.0.1]:{citizens.port}\n"
    files = {"transport": transport + _THE_BUREAUS}
    office = Postfix("mail.gaoyao.example", settings + outward, files, port=relay)
    with postfix.running(citizens, office):
        yield Servers(office, citizens, listens)


@pytest.fixture
def post(
    servers: Servers, tmp_path: Path, sqlite_databases: SqliteDatabases, clock: SetClock
) -> Iterator[Post]:
    """A county that sends through the office's server."""
    for server in (servers.office, servers.citizens):
        server.empty()
    url, where = sqlite_databases.copy_of(migrated), {"relay_host": "127.0.0.1"}
    with rehearsing(
        tmp_path, url, clock, smtp_port=servers.listens, relay_port=servers.office.port, **where
    ) as county:
        yield Post(county, servers.office, servers.citizens)


def test_a_complaint_its_answer_and_its_rating_travel_both_ways(post: Post) -> None:
    county, reference = post.county, post.complain()
    assert county.case(reference).bureau == BUREAU
    assert post.in_the_box(1) == [f"Re: 路灯坏了 [{reference}]"]
    county.say(reference, handler_of(BUREAU), Accept())
    county.say(reference, handler_of(BUREAU), Answer("路灯已全部修好。" * 40))
    county.say(reference, CLERK, Close("resolved"))
    assert len(post.in_the_box(4)) == 4
    box = {str(mail["Message-ID"]): mail for mail in post.citizens.box("ann")}
    asked = next(mail for mail in box.values() if "rate/" in mails.text_of(mail))
    assert set(str(asked["References"]).split()[1:]) == set(box) - {str(asked["Message-ID"])}
    assert asked["Return-Path"] == f"<{mails.address_of(asked, 'Reply-To')}>", "bounces come to the case"
    mails.hand_in(post.citizens.port, mails.reply(asked, "不满意，7号灯还是黑的"))
    post.arrives(2)
    case = county.case(reference)
    assert (case.feedback, case.feedback_text) == ("dissatisfied", "7号灯还是黑的")
    assert case.attention == "dissatisfied"
    county.assert_sound()


def test_an_answer_to_a_mailbox_that_is_gone_comes_back_to_the_list(post: Post) -> None:
    """The citizens' server says 550, the office's writes the report, and it finds its case (RFC 3464)."""
    county, reference = post.county, post.complain(sender="gone@citizen.example")
    post.arrives(2)  # the acknowledgement came back
    county.say(reference, handler_of(BUREAU), Accept())
    county.say(reference, handler_of(BUREAU), Answer("All lamps were mended."))
    post.arrives(4)  # so did the news that it was accepted, and the answer
    case = county.case(reference)
    assert (case.attention, case.responsible) == ("undelivered", "office")
    states = [(row.template, row.state) for row in county.outbox() if row.role == "complainant"]
    assert ("acknowledgement", "bounced") in states
    assert ("answer", "bounced") in states
    noted = [e.data["note"] for e in county.dossier(reference).events if e.kind == "bounced"]
    assert all("5.1.1" in note for note in noted), noted
    assert [row.automatic for row in county.dossier(reference).submissions] == ["none"] + ["bounce"] * 3
    county.assert_sound()


def test_what_we_cannot_store_waits_with_the_mail_server(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """451, not a lost mail: it comes again by itself, and is one case (promises 1 and 2)."""
    deposit = post.county.listener._deposit
    refused: list[Submission] = []

    async def full(submission: Submission) -> Receipt:
        refused.append(submission)
        raise StorageUnavailable("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(deposit, "_accept", full)
        mails.hand_in(post.citizens.port, mails.letter(LAMPS, subject="Lamps"))
        wait_until(lambda: len(refused) >= 1, "our 451 was heard", 30)
        wait_until(lambda: bool(post.office.queued()), "it waits in the queue", 30)
        (waiting,) = post.office.queued()
        wait_until(lambda: "451" in "".join(post.office.queued()), "with our reason", 30)
        assert json.loads(waiting)["recipients"][0]["address"] == mails.COUNTY
    post.office.flush()
    post.arrives(1)
    assert len(post.county.references()) == 1
    assert len(post.in_the_box(1)) == 1


def test_postfix_refuses_for_us_whom_we_do_not_know(post: Post) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        mails.hand_in(post.office.port, mails.letter(LAMPS), to="mayor@gaoyao.example")


def on_holiday(server: Postfix, home: Path, mail: bytes, sender: str) -> None:
    """Let Debian's vacation answer ``mail`` as a careless person sets it: each time, whoever it was for."""
    home.mkdir(exist_ok=True)
    message = home / "message"
    message.write_text("From: ann@citizen.example\nSubject: Re: $SUBJECT\n\nI am away until June.\n")
    environment = {"HOME": str(home), "MAIL_CONFIG": str(server.folder), "PATH": "/usr/sbin:/usr/bin:/bin"}
    call = ["vacation", "-f", str(home / "known")]
    subprocess.run([*call, "-i", "-r", "0"], env=environment, check=True, timeout=30)
    subprocess.run(
        [*call, "-d", "-j", "-m", str(message), "root"],
        input=f"From {sender} Mon Mar  2 09:00:00 2026\n".encode() + mail,
        env=environment,
        check=True,
        timeout=30,
    )


@pytest.mark.skipif(shutil.which("vacation") is None, reason="vacation is not installed (Debian)")
def test_somebody_on_holiday_and_we_do_not_write_to_each_other_for_ever(post: Post, tmp_path: Path) -> None:
    """Its answers look like a person's, without any header; ours say what they are, and it keeps quiet."""
    county, reference = post.county, post.complain()
    county.say(reference, handler_of(BUREAU), Answer("All lamps were mended."))
    shown = 0
    for _ in range(50):
        post.in_the_box(len([row for row in county.outbox() if row.address == mails.ANN]))
        fresh = post.citizens.box("ann")[shown:]
        if not fresh:
            break
        shown += len(fresh)
        for mail in fresh:
            sender = mails.address_of(mail, "Reply-To")
            on_holiday(post.citizens, tmp_path / "home", mail.as_bytes(policy=policy.default), sender)
        post.arrives(2)
    assert county.references() == [reference]
    assert len(county.dossier(reference).submissions) == 2, "it answered the one mail that a person wrote"
    assert [row.template for row in county.outbox() if row.address == mails.ANN] == [
        "acknowledgement",
        "answer",
        "added",
    ]
    assert county.case(reference).attention == "message", "a person sees that she is away"
    county.assert_sound()
