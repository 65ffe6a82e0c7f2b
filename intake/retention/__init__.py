"""What is kept for how long: closed cases lose their people and their words when they are old enough.

You are here: clock → [retention] → database, files. The figures stay; nobody can tell whose they were.
Start at ``keeper``; ``texts`` says what of a history goes, ``erasing`` what of everything else.
"""
