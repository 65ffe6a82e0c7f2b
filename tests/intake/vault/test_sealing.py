"""A sealed value opens in its own place and nowhere else; a bad one never stops a list."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import CompileError, StatementError

from intake import schema
from intake.vault import Keyring, KeyringBroken, Unsealable, Vault, is_unreadable, keyring, sealed
from intake.verify import Report, verify
from tests.support.worked import CLERK, County


def proved(county: County) -> Report:
    """What ``huiyin verify --deep`` finds."""
    return verify(county.store, county.blobs, county.policies.directory, county.clock(), deep=True)


ROOT = Path(__file__).parents[3]
AT = datetime(2026, 3, 2, tzinfo=UTC)
p, c = schema.participation, schema.complainant


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault with keys of its own."""
    return Vault(Keyring(tmp_path / "keys.json"))


@given(
    content=st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    row=st.text(st.characters(codec="ascii")),
)
def test_what_is_sealed_opens_as_it_was(vault: Vault, content: str, row: str) -> None:
    token = vault.seal("complainant.name", row, content)
    assert vault.open("complainant.name", row, token) == content
    raw = vault.seal_bytes("raw_message.content", row, content.encode())
    assert vault.open_bytes("raw_message.content", row, raw) == content.encode()


def test_the_same_text_is_sealed_differently_each_time(vault: Vault) -> None:
    assert vault.seal("a.b", "1", "李一") != vault.seal("a.b", "1", "李一")


@pytest.mark.parametrize(
    ("place", "row", "change"),
    [
        ("complainant.value", "1", ""),  # another column
        ("contact.name", "1", ""),  # another table
        ("complainant.name", "2", ""),  # another row
        ("complainant.name", "1", "cut"),
        ("complainant.name", "1", "flip"),
        ("complainant.name", "1", "key"),
        ("complainant.name", "1", "plain"),
        ("complainant.name", "1", "alphabet"),
    ],
)
def test_it_opens_nowhere_else_and_not_when_it_was_changed(
    vault: Vault, place: str, row: str, change: str
) -> None:
    token = vault.seal("complainant.name", "1", "李一")
    token = {
        "cut": token[:-4],
        "flip": token[:10] + ("A" if token[10] != "A" else "B") + token[11:],
        "key": "k9" + token[2:],
        "plain": "李一",
        "alphabet": "k1.李一李一",
    }.get(change, token)
    with pytest.raises(Unsealable):
        vault.open(place, row, token)


def test_a_hash_is_of_one_purpose_and_one_key(vault: Vault, tmp_path: Path) -> None:
    other = Vault(Keyring(tmp_path / "others.json"))
    hashes = {vault.hash("address", "+12025550123"), vault.hash("token", "+12025550123")}
    hashes |= {other.hash("address", "+12025550123"), vault.hash("address", "+12025550124")}
    assert len(hashes) == 4
    assert {len(each) for each in hashes} == {64}
    assert vault.hash("address", "+12025550123") in hashes


# ------------------------------------------------------------ the file of keys


def test_many_first_starts_make_one_file(tmp_path: Path) -> None:
    path = tmp_path / "data" / "keys.json"
    script = (
        "import sys\nfrom pathlib import Path\nfrom intake.vault import Keyring, Vault\n"
        "print(Vault(Keyring(Path(sys.argv[1]))).fingerprint())"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert len({start.communicate(timeout=60)[0] for start in starts}) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"version": 1}', '{"version": 2}', "\x00", "[" * 100_000]
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(KeyringBroken, match=r"keys\.json is damaged .* put the right one back"):
        Keyring(path).keys()
    assert path.read_text() == content


def test_a_key_that_another_process_added_is_found(tmp_path: Path) -> None:
    mine, theirs = Keyring(tmp_path / "keys.json"), Keyring(tmp_path / "keys.json")
    mine.keys()
    theirs.add(AT)
    token = Vault(theirs).seal("a.b", "1", "李一")
    assert token.startswith("k2.")
    assert Vault(mine).open("a.b", "1", token) == "李一"


# ------------------------------------------------------------ in the database


def test_a_plain_value_is_refused(county: County) -> None:
    row = {"id": "0" * 32, "name": "李一", "created_at": AT}
    with (
        pytest.raises(StatementError, match=r"complainant\.name is a sealed column"),
        county.store.write() as connection,
    ):
        connection.execute(c.insert(), row)
    with pytest.raises(StatementError, match="sealed column"):
        county.ask(select(c.c.id).where(c.c.name == "李一"))


def test_it_reads_through_aliases_joins_subqueries_and_returning(county: County) -> None:
    county.case()
    alias = c.alias("who")
    inner = select(c.c.id, c.c.name).subquery()
    assert county.ask(select(alias.c.name)) == [("李一",)]
    assert county.ask(select(inner.c.name)) == [("李一",)]
    assert county.ask(select(p.c.name, alias.c.name).join_from(p, alias)) == [("李一", "李一")]
    with county.store.write() as connection:
        changed = p.update().values(large_print=True).returning(p.c.code, p.c.name)
        [(code, name)] = connection.execute(changed)
    assert (len(code), name) == (6, "李一")
    with pytest.raises(CompileError, match="select that, too"):
        county.ask(select(select(c.c.name).subquery().c.name))


def test_bytes_come_back_whatever_they_are(county: County) -> None:
    raw = bytes(range(256)) * 3 + b"|\x00.k1."
    key = county.inbox.accept(county.submission(channel="email")).submission_id
    r = schema.raw_message
    with county.store.write() as connection:
        connection.execute(r.update().where(r.c.submission_id == key).values(content=sealed(key, raw)))
    [(content,)] = county.ask(select(r.c.content).where(r.c.submission_id == key))
    assert content == raw


def test_a_copied_value_stops_no_list_and_is_found_by_verify(county: County) -> None:
    """Somebody with the database, but no keys, makes another's name and address their own."""
    mine, theirs = (
        county.case(),
        county.case(contacts=[["email", "zhao@citizen.example", True]], sender_name="赵二"),
    )
    [(first, _), (second, _)] = county.ask(select(p.c.id, p.c.name).order_by(p.c.id))
    for column in ("name", "address"):
        county.sql(
            f"UPDATE participation SET {column} = (SELECT {column} FROM participation WHERE id = :one) "
            "WHERE id = :other",
            one=first,
            other=second,
        )
    names = [name for (name,) in county.ask(select(p.c.name).order_by(p.c.id))]
    assert names[0] == "李一"
    assert is_unreadable(names[1])
    assert "unreadable" in names[1]
    dossier = county.archive.dossier(CLERK, theirs)
    assert dossier is not None
    assert county.archive.dossier(CLERK, mine) is not None
    found = [finding.where for finding in proved(county).findings]
    assert found == [f"participation.address {second}", f"participation.name {second}"]


def test_a_changed_message_is_parked_for_a_person_and_its_neighbours_are_filed(county: County) -> None:
    spoilt = county.send().submission_id
    county.send(contacts=[["email", "zhao@citizen.example", True]])
    with county.store.write() as connection:
        connection.execute(
            text("UPDATE raw_message SET content = :junk WHERE submission_id = :key"),
            {"junk": b"k1.junk", "key": spoilt},
        )
    county.register()
    states = dict(county.rows("SELECT id, state FROM submission"))
    assert states.pop(spoilt) == "parked"
    assert list(states.values()) == ["done"]


def test_word_whose_address_was_changed_goes_nowhere_and_somebody_hears(county: County) -> None:
    county.case()
    county.sql("UPDATE outbox SET address = 'k1.AAAA' WHERE role = 'complainant'")
    assert all(letter.row.role != "complainant" for letter in county.outbox.claim(county.clock(), 10))
    [(state, error)] = county.rows("SELECT state, error FROM outbox WHERE role = 'complainant'")
    assert state == "failed"
    assert "cannot be read" in error
    assert [why for (why,) in county.rows("SELECT attention FROM complaint")] == ["undelivered"]


def test_keys_that_everybody_can_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(keyring.log, "warning", lambda text, *about: said.append(text % about))
    path = tmp_path / "keys.json"
    Keyring(path).keys()
    Keyring(path).keys()
    assert said == []
    path.chmod(0o644)
    Keyring(path).keys()
    assert said == [f"Everybody on this machine can read {path}: say chmod o= to it."]
