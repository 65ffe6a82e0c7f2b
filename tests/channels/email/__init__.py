"""Tests of e-mail: listener, reader, identity, sender."""
