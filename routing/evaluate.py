"""You are here: `huiyin routing evaluate FILE` → *how well the rulebook does, in figures*.

Reads a CSV with the columns ``text`` and ``label`` (a category or a bureau, by key, code, name or
alias) and compares each label with what the router decides.
"""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from intake.contracts import Decision, Matter, Text
from routing.router import CountyRouter

MAXIMUM_BYTES = 200 * 1024 * 1024
MAXIMUM_FIELD = 2 * 1024 * 1024
NOTHING = "—"


class EvaluationRefused(Exception):
    """The file cannot be used. ``problem`` says what, where and what to do, in both languages."""

    def __init__(self, problem: Text) -> None:
        super().__init__(f"{problem.en}\n{problem.zh}")
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message; ``kind``: category or bureau; ``label`` its key or code."""

    line: int
    text: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Examples:
    """A file's examples, how many rows had no label or no text, and a sentence per row refused."""

    rows: tuple[Example, ...]
    unlabelled: int
    problems: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures. Shares are 0 … 1; ``milliseconds`` per message; ``pairs`` count (label, decided)."""

    examples: int
    unlabelled: int
    problems: tuple[Text, ...]
    accuracy: float
    macro_f1: float
    matched: float  # share with a rule or a name: what did not go to triage unread
    assigned: float  # share with a bureau
    milliseconds: float
    pairs: Counter[tuple[str, str]]


def read_examples(path: Path | str, router: CountyRouter) -> Examples:
    """Read ``path``; raises :class:`EvaluationRefused` when it is no such CSV at all."""
    text = _content(Path(path))
    csv.field_size_limit(MAXIMUM_FIELD)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    rows: list[Example] = []
    problems: list[Text] = []
    unlabelled = 0
    try:
        missing = [name for name in ("text", "label") if name not in (reader.fieldnames or ())]
        if missing:
            raise EvaluationRefused(
                Text(
                    f"{path} 第 1 行缺少列 {'、'.join(missing)}；第一行应为 text,label。",
                    f"{path}, line 1: no column {', '.join(missing)}; line 1 must say text,label.",
                )
            )
        for row in reader:
            message, label = (row["text"] or "").strip(), (row["label"] or "").strip()
            if not message or not label:
                unlabelled += 1
                continue
            found = _meaning(router, label)
            if found:
                rows.append(Example(reader.line_num, message, *found))
            else:
                problems.append(_unknown(str(path), reader.line_num, label[:60]))
    except csv.Error as error:
        raise EvaluationRefused(
            Text(
                f"{path} 第 {reader.line_num} 行不是有效的 CSV（{error}），请检查引号。",
                f"{path}, line {reader.line_num}: this is not valid CSV ({error}); check the quotes.",
            )
        ) from error
    return Examples(tuple(rows), unlabelled, tuple(problems))


def evaluate(router: CountyRouter, examples: Examples) -> Evaluation:
    """Route every example and count."""
    start = time.perf_counter()
    decisions = [router.route(Matter("web", "", example.text)) for example in examples.rows]
    seconds = time.perf_counter() - start
    count = len(decisions)
    pairs = Counter(
        (example.label, _decided(decision, example.kind))
        for example, decision in zip(examples.rows, decisions, strict=True)
    )
    return Evaluation(
        examples=count,
        unlabelled=examples.unlabelled,
        problems=examples.problems,
        accuracy=_share(sum(n for (label, got), n in pairs.items() if label == got), count),
        macro_f1=_macro_f1(pairs),
        matched=_share(sum(1 for d in decisions if d.rule or d.by != "none"), count),
        assigned=_share(sum(1 for d in decisions if d.bureau), count),
        milliseconds=_share(seconds * 1000, count),
        pairs=pairs,
    )


def report(result: Evaluation, router: CountyRouter, language: str = "en") -> str:
    """The figures, the table of confusions and the worst pairs, for people; ``language``: zh or en."""
    return "\n".join([*_figures(result, language.startswith("zh")), *_table(result, router, language)])


def _figures(result: Evaluation, zh: bool) -> Iterator[str]:
    for problem in result.problems[:20]:
        yield problem.zh if zh else problem.en
    if len(result.problems) > 20:
        more = len(result.problems) - 20
        yield f"……还有 {more} 行标签无法识别。" if zh else f"… and {more} more rows with unknown labels."
    names = (
        ("来件", "没有标签或正文（跳过）", "准确率", "宏平均 F1", "有规则匹配", "有责任单位", "每件毫秒")
        if zh
        else (
            "messages",
            "without label or text (skipped)",
            "accuracy",
            "macro-F1",
            "matched",
            "assigned",
            "ms each",
        )
    )
    values = (
        f"{result.examples}",
        f"{result.unlabelled}",
        f"{result.accuracy:.3f}",
        f"{result.macro_f1:.3f}",
        f"{result.matched:.3f}",
        f"{result.assigned:.3f}",
        f"{result.milliseconds:.3f}",
    )
    for name, value in zip(names, values, strict=True):
        yield f"{name}{'：' if zh else ': '}{value}"


def _table(result: Evaluation, router: CountyRouter, language: str) -> Iterator[str]:
    zh = language.startswith("zh")
    labels = sorted({label for label, _ in result.pairs})
    if not labels:
        return
    decided = labels + sorted({got for _, got in result.pairs} - set(labels))
    yield ""
    yield "行：标签；列：系统的决定" if zh else "Rows: label; columns: what was decided"
    width = max(len(label) for label in (*labels, *decided)) + 1
    yield " " * width + "".join(f"{got[:9]:>10}" for got in decided)
    for label in labels:
        yield f"{label:<{width}}" + "".join(f"{result.pairs[label, got]:>10}" for got in decided)
    yield ""
    wrong = Counter({pair: n for pair, n in result.pairs.items() if pair[0] != pair[1]})
    for (label, got), number in wrong.most_common(5):
        one, other = _label_name(router, label, zh), _label_name(router, got, zh)
        yield f"{number} 件“{one}”被判为“{other}”" if zh else f'{number} of "{one}" decided as "{other}"'


def _content(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise EvaluationRefused(
            Text(f"读不到 {path}（{error.strerror}）。", f"cannot read {path} ({error.strerror}).")
        ) from error
    if len(raw) > MAXIMUM_BYTES:
        raise EvaluationRefused(Text(f"{path} 超过 200 MB，请拆开。", f"{path} is over 200 MB; split it."))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:  # spreadsheets on Chinese Windows save CSV so
            return raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise EvaluationRefused(
                Text(
                    f"{path} 不是文本文件，请存为 UTF-8 的 CSV。",
                    f"{path} is not text; save it as CSV in UTF-8.",
                )
            ) from error


def _meaning(router: CountyRouter, label: str) -> tuple[str, str] | None:
    category = router.categories.find(label[:100])
    if category:
        return "category", category.key
    bureau = router.bureaus.find(label[:100])
    return ("bureau", bureau.code) if bureau else None


def _unknown(file: str, line: int, label: str) -> Text:
    return Text(
        f"{file} 第 {line} 行：不认识标签“{label}”，请写类别或责任单位的名称或代码。",
        f'{file}, line {line}: the label "{label}" is unknown; write a category or bureau by name or code.',
    )


def _decided(decision: Decision, kind: str) -> str:
    return (decision.category if kind == "category" else decision.bureau) or NOTHING


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0


def _macro_f1(pairs: Counter[tuple[str, str]]) -> float:
    labels: Sequence[str] = sorted({label for label, _ in pairs})
    total = 0.0
    for label in labels:
        right = pairs[label, label]
        given = sum(n for (_, got), n in pairs.items() if got == label)
        real = sum(n for (want, _), n in pairs.items() if want == label)
        total += 2 * right / (given + real)  # real > 0, for the label stands in the file
    return _share(total, len(labels))


def _label_name(router: CountyRouter, label: str, zh: bool) -> str:
    category = router.categories.get(label)
    name = category.name if category else router.bureaus.name(label)
    return name.zh if zh else name.en
