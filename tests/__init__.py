"""The tests: they mirror the rooms; `support` is what they stand on, `test_house` guards the house."""
