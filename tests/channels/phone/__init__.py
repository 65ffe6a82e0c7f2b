"""The telephone, walked step by step."""
