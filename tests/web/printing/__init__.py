"""Tests of the print queue's pages."""
