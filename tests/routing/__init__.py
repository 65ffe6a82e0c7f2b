"""The routing room, tested: who must answer, by when, and what happens if they do not."""
