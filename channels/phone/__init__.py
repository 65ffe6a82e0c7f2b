"""The telephone. You are here: a call → [phone] → recordings and requests → intake; answers → a call out.

``script`` is the call as a table, ``switchboard`` walks it, ``twiml`` says it to the provider. ``reading``
understands what a call left behind; ``sender`` and ``outgoing`` bring an answer to people who have only a
telephone.
"""
