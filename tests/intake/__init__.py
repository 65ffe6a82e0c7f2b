"""Tests of the one truth: queue, case record, history, outbox, search."""
