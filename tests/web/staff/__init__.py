"""The staff's and the bureaus' pages."""
