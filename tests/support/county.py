"""A small county: everything a page may use, over one migrated database, with simple real policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from channels.table import way_back
from intake.accounts import Accounts
from intake.archive import Archive
from intake.blobs import BlobStore
from intake.clock import Clock
from intake.contracts import Block, CaseFacts, Chase, Contact, Decision, Matter, Plan, Reader, Text
from intake.desk import Policies
from intake.inbox import Inbox
from intake.migrate import migrate
from intake.office import Office
from intake.registrar import Registrar
from intake.retention.keeper import Keeper
from intake.store import Store
from intake.tracking import Tracking
from web.services import County, Services

BUREAUS: Mapping[str, Text] = {
    "office": Text("效能监督投诉中心", "Efficiency Complaints Office"),
    "education": Text("教育局", "Education Bureau"),
    "water": Text("供水公司", "Water Company"),
    "roads": Text("公路局", "Roads Bureau"),
}
ANSWER_WITHIN = timedelta(days=15)
_TELLS_NOTHING = Text("样例", "sample")


class WordRouter:
    """Sends a matter to the first bureau whose Chinese name stands in it, never to the one it is about."""

    def route(self, matter: Matter) -> Decision:
        blocks = tuple(Block(b, _TELLS_NOTHING) for b in (matter.subject_bureau,) if b)
        barred = {block.bureau for block in blocks} | set(matter.barred)
        text = f"{matter.subject}\n{matter.body}"
        for code, name in BUREAUS.items():
            if code not in barred and code != "office" and name.zh in text:
                return Decision(code, "name", None, _TELLS_NOTHING, matter.category, blocks=blocks)
        return Decision(None, "none", None, _TELLS_NOTHING, matter.category, blocks=blocks)


class PlainChaser:
    """Fifteen days to answer, counted plainly; nothing is ever chased."""

    def answer_due(self, urgency: str, received_at: datetime) -> datetime:
        return received_at + ANSWER_WITHIN

    def resume(self, answer_due_at: datetime, paused_from: datetime, now: datetime) -> datetime:
        return answer_due_at + (now - paused_from)

    def plan(self, facts: CaseFacts) -> Plan:
        if facts.state == "closed":
            return Plan("nobody", "none", None, None, _TELLS_NOTHING)
        who = {"triage": "office", "awaiting_complainant": "complainant"}.get(facts.state, "bureau")
        return Plan(who, "answer", facts.answer_due_at, facts.answer_due_at, _TELLS_NOTHING)

    def chase(self, facts: CaseFacts, now: datetime) -> Chase | None:
        return None


class SmallDirectory:
    """The bureaus above; nobody is anybody's subordinate."""

    def knows(self, bureau: str) -> bool:
        return bureau in BUREAUS

    def name(self, bureau: str) -> Text:
        return BUREAUS.get(bureau, Text(bureau, bureau))

    def family(self, bureau: str) -> frozenset[str]:
        return frozenset({bureau})

    def recipients(self, bureau: str, level: str) -> Sequence[Contact]:
        return (Contact("email", f"{level}@{bureau}.example"),)

    def is_contact(self, address: str) -> bool:
        return address in {f"{level}@{code}.example" for code in BUREAUS for level in ("handler", "leader")}

    def is_own(self, address: str) -> bool:
        return address.rpartition("@")[2] == "huiyin.example"


COUNTY = County(
    name=Text("高要区机关效能监督投诉中心", "Gaoyao Efficiency Complaints Office"),
    zone=ZoneInfo("Asia/Shanghai"),
    complaint_address="complaints@gaoyao.example",
    phone="0758 555 0100",
    postal=Text("高要区示例路1号", "1 Sample Road, Gaoyao"),
    bureaus=tuple((code, name) for code, name in BUREAUS.items() if code != "office"),
    categories=(("service", Text("服务态度", "Service")), ("delay", Text("拖延推诿", "Delay"))),
)


@dataclass(frozen=True, slots=True)
class Running:
    """The services and the worker that registers what came in."""

    services: Services
    registrar: Registrar

    def register(self) -> None:
        """Let the worker do all that waits."""
        while self.registrar.work():
            continue

    def close(self) -> None:
        """Stop the inbox and close the database."""
        self.services.inbox.close()
        self.services.store.close()


def prepare(url: str) -> None:
    """Migrate the empty database at ``url``; fits ``Databases.copy_of``."""
    store = Store(url)
    migrate(store)
    store.close()


def open_county(
    url: str,
    folder: Path,
    clock: Clock,
    readers: Mapping[str, Reader],
    *,
    county: County = COUNTY,
    secure_cookies: bool = False,
    max_upload_bytes: int = 32 * 1024 * 1024,
) -> Running:
    """Everything over the migrated database at ``url``; files go to ``folder``."""
    store, directory = Store(url), SmallDirectory()
    blobs = BlobStore(folder)
    policies = Policies(WordRouter(), PlainChaser(), directory, way_back)
    services = Services(
        store=store,
        inbox=Inbox(store),
        office=Office(store, policies, clock),
        archive=Archive(store, directory),
        tracking=Tracking(store),
        accounts=Accounts(store, clock),
        keeper=Keeper(store, blobs, policies, clock, timedelta(days=5 * 365.25)),
        blobs=blobs,
        directory=directory,
        clock=clock,
        county=county,
        public_url="http://localhost",
        secret_key="a secret for tests only",
        secure_cookies=secure_cookies,
        max_upload_bytes=max_upload_bytes,
    )
    return Running(services, Registrar(store, blobs, policies, readers, clock, "test"))
