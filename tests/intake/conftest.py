"""What these tests can ask for by name."""

from tests.support.given import county, talking

__all__ = ["county", "talking"]
