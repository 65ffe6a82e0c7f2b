"""The pages in a real browser: what no parser of HTML can tell."""
