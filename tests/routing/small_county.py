"""The smallest county that loads, for tests that change one thing about it."""

from __future__ import annotations

from pathlib import Path

CATEGORIES = """\
[[category]]
key = "urban"
zh = "城乡建设"
en = "Urban"
"""
BUREAUS = """\
[office]
leader = "leader@gaoyao.example"

[[bureau]]
code = "housing"
zh = "住建局"
en = "Housing Bureau"
competent_zh = "房子"
competent_en = "homes"
handler = "housing@gaoyao.example"
leader = "housing-leader@gaoyao.example"
aliases = ["房管局"]

[[bureau]]
code = "gas"
zh = "燃气公司"
en = "Gas"
parent = "housing"
competent_zh = "燃气"
competent_en = "gas"
handler = "gas@gaoyao.example"
leader = "gas-leader@gaoyao.example"
"""
RULES = """\
[words]
homes = ["房产证", "交房"]

[[rule]]
id = "homes"
any = ["@homes"]
bureau = "housing"
category = "urban"
reason_zh = "房子"
reason_en = "homes"

[[rule]]
id = "gas"
any = ["燃气"]
bureau = "gas"
category = "urban"
reason_zh = "燃气"
reason_en = "gas"
"""
FILES = {"categories.toml": CATEGORIES, "bureaus.toml": BUREAUS, "rules.toml": RULES}


def write(folder: Path, **changed: str) -> Path:
    """The three files in ``folder``; ``rules="…"`` and the like replace one of them."""
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(name.removesuffix(".toml"), text), encoding="utf-8")
    return folder
