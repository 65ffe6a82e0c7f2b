"""The keys of personal data: where their file lies, that they fit; ``huiyin keys list | rotate | drop``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from config.settings import Settings, make_data_dir
from intake.clock import system_clock
from intake.store import Store
from intake.vault import Keyring
from intake.vault.fitting import must_fit, put_on_record
from intake.vault.keyring import DataKey
from intake.vault.rotation import KeyInUse, counts, drop, going_on, rotate, seconds_for, unfinished

if TYPE_CHECKING:
    from config.wiring import System

_EVERY = 3.0
"""Seconds between two lines of progress."""


def open_store(settings: Settings) -> Store:
    """The database of these settings with its keys; neither is touched yet."""
    return Store(settings.store_url, keyring=Keyring(settings.keys_path))


def fit(store: Store) -> None:
    """Refuse keys that are not this database's. Raises KeyringMissing or KeyringBroken."""
    with store.read() as connection:
        must_fit(connection)
    with store.write() as connection:
        put_on_record(connection)


def tell_keys(system: System) -> None:
    """Print each key: its id, age, state and how much it seals; and what is to be done, if anything."""
    try:
        sealed, keyring = counts(system.store), system.vault.keyring
        keys = keyring.keys()
        click.echo(f"The keys in {keyring.path}. Keep a copy: without it nothing that is sealed can be read.")
        for key in keys.data.values():
            state, count = _state(key, keys.current), sealed.get(key.id, 0)
            click.echo(f"{key.id:6} {state:44} {count:>9} values")
        click.echo(f"{'lookup':6} finds people by keyed hash; never changed")
        for id_ in sorted(sealed.keys() - keys.data.keys()):
            click.echo(f"{id_[:16]:6} is not in the file: {sealed[id_]} values cannot be read", err=True)
        if going_on(system.store):
            left = unfinished(system.store, sealed)
            click.echo(
                f"A change of keys was begun: {left} values still bear an old key, "
                f"about {seconds_for(left)} s of work. "
                "If no “huiyin keys rotate” is running, run it: it goes on where the last one stopped."
            )
        for id_, key in keys.data.items():
            if key.retired_at and not sealed.get(id_):
                click.echo(f"{id_} seals nothing here any more; “huiyin keys drop {id_}” takes it away.")
    finally:
        system.close()


def _state(key: DataKey, current: str) -> str:
    if key.id == current:
        return f"active since {_moment(key.made_at)}"
    if key.retired_at:
        return f"retired {_moment(key.retired_at)}, for old backups"
    return f"being replaced, made {_moment(key.made_at)}"


def _moment(told: str) -> str:
    return f"{told[:16].replace('T', ' ')} UTC"


def change_keys(system: System) -> None:
    """Rotate the data key: say what will happen, meanwhile how long it takes, then what was done."""
    try:
        make_data_dir(system.settings)
        sealed, keyring = counts(system.store), system.vault.keyring
        again, keys = going_on(system.store), keyring.keys()
        total = unfinished(system.store, sealed) if again else sum(sealed.values())
        _warn_before(keyring.path, keys.current, again, total)
        done = rotate(system.store, system_clock, told=_Progress(total))
        click.echo(f"sealed {done.values} values anew with {done.current}, which is the active key now")
        for id_ in done.retired:
            click.echo(f"{id_} is retired; it stays in {keyring.path} for what old backups hold")
        if done.unreadable:
            click.echo(
                f"{done.unreadable} values do not open and were left: “huiyin verify --deep” names them"
            )
        click.echo(f"Copy {keyring.path} again now: copies from before do not have {done.current}.")
    finally:
        system.close()


def _warn_before(path: Path, current: str, again: bool, total: int) -> None:
    begun = f"Going on with the change to {current}" if again else f"Changing the key {current} for a new one"
    click.echo(f"{begun}: {total} values, about {seconds_for(total)} s, while the service runs.", err=True)
    click.echo(
        f"Have a copy of {path} from before. It may be interrupted at any moment, nothing is lost: both keys "
        "stay in the file, and the next “huiyin keys rotate” goes on.",
        err=True,
    )


def drop_key(system: System, id_: str) -> None:
    """Take a key that seals nothing any more out of the file. Raises ClickException in one sentence."""
    try:
        drop(system.store, system_clock, id_)
        path = system.vault.keyring.path
        click.echo(
            f"{id_} is gone from {path}. A backup from before it was retired needs the keys of its time: "
        )
        click.echo("those in the backup itself, or with HUIYIN_KEY_FILE the copy of the file that you kept.")
    except KeyInUse as error:
        raise click.ClickException(str(error)) from error
    finally:
        system.close()


class _Progress:
    """Says every few seconds how far it is, and how long it may still take."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._begun = self._said = 0.0  # the first values come when all processes know the new key

    def __call__(self, _place: str, count: int) -> None:
        """So many more values were sealed."""
        now = time.monotonic()
        if not self._begun:
            self._begun = self._said = now
        self._done += count
        if now - self._said < _EVERY:
            return
        self._said = now
        left = max(self._total - self._done, 0)
        seconds = seconds_for(left, self._done / (now - self._begun))
        click.echo(f"  {self._done} of {self._total} values, about {seconds} s left", err=True)
