"""SIGKILL between a file and its row: nothing is lost, and what is left over is named by ``verify``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.email.identity import identify
from intake import schema
from intake.clock import system_clock
from intake.contracts import Submission
from intake.files.folder import FolderStorage
from intake.inbox import Inbox
from intake.migrate import migrate
from intake.store import Store
from tests.intake.files import samples
from tests.kill.torn_storage import EVIDENCE
from tests.support import mails
from tests.support.audit import broken_promises, count
from tests.support.service import ROOT, Service, opened, serving, wait_until


def dies_at(service: Service, what: str) -> None:
    """Let the power go out there."""
    environment = service._environment()
    command = [sys.executable, "-m", "tests.kill.torn_storage", what]
    died = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()


def accepted(service: Service, picture: bytes) -> None:
    """A mail with a picture, acknowledged and waiting to be filed."""
    mail = mails.letter("The street lamp is broken.", subject="Street lamp", message_id="<p@citizen.example>")
    mail.add_attachment(picture, maintype="image", subtype="png", filename="lamp.png")
    raw = mail.as_bytes()
    identity = identify(raw, [mails.COUNTY])
    envelope = {"mail_from": mails.ANN, "rcpt_to": [mails.COUNTY], "peer": "127.0.0.1", "size": len(raw)}
    store = Store(service.store_url)
    migrate(store)
    inbox = Inbox(store)
    key, at = identity.dedupe_key, system_clock()
    inbox.accept(Submission("email", identity.message_id, key, at, raw=raw, envelope=envelope))
    inbox.close()
    store.close()


def blobs_of(service: Service) -> FolderStorage:
    """Where the service's files lie."""
    return FolderStorage(Path(service._environment()["HUIYIN_DATA_DIR"]) / "blobs")


def grow_old(storage: FolderStorage) -> None:
    """Nothing in the storage may still belong to a message that is just being stored."""
    for name in storage.names():
        os.utime(storage.path(name), (0, 0))


def inspected(store: Store) -> bool:
    """Whether a file was inspected to the end."""
    return count(store, schema.inspection, schema.inspection.c.state == "done") == 1


def test_a_form_that_was_cut_off_leaves_an_orphan_that_is_named(tmp_path: Path) -> None:
    service = Service(tmp_path, roles="worker")
    tmp_path.mkdir(exist_ok=True)
    dies_at(service, "upload")
    storage = blobs_of(service)
    [name] = storage.names()
    assert storage.get(name) == EVIDENCE
    grow_old(storage)
    proved = service.cli("verify")
    assert proved.returncode == 0, "an orphan breaks no promise"
    assert "files that nothing refers to 1 " in proved.stdout


def test_a_mails_picture_is_filed_after_all_and_its_preview_made_once(tmp_path: Path) -> None:
    pytest.importorskip("PIL", reason="pillow is not installed")
    service = Service(tmp_path, roles="worker")
    accepted(service, samples.png(64, 48))
    dies_at(service, "filing")
    storage = blobs_of(service)
    assert len(list(storage.names())) == 1, "the file is here, its row is not"
    with opened(service) as store:
        assert count(store, schema.attachment) == 0
        registered_but_not_inspected(service, store)
        dies_at(service, "preview")
        assert len(list(storage.names())) == 2, "the preview is here, its row is not"
        with serving(service):
            wait_until(partial(inspected, store), "the file is inspected")
        with store.read() as connection:
            row = connection.execute(select(schema.inspection)).one()
        assert (row.verdict, row.preview_sha256 in set(storage.names())) == ("shown", True)
        assert count(store, schema.attachment) == count(store, schema.complaint) == 1
        assert broken_promises(store) == []
    grow_old(storage)
    proved = service.cli("verify")
    assert proved.returncode == 0
    assert "files that nothing refers to" not in proved.stdout


def registered_but_not_inspected(service: Service, store: Store) -> None:
    """File the mail; its file goes back to those that nobody looked at."""
    with serving(service):
        wait_until(lambda: count(store, schema.attachment) == 1, "the mail is filed")
        wait_until(partial(inspected, store), "the file is inspected")
    with store.write() as connection:
        connection.execute(
            schema.inspection.update().values(state="pending", verdict="", preview_sha256=None, attempts=0)
        )
    storage = blobs_of(service)
    with store.read() as connection:
        names = set(connection.execute(select(schema.attachment.c.sha256)).scalars())
    for name in set(storage.names()) - names:
        storage.path(name).unlink()
