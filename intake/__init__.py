"""The one truth: what came in, what became of it, and what must go out.

You are here::

    channel → [intake queue] → routing → chasing → closed
    (outward: case event → [outbox] → channel)

Intake knows neither channels nor bureaus' rules: it declares, in ``contracts``, what it needs of
them, and ``config`` hands the real ones in.
"""
