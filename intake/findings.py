"""What ``verify`` found: which promise is broken where, in words for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from intake.contracts import Text

MAX_KEPT = 1000
"""Findings that are kept with their words; all are counted."""

PROMISES = {
    1: Text("收下的不会丢", "Nothing accepted is lost"),
    2: Text("不重复计件", "Nothing counts twice"),
    4: Text("件件有着落", "No orphans"),
    5: Text("事事有回音", "Nothing closes without an answer"),
    6: Text("时限不可作弊", "The clock cannot be gamed"),
    7: Text("被投诉者不得经办", "The accused never handles it"),
    9: Text("历史只增不改", "History is append-only"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise. ``where`` is a case's reference, or the key of a submission or file."""

    promise: int
    where: str
    what: Text


@dataclass(slots=True)
class Report:
    """All that was found; ``ok`` when no promise is broken. Orphan files do no harm and are only listed."""

    findings: list[Finding] = field(default_factory=list)
    broken: Counter[int] = field(default_factory=Counter)
    counts: dict[str, int] = field(default_factory=dict)
    orphans: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every promise holds."""
        return not self.broken

    def add(self, found: Iterable[Finding]) -> None:
        """Count every finding, keep the first :data:`MAX_KEPT`."""
        for finding in found:
            self.broken[finding.promise] += 1
            if len(self.findings) < MAX_KEPT:
                self.findings.append(finding)

    def count(self, what: str, number: int = 1) -> None:
        """Count what was looked at."""
        self.counts[what] = self.counts.get(what, 0) + number


_COUNTED = {
    "cases": Text("投诉件", "cases"),
    "events": Text("历史记录", "events"),
    "submissions": Text("来件", "submissions"),
    "attachments": Text("附件", "attachments"),
    "sealed": Text("加密数据", "sealed values"),
    "orphans": Text("无人引用的文件", "files that nothing refers to"),
}


def describe(report: Report, language: str) -> str:
    """The report as lines for a person; ``language`` is ``zh`` or ``en``."""
    english = language == "en"

    def said(text: Text) -> str:
        return text.en if english else text.zh

    counted = (", " if english else "，").join(
        f"{said(_COUNTED[name])} {number}" for name, number in report.counts.items()
    )
    lines = [
        f"Checked {counted} in {report.seconds:.1f} s."
        if english
        else f"已核查：{counted}；用时 {report.seconds:.1f} 秒。"
    ]
    for promise in sorted(report.broken):
        number = report.broken[promise]
        head = f"Promise {promise} ({said(PROMISES[promise])}) is broken in {number} place(s):"
        lines.append(
            head if english else f"承诺 {promise}（{said(PROMISES[promise])}）有 {number} 处不成立："
        )
        kept = [f for f in report.findings if f.promise == promise]
        lines += [f"  {finding.where}  {said(finding.what)}" for finding in kept]
        if number > len(kept):
            lines.append(
                f"  … {number - len(kept)} more" if english else f"  …… 另有 {number - len(kept)} 处"
            )
    if report.ok:
        lines.append("Every promise that can be checked holds." if english else "可以核查的承诺全部成立。")
    return "\n".join(lines)
