"""What these tests can ask for by name."""

from tests.support.given import county

__all__ = ["county"]
