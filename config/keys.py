"""The keys of personal data: where their file lies, that they fit, ``huiyin keys list`` and ``rotate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from config.settings import Settings, make_data_dir
from intake.clock import system_clock
from intake.store import Store
from intake.vault import Keyring
from intake.vault.fitting import must_fit, put_on_record
from intake.vault.rotation import counts, rotate

if TYPE_CHECKING:
    from config.wiring import System


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
    """Print each key: its id, age, state and how much it seals."""
    sealed, keyring = counts(system.store), system.vault.keyring
    keys = keyring.keys()
    click.echo(f"{keyring.path}")
    for key in keys.data.values():
        state = "current" if key.id == keys.current else "in use"
        if key.retired_at:
            state = f"retired {key.retired_at[:10]}, kept for old backups"
        made = key.made_at[:16].replace("T", " ")
        click.echo(f"{key.id:6} made {made} UTC  {sealed.get(key.id, 0):>9} values  {state}")
    for id_ in sorted(sealed.keys() - keys.data.keys()):
        click.echo(f"{id_[:16]:6} is not in the file: {sealed[id_]} values cannot be read", err=True)
    click.echo("lookup one key of all keyed hashes; it is never changed")
    system.close()


def change_keys(system: System) -> None:
    """Rotate the data key and say what was done."""
    make_data_dir(system.settings)
    done = rotate(
        system.store,
        system_clock,
        told=lambda table, count: click.echo(f"  {table}: {count} values", err=True),
    )
    click.echo(f"sealed {done.values} values anew with {done.current}")
    for id_ in done.retired:
        click.echo(f"{id_} is retired; it stays in {system.vault.keyring.path} for what old backups hold")
    if done.unreadable:
        click.echo(f"{done.unreadable} values do not open and were left: “huiyin verify --deep” names them")
    system.close()
