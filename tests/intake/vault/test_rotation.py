"""Keys change while the service runs; a rotation that was killed is finished by the next; nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from intake import schema
from intake.store import Store
from intake.vault import Keyring, KeyringBroken, KeyringMissing
from intake.vault.fitting import must_fit, put_on_record
from intake.vault.rotation import KeyInUse, counts, drop, going_on, rotate, unfinished
from intake.verify import verify
from tests.support.clock import SetClock
from tests.support.worked import County

ROOT = Path(__file__).parents[3]
o, p, r = schema.outbox, schema.participation, schema.raw_message


@pytest.fixture
def county(database_url: str, tmp_path: Path, clock: SetClock) -> Any:
    """A county with keys of its own and a few cases."""
    made = County(database_url, tmp_path, clock, keyring=Keyring(tmp_path / "own" / "keys.json"))
    for n in range(12):
        made.case(contacts=[["email", f"p{n}@citizen.example", True]], sender_name=f"李{n}")
    made.deliver()
    yield made
    made.close()


def all_told(county: County) -> list[Any]:
    return [
        *county.ask(select(o.c.id, o.c.address, o.c.name, o.c.text).order_by(o.c.id)),
        *county.ask(select(p.c.id, p.c.code, p.c.token, p.c.name).order_by(p.c.id)),
        *county.ask(select(r.c.submission_id, r.c.content).order_by(r.c.submission_id)),
    ]


def test_everything_is_sealed_anew_and_reads_the_same(county: County) -> None:
    before, old = all_told(county), counts(county.store)
    done = rotate(county.store, county.clock, patience=0)
    assert (done.current, done.retired, done.unreadable) == ("k2", ("k1",), 0)
    assert done.values == old["k1"]
    assert counts(county.store) == {"k2": old["k1"]}
    assert all_told(county) == before
    keys = Keyring(county.keyring.path).keys()
    assert keys.current == "k2"
    assert keys.data["k1"].retired_at is not None
    county.send(token=county.ask(select(p.c.token))[0][0], body="补充")  # found by its hash, as before
    county.register()
    assert county.rows("SELECT count(*) FROM complaint") == [(12,)]


def test_what_others_write_meanwhile_is_not_lost(county: County) -> None:
    """Another process with its own view of the file goes on registering."""
    stop = threading.Event()
    sent: list[Any] = []
    neighbour = County(
        county.store.url.render_as_string(hide_password=False),
        county.keyring.path.parent,
        county.clock,
        "worker-2",
        keyring=Keyring(county.keyring.path),
    )

    def go_on() -> None:
        while not stop.is_set():
            address = f"n{len(sent)}@citizen.example"
            neighbour.send(contacts=[["email", address, True]], sender_name="邻居", key=f"n-{len(sent)}")
            neighbour.register()
            sent.append(address)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        done = rotate(county.store, county.clock)
    finally:
        stop.set()
        thread.join(30)
    neighbour.close()
    assert done.retired == ("k1",)
    assert set(counts(county.store)) == {"k2"}
    assert len(sent) > 3
    addresses = {address for (address,) in county.ask(select(p.c.address))}
    assert set(sent) <= addresses
    report = verify(county.store, county.blobs, county.policies.directory, county.clock(), deep=True)
    assert [finding for finding in report.findings if finding.promise in (1, 2)] == []


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from intake.store import Store
from intake.vault import Keyring
from intake.vault.rotation import rotate

def told(place, count):
    if place == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

store = Store(sys.argv[1], keyring=Keyring(Path(sys.argv[2])))
rotate(store, lambda: datetime.now(UTC), told=told, patience=0)
"""


@pytest.mark.parametrize("moment", ["complainant.name", "submission.envelope", "outbox.text"])
def test_a_rotation_that_was_killed_is_finished_by_the_next(county: County, moment: str) -> None:
    before, old = all_told(county), counts(county.store)["k1"]
    url = county.store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, str(county.keyring.path), moment]
    ran = subprocess.run(command, cwd=ROOT, timeout=60, capture_output=True)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert set(counts(county.store)) == {"k1", "k2"}
    county.keyring.again()
    assert all_told(county) == before
    done = rotate(county.store, county.clock, patience=0)
    assert (done.current, done.retired) == ("k2", ("k1",))
    assert 0 < done.values < old
    assert counts(county.store) == {"k2": old}
    assert all_told(county) == before


# ------------------------------------------------------------ keys that nothing needs any more


def test_a_key_is_dropped_when_nothing_bears_it(county: County) -> None:
    before, all_values = all_told(county), counts(county.store)["k1"]
    with county.store.write() as connection:
        put_on_record(connection)
    with pytest.raises(KeyInUse, match="k1 is the active key"):
        drop(county.store, county.clock, "k1")
    county.keyring.add(county.clock())  # a rotation that was killed at once
    assert going_on(county.store)
    assert unfinished(county.store, counts(county.store)) == all_values
    with pytest.raises(KeyInUse, match="The change away from k1 was not finished"):
        drop(county.store, county.clock, "k1")
    rotate(county.store, county.clock, patience=0)
    assert not going_on(county.store)
    drop(county.store, county.clock, "k1")
    assert set(Keyring(county.keyring.path).keys().data) == {"k2"}
    assert all_told(county) == before
    store = Store(
        county.store.url.render_as_string(hide_password=False), keyring=Keyring(county.keyring.path)
    )
    with store.read() as connection:
        must_fit(connection)  # a process that starts now misses nothing
    store.close()


def test_a_key_that_still_seals_something_is_not_dropped(county: County) -> None:
    """A row came back from before the rotation, say from a copy of the table."""
    with county.store.read() as connection:
        old = connection.exec_driver_sql("SELECT id, code FROM participation").first()
    assert old is not None
    rotate(county.store, county.clock, patience=0)
    with county.store.write() as connection:
        put_back = text("UPDATE participation SET code = :code WHERE id = :id")
        connection.execute(put_back, {"id": old[0], "code": old[1]})
    with pytest.raises(KeyInUse, match="1 values are still sealed with k1"):
        drop(county.store, county.clock, "k1")
    assert "k1" in county.keyring.again().data


def test_verify_finds_values_whose_key_is_missing(county: County) -> None:
    """Without opening anything: somebody took a key out of the file by hand."""
    county.settle()
    with county.store.read() as connection:
        tokens = connection.exec_driver_sql("SELECT id, code FROM participation").all()
        [raw] = connection.exec_driver_sql("SELECT submission_id, content FROM raw_message LIMIT 1").all()
    assert found(county) == []
    rotate(county.store, county.clock, patience=0)
    with county.store.write() as connection:
        for id_, code in tokens[:3]:
            put_back = text("UPDATE participation SET code = :code WHERE id = :id")
            connection.execute(put_back, {"id": id_, "code": code})
        again = text("UPDATE raw_message SET content = :content WHERE submission_id = :id")
        connection.execute(again, {"id": raw[0], "content": bytes(raw[1])})
    county.keyring.drop("k1")
    assert found(county) == ["participation.code ×3", "raw_message.content ×1"]


def found(county: County) -> list[str]:
    report = verify(county.store, county.blobs, county.policies.directory, county.clock())
    return sorted(f.where for f in report.findings if "file of keys" in f.what.en)


# ------------------------------------------------------------ keys that are another database's


def test_other_keys_are_refused_in_one_sentence(county: County, tmp_path: Path) -> None:
    with county.store.write() as connection:
        put_on_record(connection)
    url = county.store.url.render_as_string(hide_password=False)
    for path, error, says in (
        (
            tmp_path / "none.json",
            KeyringMissing,
            r"There is no file of keys at .*none\.json",
        ),
        (tmp_path / "others.json", KeyringBroken, r"others\.json are not those .*HUIYIN_KEY_FILE"),
    ):
        if path.name == "others.json":
            Keyring(path).keys()
        store = Store(url, keyring=Keyring(path))
        with store.read() as connection, pytest.raises(error, match=says):
            must_fit(connection)
        store.close()
    assert not (tmp_path / "none.json").exists()  # refusing makes no keys
    with county.store.read() as connection:
        must_fit(connection)


def test_a_file_from_before_a_rotation_is_refused(county: County, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text(county.keyring.keys().text())
    rotate(county.store, county.clock, patience=0)
    store = Store(county.store.url.render_as_string(hide_password=False), keyring=Keyring(old))
    with store.read() as connection, pytest.raises(KeyringBroken, match="“k2” differs or is missing"):
        must_fit(connection)
    store.close()
