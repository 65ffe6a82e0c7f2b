"""A small county's rules, real but plain: five bureaus, a word for each, days counted by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from intake.contracts import Block, CaseFacts, Chase, Contact, Decision, Matter, Plan, Text
from intake.desk import Policies

NAMES = {
    "office": Text("机关效能监督投诉中心", "Efficiency Office"),
    "traffic": Text("交通运输局", "Traffic Bureau"),
    "traffic-west": Text("交通运输局西区分局", "Traffic Bureau, West"),
    "health": Text("卫生健康局", "Health Bureau"),
    "housing": Text("住房和城乡建设局", "Housing Bureau"),
}
PARENTS = {"traffic-west": "traffic"}
WORDS = {"公交": "traffic", "bus": "traffic", "医院": "health", "clinic": "health", "房": "housing"}
ACCUSATIONS = {"投诉交通局": "traffic", "about the clinic staff": "health"}


class WordRouter:
    """The first word of :data:`WORDS` in the text decides; :data:`ACCUSATIONS` bar a family."""

    def route(self, matter: Matter) -> Decision:
        content = f"{matter.subject} {matter.body}"
        accused = [code for phrase, code in ACCUSATIONS.items() if phrase in content]
        blocks = tuple(
            Block(code, Text("被投诉单位", "complained about"))
            for one in accused
            for code in sorted(SmallDirectory().family(one))
        )
        barred = {block.bureau for block in blocks}
        for word, bureau in WORDS.items():
            if word in content and bureau not in barred:
                reason = Text(f"提到“{word}”", f"mentions “{word}”")
                return Decision(bureau, "rule", f"word-{word}", reason, "service", blocks=blocks)
        nothing = Text("没有规则适用", "no rule matches")
        return Decision(None, "none", None, nothing, subject_bureaus=tuple(accused), blocks=blocks)


class SmallDirectory:
    """The bureaus of :data:`NAMES`, each with a handler's and a leader's mailbox."""

    def knows(self, bureau: str) -> bool:
        return bureau in NAMES

    def name(self, bureau: str) -> Text:
        return NAMES.get(bureau, Text(bureau, bureau))

    def family(self, bureau: str) -> frozenset[str]:
        return frozenset({bureau, *(child for child, parent in PARENTS.items() if parent == bureau)})

    def recipients(self, bureau: str, level: str) -> Sequence[Contact]:
        return (Contact("email", f"{level}@{bureau}.example", True),)

    def is_contact(self, address: str) -> bool:
        return address in {f"{level}@{code}.example" for code in NAMES for level in ("handler", "leader")}

    def is_own(self, address: str) -> bool:
        return address.rpartition("@")[2] == "huiyin.example"


DUTIES = {
    "triage": ("office", "route", 1),
    "assigned": ("bureau", "accept", 2),
    "in_progress": ("bureau", "answer", 5),
    "awaiting_complainant": ("complainant", "complete", 7),
    "answered": ("office", "check", 3),
    "closed": ("complainant", "feedback", 10),
}
ANSWER_DAYS = {"urgent": 1, "ordinary": 5, "complex": 15}


class DayChaser:
    """Deadlines in plain days; one reminder at each deadline, then one a day to the leader."""

    def answer_due(self, urgency: str, received_at: datetime) -> datetime:
        return received_at + timedelta(days=ANSWER_DAYS[urgency])

    def resume(self, answer_due_at: datetime, paused_from: datetime, now: datetime) -> datetime:
        return answer_due_at + (now - paused_from)

    def plan(self, facts: CaseFacts) -> Plan:
        because = Text("按自然日计算", "counted in plain days")
        if facts.attention_since is not None:
            due = facts.attention_since + timedelta(days=1 + facts.attention_step)
            return Plan("office", "look", due, due, because)
        if facts.state == "closed" and (facts.feedback is not None or not facts.feedback_possible):
            return Plan("nobody", "none", None, None, because)
        responsible, action, days = DUTIES[facts.state]
        due = facts.state_since + timedelta(days=days)
        return Plan(responsible, action, due, due + timedelta(days=facts.step), because)

    def chase(self, facts: CaseFacts, now: datetime) -> Chase | None:
        plan = self.plan(facts)
        if plan.next_at is None or now < plan.next_at:
            return None
        reason = Text("已到期限", "the deadline has come")
        if facts.attention_since is None and plan.responsible == "complainant":
            return Chase("lapse", facts.step + 1, (), reason)
        if facts.attention_since is not None:
            return Chase("urge", facts.attention_step + 1, ("office",), reason, attention=True)
        level = "handler" if facts.step == 0 else "leader"
        to = level if plan.responsible == "bureau" else "office"
        return Chase("remind" if facts.step == 0 else "urge", facts.step + 1, (to,), reason)


def policies() -> Policies:
    """The whole of it."""
    ways = {"email": "email", "web": "web", "phone": "sms", "telegram": "telegram"}
    return Policies(WordRouter(), DayChaser(), SmallDirectory(), lambda contact: ways.get(contact.kind, ""))
