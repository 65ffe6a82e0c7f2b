"""Reading scanned letters."""
