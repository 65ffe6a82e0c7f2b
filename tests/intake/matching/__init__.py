"""One matter, one case (promise 8)."""
