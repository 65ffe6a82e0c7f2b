"""Traditional characters and their simplified form, for who compares Chinese texts: rules and likeness."""

from __future__ import annotations

from functools import cache


@cache
def simplified() -> dict[int, str]:
    """Code point of every traditional character → its simplified form, by OpenCC's own dictionaries.

    Characters are converted one at a time (a line each), so that no phrase of OpenCC's spans two.
    A table lets ``str.translate`` do the work: it needs no native call per message and, unlike
    one, cannot fail on any text.
    """
    from opencc import OpenCC  # 20 MB of tables, let go of afterwards: only where texts are compared

    characters = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    table: dict[int, str] = {}
    for variant in ("hk2s", "tw2s", "t2s"):
        forms = OpenCC(variant).convert("\n".join(characters)).split("\n")
        pairs = zip(characters, forms, strict=True)
        table.update((ord(old), new) for old, new in pairs if new and new != old)
    return table
