"""``huiyin backup`` and ``huiyin restore``: the words around what ``intake`` does."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from config.files import build_storage
from config.keys import fit, open_store
from config.settings import Settings, make_data_dir, secret_key
from intake.backup import BackupReport, backup
from intake.backup_format import BackupRefused
from intake.backup_proof import Contents
from intake.clock import system_clock
from intake.migrate import current, head
from intake.restore import restore
from intake.store import Store
from intake.vault.keyring import parse, put


class Counting:
    """Shows how many rows and files went by; silent where nobody watches."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._shown = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._shown.add_task("…", total=None)
        self._count = 0

    def __enter__(self) -> Counting:
        self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()

    def __call__(self, name: str, count: int) -> None:
        """So many more of ``name``."""
        self._count += count
        self._shown.update(self._task, description=f"{self._count} · {name}")


def keep(settings: Settings, file: Path, *, replace: bool = False) -> BackupReport:
    """Make a backup. Raises ClickException in one sentence."""
    store = open_store(settings)
    begun = time.monotonic()
    own_key = None if settings.secret_key else secret_key(settings)
    try:
        own_keys = _own_keys(settings, store)
        with Counting() as counting:
            report = backup(
                store,
                build_storage(settings),
                file,
                now=system_clock(),
                secret=own_key,
                keys=own_keys,
                replace=replace,
                progress=counting,
            )
    except BackupRefused as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(_cannot("write", file, error)) from error
    finally:
        store.close()
    seconds = time.monotonic() - begun
    click.echo(
        f"{file}: {report.rows['complaint']} complaints, {sum(report.rows.values())} rows, "
        f"{report.blobs} files, {report.size / 1e6:.1f} MB in {seconds:.1f} s"
    )
    if own_key is None:
        click.echo("HUIYIN_SECRET_KEY is not in the file: keep it yourself, sessions and links need it.")
    if own_keys is None and settings.key_file is not None:
        click.echo(
            f"{settings.key_file} is not in the file: keep it yourself, nothing that is sealed opens without."
        )
    for name in report.lost[:20]:
        click.echo(f"left out, because it is missing or damaged on disk: attachment {name}", err=True)
    if len(report.lost) > 20:
        click.echo(f"… and {len(report.lost) - 20} more attachments", err=True)
    return report


def bring_back(settings: Settings, file: Path) -> Contents:
    """Restore a backup into the empty database of these settings. Raises ClickException in one sentence."""
    store = open_store(settings)
    begun = time.monotonic()
    try:
        with Counting() as counting:
            contents = restore(
                store,
                build_storage(settings),
                file,
                keep_secret=lambda key: _keep_secret(settings, key),
                keep_keys=lambda keys: _keep_keys(settings, keys),
                progress=counting,
            )
    except BackupRefused as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(_cannot("read", file, error)) from error
    finally:
        store.close()
    click.echo(
        f"restored {contents.rows['complaint']} complaints, {sum(contents.rows.values())} rows and "
        f"{contents.blobs} files of {contents.made_at[:16].replace('T', ' ')} UTC "
        f"in {time.monotonic() - begun:.1f} s; “huiyin verify” proves them, “huiyin run” starts the service"
    )
    return contents


def _own_keys(settings: Settings, store: Store) -> str | None:
    """The file of keys when it lives in the data folder; keys that open nothing are not backed up."""
    if current(store) != head():
        return None  # refused in a moment
    fit(store)
    return None if settings.key_file is not None else settings.keys_path.read_text()


def _keep_keys(settings: Settings, keys: str) -> None:
    """Put the file of keys where the service looks for it; other keys that lie there are set aside."""
    path = settings.keys_path
    parse(keys, path)  # a damaged one is refused before it replaces anything
    if settings.key_file is not None or (path.exists() and path.read_text() == keys):
        return
    make_data_dir(settings)
    if path.exists():
        path.rename(path.with_name(f"{path.name}.before-{time.strftime('%Y%m%d-%H%M%S')}"))
    put(path, keys)


def _cannot(do: str, file: Path, error: OSError) -> str:
    where = error.filename or file
    return f"Cannot {do} {where}: {error.strerror or error}."


def _keep_secret(settings: Settings, key: str) -> None:
    """Put the key that signs cookies where the service looks for it; one in the environment goes first."""
    if settings.secret_key:
        return
    make_data_dir(settings)
    draft = settings.data_dir / f".secret.{os.getpid()}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(settings.data_dir / "secret.key")
