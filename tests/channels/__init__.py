"""Tests of the channels: how a complaint arrives and how word goes back."""
