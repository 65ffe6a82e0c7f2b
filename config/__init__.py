"""The composition root: settings, wiring, the job table and the command line.

Nothing imports ``config``; it builds everything once and hands values down as arguments.
"""
