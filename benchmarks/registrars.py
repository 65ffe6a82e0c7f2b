"""A registrar in a process of its own, as the worker role runs it: ``python -m benchmarks.registrars``.

Says "ready", waits for a line, works until nothing waits, says how long that took, and leaves.
"""

from __future__ import annotations

import sys
import time

from config.settings import load_settings
from config.wiring import System


def main() -> None:
    """Work once through the queue."""
    system = System(load_settings())
    registrar = system.registrar()
    registrar.work(1)  # one warms up: statements are compiled, the rulebook is read
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    begun, taken = time.perf_counter(), 0
    while some := registrar.work():
        taken += some
    sys.stdout.write(f"{taken} {time.perf_counter() - begun}\n")
    sys.stdout.flush()
    system.close()


if __name__ == "__main__":
    main()
