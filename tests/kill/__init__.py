"""Real processes, really killed: nothing accepted is lost and nothing counts twice."""
