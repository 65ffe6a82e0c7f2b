"""The plot of ``huiyin demo``: find the service, send, wait until all is registered, work, sum up."""

from __future__ import annotations

import smtplib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from config.demo import front_desk
from config.demo.browser import Browser, PageRefused
from config.demo.cast import Citizens, Player, Steps
from config.demo.mails import PostBox
from config.demo.pocket import Chats, Texts
from config.demo.samples import Sample, chosen
from config.demo.staff import Api, Refusal
from config.settings import Settings
from config.wiring import System
from intake.contracts import StorageUnavailable

_NOT_RUNNING = {
    "zh": "回音没有在 {where} 运行：请先在另一个终端里执行 make run，再试一次。",
    "en": "Huiyin is not running at {where}: start it with “make run” in another terminal, then try again.",
}
_REAL_RELAY = {
    "zh": "HUIYIN_RELAY_HOST={host} 会把演示的邮件真的发出去：请在没有设置它的环境里演示。",
    "en": "HUIYIN_RELAY_HOST={host} would really send the demo's mail out: rehearse without it.",
}
_STAGES = {
    "zh": ("投诉人寄信、填表", "登记、分拨", "责任单位受理、答复"),
    "en": ("citizens write", "registered and routed", "bureaus work"),
}
_STATES = {
    "triage": ("待分拨", "triage"),
    "assigned": ("已交办", "assigned"),
    "in_progress": ("办理中", "in progress"),
    "awaiting_complainant": ("待补充", "awaiting"),
    "answered": ("已答复", "answered"),
    "closed": ("已办结", "closed"),
}
_AT_THE_DESK = {
    "zh": "  书信      {address}/staff/letters （一封扫描的信，几秒后可以录入）\n  来访      {visit}",
    "en": "  letters      {address}/staff/letters (a scan, to enter in a moment)\n  visit        {visit}",
}
_WITH_THE_DESK = 42
"""A letter and a visit come with the whole demo; who asks for less gets what was asked for."""
_REGISTERING = 60.0
_PER_MESSAGE = 0.1


def play(settings: Settings, count: int, seed: int | None, token: str, lang: str) -> None:
    """Play the whole demo against the running service. Raises ClickException in one sentence."""
    if settings.relay_host and not _loopback(settings.relay_host):
        raise click.ClickException(_REAL_RELAY[lang].format(host=settings.relay_host))
    web, smtp = _reach(settings.web_host), _reach(settings.smtp_host)
    samples = chosen(count, seed)
    post_box = _find_service(web, settings.web_port, smtp, settings.smtp_port, lang)
    system = System(settings)
    try:
        with _tokens(system, token) as tokens:
            api = Api(web, settings.web_port, tokens.of, lang)
            citizens = Citizens(
                post_box,
                system.county.office.mail,
                lambda language: Browser(web, settings.web_port, language),
                pocket(system, web, settings.web_port, lang),
            )
            players = _perform(citizens, api, samples, lang)
            came = front_desk.come(system, lang) if count >= _WITH_THE_DESK else None
            _sum_up(api, players, settings, lang)
            if came is not None:
                click.echo(_AT_THE_DESK[lang].format(address=settings.base_url, visit=came.visit))
    except (smtplib.SMTPException, OSError, PageRefused, Refusal, StorageUnavailable) as error:
        raise click.ClickException(f"The demo broke off: {error}. Look into the service's log.") from error
    finally:
        post_box.close()
        system.close()


def pocket(system: System, web: str, port: int, lang: str) -> tuple[Texts, Chats] | None:
    """Telephones for the citizens, while no real provider would hear of them."""
    if system.twilio is None or not system.twilio.simulated or not system.settings.simulator:
        return None
    return Texts(system.twilio, web, port), Chats(Browser(web, port, lang))


def _reach(host: str) -> str:
    """Where a service that listens on ``host`` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _find_service(web: str, web_port: int, smtp: str, smtp_port: int, lang: str) -> PostBox:
    """The open SMTP door, when both doors are open."""
    where = f"{web}:{web_port}"
    try:
        healthy = Browser(web, web_port, lang).get("/healthz").status == 200
        if healthy:
            where = f"{smtp}:{smtp_port} (SMTP)"
            return PostBox(smtp, smtp_port)
    except (PageRefused, OSError, smtplib.SMTPException) as error:
        raise click.ClickException(_NOT_RUNNING[lang].format(where=where)) from error
    raise click.ClickException(_NOT_RUNNING[lang].format(where=where))


# ---------------------------------------------------------------- the plot


def _perform(citizens: Citizens, api: Api, samples: Sequence[Sample], lang: str) -> list[Player]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        steps = sum(len(sample.steps) for sample in samples)
        totals = (len(samples), len(samples), steps)
        sent, registered, worked = (
            progress.add_task(stage, total=total) for stage, total in zip(_STAGES[lang], totals, strict=True)
        )
        players = []
        for sample in samples:
            players.append(citizens.send(sample))
            progress.advance(sent)
        _wait(api, players, progress, registered)
        actor = Steps(api)
        for number in range(max((len(sample.steps) for sample in samples), default=0)):
            for player in players:
                if number < len(player.sample.steps) and player.reference:
                    actor.take(player, player.sample.steps[number])
                    progress.advance(worked)
        return players


def _wait(api: Api, players: Sequence[Player], progress: Progress, task: TaskID) -> None:
    """Until everything that can be found by its id has its reference, or time is up."""
    until = time.monotonic() + _REGISTERING + _PER_MESSAGE * len(players)
    for player in players:
        while not _registered(api, player):
            if time.monotonic() > until:
                player.refused.append(f"{player.sample.key}: not registered in time")
                break
            time.sleep(0.1)
        progress.advance(task)


def _registered(api: Api, player: Player) -> bool:
    if player.reference:
        return api.complaint(player.reference) is not None
    if player.sample.unreadable:
        return True  # it carries no id to be found by; a person finds it in triage
    if player.words:
        found = api.submission_saying(player.channel, player.words)
    else:
        found = api.submission(player.channel, player.external_id)
    if found is None or not found["reference"]:
        return False
    player.reference = found["reference"]
    return True


# ---------------------------------------------------------------- what is left to see


def _sum_up(api: Api, players: Sequence[Player], settings: Settings, lang: str) -> None:
    address, simulator = settings.base_url, settings.simulator
    chinese = lang == "zh"
    cases = {player.reference for player in players if player.reference}
    counted: Counter[tuple[str, str]] = Counter()
    for reference in sorted(cases):
        case = api.complaint(reference)
        if case is not None:
            nobody = "（待定）" if chinese else "(nobody yet)"
            counted[case["bureau"]["name"] or nobody, case["state"]] += 1
    table = Table(box=SIMPLE)
    table.add_column("责任单位" if chinese else "bureau", min_width=24)
    for names in _STATES.values():
        table.add_column(names[0 if chinese else 1], justify="right")
    for bureau in sorted({bureau for bureau, _ in counted}):
        table.add_row(bureau, *(str(counted[bureau, state] or "") for state in _STATES))
    table.add_section()
    totals = (sum(n for (_, s), n in counted.items() if s == state) for state in _STATES)
    table.add_row("合计" if chinese else "all", *map(str, totals))
    Console().print(table)
    for sentence in [sentence for player in players for sentence in player.refused][:10]:
        click.echo(f"  ! {sentence}", err=True)
    ours, letters = len(cases), len(players)
    if chinese:
        click.echo(f"{letters} 封来件，{ours} 个投诉件。接着看：")
        click.echo(f"  工作人员  {address}/staff\n  查询      {address}/track")
        if simulator:
            click.echo(f"  模拟器    {address}/simulator")
    else:
        click.echo(f"{letters} messages became {ours} cases. Where to look next:")
        click.echo(f"  staff        {address}/staff\n  track        {address}/track")
        if simulator:
            click.echo(f"  simulator    {address}/simulator")


# ---------------------------------------------------------------- tokens


class _Tokens:
    """The one that was given, or one for the office and one a bureau, made when first needed."""

    def __init__(self, system: System, given: str) -> None:
        self._system = system
        self._given = given
        self._made: dict[str | None, str] = {}

    def of(self, bureau: str | None) -> str:
        if self._given:
            return self._given
        if bureau not in self._made:
            role = "clerk" if bureau is None else "handler"
            self._made[bureau] = self._system.accounts.create_token("demo", role, bureau)
        return self._made[bureau]

    def end(self) -> None:
        for made in self._made.values():
            self._system.accounts.end_token(made)


@contextmanager
def _tokens(system: System, given: str) -> Iterator[_Tokens]:
    tokens = _Tokens(system, given)
    try:
        yield tokens
    finally:
        tokens.end()
