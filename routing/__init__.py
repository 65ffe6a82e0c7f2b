"""Who must answer, by when, and what happens if they do not.

You are here::

    channel → intake queue → [routing → chasing] → closed

Everything that decides here is a pure function over values; only the ticker touches the store.
"""
