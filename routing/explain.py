"""You are here: `huiyin routing explain TEXT` → *the reasoning in words*.

Shows a clerk how one message was decided: what it was read as, the bureaus it names, whom it is
about, the rules that came close and why they did not match, and the one that did.
"""

from __future__ import annotations

from collections.abc import Iterator

from intake.contracts import Decision, Matter, Text
from routing.router import CountyRouter, Understanding
from routing.rules import Rule

MAXIMUM_SHOWN = 600
"""Characters of the normalised text and words of the hits that are printed."""
MAXIMUM_NEAR = 12


def explain(router: CountyRouter, text: str, language: str = "en", *, matter: Matter | None = None) -> str:
    """Several lines for people. ``language``: zh or en; ``matter`` when more than the text is known."""
    zh = language.startswith("zh")
    matter = matter or Matter(channel="web", subject="", body=text)
    seen = router.understand(matter)
    decision = router.decide(matter, seen)
    lines = [
        *_read(router, seen, zh),
        *_tried(router, matter, seen, decision, zh),
        *_decided(router, decision, zh),
    ]
    return "\n".join(lines)


def _read(router: CountyRouter, seen: Understanding, zh: bool) -> Iterator[str]:
    text = seen.scan.text.strip()
    shown = text[:MAXIMUM_SHOWN] + ("…" if len(text) > MAXIMUM_SHOWN else "")
    yield ("读作：" if zh else "Read as: ") + shown
    names = set(router.bureau_words)
    hits = sorted((w for w in seen.scan.first if w not in names), key=lambda w: seen.scan.first[w])
    words = ("、" if zh else ", ").join(word.strip() for word in hits)[:MAXIMUM_SHOWN]
    yield ("词语：" if zh else "Words found: ") + (words or ("（没有）" if zh else "(none)"))
    for mention in {m.bureau: m for m in seen.mentions}.values():
        name = _say(router.bureaus.name(mention.bureau), zh)
        about = mention.bureau in seen.accused
        if zh:
            yield f"提到：{name}" + ("（被投诉单位）" if about else "")
        else:
            yield f"Names: {name}" + (" (complained about)" if about else "")
    for block in seen.blocks:
        yield ("回避：" if zh else "Must stay out: ") + f"{block.bureau} — {_say(block.reason, zh)}"


def _tried(
    router: CountyRouter, matter: Matter, seen: Understanding, decision: Decision, zh: bool
) -> Iterator[str]:
    """Rules up to the match: those where some condition held, and the match itself."""
    near = 0
    for place, rule in enumerate(router.rules, start=1):
        checks = rule.checks(seen.scan, matter, seen.category, seen.named)
        if rule.id == decision.rule:
            yield _rule_line(place, rule, "✓", zh) + "; ".join(_say(c.text, zh) for c in checks)
            return
        wanted = [c for c in checks if c.wanted]
        if any(check.held for check in wanted) or (rule.where != "any" and _elsewhere(rule, seen)):
            near += 1
            if near <= MAXIMUM_NEAR:
                failed = "; ".join(_say(c.text, zh) for c in checks if not c.held)
                yield _rule_line(place, rule, "✗", zh) + failed
    yield "没有规则匹配" if zh else "No rule matched"


def _elsewhere(rule: Rule, seen: Understanding) -> bool:
    return not rule.any_forms.isdisjoint(seen.scan.first)


def _rule_line(place: int, rule: Rule, mark: str, zh: bool) -> str:
    where = {"any": "", "opening": "开头" if zh else "opening", "subject": "标题" if zh else "subject"}
    part = where.get(rule.where, "正文" if zh else "body")
    said = f" [{part}]" if part else ""
    return f"{mark} 规则 {place} “{rule.id}”{said}：" if zh else f'{mark} rule {place} "{rule.id}"{said}: '


def _decided(router: CountyRouter, decision: Decision, zh: bool) -> Iterator[str]:
    if decision.bureau:
        bureau = f"{_say(router.bureaus.name(decision.bureau), zh)} ({decision.bureau})"
    else:
        bureau = "待分拨（由人决定）" if zh else "triage (a person decides)"
    yield ("去向：" if zh else "Goes to: ") + bureau
    if decision.supporting:
        names = ("、" if zh else ", ").join(_say(router.bureaus.name(c), zh) for c in decision.supporting)
        yield ("协办：" if zh else "Supporting: ") + names
    category = router.categories.get(decision.category)
    if category:
        yield ("类别：" if zh else "Category: ") + _say(category.name, zh)
    urgency = {"urgent": "紧急", "complex": "复杂", "ordinary": "普通"}[decision.urgency]
    yield f"缓急：{urgency}" if zh else f"Urgency: {decision.urgency}"
    yield ("理由：" if zh else "Because: ") + _say(decision.reason, zh)


def _say(text: Text, zh: bool) -> str:
    return text.zh if zh else text.en
