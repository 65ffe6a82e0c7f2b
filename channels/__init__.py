"""How a complaint arrives and how word goes back.

You are here::

    [channel] → intake queue → routing → chasing → closed
    (outward: case event → outbox → [channel])

One folder per channel; ``channels.table`` is the one list of them.
"""
