"""The command line: ``huiyin …``. Thin: each command builds what it needs and says what happened."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from config.settings import InvalidSetting, Settings, load_settings, make_data_dir
from intake.accounts import STAFF_ROLES, TOKEN_ROLES, InvalidAccount
from intake.contracts import StorageUnavailable
from intake.store import UnsafeDatabase
from intake.vault import KeyringBroken, KeyringMissing
from routing.toml_source import ConfigurationError

ALL_ROLES = ("web", "mail", "telegram", "worker", "clock")


_SAID_PLAINLY = (
    InvalidSetting,
    ConfigurationError,
    InvalidAccount,
    UnsafeDatabase,
    KeyringMissing,
    KeyringBroken,
)


def civil(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what the operator can mend into one sentence and exit code 2."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except _SAID_PLAINLY as error:
            raise click.ClickException(str(error)) from error
        except OperationalError as error:  # no server, no such database, a wrong password
            why = str(error.orig).strip().splitlines()[0]
            raise click.ClickException(
                f"The database cannot be used: {why}. See HUIYIN_DATABASE_URL."
            ) from error
        except StorageUnavailable as error:
            raise click.ClickException(f"{error}. Is the database up? Trying again may help.") from error
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(
                f"{error.filename}: {error.strerror}. Give a place that this user may write, "
                "for the service's own data with HUIYIN_DATA_DIR."
            ) from error

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="huiyin")
def main() -> None:
    """Huiyin 回音: every complaint lands somewhere, every complaint gets an answer."""
    os.umask(os.umask(0o077) | 0o007)  # files, letters, the database: never for every user of the machine


@main.command()
@click.option("--roles", default="", help="Comma-separated: web,mail,telegram,worker,clock. Default: all.")
@click.option("--child", is_flag=True, hidden=True)
@civil
def run(roles: str, child: bool) -> None:
    """Start the service: everything in one go, or only some roles."""
    from config.log_setup import set_up_logs
    from config.start import announce, first_administrator
    from config.supervisor import serve
    from config.wiring import System

    chosen = _roles(roles)
    settings = load_settings()
    set_up_logs(settings.log_level)
    system = System(settings)
    password = first_administrator(system) if "web" in chosen else None

    def ready() -> None:
        if not child:
            announce(system, chosen, password)

    serve(system, chosen, child=child, on_ready=ready)


def _roles(text: str) -> Sequence[str]:
    chosen = [name.strip() for name in text.split(",") if name.strip()] or list(ALL_ROLES)
    for name in chosen:
        if name not in ALL_ROLES:
            raise InvalidSetting(f"--roles: “{name}” is not a role; use {', '.join(ALL_ROLES)}.")
    return chosen


@main.command()
@civil
def migrate() -> None:
    """Bring the database to the present schema."""
    from config.keys import fit, open_store
    from intake.migrate import current, head
    from intake.migrate import migrate as upgrade

    settings = load_settings()
    make_data_dir(settings)
    store = open_store(settings)
    done = upgrade(store)
    fit(store)
    click.echo(f"{'migrated to' if done else 'already at'} {current(store) or head()}")
    store.close()


@main.group()
def user() -> None:
    """Accounts of staff."""


@user.command("add")
@click.argument("username")
@click.option("--role", type=click.Choice([str(role) for role in STAFF_ROLES]), required=True)
@click.option("--name", default="", help="As colleagues know them.")
@click.option("--bureau", default=None, help="Code of the bureau, for its handlers and leaders.")
@click.option("--password", default=None, help="Asked for when left out; “-” makes one and prints it.")
@civil
def user_add(username: str, role: str, name: str, bureau: str | None, password: str | None) -> None:
    """Add an account."""
    system = _system(load_settings())
    _known_bureau(system, bureau)
    made = ""
    if password == "-":
        password = secrets.token_urlsafe(12)
        made = password
    elif password is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    system.accounts.add(username, password, role, name, bureau)
    click.echo(f"added {username} ({role})")
    if made:
        click.echo(f"password: {made}")
    system.close()


@main.group()
def token() -> None:
    """Tokens for the JSON API."""


@token.command("create")
@click.option("--role", type=click.Choice([str(role) for role in TOKEN_ROLES]), required=True)
@click.option("--name", default="api", help="What it is for.")
@click.option("--bureau", default=None, help="Limit it to what this bureau sees.")
@civil
def token_create(role: str, name: str, bureau: str | None) -> None:
    """Make a token; it stands alone on the last line and is never shown again."""
    system = _system(load_settings())
    _known_bureau(system, bureau)
    made = system.accounts.create_token(name, role, bureau)
    click.echo("Keep it safe; it is not stored and cannot be shown again:", err=True)
    click.echo(made)
    system.close()


@main.group()
def routing() -> None:
    """The rulebook."""


@routing.command("explain")
@click.argument("text")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh")
@civil
def routing_explain(text: str, lang: str) -> None:
    """Show where TEXT would go, and why (“-” reads it from standard input)."""
    from routing.explain import explain
    from routing.router import load_router

    content = sys.stdin.read() if text == "-" else text
    click.echo(explain(load_router(load_settings().config_dir), content, lang))


@routing.command("evaluate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en")
@civil
def routing_evaluate(file: Path, lang: str) -> None:
    """Measure the rulebook on a CSV of past complaints with columns text,label."""
    from routing.evaluate import EvaluationRefused, evaluate, read_examples, report
    from routing.router import load_router

    router = load_router(load_settings().config_dir)
    try:
        examples = read_examples(file, router)
    except EvaluationRefused as error:
        raise click.ClickException(str(error)) from error
    click.echo(report(evaluate(router, examples), router, lang))


@main.command()
@click.option("--deep", is_flag=True, help="Also read every attachment and open all that is sealed.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en")
@civil
def verify(deep: bool, lang: str) -> None:
    """Prove the promises over the whole database; exit code 1 when one is broken."""
    from intake.verify import describe
    from intake.verify import verify as prove

    system = _system(load_settings())
    report = prove(system.store, system.blobs, system.county.policies.directory, system.clock(), deep=deep)
    click.echo(describe(report, lang))
    system.close()
    sys.exit(0 if report.ok else 1)


@main.command()
@civil
def tick() -> None:
    """Chase once, now, what is due; the running service does so by itself."""
    from config.jobs import chase

    system = _system(load_settings())
    click.echo(f"{chase(system)} step(s) taken")
    system.close()


@main.group()
def keys() -> None:
    """The keys that names, addresses and messages are sealed with."""


@keys.command("list")
@civil
def keys_list() -> None:
    """Show which key is active and since when, and how many values each still seals; never their secrets."""
    from config.keys import tell_keys

    tell_keys(_system(load_settings()))


@keys.command("rotate")
@civil
def keys_rotate() -> None:
    """Make a new key and seal everything with it, while the service runs; go on where a kill stopped it."""
    from config.keys import change_keys

    change_keys(_system(load_settings()))


@keys.command("drop")
@click.argument("key")
@civil
def keys_drop(key: str) -> None:
    """Take a retired KEY out of the file for ever; refused while anything is sealed with it."""
    from config.keys import drop_key

    drop_key(_system(load_settings()), key)


@main.command()
@click.option("--run", "erasing", is_flag=True, help="Erase it now. Nothing brings it back.")
@click.option(
    "--ahead", type=click.IntRange(0, 36500), default=0, help="Days from now that the preview looks."
)
@civil
def retention(erasing: bool, ahead: int) -> None:
    """Show which closed cases are old enough to be anonymised (office.toml, [retention]); --run does it."""
    system = _system(load_settings())
    try:
        if erasing and ahead:
            raise InvalidSetting("--run and --ahead: only what is old enough today can be erased.")
        if erasing:
            click.echo(f"{system.keeper.run()} case(s) anonymised")
            return
        told = system.keeper.preview(timedelta(days=ahead), limit=1000)
        if told.before is None:
            click.echo("Nothing is ever anonymised: office.toml has no [retention] with keep_years.")
            return
        zone = system.county.office.zone
        when = told.before.astimezone(zone).date()
        click.echo(f"{told.cases} case(s), closed before {when}, would be anonymised")
        if told.letters:
            click.echo(f"{told.letters} letter(s), set aside before then, would be erased")
        if told.talks and told.talks_before is not None:
            day = told.talks_before.astimezone(zone).date()
            click.echo(f"{told.talks} message(s) that became no case, received before {day}, would be erased")
        for case in told.oldest:
            click.echo(f"{case.reference}  {case.closed_at.astimezone(zone).date()}  {case.bureau or '-'}")
        if told.cases > len(told.oldest):
            click.echo(f"… and {told.cases - len(told.oldest)} more")
    finally:
        system.close()


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace FILE, once the new one is whole.")
@civil
def backup(file: Path, force: bool) -> None:
    """Put the whole service into FILE: messages, cases, history, attachments, accounts. It may run."""
    from config.keeping import keep

    sys.exit(1 if keep(load_settings(), file, replace=force).lost else 0)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@civil
def restore(file: Path) -> None:
    """Fill an empty database, of either kind, from the backup FILE."""
    from config.keeping import bring_back

    bring_back(load_settings(), file)


@main.command()
@click.option("--count", type=click.IntRange(1, 2000), default=42, help="How many messages to send.")
@click.option("--seed", type=int, default=None, help="The same seed picks the same messages again.")
@click.option("--token", default="", help="An office API token to act with; else one is made and revoked.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh")
@civil
def demo(count: int, seed: int | None, token: str, lang: str) -> None:
    """Send sample complaints through the real channels of the running service, and play some of the work."""
    from config.demo.play import play

    play(load_settings(), count, seed, token, lang)


def _known_bureau(system: Any, bureau: str | None) -> None:
    if bureau is not None and not system.county.policies.directory.knows(bureau):
        codes = ", ".join(b.code for b in system.county.router.bureaus)
        raise InvalidSetting(f"--bureau: there is no bureau “{bureau}”; the codes are {codes}.")


def _system(settings: Settings) -> Any:
    from config.wiring import System

    return System(settings)


if __name__ == "__main__":
    main()
