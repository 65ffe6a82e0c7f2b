"""Programs that measure; each prints our row, the limit's row from the same run, and the target.

They judge nothing and fail nothing: machines differ, so only figures of one run are compared. Start
them with ``make bench`` or ``python -m benchmarks [NAMES] [--quick] [--keep FOLDER]``.
"""
