"""The whole story, from a mail to a closed case, on a clock that the test sets."""
